"""Pure. A closed period: frames that follow one another in order of arrival, and their readings sorted by point.

Everything that arrived comes back as it was: which frame in which order with which three times, and its readings in
their order. The pages hold the readings point by point; the *order* tells of which frame each was. A point that reports
evenly is in every so many frames of its cabinet, so that the steps between are all the same. Where it reports when
something changes its time tells the frame, which is the first of the cabinet that was closed after the measurement;
only where that is wrong something is left to tell. The readings of a frame are then in the order in which their series
first came, and where they were not, the order tells by how many places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.arrival_order import decoded_order, encoded_order
from ingest.columns import Ints, Unpacker, opened, packed, sealed, stable_order
from ingest.heads import Heads
from ingest.page import Readings, decoded, encoded, pages_of
from ingest.problem import StoreBrokenError


class Page(NamedTuple):
    """Where a page lies in the file, and what it may have."""

    place: int
    size: int
    readings: int
    first_series: int
    last_series: int
    min_ms: int
    max_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """A closed period as bytes: the pages, then the order, then the heads."""

    body: bytes
    pages: tuple[Page, ...]
    order: tuple[int, int]  # place and size
    heads: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A closed period whose file is written, and which the store does not know yet."""

    number: int
    first: int
    last: int
    frames: int
    readings: int
    volume: Volume


def closed(heads: Heads, lengths: Ints, readings: Readings) -> Volume:
    """Close frames with so many readings each, which are in order of arrival."""
    order = stable_order(readings.series)
    by_series = readings.taken(order)
    parts, pages, place = [], [], 0
    for rows in pages_of(by_series):
        mine = by_series.taken(rows)
        parts.append(encoded(mine))
        span = int(mine.measured_ms.min()), int(mine.measured_ms.max())
        pages.append(Page(place, len(parts[-1]), len(mine), int(mine.series[0]), int(mine.series[-1]), *span))
        place += len(parts[-1])
    parts += [
        encoded_order(heads, np.repeat(np.arange(len(heads)), lengths)[order], by_series, order),
        _encoded_heads(heads),
    ]
    told = (place, len(parts[-2]))
    return Volume(b"".join(parts), tuple(pages), told, (place + told[1], len(parts[-1])))


def gives_back(body: bytes, volume: Volume, heads: Heads, lengths: Ints, readings: Readings) -> bool:
    """Whether bytes, read as any question will read them, are these frames and readings to the last bit."""

    def part(place: int, size: int) -> bytes:
        return body[place : place + size]

    try:
        found_heads = decoded_heads(part(*volume.heads), "what was just written")
        pages = [decoded(part(each.place, each.size), "what was just written") for each in volume.pages]
        found, found_lengths = as_arrived(found_heads, part(*volume.order), "what was just written", pages)
    except (StoreBrokenError, ValueError, IndexError):
        return False
    columns = [*_columns_of(heads), lengths, *_columns_of(readings)]
    return all(
        np.array_equal(_bits(mine), _bits(theirs))
        for mine, theirs in zip(columns, [*_columns_of(found_heads), found_lengths, *_columns_of(found)], strict=True)
    )


def _columns_of(table: Heads | Readings) -> list[NDArray[Any]]:
    return [getattr(table, each.name) for each in fields(table)]


def _bits(column: NDArray[Any]) -> NDArray[Any]:
    return column.view(np.int64) if column.dtype == np.float64 else column


def decoded_heads(told: bytes, place: str) -> Heads:
    """The frames of a closed period."""
    source_of = Unpacker(opened(told, place))
    number, source, lane, received_ms, stored_ms = (source_of.column() for _ in range(5))
    by_source = np.argsort(source, kind="stable")
    seq, ts_ms = np.empty_like(source), np.empty_like(source)
    seq[by_source], ts_ms[by_source] = source_of.column(), source_of.column()
    return Heads(number, source, seq, lane, ts_ms, received_ms, stored_ms + received_ms)


def as_arrived(heads: Heads, order: bytes, place: str, by_series: Sequence[Readings]) -> tuple[Readings, Ints]:
    """The readings of all pages, in order of arrival again, and how many each frame has."""
    found = Readings.joined(list(by_series))
    frame, order_of = decoded_order(heads, found, order, place)

    def put_back(column: NDArray[Any]) -> NDArray[Any]:
        back = np.empty_like(column)
        back[order_of] = column
        return back

    return Readings(
        put_back(found.series), put_back(found.measured_ms), put_back(found.values), put_back(found.quality),
        put_back(found.reason),
    ), np.bincount(frame, minlength=len(heads))  # fmt: skip


def _encoded_heads(heads: Heads) -> bytes:
    by_source = np.argsort(heads.source, kind="stable")  # numbers and times of one cabinet go on evenly
    return sealed(
        b"".join((
            packed(heads.id), packed(heads.source), packed(heads.lane),
            packed(heads.received_ms), packed(heads.stored_ms - heads.received_ms), packed(heads.seq[by_source]),
            packed(heads.ts_ms[by_source]),
        ))
    )  # fmt: skip
