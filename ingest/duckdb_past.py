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

from ingest.arrivals import MOST_READINGS, Names
from ingest.history import Stretch
from wire.frames import Frames, bounds_of
from wire.verdict import Source

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

    def arrivals(self, site: str, first: int, last: int) -> tuple[Frames, int]:
        """See `Past`."""
        with self._reader() as db:
            readings, last = _fitting(db, first, last)
            rows = db.execute("SELECT id, site, edge, epoch FROM sources WHERE site = ?", [site]).fetchall()
            heads = db.execute(
                "SELECT frames.id, source, seq, lane, ts_ms, received_ms FROM frames "
                "JOIN sources ON sources.id = frames.source "
                "WHERE sources.site = ? AND frames.id BETWEEN ? AND ? ORDER BY frames.id",
                [site, first, last],
            ).fetchnumpy()
        return _frames({row[0]: Source(*row[1:]) for row in rows}, heads, readings), last + 1


def _row(db: duckdb.DuckDBPyConnection, query: str, limits: list[Any]) -> tuple[Any, ...]:
    return db.execute(query, limits).fetchall()[0]  # an aggregate has one row


def _fitting(db: duckdb.DuckDBPyConnection, first: int, last: int) -> tuple[dict[str, Any], int]:
    """The readings of these frames, or of the first of them as far as they fit into memory, and the last such frame.

    They lie in the order of their frames, and so they come; to have DuckDB sort them took most of the time.
    """
    while last > first:
        readings = _readings(db, first, last, MOST_READINGS + 1)
        frame = readings["frame"]
        in_order = bool((frame[1:] >= frame[:-1]).all())
        if len(frame) <= MOST_READINGS:
            return readings if in_order else _sorted(readings), last
        whole = int(frame[-1]) - 1  # the last frame whose readings are surely all here
        if in_order and whole >= first:
            return _until(readings, whole), whole
        last = (first + last) // 2
    return _readings(db, first, first, 2**62), first


def _readings(db: duckdb.DuckDBPyConnection, first: int, last: int, most: int) -> dict[str, Any]:
    return db.execute(
        "SELECT frame, series, measured_ms, value, quality, reason FROM readings WHERE frame BETWEEN ? AND ? LIMIT ?",
        [first, last, most],
    ).fetchnumpy()


def _sorted(readings: dict[str, Any]) -> dict[str, Any]:
    order = np.argsort(readings["frame"], kind="stable")
    return {name: column[order] for name, column in readings.items()}


def _until(readings: dict[str, Any], last: int) -> dict[str, Any]:
    end = int(np.searchsorted(readings["frame"], last, "right"))
    return {name: column[:end] for name, column in readings.items()}


def _frames(sources: dict[int, Source], heads: dict[str, Any], readings: dict[str, Any]) -> Frames:
    ids = heads["id"]
    starts = np.searchsorted(readings["frame"], ids, "left")
    lengths = np.searchsorted(readings["frame"], ids, "right") - starts
    values = np.ma.filled(readings["value"].astype(np.float64, copy=False), np.nan)  # NULL is NaN
    told = [readings["series"], readings["measured_ms"], values, readings["quality"], readings["reason"]]
    if int(lengths.sum()) != len(values):  # frames of other sites lie between
        mine = np.isin(readings["frame"], ids)
        told = [column[mine] for column in told]
    series, measured_ms, values, quality, reason = told
    numbers, source = np.unique(heads["source"], return_inverse=True)
    return Frames(
        sources=tuple(sources[number] for number in numbers.tolist()),
        source=source.astype(np.int32),
        seq=heads["seq"],
        lane=heads["lane"],
        ts_ms=heads["ts_ms"],
        received_ms=heads["received_ms"],
        bounds=bounds_of(lengths),
        series=series.astype(np.int32, copy=False),
        measured_ms=measured_ms,
        values=values,
        quality=quality,
        reason=reason,
    )
