"""Pure. One change of one alarm, in words: what every reader of a book, a log or a backtest sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from rules.codes import AlarmState, Because, StateCode
from rules.columns import Flags, Log

_SHOWN = (Because.UNSHELVED, Because.SHELF_ENDED, Because.UNSUPPRESSED, Because.WINDOW_ENDED, Because.RETURNED)


class Transition(NamedTuple):
    """One change of one alarm's state; hidden raising and clearing too, with equal old and new."""

    row: int
    alarm: str  # asset.rule
    old: AlarmState
    new: AlarmState
    at_ms: int  # when it fell due
    because: Because
    value: float | None
    peak: float | None = None  # the worst value of this time of being raised
    first_out: bool = False

    @property
    def raises(self) -> bool:
        """Whether somebody is to be called: raised, or no longer hidden and still there."""
        return self.because is Because.RAISED or (self.because in _SHOWN and self.new is AlarmState.UNACKED)

    @property
    def clears(self) -> bool:
        """Whether the condition is over, hidden or not."""
        return self.because in (Because.CLEARED, Because.HIDDEN_CLEARED)


def of_log(log: Log, names: Sequence[str]) -> list[Transition]:
    """The transitions of a log, which is empty afterwards."""
    found = [
        Transition(
            row := int(log.row[i]),
            names[row],
            StateCode(int(log.old[i])).word,
            StateCode(int(log.new[i])).word,
            int(log.at_ms[i]),
            Because(int(log.because[i])),
            None if np.isnan(log.value[i]) else float(log.value[i]),
            None if np.isnan(log.peak[i]) else float(log.peak[i]),
        )
        for i in range(int(log.used[0]))
    ]
    log.used[0] = 0
    return found


_TRIPS = (Because.RAISED, Because.HIDDEN_RAISED)


class FirstOut:
    """Which alarm of a group tripped first: the mark stays until the group trips anew."""

    def __init__(self, groups: Mapping[int, str], is_active: Callable[[int], bool]) -> None:
        self._groups = groups
        self._standing: dict[str, set[int]] = {}
        for row, group in groups.items():
            standing = self._standing.setdefault(group, set())
            if is_active(row):
                standing.add(row)

    def mark(self, found: list[Transition], marks: Flags, dirty: Flags) -> list[Transition]:
        """The same transitions in order of time, the first of each trip marked."""
        if not self._standing:
            return found
        return [self._marked(each, marks, dirty) for each in found]

    def _marked(self, each: Transition, marks: Flags, dirty: Flags) -> Transition:
        group = self._groups.get(each.row)
        if group is None:
            return each
        standing = self._standing[group]
        if each.clears:
            standing.discard(each.row)
        if each.because not in _TRIPS:
            return each._replace(first_out=bool(marks[each.row]))
        if not standing:
            mine = [row for row, other in self._groups.items() if other == group]
            marks[mine] = False
            marks[each.row] = True
            dirty[mine] = True
        standing.add(each.row)
        return each._replace(first_out=bool(marks[each.row]))
