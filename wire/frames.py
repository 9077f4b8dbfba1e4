"""Pure. Many accepted frames as columns: what a store hands to those who replay it, and what a judge takes at once.

A year of one cabinet is thirty million frames: whoever made an object of each would do nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from vocab import topics
from vocab.topics import Kind
from wire.verdict import Accepted, Source

LANES = (Kind.TELE, Kind.BACKFILL)  # columns hold their place here; stores do too, so it never changes

_Rows: TypeAlias = slice | NDArray[np.int64]
_Whole: TypeAlias = tuple[Accepted, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Frames(Sequence[Accepted]):
    """Frames in order of arrival. Row i of the first columns is a frame; its readings are the rows from `bounds[i]` to
    `bounds[i + 1]` of the last five, which are as in `Accepted`. The columns may be views: do not write into them.
    """

    sources: tuple[Source, ...]
    source: NDArray[np.int32]  # place in `sources`
    seq: NDArray[np.int64]
    lane: NDArray[np.uint8]  # place in LANES
    ts_ms: NDArray[np.int64]
    received_ms: NDArray[np.int64]
    bounds: NDArray[np.int64]  # one more than frames, from 0 to the number of readings
    series: NDArray[np.int32]
    measured_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    whole: _Whole = None  # the frames that these columns were made of

    @staticmethod
    def of(frames: Sequence[Accepted]) -> Frames:
        """The same frames as columns."""
        places: dict[Source, int] = {}
        source = [places.setdefault(frame.source, len(places)) for frame in frames]
        lengths = np.array([len(frame) for frame in frames], np.int64)
        return Frames(
            sources=tuple(places),
            source=np.array(source, np.int32),
            seq=np.array([frame.seq for frame in frames], np.int64),
            lane=np.array([LANES.index(frame.lane) for frame in frames], np.uint8),
            ts_ms=np.array([frame.ts_ms for frame in frames], np.int64),
            received_ms=np.array([frame.received_ms for frame in frames], np.int64),
            bounds=bounds_of(lengths),
            series=_joined([frame.series for frame in frames], np.int32),
            measured_ms=_joined([frame.measured_ms for frame in frames], np.int64),
            values=_joined([frame.values for frame in frames], np.float64),
            quality=_joined([frame.quality for frame in frames], np.uint8),
            reason=_joined([frame.reason for frame in frames], np.uint8),
            whole=tuple(frames),
        )

    def __len__(self) -> int:
        return len(self.source)

    @overload
    def __getitem__(self, at: int) -> Accepted: ...
    @overload
    def __getitem__(self, at: slice) -> Frames: ...
    def __getitem__(self, at: int | slice) -> Accepted | Frames:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step != 1:
                raise ValueError("only frames that follow one another")
            return self._cut(start, max(start, stop))
        row = range(len(self))[at]
        if self.whole is not None:
            return self.whole[row]
        source, lane = self.sources[self.source[row]], LANES[self.lane[row]]
        rows = slice(int(self.bounds[row]), int(self.bounds[row + 1]))
        return Accepted(
            source=source,
            seq=int(self.seq[row]),
            ts_ms=int(self.ts_ms[row]),
            lane=lane,
            received_ms=int(self.received_ms[row]),
            series=self.series[rows],
            measured_ms=self.measured_ms[rows],
            values=self.values[rows],
            quality=self.quality[rows],
            reason=self.reason[rows],
            topic=topics.build(source.site, source.edge, lane),
        )

    def __iter__(self) -> Iterator[Accepted]:
        return (self[row] for row in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many readings each frame has."""
        return np.diff(self.bounds)

    def per_reading(self, column: NDArray[np.int64]) -> NDArray[np.int64]:
        """A column of the frames, once for each of their readings."""
        return np.repeat(column, self.lengths)

    def _cut(self, start: int, stop: int) -> Frames:
        """Frames that follow one another; nothing is copied."""
        bounds = self.bounds[start : stop + 1]
        readings = slice(int(bounds[0]), int(bounds[-1]))
        whole = None if self.whole is None else self.whole[start:stop]
        return self._taken(slice(start, stop), bounds - bounds[0], readings, whole)

    def chosen(self, rows: NDArray[np.int64]) -> Frames:
        """Some of the frames, by their places in rising order."""
        if len(rows) == len(self):
            return self
        lengths = self.lengths[rows]
        bounds = bounds_of(lengths)
        readings = np.repeat(self.bounds[rows] - bounds[:-1], lengths) + np.arange(bounds[-1])
        whole = None if self.whole is None else tuple(self.whole[row] for row in rows.tolist())
        return self._taken(rows, bounds, readings, whole)

    def _taken(self, rows: _Rows, bounds: NDArray[np.int64], readings: _Rows, whole: _Whole) -> Frames:
        return Frames(
            sources=self.sources,
            source=self.source[rows],
            seq=self.seq[rows],
            lane=self.lane[rows],
            ts_ms=self.ts_ms[rows],
            received_ms=self.received_ms[rows],
            bounds=bounds,
            series=self.series[readings],
            measured_ms=self.measured_ms[readings],
            values=self.values[readings],
            quality=self.quality[readings],
            reason=self.reason[readings],
            whole=whole,
        )


def bounds_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of so many rows begins and ends."""
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def _joined(columns: list[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(columns) if columns else np.empty(0, kind)
