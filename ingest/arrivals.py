"""Pure. Frames as they lie in a store, in order of arrival, as columns: what a store hands to those who replay it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.history import Stretch
from wire.catalogue import Catalogue
from wire.frames import Frames, bounds_of

CHUNK = 50_000  # frames: fourteen hours of one cabinet
MOST_READINGS = 1_000_000  # of a chunk, about 30 MB; one frame alone may have more

Names = Sequence[tuple[int, str, str]]  # of series: number in the store, asset, point


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


def settled(found: Frames, catalogue: Catalogue, numbers: NDArray[np.int32]) -> Frames:
    """The frames as the gate had settled them, out of `found`, whose series count in the store; cabinets and series
    that the catalogue does not know are left out."""
    known = np.array([source[:2] in catalogue.assets_of for source in found.sources], np.bool_)
    if not known.all():
        found = found.chosen(np.flatnonzero(known[found.source]))
    series = numbers[found.series] if len(numbers) else np.full(len(found.series), -1, np.int32)
    keep = series >= 0
    if keep.all():
        return replace(found, series=series)
    before = np.zeros(len(keep) + 1, np.int64)
    np.cumsum(keep, out=before[1:])
    return replace(
        found,
        bounds=bounds_of(np.diff(before[found.bounds])),
        series=series[keep],
        measured_ms=found.measured_ms[keep],
        values=found.values[keep],
        quality=found.quality[keep],
        reason=found.reason[keep],
    )
