"""Shell. A span of time for drawing, out of DuckDB: raw where it fits, else buckets with minimum and maximum kept."""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ingest.duckdb_closed import Shelf
from ingest.grid import Grid, Level, grid_for
from ingest.page import Readings
from ingest.port import Curve, Span, Trend
from ingest.rollup import rolled_up
from ingest.schema import MERGED, rolled

_RAW = "frame, series, measured_ms, value, quality, reason"


def trend(cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int], shelf: Shelf | None) -> Trend:
    """The curves of `span.points`, whose series ids are `ids` (-1: nothing was ever stored)."""
    cursor.begin()  # all parts see the same moment
    try:
        meta = dict(cursor.execute("SELECT key, value FROM meta").fetchall())
        grid = grid_for(span.from_ms, span.to_ms, span.px, meta["forgotten_ms"])
        if grid.level is Level.READINGS:
            readings = _with_closed(cursor, span, ids, span.from_ms // grid.bucket_ms * grid.bucket_ms, shelf)
            if _most(cursor, span, ids, readings) <= span.px:
                rows, bucket_ms = _raw(cursor, span, ids, readings), 0
            else:
                rows, bucket_ms = _buckets(cursor, span, ids, grid, readings), grid.bucket_ms
        else:
            rows, bucket_ms = _rolled(cursor, span, ids, grid, meta, shelf), grid.bucket_ms
    finally:
        cursor.rollback()
    return Trend(tuple(_curve(point, number, rows) for point, number in zip(span.points, ids, strict=True)), bucket_ms)


def _where(span: Span, ids: Sequence[int], column: str, start: int | None = None) -> str:
    wanted = ", ".join(str(number) for number in ids)
    first = span.from_ms if start is None else start
    return f"series IN ({wanted}) AND {column} >= {first} AND {column} < {span.to_ms}"


def _with_closed(
    cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int], start: int, shelf: Shelf | None
) -> str:
    """What to read from: the open readings, and the closed ones of the span if there are any; those came before."""
    parts = [] if shelf is None else [each for each in shelf.rows(cursor, ids, start, span.to_ms) if len(each)]
    if not parts:
        return "readings"
    found = Readings.joined(parts)
    cursor.register("closed_rows", pa.table({
        "frame": np.arange(-len(found), 0), "series": found.series, "measured_ms": found.measured_ms,
        "value": pa.array(found.values, from_pandas=True), "quality": found.quality, "reason": found.reason,
    }))  # fmt: skip
    return f"(SELECT {_RAW} FROM readings UNION ALL SELECT {_RAW} FROM closed_rows)"


def _most(cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int], readings: str) -> int:
    """The number of readings of the series that has most."""
    counts = f"SELECT count(*) AS n FROM {readings} WHERE {_where(span, ids, 'measured_ms')} GROUP BY series"
    row = cursor.execute(f"SELECT coalesce(max(n), 0) FROM ({counts})").fetchone()
    return int(row[0]) if row is not None else 0


def _raw(cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int], readings: str) -> dict[str, Any]:
    good = "CASE WHEN quality = 0 THEN value END"
    return cursor.execute(
        f"SELECT series, measured_ms AS t, {good} AS low, {good} AS high, {good} AS mean, "
        "(quality = 0)::BIGINT AS count, (quality <> 0)::BIGINT AS bad "
        f"FROM {readings} WHERE {_where(span, ids, 'measured_ms')} ORDER BY series, t, frame"
    ).fetchnumpy()


def _buckets(
    cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int], grid: Grid, readings: str
) -> dict[str, Any]:
    start = span.from_ms // grid.bucket_ms * grid.bucket_ms
    return _merged(
        cursor, rolled(f"{readings} WHERE {_where(span, ids, 'measured_ms', start)}", Level.READINGS), grid.bucket_ms
    )


def _rolled(
    cursor: duckdb.DuckDBPyConnection,
    span: Span,
    ids: Sequence[int],
    grid: Grid,
    meta: dict[str, int],
    shelf: Shelf | None,
) -> dict[str, Any]:
    """Out of the table of the level, and out of the readings that it does not have yet."""
    start = span.from_ms // grid.bucket_ms * grid.bucket_ms
    done = meta["rolled_frame" if grid.level is Level.HOURS else "minutes_frame"]
    parts = [f"SELECT * FROM {grid.level} WHERE {_where(span, ids, 'bucket_ms', start)}"]
    parts.append(rolled(f"readings WHERE frame > {done} AND {_where(span, ids, 'measured_ms', start)}", grid.level))
    if shelf is not None:
        found = [rolled_up(each, grid.level.step_ms) for each in shelf.rows(cursor, ids, start, span.to_ms, done)]
        if found:
            cursor.register("closed_rows", pa.concat_tables(found))
            parts.append("SELECT * FROM closed_rows")
    return _merged(cursor, " UNION ALL ".join(parts), grid.bucket_ms)


def _merged(cursor: duckdb.DuckDBPyConnection, parts: str, size: int) -> dict[str, Any]:
    return cursor.execute(
        f"SELECT series, bucket_ms // {size} * {size} AS t, {MERGED}, sum(total) / nullif(sum(count), 0) AS mean "
        f"FROM ({parts}) GROUP BY series, t ORDER BY series, t"
    ).fetchnumpy()


def _curve(point: str, number: int, rows: dict[str, Any]) -> Curve:
    mine = np.asarray(rows["series"]) == number

    def numbers(name: str) -> Any:
        return np.ma.filled(rows[name][mine].astype(np.float64), np.nan)

    def whole(name: str) -> Any:
        return np.asarray(rows[name][mine], dtype=np.int64)

    return Curve(point, whole("t"), numbers("low"), numbers("high"), numbers("mean"), whole("count"), whole("bad"))
