"""Shell. A span of time for drawing, out of DuckDB: raw where it fits, else buckets with minimum and maximum kept."""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np

from ingest.grid import Grid, Level, grid_for
from ingest.port import Curve, Span, Trend
from ingest.schema import MERGED, rolled


def trend(cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int]) -> Trend:
    """The curves of `span.points`, whose series ids are `ids` (-1: nothing was ever stored)."""
    cursor.begin()  # both halves of a roll-up see the same moment
    try:
        meta = dict(cursor.execute("SELECT key, value FROM meta").fetchall())
        grid = grid_for(span.from_ms, span.to_ms, span.px, meta["forgotten_ms"])
        if grid.level is Level.READINGS and _most(cursor, span, ids) <= span.px:
            rows, bucket_ms = _raw(cursor, span, ids), 0
        else:
            rows, bucket_ms = _buckets(cursor, span, ids, grid, meta["rolled_frame"]), grid.bucket_ms
    finally:
        cursor.rollback()
    return Trend(tuple(_curve(point, number, rows) for point, number in zip(span.points, ids, strict=True)), bucket_ms)


def _where(span: Span, ids: Sequence[int], column: str, start: int | None = None) -> str:
    wanted = ", ".join(str(number) for number in ids)
    first = span.from_ms if start is None else start
    return f"series IN ({wanted}) AND {column} >= {first} AND {column} < {span.to_ms}"


def _most(cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int]) -> int:
    """The number of readings of the series that has most."""
    counts = f"SELECT count(*) AS n FROM readings WHERE {_where(span, ids, 'measured_ms')} GROUP BY series"
    row = cursor.execute(f"SELECT coalesce(max(n), 0) FROM ({counts})").fetchone()
    return int(row[0]) if row is not None else 0


def _raw(cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int]) -> dict[str, Any]:
    good = "CASE WHEN quality = 0 THEN value END"
    return cursor.execute(
        f"SELECT series, measured_ms AS t, {good} AS low, {good} AS high, {good} AS mean, "
        "(quality = 0)::BIGINT AS count, (quality <> 0)::BIGINT AS bad "
        f"FROM readings WHERE {_where(span, ids, 'measured_ms')} ORDER BY series, t, frame"
    ).fetchnumpy()


def _buckets(
    cursor: duckdb.DuckDBPyConnection, span: Span, ids: Sequence[int], grid: Grid, rolled_frame: int
) -> dict[str, Any]:
    start = span.from_ms // grid.bucket_ms * grid.bucket_ms
    step = Level.MINUTES if grid.level is Level.READINGS else grid.level
    if grid.level is Level.READINGS:
        parts = rolled(f"readings WHERE {_where(span, ids, 'measured_ms', start)}", Level.READINGS)
    else:
        tail = rolled(f"readings WHERE frame > {rolled_frame} AND {_where(span, ids, 'measured_ms', start)}", step)
        parts = f"SELECT * FROM {step} WHERE {_where(span, ids, 'bucket_ms', start)} UNION ALL {tail}"
    size = grid.bucket_ms
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
