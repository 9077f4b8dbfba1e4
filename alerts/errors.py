"""Pure. What can go wrong in alerts."""

from __future__ import annotations

from vocab.problem import Problem


class AlertsError(Exception):
    """Root of every error of this part."""


class DatabaseError(AlertsError):
    """The ticket database cannot be read or written; nothing was changed, and nothing was acknowledged."""


class NoSuchAlarmError(AlertsError):
    """No alarm of that id is watched."""


class NoSuchTicketError(AlertsError):
    """No ticket of that id is kept."""


class NothingToDoError(AlertsError):
    """The order means nothing in the present state."""


class BrokenOrderError(AlertsError):
    """A change of state that its life cycle does not know."""


class NoSuchVersionError(AlertsError):
    """No rule version of that id is kept."""


class IllegalStepError(AlertsError):
    """A rule version cannot go there; nothing was changed."""


class FaultyDraftError(AlertsError):
    """The text of a draft has faults; nothing was kept. `problems` lists every one of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
