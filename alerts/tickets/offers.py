"""Pure. What may be asked of a ticket now, and what each verb wants to be told.

The machine itself is asked, with everything filled in that a person could fill in: what it refuses even then no form
can mend, so a page shows the refusal and no form. Who may give an order at all is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from alerts.tickets.bodies import BODIES
from alerts.tickets.commands import Command, Refused, Verb, Why
from alerts.tickets.machine import step
from alerts.tickets.model import Level, Plan, Proof, Work
from alerts.tickets.possible import is_possible
from vocab.rule import Category, Grade

PERSONAL = frozenset({Why.RECTIFIER_ACCEPTS, Why.ACCEPTED_TWICE_BY_ONE})  # another person may do it


class Kind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    LONG = "long"  # several lines
    PERSON = "person"
    UNIT = "unit"
    MOMENT = "moment"  # milliseconds UTC, in site time
    TICKET = "ticket"
    CHOICE = "choice"
    FLAG = "flag"
    SECTOR = "sector"
    JOINT = "joint"  # units, and the roles of their people


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a verb wants to be told, by its name in the body of the order."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    value: str | int | None = None  # as it stands now
    only_if: tuple[str, str] | None = None  # (field, value): asked and required only then


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb that the state of the ticket allows; `refused` if something else is missing first."""

    verb: Verb
    fields: tuple[Field, ...] = ()
    refused: Refused | None = None

    @property
    def is_personal(self) -> bool:
        """Whether it is refused because of who asks."""
        return self.refused is not None and self.refused.why in PERSONAL


_NOTE = Field("note", Kind.LONG)
_REASON = Field("note", Kind.LONG, required=True)
_APPROVER = Field("approver", Kind.PERSON, required=True)
_REASONED = frozenset({Verb.RETURN, Verb.RELIEVE, Verb.INTERIM, Verb.SUPERVISE, Verb.REJECT, Verb.REOPEN})


def offers(work: Work, actor: str, now_ms: int) -> Iterator[Offer]:
    """Every verb that people may give where this ticket stands."""
    for verb in BODIES:
        if not is_possible(work, verb):
            continue
        answer = step(work, _filled(work, verb, actor, now_ms))
        yield Offer(verb, tuple(fields(work, verb)), answer if isinstance(answer, Refused) else None)


def fields(work: Work, verb: Verb) -> Iterator[Field]:
    """What a verb wants to be told of this ticket; the note stands last."""
    yield from _SUBJECT[verb](work) if verb in _SUBJECT else ()
    yield from _words(work, verb)


def _words(work: Work, verb: Verb) -> Iterator[Field]:
    """The reason, or a note that may be left out."""
    if verb is Verb.GRADE and work.is_major:  # nobody makes a major hazard small alone
        smaller = ("grade", Grade.GENERAL.value)
        yield Field("approver", Kind.PERSON, required=True, only_if=smaller)
        yield Field("note", Kind.LONG, required=True, only_if=smaller)
        return
    is_asked = verb in _REASONED or verb in (Verb.DEFER, Verb.EXTEND, Verb.MERGE, Verb.DISCARD)
    is_asked |= (verb is Verb.DISPATCH and is_waiting(work)) or (verb is Verb.ESCALATE and work.held)
    yield _REASON if is_asked or (verb is Verb.WRITE_OFF and _against_the_sensor(work)) else _NOTE


def _plan_fields(plan: Plan) -> Iterator[Field]:
    """The five elements, as far as they are known."""
    for name in ("responsibility", "measures", "funds"):
        yield Field(name, Kind.LONG, value=getattr(plan, name) or None)
    yield Field("time_limit_ms", Kind.MOMENT, value=plan.time_limit_ms)
    yield Field("emergency_plan", Kind.LONG, value=plan.emergency_plan or None)


def _levels_left(work: Work) -> tuple[str, ...]:
    taken = {level for level, _ in work.accepted}
    return tuple(level.value for level in Level if level not in taken)


def _against_the_sensor(work: Work) -> bool:
    """Whether it can only be closed unverified."""
    return work.has_sensor and work.proof is not Proof.VERIFIED and not work.is_major


def is_waiting(work: Work) -> bool:
    """Whether a unit gets it only with an approval."""
    return work.held and (work.admission is None or work.admission.unit != work.lead_unit)


def _let_in(work: Work) -> tuple[Field, ...]:
    """Who approves it; of what was let in for one unit it is asked only if another is chosen."""
    return (_APPROVER if is_waiting(work) else Field("approver", Kind.PERSON),) if work.held else ()


_Fields = Callable[[Work], tuple[Field, ...]]
_SUBJECT: dict[Verb, _Fields] = {
    Verb.CLASSIFY: lambda work: (
        Field("category", Kind.CHOICE, True, tuple(Category), work.category or None),
        Field("sector", Kind.SECTOR, value=work.sector or None),
    ),
    Verb.GRADE: lambda work: (Field("grade", Kind.CHOICE, True, tuple(Grade), work.grade.value),),
    Verb.REPORT_UPWARD: lambda _: (Field("unit", Kind.UNIT, True),),
    Verb.ESCALATE: lambda work: (Field("unit", Kind.UNIT, True), *((_APPROVER,) if work.held else ())),
    Verb.DISPATCH: lambda work: (
        Field("unit", Kind.UNIT, not work.lead_unit, value=work.lead_unit or None),
        *_let_in(work),
    ),
    Verb.RECEIVED: lambda _: (Field("receipt", Kind.TEXT, True), Field("person", Kind.TEXT)),
    Verb.PLAN: lambda work: tuple(_plan_fields(work.plan)),
    Verb.BEGIN: lambda _: (Field("person", Kind.PERSON),),
    Verb.RELIEVE: lambda _: (Field("person", Kind.PERSON, True),),
    Verb.SUPERVISE: lambda _: (Field("joint", Kind.JOINT),),
    Verb.REPAIRED: lambda work: (Field("person", Kind.PERSON, value=work.rectifier or None),),
    Verb.DEFER: lambda work: (Field("due_ms", Kind.MOMENT, True, value=work.due_ms), _APPROVER),
    Verb.EXTEND: lambda work: (Field("due_ms", Kind.MOMENT, True, value=work.due_ms), _APPROVER),
    Verb.MERGE: lambda work: (Field("ticket", Kind.TICKET, True), *((_APPROVER,) if work.is_major else ())),
    Verb.DISCARD: lambda _: (_APPROVER,),
    Verb.ACCEPT: lambda work: (Field("level", Kind.CHOICE, True, _levels_left(work)),) if work.is_major else (),
    Verb.WRITE_OFF: lambda work: (Field("unverified", Kind.FLAG, True),) if _against_the_sensor(work) else (),
}


def _filled(work: Work, verb: Verb, actor: str, now_ms: int) -> Command:
    """The verb with everything that a person could tell."""
    left = _levels_left(work) or tuple(Level)
    return Command(
        verb, actor, now_ms, note="…", approver=f"not {actor}", unit="…", category=work.category, grade=Grade.MAJOR,
        person=f"not {work.rectifier}", level=Level(left[0]), plan=work.plan, due_ms=now_ms, ticket=0, receipt="…",
        unverified=not work.is_major,
    )  # fmt: skip
