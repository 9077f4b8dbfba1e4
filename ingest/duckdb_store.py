"""Shell. The embedded store: one DuckDB file. Only one process can have it open for writing.

After a StoreError this object is of no more use: what the transaction did is known only to the file. Close it, open
it again, ask for the marks, and commit what they say is missing.
"""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from threading import Lock

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.closed import Packed
from ingest.duckdb_closed import Shelf, shelf_of
from ingest.duckdb_copy import copy_to
from ingest.duckdb_errors import told_as_ours
from ingest.duckdb_hours import sort_hours
from ingest.duckdb_opening import counts_of, prepare
from ingest.duckdb_past import DuckDbPast
from ingest.duckdb_rejects import RejectShelf
from ingest.duckdb_rollup import forget, roll_up
from ingest.duckdb_tables import put, transposed
from ingest.duckdb_trend import trend
from ingest.newest import Newest
from ingest.port import Batch, Counts, LaneCount, Latest, Reject, RejectCount, Span, Trend
from ingest.problem import StoreError
from ingest.tally import Tally
from vocab.quality import Reason
from wire.catalogue import Catalogue
from wire.frames import LANES
from wire.marks import Mark
from wire.verdict import Accepted, Source

_WORDS = {int(reason): reason.wire for reason in Reason}
IN_MEMORY = ":memory:"


