"""Pure. Frames that have to wait, as bytes and back."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from vocab.topics import Kind
from wire.verdict import Accepted, Source


def packed_frame(frame: Accepted, catalogue: str) -> bytes:
    """A frame that has to wait. Its series count in a catalogue, whose digest goes with it."""
    columns = (frame.series, frame.measured_ms, frame.values, frame.quality, frame.reason)
    head = (*frame.source, frame.seq, frame.ts_ms, frame.lane.value, frame.received_ms, frame.topic)
    return msgspec.msgpack.encode((catalogue, head, [column.tobytes() for column in columns]))


def unpack_frame(data: bytes, catalogue: str) -> Accepted | None:
    """The frame again; None if the site has changed since, so that its numbers mean something else now."""
    told, (site, edge, epoch, seq, ts_ms, lane, received_ms, topic), parts = msgspec.msgpack.decode(data)
    if told != catalogue:
        return None
    kinds = (np.int32, np.int64, np.float64, np.uint8, np.uint8)
    columns: list[Any] = [np.frombuffer(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    series, measured, values, quality, reason = columns
    source = Source(site, edge, epoch)
    return Accepted(source, seq, ts_ms, Kind(lane), received_ms, series, measured, values, quality, reason, topic)
