"""Shell. Closed periods of a DuckDB store: which there are and where their pages lie is told by tables of the store.

A period is closed in two steps. `pack` reads frames and writes their file, in whatever thread; `settle` then names the
file and deletes the rows, in one transaction of the writer. Whoever dies before has closed nothing, whoever dies after
has closed all, and readers see either the rows or the file.

Periods are by arrival, so what comes late lies in the period in which it came; each page says which times it holds.
"""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from ingest import closed, page
from ingest.closed import Packed, Page, Volume
from ingest.closed_files import ClosedFiles
from ingest.columns import Ints
from ingest.duckdb_readings import fitting, row
from ingest.duckdb_tables import put, transposed
from ingest.grid import HOUR_MS
from ingest.heads import Heads
from ingest.page import Readings
from ingest.problem import NotClosedError

VOLUME = 1_000_000  # readings: what a closed period should have
AGE_MS = 24 * HOUR_MS  # and when fewer are closed too


class Named(NamedTuple):
    """A closed period as the store names it."""

    number: int
    first: int
    last: int
    order_place: int
    order_size: int
    heads_place: int
    heads_size: int


_NAMED = f"SELECT {', '.join(Named._fields)} FROM closed"


class Shelf:
    """The closed periods of one store. Each method is given the connection to ask through."""

    def __init__(self, files: ClosedFiles) -> None:
        self.files = files
        self._held: tuple[int, Heads, Readings, Ints] | None = None  # of whoever reads on and on

    def sweep(self, db: duckdb.DuckDBPyConnection) -> None:
        """Remove the files that the store does not name: nobody else may have it open."""
        self.files.sweep(each[0] for each in db.execute("SELECT number FROM closed").fetchall())

    # --- closing ---------------------------------------------------------------------------------------------------

    def pack(self, db: duckdb.DuckDBPyConnection, before_ms: int) -> Packed | None:
        """Write the file of the next period, of frames received before this moment; None if it is too early."""
        db.begin()
        try:
            span = _due(db, before_ms)
            if span is None:
                return None
            found, last = fitting(db, *span, VOLUME)
            heads = _open_heads(db, span[0], last)
            (number,) = row(db, "SELECT coalesce(max(number), 0) + 1 FROM closed")
        finally:
            db.rollback()
        values = np.ma.filled(found["value"].astype(np.float64, copy=False), np.nan)
        readings = Readings(found["series"], found["measured_ms"], values, found["quality"], found["reason"])
        lengths = np.bincount(found["frame"] - span[0], minlength=last - span[0] + 1)[heads.id - span[0]]
        volume = self._written(number, heads, lengths, readings)
        return Packed(number, span[0], last, len(heads), len(readings), volume)

    def _written(self, number: int, heads: Heads, lengths: Ints, readings: Readings) -> Volume:
        """The rows will be gone for ever, so what is to stand for them is read back first, as any question reads it."""
        try:
            volume = closed.closed(heads, lengths, readings)
        except (ValueError, OverflowError, IndexError) as error:
            raise NotClosedError(f"frames {heads.id[0]} to {heads.id[-1]}: {error}") from error
        self.files.write(number, volume.body)
        if not closed.gives_back(self.files.read(number, 0, len(volume.body)), volume, heads, lengths, readings):
            self.files.remove([number])
            raise NotClosedError(f"{self.files.path(number)} does not give back what was put in")
        return volume

    def settle(self, writer: duckdb.DuckDBPyConnection, made: Packed) -> int:
        """Let the file stand for the rows; how many readings. 0 if the rows are not what was packed."""
        span = f"BETWEEN {made.first} AND {made.last}"
        writer.begin()
        frames = row(writer, f"SELECT count(*) FROM frames WHERE id {span}")[0]
        readings = row(writer, f"SELECT count(*) FROM readings WHERE frame {span}")[0]
        there = row(writer, "SELECT count(*) FROM closed WHERE number >= ?", [made.number])[0]
        if there or (frames, readings) != (made.frames, made.readings):
            writer.rollback()
            return 0
        _name(writer, made)
        writer.execute(f"DELETE FROM readings WHERE frame {span}")
        writer.execute(f"DELETE FROM frames WHERE id {span}")
        writer.commit()
        return made.readings

    # --- reading ---------------------------------------------------------------------------------------------------

    def named(self, db: duckdb.DuckDBPyConnection, frame: int) -> Named | None:
        """The first closed period that has this frame or a later one."""
        found = db.execute(f"{_NAMED} WHERE last >= ? ORDER BY number LIMIT 1", [frame]).fetchone()
        return None if found is None else Named(*found)

    def heads(self, db: duckdb.DuckDBPyConnection, number: int) -> Heads:
        """The frames of a closed period."""
        named = Named(*row(db, f"{_NAMED} WHERE number = ?", [number]))
        told = self.files.read(number, named.heads_place, named.heads_size)
        return closed.decoded_heads(told, str(self.files.path(number)))

    def arrived(self, db: duckdb.DuckDBPyConnection, named: Named) -> tuple[Heads, Readings, Ints]:
        """Everything of a closed period, in order of arrival, and how many readings each frame has. The last one
        asked for is held until `let_go`."""
        held = self._held
        if held is not None and held[0] == named.number:
            return held[1:]
        order = self.files.read(named.number, named.order_place, named.order_size)
        heads, place = self.heads(db, named.number), str(self.files.path(named.number))
        found = heads, *closed.as_arrived(heads, order, place, list(self.pages(db, named.number)))
        self._held = (named.number, *found)
        return found

    def pages(self, db: duckdb.DuckDBPyConnection, number: int) -> Iterator[Readings]:
        """All pages of a closed period."""
        where = db.execute("SELECT place, size FROM closed_pages WHERE number = ? ORDER BY place", [number]).fetchall()
        with self.files.reading(number) as handle:
            for place, size in where:
                yield page.decoded(self.files.part(handle, number, place, size), str(self.files.path(number)))

    def let_go(self) -> None:
        """Of what is held in memory."""
        self._held = None

    def rows(
        self, db: duckdb.DuckDBPyConnection, ids: Sequence[int], from_ms: int, to_ms: int, after: int = 0
    ) -> Iterator[Readings]:
        """Readings of these series in a time, period by period; only of periods that end after a frame."""
        low, high = min(ids), max(ids)
        found = db.execute(
            "SELECT number, place, size FROM closed_pages JOIN closed USING (number) WHERE last > ? "
            "AND first_series <= ? AND last_series >= ? AND max_ms >= ? AND min_ms < ? ORDER BY number, place",
            [after, high, low, from_ms, to_ms],
        ).fetchall()
        for number, pages in groupby(found, key=lambda each: int(each[0])):
            parts = []
            with self.files.reading(number) as handle:
                for _, place, size in pages:
                    told = self.files.part(handle, number, place, size)
                    parts.append(page.decoded(told, str(self.files.path(number)), (low, high)))
            readings = Readings.joined(parts)
            wanted = (readings.measured_ms >= from_ms) & (readings.measured_ms < to_ms)
            if len(set(ids)) <= high - low:
                wanted &= np.isin(readings.series, ids)
            yield readings if wanted.all() else readings.taken(wanted)


