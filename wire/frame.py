"""Pure. A frame: what one edge saw since its last flush, as columns. One frame, one (edge, epoch, seq).

Readings travel as columns because a column costs a third of the time of one object per reading (DESIGN §5). Unknown
fields are ignored so that an older reader survives a newer edge; an unknown version is an error.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from vocab.quality import Quality, Reason
from vocab.reading import Reading

VERSION = 1
MAX_BYTES = 256 * 1024

# Whole numbers that every JSON reader keeps exactly, and that still fit 64 bits when two of them are added.
Exact = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Offset = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


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


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Frame)


def encode(frame: Frame) -> bytes:
    """The frame as JSON."""
    return _encoder.encode(frame)


def decode(payload: bytes) -> Frame:
    """The frame in `payload`, its columns known to be of equal length; FrameError says what is wrong."""
    try:
        frame = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(str(error)) from error
    for columns in frame.assets:
        width = len(columns.points)
        if len(columns.values) != width or (columns.offsets_ms is not None and len(columns.offsets_ms) != width):
            raise FrameError(f"the columns of {columns.asset!r} differ in length")
        if any(not 0 <= column < width for column, _, _ in columns.doubts):
            raise FrameError(f"a doubt of {columns.asset!r} points outside its columns")
    return frame


def readings(frame: Frame) -> list[Reading]:
    """The frame as one object per reading, for tests and for people; the pipeline stays with columns."""
    found = []
    for columns in frame.assets:
        doubts = {column: (Quality(quality), Reason.from_wire(word)) for column, quality, word in columns.doubts}
        offsets = columns.offsets_ms or [0] * len(columns.points)
        for index, (point, value, offset) in enumerate(zip(columns.points, columns.values, offsets, strict=True)):
            quality, reason = doubts.get(index, (Quality.GOOD, Reason.NONE))
            found.append(Reading(columns.asset, point, value, frame.ts + offset, quality, reason))
    return found
