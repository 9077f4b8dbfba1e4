"""Pure. From transitions to episodes: when an alarm was raised, when it cleared, and how far it went.

The law of this file
1. An episode is one time of being raised: from RAISED to the next CLEARED of the same alarm, by the moments at which
   they happened, not by when they were found. So it is the same whether the data came live or hours late.
   What is raised while it is hidden is no episode until it is shown; what clears while it is hidden ends one.
2. A gap in the data can be judged twice: by the book that went on and by the one that caught up. What is raised while
   it is raised belongs to the same episode, and what clears while nothing is raised closes nothing.
3. People (acknowledge, reset, hide) change no episode, and neither does calling again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rules.codes import AlarmState, Because

_CALLS_AGAIN = {
    each.word
    for each in (
        Because.UNSHELVED, Because.SHELF_ENDED, Because.UNSUPPRESSED, Because.WINDOW_ENDED, Because.RETURNED,
        Because.REALARMED,
    )
}  # fmt: skip
_CLEARS = (Because.CLEARED.word, Because.HIDDEN_CLEARED.word)


class Event(NamedTuple):
    """One change of one alarm's state, wherever it was found: in a log, or by a replay."""

    alarm: str  # asset.rule
    old: str
    new: str
    at_ms: int
    because: str
    value: float | None = None
    peak: float | None = None  # the worst value of what cleared; None where a log does not hold it
    late: bool = False
    until_ms: int | None = None  # of an order that ends by itself

    @property
    def identity(self) -> tuple[int, str, str, str]:
        """What makes two logs equal, event for event."""
        return self.at_ms, self.alarm, self.old, self.new


@dataclass(frozen=True, slots=True)
class Episode:
    """One alarm from raised to cleared; `cleared_ms` is None while it stands."""

    alarm: str
    raised_ms: int
    cleared_ms: int | None
    peak: float | None = None
    late: bool = False

    @property
    def duration_ms(self) -> int | None:
        """How long it stood."""
        return None if self.cleared_ms is None else self.cleared_ms - self.raised_ms


def annunciates(event: Event) -> bool:
    """Whether somebody is paged: the alarm is raised or comes out of hiding, and was not found late."""
    return not event.late and _calls(event)


def _calls(event: Event) -> bool:
    comes_back = event.because in _CALLS_AGAIN and event.new == AlarmState.UNACKED
    return comes_back or event.because == Because.RAISED.word


def episodes(events: Iterable[Event]) -> list[Episode]:
    """Every episode that was raised in these events, by moment."""
    standing: dict[str, Event] = {}
    found: list[Episode] = []
    for event in sorted(events, key=lambda each: each.at_ms):  # stable: of equal moments in the order found
        if _calls(event):
            standing.setdefault(event.alarm, event)
        elif event.because in _CLEARS and event.alarm in standing:
            start = standing.pop(event.alarm)
            found.append(Episode(event.alarm, start.at_ms, event.at_ms, event.peak, start.late))
    found += [Episode(start.alarm, start.at_ms, None, start.peak, start.late) for start in standing.values()]
    return sorted(found, key=lambda each: (each.raised_ms, each.alarm))
