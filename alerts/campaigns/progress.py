"""Pure. How far a campaign is: of each phase and committee what was asked for and done, and what became of its tickets.

Everything is counted from rows, never typed. Void and merged tickets are no hazards of their own and do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from alerts.duties.due import Instance, State
from alerts.tickets.model import State as At
from alerts.tickets.model import Work

_C = TypeVar("_C", bound="Counted")


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers that add up."""

    def counts(self) -> dict[str, int]:
        """By name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def total(kind: type[_C], rows: Iterable[_C]) -> _C:
    """All of them together."""
    found = list(rows)
    return kind(**{each.name: sum(getattr(row, each.name) for row in found) for each in fields(kind)})


@dataclass(frozen=True, slots=True)
class Duty(Counted):
    """What a phase asks of a unit."""

    due: int = 0  # in all: the others but `late` add up to it
    done: int = 0  # those too late as well
    late: int = 0  # of those done
    overdue: int = 0  # neither done nor waived, and its time is over
    open: int = 0
    pending: int = 0  # by the calendar, not asked for yet
    waived: int = 0
    unasked: int = 0  # its day went by before there were records


def duty_of(instance: Instance, row: Mapping[Any, Any] | None, now_ms: int) -> Duty:
    """One that the calendar asks for, and its row if it was asked for."""
    if row is None:
        is_coming = instance.due_to_ms > now_ms
        return Duty(1, pending=int(is_coming), unasked=int(not is_coming))
    state = State(row["state"])
    is_done = state in (State.DONE, State.LATE)
    is_over = state is State.MISSED or (state is State.OPEN and row["due_to_ms"] < now_ms)
    return Duty(
        1,
        done=int(is_done),
        late=int(state is State.LATE),
        overdue=int(is_over),
        open=int(state is State.OPEN and not is_over),
        waived=int(state is State.WAIVED),
    )


@dataclass(frozen=True, slots=True)
class Hazards(Counted):
    """What became of the tickets of a campaign."""

    found: int = 0
    major: int = 0
    rectified: int = 0  # said to be repaired and not sent back, or accepted without
    accepted: int = 0  # of a major one at both levels
    written_off: int = 0
    open: int = 0
    overdue: int = 0  # of those open: past the time limit and not repaired

    @property
    def rate(self) -> float | None:
        """整改率: of those found, those rectified; None where none was found."""
        return self.rectified / self.found if self.found else None


def hazard_of(work: Work, now_ms: int) -> Hazards:
    """One ticket."""
    if work.state in (At.VOID, At.MERGED):
        return Hazards()
    is_off = work.state in (At.WRITTEN_OFF, At.EVALUATED)
    levels = 2 if work.is_major else 1
    is_accepted = is_off or (work.state is At.ACCEPTED and len(work.accepted) >= levels)
    is_repaired = work.repaired_ms is not None or is_accepted
    is_late = work.due_ms is not None and work.paused_ms is None and work.due_ms < now_ms and not is_repaired
    return Hazards(
        1,
        major=int(work.is_major),
        rectified=int(is_repaired),
        accepted=int(is_accepted),
        written_off=int(is_off),
        open=int(not is_off),
        overdue=int(is_late and not is_off),
    )


@dataclass(frozen=True, slots=True)
class Checked(Counted):
    """Spot checks of what was self-checked."""

    drawn: int = 0
    checked: int = 0
    consistent: int = 0  # of those checked; the others were found wrong

    @property
    def wrong(self) -> int:
        """Of those checked."""
        return self.checked - self.consistent

    @property
    def rate(self) -> float | None:
        """Of those checked, the consistent ones; None where none was checked."""
        return self.consistent / self.checked if self.checked else None
