"""Pure. A page of readings, sorted by series and within a series in order of arrival, as bytes.

A series of a page is a *run*. Its values are whole numbers divided by a power of ten, since that is what sensors say:
`51.3` is 513 / 10, and the division gives back the very same double, which is checked for every value. A value for
which it does not hold (and no value at all, which is NaN) is an exception and is stored as it is. A run is stored as
distances from its first value or as steps from each to the next, whichever is smaller.

Times are kept as differences in ticks, which are what divides them all, or seconds where that holds for most. Of
qualities and reasons, which hardly change, zstd leaves nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.columns import Ints, Unpacker, cost, opened, packed, plain, run_on, sealed, steps

PAGE = 32_768  # readings
_HEAD = struct.Struct("<B")  # how often differences of times were taken
_TENS = 10.0 ** np.arange(8)
_MOST = 2.0**51  # beyond, whole numbers are not worth it
_ENOUGH = 0.75  # of a run must be whole numbers at a power of ten, or whole seconds apart
SECOND_MS = 1_000
_DEAR = 0.8  # bytes a reading


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Readings as columns; NaN is no value."""

    series: NDArray[np.int32]
    measured_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    reason: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.series)

    def taken(self, rows: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Readings:
        """Some of them."""
        return Readings(
            self.series[rows], self.measured_ms[rows], self.values[rows], self.quality[rows], self.reason[rows]
        )

    @staticmethod
    def joined(parts: list[Readings]) -> Readings:
        """One after the other."""
        return Readings(
            _joined([part.series for part in parts], np.int32),
            _joined([part.measured_ms for part in parts], np.int64),
            _joined([part.values for part in parts], np.float64),
            _joined([part.quality for part in parts], np.uint8),
            _joined([part.reason for part in parts], np.uint8),
        )


def _joined(columns: list[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(columns) if columns else np.empty(0, kind)


def pages_of(readings: Readings) -> Iterator[slice]:
    """Where pages begin and end, of readings that are sorted by series. None is larger than a page."""
    for start in range(0, len(readings), PAGE):
        yield slice(start, min(start + PAGE, len(readings)))


def encoded(readings: Readings) -> bytes:
    """A page; there is at least one reading, and they are sorted by series."""
    starts = np.flatnonzero(np.diff(readings.series, prepend=readings.series[0] - 1))
    lengths = np.diff(np.append(starts, len(readings)))
    tens, is_exact, whole = _whole_numbers(readings.values, starts, lengths)
    first = whole[starts]
    near, far = steps(whole, starts), whole - np.repeat(first, lengths)
    is_steps = cost(near, starts) < cost(far, starts)
    ticks, order, times, left = _times(readings.measured_ms, starts, lengths)
    odd = np.flatnonzero(~is_exact)
    told = [
        _HEAD.pack(order),
        packed(readings.series[starts]), packed(lengths), packed(readings.measured_ms[starts]), packed(ticks),
        plain(tens * 2 + is_steps), packed(first),
        plain(times), plain(left), plain(np.where(np.repeat(is_steps, lengths), near, far)),
        plain(readings.quality), plain(readings.reason),
        packed(odd), *_odd_values(readings.values[odd]),
    ]  # fmt: skip
    return sealed(b"".join(told), round(_DEAR * len(readings)))


def decoded(told: bytes, place: str, wanted: tuple[int, int] | None = None) -> Readings:
    """The readings of a page, or only those of the series from `wanted[0]` to `wanted[1]`, as they were encoded.

    StoreBrokenError names the place if it is damaged.
    """
    body = opened(told, place)
    (order,) = _HEAD.unpack_from(body)
    source = Unpacker(body[_HEAD.size :])
    series, lengths, begun_ms, ticks, kinds, first = (source.column() for _ in range(6))
    ends = np.cumsum(lengths)
    low, high = (0, len(series)) if wanted is None else np.searchsorted(series, [wanted[0], wanted[1] + 1]).tolist()
    start = int(ends[low - 1]) if low else 0
    stop = int(ends[high - 1]) if high > low else start
    rows = slice(low, high)
    lengths, kinds = lengths[rows], kinds[rows]
    starts = ends[rows] - lengths - start
    times = source.cut(start, stop)
    for _ in range(order):
        run_on(times, starts, lengths)
    times *= np.repeat(ticks[rows], lengths)
    times += np.repeat(begun_ms[rows], lengths)
    times += source.cut(start, stop)
    values = _values(source.cut(start, stop), kinds, first[rows], starts, lengths)
    quality, reason = (source.cut(start, stop).astype(np.uint8) for _ in range(2))
    odd = source.column()
    mine = slice(*np.searchsorted(odd, [start, stop]))
    if mine.start < mine.stop:
        words, which = source.column(), source.column()
        values[odd[mine] - start] = (words[which[mine]] if len(which) else words[mine]).view(np.float64)
    return Readings(np.repeat(series[rows], lengths).astype(np.int32), times, values, quality, reason)


def _odd_values(values: NDArray[np.float64]) -> tuple[bytes, bytes]:
    """Values as they are: each as its bits, or, where they come again and again, as the number of one of them."""
    bits = values.view(np.int64)
    words, which = np.unique(bits, return_inverse=True)
    return (packed(words), plain(which)) if 2 * len(words) < len(bits) else (plain(bits), plain(which[:0]))


def _whole_numbers(values: NDArray[np.float64], starts: Ints, lengths: Ints) -> tuple[Ints, NDArray[np.bool_], Ints]:
    """Of each run the power of ten; of each value whether it holds, and the whole number."""
    tens = np.zeros(len(starts), np.int64)
    is_exact = np.zeros(len(values), np.bool_)
    whole = np.zeros(len(values), np.int64)
    open_runs = np.ones(len(starts), np.bool_)
    there = np.maximum(1, np.add.reduceat(~np.isnan(values), starts, dtype=np.int64))
    best = np.full(len(starts), -1, np.int64)
    for power, ten in enumerate(_TENS):
        rows = np.flatnonzero(np.repeat(open_runs, lengths))
        if not len(rows):
            break
        mine = values[rows]
        with np.errstate(all="ignore"):
            scaled = np.rint(mine * ten)
            fits = np.abs(scaled) < _MOST
            numbers = np.where(fits, scaled, 0.0).astype(np.int64)
            fits &= (numbers / ten).view(np.int64) == mine.view(np.int64)  # to the last bit, -0.0 and NaN included
        held = np.zeros(len(values), np.bool_)
        held[rows] = fits
        counts = np.add.reduceat(held, starts, dtype=np.int64)
        better = open_runs & (counts > best)
        taken = np.repeat(better, lengths)[rows]
        is_exact[rows[taken]], whole[rows[taken]] = fits[taken], np.where(fits, numbers, 0)[taken]
        tens[better], best[better] = power, counts[better]
        open_runs &= counts < there * _ENOUGH
    _hold_still(whole, is_exact, starts)
    return tens, is_exact, whole


def _hold_still(whole: Ints, is_exact: NDArray[np.bool_], starts: Ints) -> None:
    """Where there is no whole number the one before goes on, so that an exception makes no jump."""
    if is_exact.all():
        return
    known = is_exact.copy()
    known[starts] = True
    last = np.maximum.accumulate(np.where(known, np.arange(len(whole)), 0))
    whole[:] = whole[last]


def _times(measured_ms: Ints, starts: Ints, lengths: Ints) -> tuple[Ints, int, Ints, Ints]:
    """The tick of each run; differences in ticks, or differences of differences (then 2, else 1); what is left over."""
    since = measured_ms - np.repeat(measured_ms[starts], lengths)
    is_even = np.add.reduceat(since % SECOND_MS == 0, starts, dtype=np.int64) >= lengths * _ENOUGH
    ticks = np.where(is_even, SECOND_MS, 1)
    # A tick that divides all of them is better still, where there is one.
    common = np.gcd.reduceat(since, starts)
    ticks = np.where(common > ticks, common, ticks)
    each = np.repeat(ticks, lengths)
    whole, left = since // each, since % each
    once = steps(whole, starts)
    twice = steps(once, starts)
    all_of_it = np.zeros(1, np.int64)
    if cost(twice, all_of_it)[0] < cost(once, all_of_it)[0]:
        return ticks, 2, twice, left
    return ticks, 1, once, left


def _values(numbers: Ints, kinds: Ints, first: Ints, starts: Ints, lengths: Ints) -> NDArray[np.float64]:
    is_steps = (kinds & 1).astype(np.bool_)
    if is_steps.all():
        run_on(numbers, starts, lengths)
    elif is_steps.any():
        summed = numbers.copy()
        run_on(summed, starts, lengths)
        numbers = np.where(np.repeat(is_steps, lengths), summed, numbers)
    numbers += np.repeat(first, lengths)
    found: NDArray[np.float64] = numbers / np.repeat(_TENS[kinds >> 1], lengths)
    return found