class DuckDbStore:
    """`ingest.port.Store` on a DuckDB file, or in memory."""

    def __init__(
        self, place: str = IN_MEMORY, *, threads: int = 2, memory_mib: int = 256, most_rejects: int = 10_000
    ) -> None:
        self.place = place
        self._ids: dict[tuple[str, str, str], int] = {}
        self._names: list[tuple[str, str, str]] = []  # by series id: site, asset, point
        self._sources: dict[Source, int] = {}
        self._numbers: tuple[Catalogue, NDArray[np.int32]] | None = None  # catalogue number -> series id
        self._newest = Newest()
        self._tally = Tally()
        self._open_lock = Lock()
        self._most_rejects = most_rejects
        self._is_fresh = True  # nothing was committed since it was opened
        self._shelf: Shelf | None = None
        self._unnamed: list[int] = []  # closed periods that were forgotten, whose files somebody may still read
        with told_as_ours(place):
            if place != IN_MEMORY:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
            # Never used for work: cursors are made from it.
            self._root = duckdb.connect(place, config={"threads": threads, "memory_limit": f"{memory_mib}MiB"})
            try:
                self._writer = self._root.cursor()
                prepare(self._writer, place)
                if place != IN_MEMORY:
                    self._shelf = shelf_of(self._writer, Path(place))
                    self._shelf.sweep(self._writer)
                self._remember()
            except BaseException:
                self._root.close()
                raise

    # --- opening ---------------------------------------------------------------------------------------------------

    def _remember(self) -> None:
        for number, *name in self._writer.execute("SELECT id, site, asset, point FROM series ORDER BY id").fetchall():
            self._ids[name[0], name[1], name[2]] = number
            self._names.append((name[0], name[1], name[2]))
        for number, *source in self._writer.execute("SELECT id, site, edge, epoch FROM sources").fetchall():
            self._sources[Source(*source)] = number
        self._next_frame = self._number("SELECT coalesce(max(id), 0) + 1 FROM frames")
        rolled = self._number("SELECT value FROM meta WHERE key = 'rolled_frame'")
        self._next_frame = max(self._next_frame, rolled + 1)  # frames may have been forgotten
        columns = "series, measured_ms, value, quality, reason"
        self._recall(f"SELECT {columns} FROM newest")
        self._recall(f"SELECT {columns} FROM readings WHERE frame > {rolled} ORDER BY frame, rowid")
        self._rejects = RejectShelf(self._writer, self._most_rejects)
        self._tally = Tally(counts_of(self._writer))

    def _recall(self, query: str) -> None:
        found = self._writer.execute(query).fetchnumpy()
        values = np.ma.filled(found["value"].astype(np.float64), np.nan)
        self._newest.take(found["series"], found["measured_ms"], values, found["quality"], found["reason"])

    def _number(self, query: str) -> int:
        row = self._writer.execute(query).fetchone()
        return int(row[0]) if row is not None else 0

    # --- writing ---------------------------------------------------------------------------------------------------

    def commit(self, batch: Batch, stored_ms: int) -> None:
        """One transaction; see `Store`."""
        tally = self._tally.with_batch(batch)
        with told_as_ours(self.place):
            self._writer.begin()
            frames = [frame for frame in batch.frames if len(frame)]
            ids = (
                self._series_ids(batch.catalogue)[np.concatenate([frame.series for frame in frames])]
                if frames
                else None
            )
            first = self._put_frames(batch.frames, stored_ms)
            if self._is_fresh and batch.frames:
                self._writer.execute("INSERT INTO openings VALUES (?, ?)", [first, batch.frames[0].received_ms])
            readings = None if ids is None else self._put_readings(batch.frames, first, ids)
            self._put_marks(batch.marks)
            self._put_counts(tally)
            self._rejects.put(batch)
            self._writer.commit()
        self._is_fresh = self._is_fresh and not batch.frames
        self._tally = tally
        if readings is not None and ids is not None:
            self._newest.take(ids, *readings)

    def _series_ids(self, catalogue: Catalogue) -> NDArray[np.int32]:
        if self._numbers is None or self._numbers[0] is not catalogue:
            fresh = [series for series in catalogue.series if series[:3] not in self._ids]
            start = len(self._names)
            put(self._writer, "series", {
                "id": pa.array(range(start, start + len(fresh)), pa.int32()),
                **{name: pa.array([getattr(series, name) for series in fresh], pa.string())
                   for name in ("site", "asset", "point", "unit")},
            })  # fmt: skip
            for number, series in enumerate(fresh, start):
                self._ids[series[:3]] = number
                self._names.append(series[:3])
            numbers = np.array([self._ids[series[:3]] for series in catalogue.series], dtype=np.int32)
            self._numbers = (catalogue, numbers)
        return self._numbers[1]

    def _put_frames(self, frames: Sequence[Accepted], stored_ms: int) -> int:
        first = self._next_frame
        if not frames:
            return first
        self._next_frame += len(frames)
        put(self._writer, "frames", {
            "id": np.arange(first, first + len(frames)),
            "source": np.array([self._source_id(frame.source) for frame in frames], np.int32),
            "seq": np.array([frame.seq for frame in frames], np.int64),
            "lane": np.array([LANES.index(frame.lane) for frame in frames], np.uint8),
            "ts_ms": np.array([frame.ts_ms for frame in frames], np.int64),
            "received_ms": np.array([frame.received_ms for frame in frames], np.int64),
            "stored_ms": np.full(len(frames), stored_ms, np.int64),
        })  # fmt: skip
        return first

    def _source_id(self, source: Source) -> int:
        number = self._sources.get(source)
        if number is None:
            number = self._sources[source] = len(self._sources)
            self._writer.execute("INSERT INTO sources VALUES (?, ?, ?, ?)", [number, *source])
        return number

    def _put_readings(
        self, frames: Sequence[Accepted], first: int, ids: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint8]]:
        measured = np.concatenate([frame.measured_ms for frame in frames])
        values = np.concatenate([frame.values for frame in frames])
        quality = np.concatenate([frame.quality for frame in frames])
        reason = np.concatenate([frame.reason for frame in frames])
        put(self._writer, "readings", {
            "frame": np.repeat(np.arange(first, first + len(frames)), [len(frame) for frame in frames]),
            "series": ids,
            "measured_ms": measured,
            "value": pa.array(values, from_pandas=True),  # NaN is NULL
            "quality": quality,
            "reason": reason,
        })  # fmt: skip
        return measured, values, quality, reason

    def _put_marks(self, marks: Sequence[Mark]) -> None:
        if marks:
            put(self._writer, "marks", {
                "site": [mark.source.site for mark in marks],
                "edge": [mark.source.edge for mark in marks],
                "epoch": np.array([mark.source.epoch for mark in marks], np.int64),
                "high": np.array([mark.high for mark in marks], np.int64),
                "gaps": [mark.gaps_text for mark in marks],
            }, replace=True)  # fmt: skip

    def _put_counts(self, tally: Tally) -> None:
        counts = tally.changed()
        if counts.lanes:
            put(self._writer, "lane_counts", transposed(LaneCount._fields, counts.lanes), replace=True)
        if counts.rejects:
            put(self._writer, "reject_counts", transposed(RejectCount._fields, counts.rejects), replace=True)

    def roll_up(self) -> int:
        """See `Store`; the newest readings are written down too, so that opening need not look for them."""
        with told_as_ours(self.place):
            return roll_up(self._writer, self._next_frame - 1, list(self._newest.all()))

    def sort_hours(self, before_ms: int) -> bool:
        """See `Store`."""
        with told_as_ours(self.place):
            return sort_hours(self._writer, before_ms)

    def forget(self, readings_before_ms: int, minutes_before_ms: int) -> int:
        """See `Store`. Frames go in order of arrival, and only after they were rolled up."""
        with told_as_ours(self.place):
            if self._shelf is not None:
                self._shelf.files.remove(self._unnamed)
            gone, self._unnamed = forget(self._writer, self._shelf, readings_before_ms, minutes_before_ms)
            return gone

    def pack(self, before_ms: int) -> Packed | None:
        """See `Store`. A store in memory closes nothing."""
        if self._shelf is None:
            return None
        with self._reader() as cursor:
            return self._shelf.pack(cursor, before_ms)

    def settle(self, packed: Packed) -> int:
        """See `Store`."""
        with told_as_ours(self.place):
            return 0 if self._shelf is None else self._shelf.settle(self._writer, packed)

    def close(self) -> None:
        """Let go of the file; its write-ahead log is folded in if all is well."""
        try:
            with told_as_ours(self.place):
                self._writer.close()
                self._root.close()
        except StoreError:
            pass  # a broken store is closed all the same

    # --- reading ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with told_as_ours(self.place):
            with self._open_lock:
                cursor = self._root.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    @property
    def past(self) -> DuckDbPast:
        """See `Store`. Every question has a cursor and a transaction of its own."""
        return DuckDbPast(self._reader, self._shelf)

    def marks(self) -> list[Mark]:
        """See `Store`."""
        with self._reader() as cursor:
            rows = cursor.execute("SELECT site, edge, epoch, high, gaps FROM marks ORDER BY ALL").fetchall()
        return [Mark.from_row(*row) for row in rows]

    def latest(self, asset: str | None = None) -> list[Latest]:
        """See `Store`; from memory."""
        names, words = self._names, _WORDS
        return [
            Latest(*names[number], None if isnan(value) else value, measured_ms, quality, words[reason])
            for number, measured_ms, value, quality, reason in self._newest.all()
            if asset is None or names[number][1] == asset
        ]

    def trend(self, span: Span) -> Trend:
        """See `Store`."""
        ids = [self._ids.get((span.site, span.asset, point), -1) for point in span.points]
        with self._reader() as cursor:
            return trend(cursor, span, ids, self._shelf)

    def rejects(self, limit: int) -> list[Reject]:
        """See `Store`."""
        columns = ", ".join(Reject._fields)
        with self._reader() as cursor:
            query = f"SELECT {columns} FROM rejects ORDER BY id DESC LIMIT ?"
            return [Reject(*row) for row in cursor.execute(query, [limit]).fetchall()]

    def counts(self) -> Counts:
        """See `Store`; as committed."""
        with self._reader() as cursor:
            return counts_of(cursor)

    def copy(self, place: Path) -> None:
        """See `Store`."""
        with self._reader() as cursor:
            copy_to(cursor, place, None if self._shelf is None else Path(self.place))