def _name(writer: duckdb.DuckDBPyConnection, made: Packed) -> None:
    """Write into the tables what the file holds."""
    span = f"BETWEEN {made.first} AND {made.last}"
    volume = made.volume
    writer.execute(
        "INSERT INTO closed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [made.number, made.first, made.last, made.readings, *volume.order, *volume.heads],
    )
    put(writer, "closed_pages", {
        "number": [made.number] * len(volume.pages), **transposed(Page._fields, volume.pages)
    }) if volume.pages else None  # fmt: skip
    writer.execute(
        "INSERT INTO closed_sites SELECT ?, site, count(*), min(id), max(id), min(ts_ms), max(ts_ms), "
        "max(received_ms) FROM frames JOIN (SELECT id AS source, site FROM sources) USING (source) "
        f"WHERE id {span} GROUP BY site",
        [made.number],
    )


def shelf_of(db: duckdb.DuckDBPyConnection, store: Path) -> Shelf:
    """The closed periods of the store in this file, to which the connection is."""
    return Shelf(ClosedFiles(store, row(db, "SELECT value FROM meta WHERE key = 'identity'")[0]))


def put_closed_history(db: duckdb.DuckDBPyConnection, name: str, store: Path) -> None:
    """Make the table `closed_history` (asset, point, measured_ms, value) of what is closed of a store that is attached
    under this name."""
    db.execute("CREATE TABLE closed_history (asset VARCHAR, point VARCHAR, measured_ms BIGINT, value DOUBLE)")
    told = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = 'closed_pages'"
    if not db.execute(told, [name]).fetchall():
        return
    files = ClosedFiles(store, row(db, f"SELECT value FROM {name}.meta WHERE key = 'identity'")[0])
    for number, place, size in db.execute(f"SELECT number, place, size FROM {name}.closed_pages").fetchall():
        found = page.decoded(files.read(number, place, size), str(files.path(number)))
        values = pa.array(found.values, from_pandas=True)  # NaN is NULL
        db.register("one_page", pa.table({"id": found.series, "measured_ms": found.measured_ms, "value": values}))
        db.execute(
            "INSERT INTO closed_history SELECT asset, point, measured_ms, value "
            f"FROM one_page JOIN {name}.series USING (id)"
        )


def _due(db: duckdb.DuckDBPyConnection, before_ms: int) -> tuple[int, int] | None:
    """The first and the last frame that may be closed now, if it is worth it."""
    meta = dict(db.execute("SELECT key, value FROM meta").fetchall())
    first, young = row(db, "SELECT min(id), min(id) FILTER (received_ms >= ?) FROM frames", [before_ms])
    if first is None:
        return None
    last = meta["rolled_frame"] if young is None else min(meta["rolled_frame"], young - 1)
    if first <= meta["minutes_frame"] < last:
        last = meta["minutes_frame"]  # a period is in the minutes as a whole or not at all
    if last < first:
        return None
    (begun_ms,) = row(db, "SELECT received_ms FROM frames WHERE id = ?", [first])
    (count,) = row(db, "SELECT count(*) FROM readings WHERE frame <= ?", [last])
    return (first, last) if count >= VOLUME or begun_ms < before_ms - AGE_MS else None


def _open_heads(db: duckdb.DuckDBPyConnection, first: int, last: int) -> Heads:
    found = db.execute(
        "SELECT id, source::BIGINT AS source, seq, lane::BIGINT AS lane, ts_ms, received_ms, stored_ms FROM frames "
        "WHERE id BETWEEN ? AND ? ORDER BY id",
        [first, last],
    ).fetchnumpy()
    return Heads(
        found["id"], found["source"], found["seq"], found["lane"], found["ts_ms"], found["received_ms"],
        found["stored_ms"],
    )  # fmt: skip
