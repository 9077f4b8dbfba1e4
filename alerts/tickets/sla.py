"""Pure. When something is due: a span from a moment on, in calendar time or in working time.

Working time runs only within the hours of working days, by the site's clock. A day of working time is the hours of one
working day, so "1 d" from three in the afternoon ends at three in the afternoon of the next working day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from alerts.tickets.model import State
from vocab.instant import from_ms, seconds_ms, to_ms
from vocab.sla import STEPS, Sla, Step, Subject, span_s

_MOST_DAYS = 3660  # without a working hour in ten years there is none


class Calendar(Protocol):
    """Knows working days."""

    def works(self, day: date) -> tuple[bool, bool]:
        """Whether a day is worked on, and whether that is known."""


@dataclass(frozen=True, slots=True)
class Due:
    """A moment, and whether it counts days of a year whose holidays nobody has announced."""

    ms: int
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Dues:
    """By when each step is due; None: no limit."""

    acknowledge_ms: int | None = None
    arrive_ms: int | None = None
    rectify_ms: int | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What working time follows."""

    sla: Sla
    calendar: Calendar
    zone: ZoneInfo

    def dues(self, subject: Subject, from_ms_: int) -> Dues:
        """All limits of a ticket that begins at a moment."""
        found = {step: self.due(step, subject, from_ms_) for step in STEPS}
        moments: dict[str, Any] = {f"{step}_ms": None if due is None else due.ms for step, due in found.items()}
        return Dues(**moments, assumed=any(due is not None and due.assumed for due in found.values()))

    def due(self, step: Step, subject: Subject, from_ms_: int) -> Due | None:
        """When one step is due; None: it has no limit."""
        limit = self.sla.limit(step, subject)
        if limit is None:
            return None
        span, row = limit
        if row.clock == "calendar":
            return Due(from_ms_ + seconds_ms(span_s(span)))
        day_s = sum(length for _, length in self._stretches())
        return self._working(from_ms_, span_s(span, day_s))

    def _stretches(self) -> list[tuple[time, float]]:
        """When each stretch of a working day begins, and its seconds."""
        found = []
        for hours in self.sla.hours:
            begins, ends = time.fromisoformat(hours.begins), time.fromisoformat(hours.ends)
            midnight = date.min
            length = datetime.combine(midnight, ends) - datetime.combine(midnight, begins)
            found.append((begins, length.total_seconds()))
        return found

    def _working(self, from_ms_: int, left_s: float) -> Due:
        start = from_ms(from_ms_).astimezone(self.zone)
        assumed = False
        for number in range(_MOST_DAYS):
            day = start.date() + timedelta(days=number)
            works, known = self.calendar.works(day)
            assumed |= not known
            if not works:
                continue
            for begins, length_s in self._stretches():
                opens = to_ms(datetime.combine(day, begins, self.zone))
                closes = opens + seconds_ms(length_s)
                at_ms = max(opens, from_ms_)
                here_s = (closes - at_ms) / 1000
                if here_s <= 0:
                    continue
                if left_s <= here_s:
                    return Due(at_ms + seconds_ms(left_s), assumed)
                left_s -= here_s
        raise ValueError("there is no working time in ten years")


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a ticket tells whether it is overdue."""

    state: State
    dues: Dues
    acked_ms: int | None
    begun_ms: int | None
    repaired_ms: int | None
    told: frozenset[str] = frozenset()  # levels that were told


def overdue(ticket: Standing, now_ms: int) -> tuple[Step, ...]:
    """Levels that are late now and of which nobody was told yet. Deferred and closed tickets are never late."""
    if ticket.state is State.DEFERRED or not ticket.state.is_open:
        return ()
    done = {"acknowledge": ticket.acked_ms, "arrive": ticket.begun_ms, "rectify": ticket.repaired_ms}
    due = {
        "acknowledge": ticket.dues.acknowledge_ms,
        "arrive": ticket.dues.arrive_ms,
        "rectify": ticket.dues.rectify_ms,
    }
    return tuple(
        step
        for step in STEPS
        if done[step] is None and step not in ticket.told and (at := due[step]) is not None and at <= now_ms
    )


def stood(dues: Dues, span_ms: int) -> Dues:
    """The same limits after the clock stood still for so long."""

    def moved(at_ms: int | None) -> int | None:
        return None if at_ms is None else at_ms + span_ms

    return replace(dues, acknowledge_ms=moved(dues.acknowledge_ms), arrive_ms=moved(dues.arrive_ms))
