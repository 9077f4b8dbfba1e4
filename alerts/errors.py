"""Pure. What can go wrong in alerts."""

from __future__ import annotations

from vocab.problem import Problem


class AlertsError(Exception):
    """Root of every error of this part."""


class DatabaseError(AlertsError):
    """The ticket database cannot be read or written; nothing was changed, and nothing was acknowledged."""


class NotThereError(AlertsError):
    """What was asked for is not kept here."""


class NoSuchAlarmError(NotThereError):
    """No alarm of that id is watched."""


class NoSuchTicketError(NotThereError):
    """No ticket of that id is kept."""


class NothingToDoError(AlertsError):
    """The order means nothing in the present state."""


class NoSuchWindowError(NotThereError):
    """No maintenance window of that number is kept."""


class RefusedError(AlertsError):
    """The order is not allowed here and now; `reason` is a code for programs, the message is for people."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class TicketRefusedError(RefusedError):
    """The workflow of tickets does not allow it; the words are in both languages."""

    def __init__(self, reason: str, en: str, zh: str) -> None:
        super().__init__(reason, en)
        self.zh = zh


class WrongOrderError(RefusedError):
    """The order is not as it should be, whatever the state of things."""


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
