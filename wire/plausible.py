"""Pure. Which readings of a batch cannot be believed by their numbers alone: no value, bounds, clock, slew.

What an edge already called bad stays as the edge called it: the first reason is the nearest to the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocab.quality import Quality, Reason
from wire.catalogue import Catalogue
from wire.slew import Slew

_GOOD, _UNCERTAIN, _BAD = int(Quality.GOOD), int(Quality.UNCERTAIN), int(Quality.BAD)


@dataclass(slots=True)
class Columns:
    """The readings of a batch; row i of every column is one reading."""

    series: NDArray[np.int32]
    measured_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    lane: NDArray[np.uint8]  # number of the lane it came on

    def mark(self, rows: NDArray[np.bool_] | NDArray[np.intp], quality: int, reason: Reason) -> None:
        """Give rows a quality and its reason."""
        self.quality[rows] = quality
        self.reason[rows] = int(reason)


class Plausibility:
    """The checks, with the memory that slew needs."""

    def __init__(self, catalogue: Catalogue, lanes: int, earliest_ms: int, future_ms: int) -> None:
        self._catalogue = catalogue
        self._earliest_ms = earliest_ms
        self._future_ms = future_ms
        self._slew = [Slew(catalogue) for _ in range(lanes)]

    def settle(self, columns: Columns, received_ms: int) -> None:
        """Write quality and reason of what is not plausible into the columns."""
        absent = ~np.isfinite(columns.values)
        if absent.any():
            columns.values[absent] = np.nan
            columns.mark(absent & (columns.quality == _GOOD), _BAD, Reason.DECODE)
        low, high = self._catalogue.low[columns.series], self._catalogue.high[columns.series]
        outside = (columns.values < low) | (columns.values > high)
        if outside.any():
            columns.mark(outside & (columns.quality != _BAD), _BAD, Reason.OUT_OF_RANGE)
        untimely = columns.measured_ms < self._earliest_ms
        untimely |= columns.measured_ms > received_ms + self._future_ms
        if untimely.any():
            columns.mark(untimely & (columns.quality == _GOOD), _UNCERTAIN, Reason.CLOCK)
        good = columns.quality == _GOOD
        for number, slew in enumerate(self._slew):
            rows = np.flatnonzero(good & (columns.lane == number))
            if len(rows):
                moved = slew.doubtful(columns.series, columns.measured_ms, columns.values, rows)
                columns.mark(moved, _UNCERTAIN, Reason.SLEW)
