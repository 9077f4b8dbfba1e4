"""Pure. Columns of whole numbers as bytes that compress well: differences, small ones first, byte by byte.

A column is stored as itself, as the differences of neighbours, or as the differences of these, whichever has the
smallest numbers: a clock that ticks evenly becomes zeros, a level that wanders becomes its steps. The sign goes into
the lowest bit, and the lowest bytes of all numbers stand together, then the next: noise stays in one place and zstd
codes it with as many bits as it has, while the rest vanishes.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.problem import StoreBrokenError

Ints = NDArray[np.int64]

_HEAD = struct.Struct("<IBB")  # numbers, bytes of each, how often differences were taken
_SEALED = struct.Struct("<II")  # bytes before compression, CRC of that number and of what was compressed
_ZSTD, _HARDER = pa.Codec("zstd", 3), pa.Codec("zstd", 12)
_MOST_ORDER = 2


def packed(column: NDArray[np.integer]) -> bytes:
    """A column, as small differences as may be."""
    best = column.astype(np.int64)
    order, tried = 0, best
    cost = _bits(best)
    for attempt in range(1, _MOST_ORDER + 1):
        tried = np.diff(tried, prepend=np.int64(0))
        if (bits := _bits(tried)) < cost:
            order, best, cost = attempt, tried, bits
    return _planes(best, order)


def plain(column: NDArray[np.integer]) -> bytes:
    """A column whose differences were taken already."""
    return _planes(column.astype(np.int64, copy=False), 0)


def _bits(column: Ints) -> float:
    return float(np.log2(1.0 + np.abs(column.astype(np.float64))).sum())


def _planes(column: Ints, order: int) -> bytes:
    zigzag = ((column << 1) ^ (column >> 63)).view(np.uint64)
    width = (int(zigzag.max()).bit_length() + 7) // 8 if len(zigzag) else 0
    planes = np.ascontiguousarray(zigzag.view(np.uint8).reshape(-1, 8)[:, :width].T)
    return _HEAD.pack(len(column), width, order) + planes.tobytes()


def steps(column: Ints, starts: Ints) -> Ints:
    """The difference of each number from the one before; the first of each run is 0."""
    found = np.diff(column, prepend=np.int64(0))
    found[starts] = 0
    return found


def run_on(found: Ints, starts: Ints, lengths: Ints) -> None:
    """Undo `steps`, but for the first number of each run, where 0 stays."""
    np.cumsum(found, out=found)
    if len(starts) > 1:
        found -= np.repeat(found[starts], lengths)


def cost(numbers: Ints, starts: Ints) -> NDArray[np.float64]:
    """About how many bits the numbers of each run take."""
    bits: NDArray[np.float64] = np.add.reduceat(np.log2(1.0 + np.abs(numbers.astype(np.float64))), starts)
    return bits


class Unpacker:
    """Takes columns from the front of some bytes, in the order in which they were packed."""

    def __init__(self, told: bytes | memoryview) -> None:
        self._told = memoryview(told)
        self._at = 0

    def column(self) -> Ints:
        """The next column."""
        return self.cut(None, None)

    def cut(self, start: int | None, stop: int | None) -> Ints:
        """Some numbers of the next column, which must be `plain` unless all are wanted."""
        count, width, order = _HEAD.unpack_from(self._told, self._at)
        at = self._at + _HEAD.size
        self._at = at + count * width
        first, last, _ = slice(start, stop).indices(count)
        zigzag = np.zeros(last - first, np.uint64)
        lanes = zigzag.view(np.uint8).reshape(-1, 8)
        planes = np.frombuffer(self._told[at : self._at], np.uint8).reshape(width, count)
        for plane in range(width):
            lanes[:, plane] = planes[plane, first:last]
        found = (zigzag >> np.uint64(1)).view(np.int64)
        found ^= -(zigzag & np.uint64(1)).view(np.int64)
        for _ in range(order):
            np.cumsum(found, out=found)
        return found

    def rest(self) -> memoryview:
        """What follows the columns taken so far."""
        return self._told[self._at :]


def sealed(told: bytes, dear: int = 0) -> bytes:
    """Compressed, with a checksum. What takes more bytes than `dear` is tried once more and harder: noise does not get
    smaller by it, but points that report together do."""
    body: bytes = _ZSTD.compress(told, asbytes=True)
    if len(body) > dear:
        body = min(body, _HARDER.compress(told, asbytes=True), key=len)
    return _SEALED.pack(len(told), zlib.crc32(body, len(told))) + body


def opened(told: bytes, place: str) -> memoryview:
    """What was sealed; StoreBrokenError names the place if it is damaged."""
    body = memoryview(told)[_SEALED.size :]
    if len(told) < _SEALED.size:
        raise StoreBrokenError(f"{place}: cut off")
    size, checksum = _SEALED.unpack_from(told)
    if zlib.crc32(body, size) != checksum:
        raise StoreBrokenError(f"{place}: damaged")
    return memoryview(_ZSTD.decompress(body, size))


def stable_order(numbers: NDArray[np.integer]) -> Ints:
    """Sorts numbers that are not negative and have at most 32 bits, and keeps the order of equal ones.

    NumPy sorts numbers of 16 bits by radix, eight times as fast as longer ones; two such passes do for all.
    """
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    if len(numbers) and int(numbers.max()) >= 1 << 16:
        order = order[np.argsort((numbers[order] >> 16).astype(np.uint16), kind="stable")]
    return order
