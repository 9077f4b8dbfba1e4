"""Pure. Of which frame each reading of a closed period was, and at which place of it; `closed` says how it is told."""

from __future__ import annotations

import numpy as np

from ingest.columns import Ints, Unpacker, opened, packed, plain, run_on, sealed, stable_order, steps
from ingest.heads import Heads
from ingest.page import Readings

_BY_STEPS, _BY_TIME = b"\0", b"\1"
_DEAR = 0.05  # bytes a reading; beyond, looking up each time is worth its work
_MOST_MS = 1 << 42


def encoded_order(heads: Heads, frame: Ints, by_series: Readings, order: Ints) -> bytes:
    """`frame` (its place in `heads`) and `order` (the place by arrival) of each of the readings sorted by series."""
    starts, lengths = _runs(by_series)
    first = order[starts]
    natural = _natural(frame, first, lengths)
    moved = packed(np.argsort(first)) + packed(order[natural] - np.arange(len(order)))
    slots = _slots(heads)[1][frame]
    by_steps = sealed(_BY_STEPS + packed(slots[starts]) + plain(steps(slots, starts)) + moved)
    if len(by_steps) <= _DEAR * len(frame):
        return by_steps
    source = heads.source[frame]
    places, ranks = _places(heads)
    told = packed(source) + plain(ranks[frame] - _guess(heads, places, source, by_series.measured_ms))
    by_time = sealed(_BY_TIME + told + moved)
    return min(by_steps, by_time, key=len)


def decoded_order(heads: Heads, by_series: Readings, told: bytes, place: str) -> tuple[Ints, Ints]:
    """What was encoded; StoreBrokenError names the place if it is damaged."""
    body = opened(told, place)
    source_of = Unpacker(body[1:])
    starts, lengths = _runs(by_series)
    if body[:1] == _BY_STEPS:
        begun, slots = source_of.column(), source_of.column()
        run_on(slots, starts, lengths)
        slots += np.repeat(begun, lengths)
        frame = _slots(heads)[0][slots]
    else:
        source, wrong = source_of.column(), source_of.column()
        places, _ = _places(heads)
        frame = places[_guess(heads, places, source, by_series.measured_ms) + wrong]
    natural = _natural(frame, _inverse(source_of.column()), lengths)
    order = np.empty_like(natural)
    order[natural] = np.arange(len(natural)) + source_of.column()
    return frame, order


def _natural(frame: Ints, first: Ints, lengths: Ints) -> Ints:
    """Readings frame by frame, those of a frame in the order in which their series first came (`first`, of each)."""
    by_first = np.argsort(first)
    if (np.diff(by_first) > 0).all():
        return stable_order(frame)
    begins = np.cumsum(lengths) - lengths
    sizes = lengths[by_first]
    ends = np.cumsum(sizes)
    rows = np.arange(len(frame)) + np.repeat(begins[by_first] - (ends - sizes), sizes)
    found: Ints = rows[stable_order(frame[rows])]
    return found


def _runs(by_series: Readings) -> tuple[Ints, Ints]:
    """Where each series begins, and how many readings it has."""
    starts = np.flatnonzero(np.diff(by_series.series, prepend=np.int32(-1)))
    return starts, np.diff(np.append(starts, len(by_series)))


def _slots(heads: Heads) -> tuple[Ints, Ints]:
    """Frames cabinet by cabinet: which stands at each place, and the place of each."""
    frames = np.argsort(heads.source, kind="stable")
    return frames, _inverse(frames)


def _places(heads: Heads) -> tuple[Ints, Ints]:
    """Frames cabinet by cabinet in order of time: which stands at each place, and the place of each."""
    frames = np.lexsort((heads.ts_ms, heads.source))
    return frames, _inverse(frames)


def _inverse(order: Ints) -> Ints:
    found = np.empty_like(order)
    found[order] = np.arange(len(order))
    return found


def _guess(heads: Heads, places: Ints, source: Ints, measured_ms: Ints) -> Ints:
    """The place of the first frame of the cabinet that was closed at the moment of measurement or later."""
    earliest = int(heads.ts_ms.min()) if len(heads) else 0

    def keys(source: Ints, at_ms: Ints) -> Ints:
        return source * _MOST_MS + np.clip(at_ms - earliest, 0, _MOST_MS - 1)

    found = np.searchsorted(keys(heads.source[places], heads.ts_ms[places]), keys(source, measured_ms))
    return np.minimum(found, len(places) - 1)
