"""Pure. What was hidden: stretches of time in which an alarm called nobody, and what it did behind them.

The law of this file
1. One stretch is one reason: a shelf, a window, the pack's design, a permit. Reasons overlap, so stretches do.
2. A shelf that is renewed goes on; the last to renew it answers for it.
3. The worst value is that of the alarm's condition, from its raising on: what it had reached when it was hidden counts
   too, so nothing that was ever seen is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rules.codes import AlarmState, Because

BEGINS = {
    Because.SHELVED.word: "shelved",
    Because.WINDOW_BEGAN.word: "window",
    Because.SUPPRESSED.word: "design",
    Because.REMOVED.word: "out_of_service",
}
ENDS = {
    Because.SHELF_ENDED.word: "shelved",
    Because.UNSHELVED.word: "shelved",
    Because.WINDOW_ENDED.word: "window",
    Because.UNSUPPRESSED.word: "design",
    Because.RETURNED.word: "out_of_service",
}
_RAISES = (Because.RAISED.word, Because.HIDDEN_RAISED.word)
_CLEARS = (Because.CLEARED.word, Because.HIDDEN_CLEARED.word)
_WITHDRAWN = "withdrawn"
_ACTIVE = (AlarmState.UNACKED, AlarmState.ACKED)


class Move(NamedTuple):
    """One row of the transition table."""

    alarm: str
    old: str
    new: str
    at_ms: int
    because: str
    value: float | None = None
    peak: float | None = None
    by: str | None = None
    note: str | None = None
    until_ms: int | None = None
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One alarm, hidden for one reason. `to_ms` None: it still is."""

    alarm: str
    how: str  # shelved, window, design, out_of_service
    by: str | None
    why: str | None
    from_ms: int
    to_ms: int | None
    until_ms: int | None  # planned
    window: int | None
    raised: int  # how often meanwhile
    worst: float | None
    stood: bool  # whether the condition held at the end, or holds now
    renewals: int = 0
    ended_by: str | None = None

    def hidden_ms(self, from_ms: int, to_ms: int) -> int:
        """How much of a period it was."""
        end = to_ms if self.to_ms is None else min(self.to_ms, to_ms)
        return max(0, end - max(self.from_ms, from_ms))


@dataclass(slots=True)
class _Line:
    """One alarm on its way through time."""

    sign: int
    active: bool | None = None
    open: dict[str, Stretch] = field(default_factory=dict)
    done: list[Stretch] = field(default_factory=list)

    def take(self, move: Move) -> None:
        if self.active is None:
            self.active = move.old in _ACTIVE
        if move.because in _RAISES:
            self.active = True
        if move.because in BEGINS:
            self._begin(BEGINS[move.because], move)
        if move.because == Because.HIDDEN_RAISED.word:
            self.open = {how: replace(each, raised=each.raised + 1) for how, each in self.open.items()}
        if self.active:
            self._see(move.value, move.peak)
        if move.because in _CLEARS:
            self.active = False
        if move.because in ENDS:
            self._end(ENDS[move.because], move)
        if move.because == _WITHDRAWN:
            for how in tuple(self.open):
                self._end(how, move)

    def _begin(self, how: str, move: Move) -> None:
        before = self.open.get(how)
        if before is None:
            self.open[how] = Stretch(
                move.alarm, how, move.by, move.note, move.at_ms, None, move.until_ms, move.window, 0, None, False
            )
            return
        self.open[how] = replace(
            before, by=move.by, why=move.note, until_ms=move.until_ms, renewals=before.renewals + 1
        )

    def _end(self, how: str, move: Move) -> None:
        stretch = self.open.pop(how, None)
        if stretch is not None:
            self.done.append(replace(stretch, to_ms=move.at_ms, stood=bool(self.active), ended_by=move.by))

    def _see(self, *values: float | None) -> None:
        for value in values:
            if value is not None:
                self.open = {
                    how: replace(each, worst=self._worse(each.worst, value)) for how, each in self.open.items()
                }

    def _worse(self, one: float | None, other: float) -> float:
        if one is None or self.sign == 0:
            return other
        return max(one, other) if self.sign > 0 else min(one, other)


def stretches(moves: Iterable[Move], signs: Mapping[str, int]) -> list[Stretch]:
    """Every stretch in these moves, in the order in which they began. `signs`: +1 where higher is worse, -1 where lower
    is, 0 where neither (then the last value is told)."""
    lines: dict[str, _Line] = {}
    for move in sorted(moves, key=lambda each: each.at_ms):  # stable: of equal moments in the order found
        line = lines.get(move.alarm)
        if line is None:
            line = lines[move.alarm] = _Line(signs.get(move.alarm, 0))
        line.take(move)
    found = [each for line in lines.values() for each in line.done]
    for line in lines.values():
        found += [replace(each, stood=bool(line.active)) for each in line.open.values()]
    return sorted(found, key=lambda each: (each.from_ms, each.alarm, each.how))
