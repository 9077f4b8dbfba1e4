"""Pure. Which readings moved faster than physics allows, in the order of measured time, series by series.

A reading is doubted when it is too far from the reading before it *and* from the last believed one. So a spike costs
one doubt and not a second one on the way back, and a true step costs one doubt and is then believed.
The memory is not kept over a restart: the first reading of each series after it is believed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wire.catalogue import Catalogue

_BEFORE_ANYTHING = -(2**53)

Rows = NDArray[np.intp]


class Slew:
    """The last readings of every series, for one lane (the lanes are each in order, but not with each other)."""

    def __init__(self, catalogue: Catalogue) -> None:
        count = len(catalogue)
        self._limit = catalogue.slew_per_ms
        self._period = catalogue.period_ms
        self._watched = np.isfinite(catalogue.slew_per_ms)
        self._seen_ms = np.full(count, _BEFORE_ANYTHING, dtype=np.int64)
        self._seen = np.full(count, np.nan)
        self._good_ms = np.full(count, _BEFORE_ANYTHING, dtype=np.int64)
        self._good = np.full(count, np.nan)
        self._doubting = np.zeros(count, dtype=bool)  # the last seen reading was not the last believed one

    def doubtful(
        self, series: NDArray[np.int32], measured_ms: NDArray[np.int64], values: NDArray[np.float64], good: Rows
    ) -> Rows:
        """Rows, out of the rows `good`, that moved too fast; the others are remembered."""
        rows = good[self._watched[series[good]]]
        if not len(rows):
            return rows
        numbers = series[rows]
        order = np.argsort(numbers, kind="stable")
        rows, numbers = rows[order], numbers[order]
        moments, found = measured_ms[rows], values[rows]
        first = np.empty(len(rows), dtype=bool)
        first[0] = True
        np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
        before_ms, before = np.empty_like(moments), np.empty_like(found)
        before_ms[1:], before[1:] = moments[:-1], found[:-1]
        before_ms[first], before[first] = self._seen_ms[numbers[first]], self._seen[numbers[first]]
        passed = moments - before_ms
        allowed = self._limit[numbers] * np.maximum(passed, self._period[numbers])
        odd = (np.abs(found - before) > allowed) | (passed < 0) | self._doubting[numbers]
        last = np.empty_like(first)
        last[-1] = True
        last[:-1] = first[1:]
        if not odd.any():
            self._remember(numbers[last], moments[last], found[last])
            return rows[:0]
        slow = np.isin(numbers, numbers[odd])
        keep = last & ~slow
        self._remember(numbers[keep], moments[keep], found[keep])
        return rows[slow][self._one_by_one(numbers[slow], moments[slow], found[slow])]

    def _remember(self, numbers: NDArray[np.int32], moments: NDArray[np.int64], found: NDArray[np.float64]) -> None:
        self._seen_ms[numbers] = self._good_ms[numbers] = moments
        self._seen[numbers] = self._good[numbers] = found

    def _one_by_one(
        self, numbers: NDArray[np.int32], moments: NDArray[np.int64], found: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """The law itself, for the few series where something moved too fast, came late or is being doubted."""
        doubted = np.zeros(len(numbers), dtype=bool)
        for row, (number, moment, value) in enumerate(
            zip(numbers.tolist(), moments.tolist(), found.tolist(), strict=True)
        ):
            if moment < self._seen_ms[number]:
                continue  # late: there is nothing fair to compare it with
            doubted[row] = self._is_far(number, moment, value, self._seen_ms, self._seen) and self._is_far(
                number, moment, value, self._good_ms, self._good
            )
            self._seen_ms[number], self._seen[number] = moment, value
            self._doubting[number] = doubted[row]
            if not doubted[row]:
                self._good_ms[number], self._good[number] = moment, value
        return doubted

    def _is_far(
        self, number: int, moment: int, value: float, then_ms: NDArray[np.int64], then: NDArray[np.float64]
    ) -> bool:
        passed = max(float(moment - then_ms[number]), float(self._period[number]))
        return bool(abs(value - then[number]) > self._limit[number] * passed)
