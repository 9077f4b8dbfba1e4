"""Pure. A frame packed: head and names as msgpack, and the numbers as columns that are arrays already.

It says what the frame in JSON says (wire/frame.py), in the same words, but for all its assets at once: places in `x`,
`dt` and `q` count through the whole frame. Reading a number out of JSON costs more than judging it; here the
numbers of a frame are one copy of bytes (docs/decisions/0107-frames-are-packed.md has what was measured).
"""

from __future__ import annotations

import math
import sys
from array import array
from typing import Annotated, Any

import msgspec

Exact = Annotated[int, msgspec.Meta(ge=0, le=2**53)]  # whole numbers that every JSON reader keeps exactly
MOST_OFFSET = 2**53

_MAPS = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))  # first bytes of a msgpack map; JSON has none of them
_SHORT, _LONG = 4, 8  # bytes of an offset
_SHORT_LIMIT = 2**31


class Packed(msgspec.Struct, omit_defaults=True, gc=False):
    """`wire.frame.Frame` with its numbers in columns. Decoded data holds no cycles, so the collector need not look."""

    v: int
    site: str
    edge: str
    epoch: Exact
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    ts: Exact
    names: msgspec.Raw = msgspec.field(name="n")  # [[asset, [point, …]], …], unread: it is the same few for ever
    values: bytes = msgspec.field(name="x")  # binary64, little-endian; what is not finite is no value
    offsets_ms: bytes = msgspec.field(name="dt", default=b"")  # int32 or int64, little-endian; absent: all 0
    doubts: list[tuple[int, int, str]] = msgspec.field(name="q", default_factory=list)
    sim: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Packed)
_names_decoder = msgspec.msgpack.Decoder(list[tuple[str, list[str]]])
_blocks_decoder = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]])
_points_decoder = msgspec.msgpack.Decoder(list[str])

encode = _encoder.encode
decode = _decoder.decode  # msgspec.DecodeError, UnicodeDecodeError
names_in = _names_decoder.decode
blocks_in = _blocks_decoder.decode
points_in = _points_decoder.decode


def is_packed(payload: bytes) -> bool:
    """Whether these bytes begin as a packed frame does."""
    return payload[:1] != b"" and payload[0] in _MAPS


def names_of(blocks: list[tuple[str, list[str]]]) -> msgspec.Raw:
    """Assets and their points, as a frame carries them."""
    return msgspec.Raw(_encoder.encode(blocks))


def pack_values(values: list[float | None]) -> bytes:
    """The column of values."""
    return _bytes(array("d", [math.nan if value is None else value for value in values]))


def unpack_values(column: bytes) -> list[float | None]:
    """The values of a column; ValueError if it is none."""
    return [value if math.isfinite(value) else None for value in _numbers("d", column)]


def pack_offsets(offsets_ms: list[int]) -> bytes:
    """The column of offsets; nothing if all of them are 0."""
    if not any(offsets_ms):
        return b""
    is_short = all(-_SHORT_LIMIT <= offset < _SHORT_LIMIT for offset in offsets_ms)
    return _bytes(array("i" if is_short else "q", offsets_ms))


def unpack_offsets(column: bytes, width: int) -> list[int]:
    """The offsets of so many readings; ValueError if the column does not fit them."""
    if not column:
        return [0] * width
    size = offset_bytes(column, width)
    return [int(offset) for offset in _numbers("i" if size == _SHORT else "q", column)]


def offset_bytes(column: bytes, width: int) -> int:
    """How many bytes each offset of a column has; ValueError if the column does not fit so many readings."""
    size = len(column) // width if width else 0
    if size not in {_SHORT, _LONG} or size * width != len(column):
        raise ValueError("the offsets differ in length from the points")
    return size


def _bytes(column: array[float] | array[int]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _numbers(code: str, column: bytes) -> array[Any]:
    found: array[Any] = array(code)
    found.frombytes(column)
    if sys.byteorder == "big":
        found.byteswap()
    return found
