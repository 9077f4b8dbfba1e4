"""Pure. A frame: what one edge saw since its last flush, as columns. One frame, one (edge, epoch, seq).

It is written packed (wire/packed.py) by everything of ours, or as JSON by whoever finds that easier; both are read.
Unknown fields are ignored so that an older reader survives a newer edge; an unknown version is an error.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from vocab.quality import Quality, Reason
from vocab.reading import Reading
from wire import packed
from wire.packed import MOST_OFFSET, Exact, Packed

VERSION = 1
MAX_BYTES = 256 * 1024

# Two of them still fit 64 bits when they are added.
Offset = Annotated[int, msgspec.Meta(ge=-MOST_OFFSET, le=MOST_OFFSET)]


class AssetColumns(msgspec.Struct, omit_defaults=True):
    """Readings of one asset: column i of `points`, `values` and `offsets_ms` is one reading.

    A point may occur several times (passages at a checkpoint). `doubts` lists only what is not good, as
    (column, quality, reason word).
    """

    asset: str = msgspec.field(name="a")
    points: list[str] = msgspec.field(name="p")
    values: list[float | None] = msgspec.field(name="x")
    offsets_ms: list[Offset] | None = msgspec.field(name="dt", default=None)  # measured = frame.ts + dt; absent: all 0
    doubts: list[tuple[int, int, str]] = msgspec.field(name="q", default_factory=list)


class Frame(msgspec.Struct, omit_defaults=True):
    """`ts` is when the edge closed the frame (ms UTC): nothing measured before it is still to come on this lane.

    `epoch` is when the edge's spool was created (ms); `seq` counts from 1 without a gap inside an epoch.
    """

    v: int
    site: str
    edge: str
    epoch: Exact
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    ts: Exact
    assets: list[AssetColumns] = msgspec.field(default_factory=list)
    sim: bool = False


class FrameError(ValueError):
    """The bytes are not a frame of this version."""


_REASONS = {reason.wire: reason for reason in Reason}
_SOUND, _UNREAD = (Quality.GOOD, Reason.NONE), (Quality.BAD, Reason.DECODE)
_BLAMED = (Quality.UNCERTAIN, Quality.BAD)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Frame)


def encode(frame: Frame) -> bytes:
    """The frame packed; FrameError if its columns differ in length."""
    _check(frame)
    doubts, start = [], 0
    for block in frame.assets:
        doubts += [(start + column, quality, word) for column, quality, word in block.doubts]
        start += len(block.points)
    return packed.encode(
        Packed(
            frame.v, frame.site, frame.edge, frame.epoch, frame.seq, frame.ts,
            packed.names_of([(block.asset, block.points) for block in frame.assets]),
            packed.pack_values([value for block in frame.assets for value in block.values]),
            packed.pack_offsets([each for block in frame.assets for each in _offsets(block)]),
            doubts,
            frame.sim,
        )
    )  # fmt: skip


def encode_json(frame: Frame) -> bytes:
    """The frame as JSON."""
    return _encoder.encode(frame)


def decode(payload: bytes) -> Frame:
    """The frame in `payload`, packed or JSON, its columns of equal length; FrameError says what is wrong."""
    try:
        frame = _unpacked(packed.decode(payload)) if packed.is_packed(payload) else _decoder.decode(payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FrameError(str(error)) from error
    _check(frame)
    return frame


def as_text(payload: bytes) -> str:
    """What a person reads of any payload: a packed frame as JSON, anything else as text as far as it is text."""
    if packed.is_packed(payload):
        try:
            return encode_json(decode(payload)).decode()
        except FrameError:
            pass
    return payload.decode("utf-8", "backslashreplace")


def _unpacked(found: Packed) -> Frame:
    values, assets, start = packed.unpack_values(found.values), [], 0
    offsets = packed.unpack_offsets(found.offsets_ms, len(values)) if found.offsets_ms else None
    for asset, points in packed.names_in(found.names):
        rows = slice(start, start + len(points))
        mine = None if offsets is None or not any(offsets[rows]) else offsets[rows]
        doubts = [(row - start, quality, word) for row, quality, word in found.doubts if start <= row < rows.stop]
        assets.append(AssetColumns(asset, points, values[rows], mine, doubts))
        start = rows.stop
    if start != len(values) or any(not 0 <= row < start for row, _, _ in found.doubts):
        raise FrameError("names, values and doubts do not fit each other")
    return Frame(found.v, found.site, found.edge, found.epoch, found.seq, found.ts, assets, found.sim)


def _offsets(block: AssetColumns) -> list[int]:
    return block.offsets_ms if block.offsets_ms is not None else [0] * len(block.points)


def _check(frame: Frame) -> None:
    for columns in frame.assets:
        width = len(columns.points)
        if len(columns.values) != width or (columns.offsets_ms is not None and len(columns.offsets_ms) != width):
            raise FrameError(f"the columns of {columns.asset!r} differ in length")
        if any(not 0 <= column < width for column, _, _ in columns.doubts):
            raise FrameError(f"a doubt of {columns.asset!r} points outside its columns")


def readings(frame: Frame) -> list[Reading]:
    """The frame as one object per reading, for tests and for people; the pipeline stays with columns.

    FrameError if a doubt is none. As at the gate, a reason that we do not know is `OTHER`, and what has neither a value
    nor a reason is bad.
    """
    found = []
    for columns in frame.assets:
        doubts = {column: _doubt(quality, word) for column, quality, word in columns.doubts}
        offsets = _offsets(columns)
        for index, (point, value, offset) in enumerate(zip(columns.points, columns.values, offsets, strict=True)):
            doubt = doubts.get(index, _SOUND if value is not None else _UNREAD)
            found.append(Reading(columns.asset, point, value, frame.ts + offset, *doubt))
    return found


def doubt_of(quality: int, word: str) -> tuple[Quality, Reason] | None:
    """What a doubt means; a reason that we do not know is `OTHER`. None if it is no doubt."""
    reason = _REASONS.get(word, Reason.OTHER)
    return None if quality not in _BLAMED or reason is Reason.NONE else (Quality(quality), reason)


def _doubt(quality: int, word: str) -> tuple[Quality, Reason]:
    found = doubt_of(quality, word)
    if found is None:
        raise FrameError(f"{(quality, word)} is no doubt")
    return found
