"""Pure. One change of one alarm, in words: what every reader of a book, a log or a backtest sees."""

from __future__ import annotations

from typing import NamedTuple

from rules.codes import AlarmState, Because

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
