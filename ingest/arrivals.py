"""Pure. Frames as they lie in a store, in order of arrival, as columns: what a store hands to those who replay it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.history import Stretch
from vocab import topics
from vocab.topics import Kind
from wire.catalogue import Catalogue
from wire.verdict import Accepted, Source

CHUNK = 2_000  # frames
MOST_READINGS = 500_000  # of a chunk, about 11 MB; one frame alone may have more

Names = Sequence[tuple[int, str, str]]  # of series: number in the store, asset, point


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Frames of one site. Row i of the first columns is a frame, whose readings are the next `lengths[i]` rows of the
    last five. `series` counts in the store; a value that is absent is NaN."""

    edge: Sequence[str]
    epoch: Sequence[int]
    seq: Sequence[int]
    lane: Sequence[Kind]
    ts_ms: Sequence[int]
    received_ms: Sequence[int]
    lengths: NDArray[np.int64]
    series: NDArray[np.int32]
    measured_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    reason: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.edge)


def ranges(stretch: Stretch, openings: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of frame ids, each of at most a chunk, none across an opening."""
    starts = sorted({*range(stretch.first, stretch.last + 1, CHUNK), *openings})
    yield from zip(starts, [*(start - 1 for start in starts[1:]), stretch.last], strict=True)


def numbers_of(names: Names, site: str, catalogue: Catalogue) -> NDArray[np.int32]:
    """Series number of the store -> of the catalogue, -1 where the catalogue has none."""
    known = {series[:3]: number for number, series in enumerate(catalogue.series)}
    numbers = np.full(max((name[0] for name in names), default=-1) + 1, -1, np.int32)
    for number, asset, point in names:
        numbers[number] = known.get((site, asset, point), -1)
    return numbers


def accepted(site: str, found: Arrivals, catalogue: Catalogue, numbers: NDArray[np.int32]) -> list[Accepted]:
    """The frames as the gate had settled them; cabinets and series that the catalogue does not know are left out."""
    series = numbers[found.series] if len(numbers) else np.full(len(found.series), -1, np.int32)
    keep = series >= 0
    kept = np.concatenate([[0], np.cumsum(keep)])
    bounds = kept[np.concatenate([[0], np.cumsum(found.lengths)])].tolist()
    rest = slice(None) if keep.all() else keep  # a slice copies nothing
    series, measured_ms, values = series[rest], found.measured_ms[rest], found.values[rest]
    quality, reason = found.quality[rest], found.reason[rest]
    frames = []
    for row, edge in enumerate(found.edge):
        if (site, edge) not in catalogue.assets_of:
            continue
        rows, lane = slice(bounds[row], bounds[row + 1]), found.lane[row]
        frames.append(
            Accepted(
                source=Source(site, edge, found.epoch[row]),
                seq=found.seq[row],
                ts_ms=found.ts_ms[row],
                lane=lane,
                received_ms=found.received_ms[row],
                series=series[rows],
                measured_ms=measured_ms[rows],
                values=values[rows],
                quality=quality[rows],
                reason=reason[rows],
                topic=topics.build(site, edge, lane),
            )
        )
    return frames
