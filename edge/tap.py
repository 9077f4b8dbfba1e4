"""Pure. What happens to every row of values between its decoder and its batch: doubt, derive, report.

One tap per read block and one per message layout. Rows come with a value and a reason for each column; a reason below
0 says that the row has nothing on that column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.batch import Batch
from edge.decode import Columns, Memory
from edge.derive import spans
from edge.number import GOOD
from edge.report import Habit, Reporter
from vocab.instant import seconds_ms
from vocab.make import Validity
from vocab.point import Derive, Point
from vocab.quality import Reason


@dataclass(frozen=True, slots=True)
class Setting:
    """What a tap must know of its asset and make."""

    asset: str
    points: Mapping[str, Point]  # those that the asset has
    derives: tuple[Derive, ...]
    params: Mapping[str, float]
    validity: tuple[Validity, ...]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A validity rule as it touches one row."""

    number: int
    column: int | None  # where the state stands, if it is in this row
    bad: frozenset[float]
    reason: int
    strikes: tuple[int, ...]


class Tap:
    """Turns rows of `points` into batches of what is worth reporting."""

    def __init__(self, setting: Setting, points: Sequence[str], memory: Memory, period_ms: int | None) -> None:
        """`period_ms` is None where values come as messages, by themselves."""
        self.asset = setting.asset
        self._spans = spans(points, [d for d in setting.derives if d.point in setting.points], setting.params)
        self.points = (*points, *(span.point for span in self._spans))
        self._memory = memory
        self._doubts = _doubts(setting, points)
        is_message = period_ms is None
        habits = [Habit.of(setting.points[name], period_ms or 0, is_message=is_message) for name in self.points]
        self._reporter = Reporter(habits)
        self.patience_ms = min((seconds_ms(setting.points[name].heartbeat_s) for name in self.points), default=0)
        self._events = {index for index, name in enumerate(self.points) if setting.points[name].on_event}

    def told(self, row: Columns, now_ms: int, measured_ms: int) -> Batch | None:
        """The batch of what is news in a row just decoded; None if nothing is."""
        values, reasons = row.values, row.reasons
        if self._doubts:
            reasons = reasons.copy()
            for doubt in self._doubts:
                self._apply(doubt, values, reasons)
        if self._spans:
            found = [span.settle(values[span.source], reasons[span.source]) for span in self._spans]
            values = [*values, *(value for value, _ in found)]
            reasons = [*reasons, *(reason for _, reason in found)]
        return self._batch(values, reasons, now_ms, measured_ms)

    def failed(self, reason: Reason, now_ms: int) -> Batch | None:
        """The row could not be had: every point is bad, said once and then with each heartbeat.

        Event points are left out: nothing happened, and silence says nothing about them.
        """
        reasons = [-1 if index in self._events else int(reason) for index in range(len(self.points))]
        return self._batch([None] * len(self.points), reasons, now_ms, now_ms)

    def _apply(self, doubt: _Doubt, values: Sequence[float | None], reasons: list[int]) -> None:
        doubted = self._memory.doubted
        if doubt.column is not None and reasons[doubt.column] == GOOD:
            doubted[doubt.number] = values[doubt.column] in doubt.bad
        if doubted.get(doubt.number):
            for column in doubt.strikes:
                if reasons[column] == GOOD:
                    reasons[column] = doubt.reason

    def _batch(
        self, values: Sequence[float | None], reasons: Sequence[int], now_ms: int, measured_ms: int
    ) -> Batch | None:
        chosen = self._reporter.news(values, reasons, now_ms)
        if not chosen:
            return None
        why = [reasons[i] for i in chosen]
        points = self.points
        return Batch(
            self.asset,
            now_ms,
            measured_ms,
            [points[i] for i in chosen],
            [values[i] for i in chosen],
            why if any(why) else None,
        )


def _doubts(setting: Setting, points: Sequence[str]) -> tuple[_Doubt, ...]:
    doubts = []
    for number, rule in enumerate(setting.validity):
        strikes = tuple(index for index, name in enumerate(points) if name in rule.applies_to)
        column = points.index(rule.point) if rule.point in points else None
        if (strikes or column is not None) and rule.point in setting.points:
            codes = {state.id: float(state.code) for state in setting.points[rule.point].states}
            bad = frozenset(codes[name] for name in rule.bad_in if name in codes)
            doubts.append(_Doubt(number, column, bad, int(Reason.from_wire(rule.reason)), strikes))
    return tuple(doubts)
