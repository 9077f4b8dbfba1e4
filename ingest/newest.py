"""Pure. The newest reading of every series, as columns in memory: asked for often, and written with every batch."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vocab.quality import Reason

_NEVER = np.iinfo(np.int64).min


class Newest:
    """By series id of the store. A reading whose clock is doubted is left out: one from the future would stay."""

    def __init__(self) -> None:
        self._lock = Lock()  # written by the committing thread, read by queries
        self._measured_ms = np.empty(0, np.int64)
        self._values = np.empty(0, np.float64)
        self._quality = np.empty(0, np.uint8)
        self._reason = np.empty(0, np.uint8)

    def take(
        self,
        ids: NDArray[np.int32],
        measured_ms: NDArray[np.int64],
        values: NDArray[np.float64],
        quality: NDArray[np.uint8],
        reason: NDArray[np.uint8],
    ) -> None:
        """Readings in order of arrival; of two of the same moment the later arrival wins."""
        believed = reason != int(Reason.CLOCK)
        if not believed.all():
            ids, measured_ms, values = ids[believed], measured_ms[believed], values[believed]
            quality, reason = quality[believed], reason[believed]
        if not len(ids):
            return
        with self._lock:
            self._grow(int(ids.max()) + 1)
            np.maximum.at(self._measured_ms, ids, measured_ms)
            newest = measured_ms == self._measured_ms[ids]
            rows = ids[newest]
            self._values[rows] = values[newest]
            self._quality[rows] = quality[newest]
            self._reason[rows] = reason[newest]

    def all(self) -> Iterator[tuple[int, int, float, int, int]]:
        """(series id, measured_ms, value, quality, reason) of every series that ever reported."""
        with self._lock:
            ids = np.flatnonzero(self._measured_ms != _NEVER)
            columns = (ids, self._measured_ms[ids], self._values[ids], self._quality[ids], self._reason[ids])
        return zip(*(column.tolist() for column in columns), strict=True)

    def _grow(self, count: int) -> None:
        more = count - len(self._measured_ms)
        if more > 0:
            self._measured_ms = np.concatenate((self._measured_ms, np.full(more, _NEVER)))
            self._values = np.concatenate((self._values, np.full(more, np.nan)))
            self._quality = np.concatenate((self._quality, np.zeros(more, np.uint8)))
            self._reason = np.concatenate((self._reason, np.zeros(more, np.uint8)))
