"""Pure. History between two processes: an Arrow IPC stream, a row per frame; docs/reference/backtest.md tells it."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.arrivals import Names
from vocab.topics import Kind
from wire.frames import LANES, Frames, bounds_of
from wire.verdict import Source

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

    def chunk(self, found: Frames, *, is_opening: bool) -> bytes:
        """Some frames; `is_opening`: the store's process began to hear (again) with the first of them."""
        opening = np.zeros(len(found), bool)
        opening[:1] = is_opening
        edges = _words([source.edge for source in found.sources], found.source)
        epochs = np.array([source.epoch for source in found.sources], np.int64)[found.source]
        lanes = _words([lane.value for lane in LANES], found.lane)
        told = (edges, epochs, found.seq, lanes, found.ts_ms, found.received_ms, opening)
        arrays = [pa.array(column, kind) for column, kind in zip(told, _FRAME.values(), strict=True)]
        offsets = pa.array(found.bounds, pa.int32())
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


def decoded(batch: Any, site: str) -> tuple[Frames, bool]:
    """The frames of one record batch, and whether the store was opened before them."""
    edges = batch.column("edge").dictionary_encode()
    told = {name: batch.column(name).to_numpy() for name in ("epoch", "seq", "ts_ms", "received_ms")}
    lane = batch.column("lane").dictionary_encode()
    lanes = np.array([LANES.index(Kind(word)) for word in lane.dictionary.to_pylist()], np.uint8)
    pairs, source = np.unique(
        np.stack([edges.indices.to_numpy().astype(np.int64), told["epoch"]]), axis=1, return_inverse=True
    )
    names = edges.dictionary.to_pylist()
    readings = [batch.column(name).flatten().to_numpy(zero_copy_only=False) for name in _READING]
    series, measured_ms, values, quality, reason = readings
    frames = Frames(
        sources=tuple(Source(site, names[edge], epoch) for edge, epoch in pairs.T.tolist()),
        source=source.reshape(-1).astype(np.int32),
        seq=told["seq"],
        lane=lanes[lane.indices.to_numpy()],
        ts_ms=told["ts_ms"],
        received_ms=told["received_ms"],
        bounds=bounds_of(batch.column("series").value_lengths().to_numpy().astype(np.int64)),
        series=series,
        measured_ms=measured_ms,
        values=values,
        quality=quality,
        reason=reason,
    )
    return frames, bool(len(batch) and batch.column("opening")[0].as_py())


def _words(words: list[str], places: NDArray[Any]) -> Any:
    """A column of words by their places."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(words, pa.string())).cast(
        pa.string()
    )
