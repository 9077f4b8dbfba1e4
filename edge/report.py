"""Pure. Report by exception: which of the values just read are worth sending.

Sent: a change beyond the deadband, every change of quality or reason, an event, and each point at least once per
heartbeat. Since points are only looked at when they are read, the heartbeat is served one polling period early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vocab.instant import seconds_ms
from vocab.point import Point

# One raw step must pass a deadband of one raw step although 0.3 - 0.2 is less than 0.1.
_SLACK = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Habit:
    """How one point is reported."""

    deadband: float = 0.0
    heartbeat_ms: int = 60_000
    always: bool = False  # every value is an event of its own

    @classmethod
    def of(cls, point: Point, period_ms: int, *, is_message: bool) -> Habit:
        """The habit of a point that is looked at every `period_ms`.

        A message about an event is the event (each passage counts); a polled register merely still shows it.
        """
        early = seconds_ms(point.heartbeat_s) - period_ms
        return cls(point.deadband, max(0, early), point.on_event and is_message)


class Reporter:
    """Remembers what was last reported for a row of points."""

    def __init__(self, habits: Sequence[Habit]) -> None:
        self._bands = [habit.deadband * _SLACK for habit in habits]
        self._beats = [habit.heartbeat_ms for habit in habits]
        self._always = [habit.always for habit in habits]
        self._is_plain = not any(self._always) and not any(self._bands)
        self._is_known = False  # whether every column was reported once
        self._values: list[float | None] = [None] * len(habits)
        self._reasons = [-1] * len(habits)  # no reason: the first value is always news
        self._at_ms = [0] * len(habits)

    def news(self, values: Sequence[float | None], reasons: Sequence[int], now_ms: int) -> list[int]:
        """The columns to report, from now on remembered as reported. A reason below 0: nothing was read."""
        if self._is_plain and self._is_known and reasons == self._reasons:
            return self._changed(values, now_ms)
        told, known, at, bands, beats = self._values, self._reasons, self._at_ms, self._bands, self._beats
        chosen = []
        for i, reason in enumerate(reasons):
            value = values[i]
            # A clock set back makes the age negative; better one report too many than hours of silence.
            if reason == known[i] and 0 <= now_ms - at[i] < beats[i] and not self._always[i]:
                last = told[i]
                if value is None or last is None:
                    if value is last:
                        continue
                elif value == last or -bands[i] < value - last < bands[i]:
                    continue
            elif reason < 0:
                continue
            told[i], known[i], at[i] = value, reason, now_ms
            chosen.append(i)
        self._is_known = min(known, default=0) >= 0
        return chosen

    def _changed(self, values: Sequence[float | None], now_ms: int) -> list[int]:
        """The same where no reason changed, no change is too small, and everything is known: most rows are so."""
        told, at, beats = self._values, self._at_ms, self._beats
        chosen = [
            i for i, value in enumerate(values) if value != told[i] or not 0 <= now_ms - at[i] < beats[i]
        ]  # fmt: skip
        if len(chosen) == len(told):
            told[:], at[:] = values, [now_ms] * len(told)
        else:
            for i in chosen:
                told[i], at[i] = values[i], now_ms
        return chosen
