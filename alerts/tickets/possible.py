"""Pure. Which verb has a place where: one table, and the one exception to it."""

from __future__ import annotations

from alerts.tickets.commands import Verb
from alerts.tickets.model import State, Work

_S = State
_PLANNING = (_S.FILED, _S.CLASSIFIED, _S.GRADED, _S.RETURNED)
_WORKING = (_S.DISPATCHED, _S.RECTIFYING)
_CHECKING = (_S.FEEDBACK, _S.SUPERVISED, _S.ACCEPTED)
_OPEN = (*_PLANNING, *_WORKING, *_CHECKING)

POSSIBLE: dict[Verb, tuple[State, ...]] = {
    Verb.CLASSIFY: (_S.FILED, _S.CLASSIFIED, _S.RETURNED),
    Verb.GRADE: (_S.CLASSIFIED, _S.GRADED, _S.DISPATCHED, _S.RECTIFYING, _S.RETURNED),
    Verb.REPORT_UPWARD: _OPEN,
    Verb.RECEIVED: (*_OPEN, _S.DEFERRED),
    Verb.PLAN: (*_PLANNING, *_WORKING, _S.DEFERRED),
    Verb.DISPATCH: (_S.GRADED, _S.RETURNED),
    Verb.RETURN: (_S.DISPATCHED,),
    Verb.BEGIN: (_S.DISPATCHED,),
    Verb.RELIEVE: (_S.RECTIFYING,),
    Verb.INTERIM: (*_OPEN, _S.DEFERRED),
    Verb.REPAIRED: _WORKING,
    Verb.VERIFIED: _CHECKING,
    Verb.REFUTED: _CHECKING,
    Verb.SUPERVISE: (_S.FEEDBACK,),
    Verb.ACCEPT: _CHECKING,
    Verb.REJECT: _CHECKING,
    Verb.WRITE_OFF: _CHECKING,
    Verb.EVALUATE: (_S.WRITTEN_OFF,),
    Verb.DEFER: (*_PLANNING, *_WORKING),
    Verb.RESUME: (_S.DEFERRED,),
    Verb.EXTEND: (*_PLANNING, *_WORKING, _S.DEFERRED),
    Verb.ESCALATE: (*_OPEN, _S.DEFERRED),
    Verb.MERGE: (*_OPEN, _S.DEFERRED),
    Verb.DISCARD: (*_OPEN, _S.DEFERRED),
    Verb.REOPEN: (_S.WRITTEN_OFF, _S.EVALUATED),
}


def is_possible(work: Work, verb: Verb) -> bool:
    """Whether a verb has a place where a ticket stands."""
    return work.state in POSSIBLE[verb] or (verb is Verb.BEGIN and work.may_begin_at_once)
