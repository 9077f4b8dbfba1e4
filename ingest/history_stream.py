"""Pure. History between two processes: an Arrow IPC stream, a row per frame; docs/reference/backtest.md tells it."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from ingest.arrivals import Arrivals, Names
from vocab.topics import Kind

VERSION = "1"
MEDIA_TYPE = "application/vnd.apache.arrow.stream"

_READING = {
    "series": pa.int32(), "measured_ms": pa.int64(), "value": pa.float64(), "quality": pa.uint8(), "reason": pa.uint8()
}  # fmt: skip
_FRAME = {
    "edge": pa.string(), "epoch": pa.int64(), "seq": pa.int64(), "lane": pa.string(), "ts_ms": pa.int64(),
    "received_ms": pa.int64(), "opening": pa.bool_(),
}  # fmt: skip


class Encoder:
    """Makes the bytes of one stream, a piece at a time."""

    def __init__(self, names: Names) -> None:
        told = {"version": VERSION, "names": msgspec.json.encode(list(names)).decode()}
        columns = [*_FRAME.items(), *((name, pa.list_(kind)) for name, kind in _READING.items())]
        self._schema = pa.schema(columns, metadata=told)
        self._sink = io.BytesIO()
        self._stream = pa.ipc.new_stream(self._sink, self._schema)

    def take(self) -> bytes:
        """The bytes made since the last call."""
        made = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return made

    def chunk(self, found: Arrivals, *, is_opening: bool) -> bytes:
        """Some frames; `is_opening`: the store's process began to hear (again) with the first of them."""
        opening = np.zeros(len(found), bool)
        opening[:1] = is_opening
        offsets = pa.array(np.concatenate([[0], np.cumsum(found.lengths)]), pa.int32())
        told = (found.edge, found.epoch, found.seq, [each.value for each in found.lane], found.ts_ms, found.received_ms)
        arrays = [pa.array(column, kind) for column, kind in zip((*told, opening), _FRAME.values(), strict=True)]
        readings = (found.series, found.measured_ms, found.values, found.quality, found.reason)
        for column, kind in zip(readings, _READING.values(), strict=True):
            arrays.append(pa.ListArray.from_arrays(offsets, pa.array(column, kind)))
        self._stream.write_batch(pa.record_batch(arrays, schema=self._schema))
        return self.take()

    def end(self) -> bytes:
        """The last bytes."""
        self._stream.close()
        return self.take()


def names_in(schema: Any) -> Names:
    """The series that the stream counts; ValueError if it is of another version."""
    told = schema.metadata or {}
    if told.get(b"version") != VERSION.encode():
        raise ValueError(f"a history stream of version {told.get(b'version')!r}, this is {VERSION}")
    return msgspec.json.decode(told[b"names"], type=list[tuple[int, str, str]])


def decoded(batch: Any) -> tuple[Arrivals, bool]:
    """The frames of one record batch, and whether the store was opened before them."""
    told = {name: batch.column(name).to_pylist() for name in ("edge", "epoch", "seq", "lane", "ts_ms", "received_ms")}
    told["lane"] = [Kind(word) for word in told["lane"]]
    lengths = batch.column("series").value_lengths().to_numpy().astype(np.int64)
    readings = [batch.column(name).flatten().to_numpy(zero_copy_only=False) for name in _READING]
    is_opening = bool(len(batch) and batch.column("opening")[0].as_py())
    return Arrivals(**told, lengths=lengths, **dict(zip(_COLUMNS, readings, strict=True))), is_opening


_COLUMNS = ("series", "measured_ms", "values", "quality", "reason")
