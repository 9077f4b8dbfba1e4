"""Shell. What arrived, out of DuckDB: through whatever connection it is given, a chunk of frames at a time.

Frame ids rise in the order of arrival and the readings lie in the order of their frames, so a chunk is a range of ids
and DuckDB reads only the blocks of rows that hold it.
"""

# ruff: noqa: S608 - every name in the statements is our own

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import duckdb
import numpy as np

from ingest import schema
from ingest.arrivals import MOST_READINGS, Arrivals, Names
from ingest.history import Stretch

Reader = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


class DuckDbPast:
    """`ingest.port.Past` on a DuckDB file; `reader` gives a connection and tells its errors as ours."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """See `Past`."""
        frames = "frames JOIN sources ON sources.id = frames.source WHERE sources.site = ?"
        span = "(?::BIGINT IS NULL OR ts_ms >= ?) AND (?::BIGINT IS NULL OR ts_ms < ?)"
        limits = [site, from_ms, from_ms, to_ms, to_ms]
        with self._reader() as db:
            found = _row(
                db, f"SELECT min(frames.id), max(frames.id), min(ts_ms), max(ts_ms) FROM {frames} AND {span}", limits
            )
            if found[0] is None:
                return None
            count = _row(db, f"SELECT count(*) FROM {frames} AND frames.id BETWEEN ? AND ?", [site, *found[:2]])
            heard = _row(db, f"SELECT max(received_ms) FROM {frames}", [site])
        return Stretch(site, found[0], found[1], count[0], found[2], found[3] + 1, heard[0])

    def openings(self, first: int, last: int) -> set[int]:
        """See `Past`. A store that was never written to by this build has no such table."""
        with self._reader() as db:
            if not db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'openings'").fetchall():
                return set()
            rows = db.execute("SELECT frame FROM openings WHERE frame BETWEEN ? AND ?", [first, last]).fetchall()
        return {row[0] for row in rows}

    def names(self, site: str) -> Names:
        """See `Past`."""
        with self._reader() as db:
            found = db.execute("SELECT id, asset, point FROM series WHERE site = ? ORDER BY id", [site]).fetchall()
        return [(row[0], row[1], row[2]) for row in found]

    def arrivals(self, site: str, first: int, last: int) -> tuple[Arrivals, int]:
        """See `Past`."""
        with self._reader() as db:
            while last > first and _readings_in(db, first, last) > MOST_READINGS:
                last = (first + last) // 2
            heads = db.execute(
                "SELECT frames.id, edge, epoch, seq, lane, ts_ms, received_ms FROM frames "
                "JOIN sources ON sources.id = frames.source "
                "WHERE sources.site = ? AND frames.id BETWEEN ? AND ? ORDER BY frames.id",
                [site, first, last],
            ).fetchall()
            readings = db.execute(
                "SELECT frame, series, measured_ms, value, quality, reason FROM readings "
                "WHERE frame BETWEEN ? AND ? ORDER BY frame, rowid",
                [first, last],
            ).fetchnumpy()
        return _arrivals(heads, readings), last + 1


def _row(db: duckdb.DuckDBPyConnection, query: str, limits: list[Any]) -> tuple[Any, ...]:
    return db.execute(query, limits).fetchall()[0]  # an aggregate has one row


def _readings_in(db: duckdb.DuckDBPyConnection, first: int, last: int) -> int:
    return int(_row(db, "SELECT count(*) FROM readings WHERE frame BETWEEN ? AND ?", [first, last])[0])


def _arrivals(heads: list[tuple[Any, ...]], readings: dict[str, Any]) -> Arrivals:
    ids = np.array([head[0] for head in heads], np.int64)
    starts = np.searchsorted(readings["frame"], ids, "left")
    ends = np.searchsorted(readings["frame"], ids, "right")
    columns = [list(column) for column in zip(*heads, strict=True)] or [[] for _ in range(7)]
    _, edge, epoch, seq, lane, ts_ms, received_ms = columns
    values = np.ma.filled(readings["value"].astype(np.float64), np.nan)  # NULL is NaN
    told = [readings["series"], readings["measured_ms"], values, readings["quality"], readings["reason"]]
    if int((ends - starts).sum()) != len(values):  # frames of other sites lie between
        mine = np.isin(readings["frame"], ids)
        told = [column[mine] for column in told]
    series, measured_ms, values, quality, reason = told
    return Arrivals(
        edge=edge,
        epoch=epoch,
        seq=seq,
        lane=[schema.LANES[each] for each in lane],
        ts_ms=ts_ms,
        received_ms=received_ms,
        lengths=(ends - starts).astype(np.int64),
        series=series.astype(np.int32, copy=False),
        measured_ms=measured_ms,
        values=values,
        quality=quality,
        reason=reason,
    )
