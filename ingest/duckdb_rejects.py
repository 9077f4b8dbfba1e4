"""Shell. What did not pass the gate, kept for a person to look at: the newest, bounded in number and in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

from ingest.duckdb_tables import put, transposed
from ingest.port import Batch, Reject
from wire.verdict import Accepted, Rejected

MOST_BYTES = 64 * 1024 * 1024
MOST_BYTES_OF_ONE = 256 * 1024


class RejectShelf:
    """The table `rejects`. The counts of what was rejected stay exact elsewhere."""

    def __init__(self, writer: duckdb.DuckDBPyConnection, most: int) -> None:
        self._writer = writer
        self._most = most
        kept = writer.execute("SELECT id, octet_length(payload) FROM rejects ORDER BY id").fetchall()
        self._kept: deque[tuple[int, int]] = deque(kept)  # id, bytes; oldest first
        self._bytes = sum(size for _, size in kept)
        self._next = kept[-1][0] + 1 if kept else 1

    def put(self, batch: Batch) -> None:
        """Keep the rejects of a batch, and let the oldest go where there are too many."""
        rows = [_whole(reject) for reject in batch.rejects] + [row for frame in batch.frames for row in _parts(frame)]
        if not rows:
            return
        first = self._next
        self._next += len(rows)
        columns = {"id": np.arange(first, first + len(rows)), **transposed(Reject._fields, rows)}
        columns["payload"] = pa.array([row.payload for row in rows], pa.binary())
        put(self._writer, "rejects", columns)
        self._kept.extend((first + place, len(row.payload)) for place, row in enumerate(rows))
        self._bytes += sum(len(row.payload) for row in rows)
        last = None
        while len(self._kept) > self._most or self._bytes > MOST_BYTES:
            last, size = self._kept.popleft()
            self._bytes -= size
        if last is not None:
            self._writer.execute("DELETE FROM rejects WHERE id <= ?", [last])


def _whole(reject: Rejected) -> Reject:
    payload = reject.payload[:MOST_BYTES_OF_ONE]
    return Reject(reject.received_ms, reject.topic, reject.reason, reject.detail, reject.readings, payload)


def _parts(frame: Accepted) -> Iterator[Reject]:
    """One row for each reason why readings of an accepted frame were refused; the first has the frame itself."""
    payload = frame.payload
    for reason in dict.fromkeys(refused.reason for refused in frame.refused):
        names = [f"{refused.asset}/{refused.point}" for refused in frame.refused if refused.reason is reason]
        yield Reject(frame.received_ms, frame.topic, reason, ", ".join(names)[:1000], len(names), payload)
        payload = b""
