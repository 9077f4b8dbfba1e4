"""Shell. Minutes and hours out of readings, and forgetting what is old, inside DuckDB.

Each frame is rolled up exactly once: the last one that was is remembered in the same transaction. A frame that comes
late (back-fill) adds to buckets that exist already; minimum, maximum, sum and counts can be merged, so nothing is
counted anew from readings that may be long gone.
"""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ingest.duckdb_tables import put, transposed
from ingest.grid import Level
from ingest.schema import MERGED, rolled

NewestRow = tuple[int, int, float, int, int]


def roll_up(writer: duckdb.DuckDBPyConnection, last: int, newest: Sequence[NewestRow]) -> int:
    """Roll up every frame up to `last` that is not yet; returns how many."""
    writer.begin()
    done = _meta(writer, "rolled_frame")
    if last <= done:
        writer.rollback()
        return 0
    for level in (Level.MINUTES, Level.HOURS):
        _merge(writer, level, done, last)
    _write_newest(writer, newest)
    writer.execute("UPDATE meta SET value = ? WHERE key = 'rolled_frame'", [last])
    writer.commit()
    return last - done


def _merge(writer: duckdb.DuckDBPyConnection, level: Level, done: int, last: int) -> None:
    fresh = rolled(f"readings WHERE frame > {done} AND frame <= {last}", level)
    writer.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {fresh}")
    first, final = writer.execute("SELECT min(bucket_ms), max(bucket_ms) FROM fresh").fetchone() or (None, None)
    if first is None:
        return
    # The bounds let DuckDB pass over the blocks of rows that are older than anything that came.
    there = f"bucket_ms BETWEEN {first} AND {final} AND (series, bucket_ms) IN (SELECT series, bucket_ms FROM touched)"
    writer.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT series, bucket_ms FROM fresh")
    writer.execute(f"INSERT INTO fresh SELECT * FROM {level} WHERE {there}")
    writer.execute(f"DELETE FROM {level} WHERE {there}")
    writer.execute(
        f"INSERT INTO {level} SELECT series, bucket_ms, {MERGED} FROM fresh "
        "GROUP BY series, bucket_ms ORDER BY series, bucket_ms"
    )


def _write_newest(writer: duckdb.DuckDBPyConnection, newest: Sequence[NewestRow]) -> None:
    writer.execute("DELETE FROM newest")
    if newest:
        columns = transposed(("series", "measured_ms", "value", "quality", "reason"), newest)
        columns["value"] = pa.array(columns["value"], from_pandas=True)  # NaN is NULL
        put(writer, "newest", columns)


def forget(writer: duckdb.DuckDBPyConnection, readings_before_ms: int, minutes_before_ms: int) -> int:
    """Delete readings by when they were received, minutes by when they began."""
    writer.begin()
    row = writer.execute(
        # Up to the first young frame only: one that came while the server's clock was wrong must not take others along.
        "SELECT max(id), max(ts_ms) FROM frames WHERE id <= ? "
        "AND id < coalesce((SELECT min(id) FROM frames WHERE received_ms >= ?), 9223372036854775807)",
        [_meta(writer, "rolled_frame"), readings_before_ms],
    ).fetchone()
    gone = 0
    if row is not None and row[0] is not None:
        gone = int((writer.execute("DELETE FROM readings WHERE frame <= ?", [row[0]]).fetchone() or (0,))[0])
        writer.execute("DELETE FROM frames WHERE id <= ?", [row[0]])
        writer.execute("DELETE FROM openings WHERE frame <= ?", [row[0]])
        writer.execute("UPDATE meta SET value = greatest(value, ?) WHERE key = 'forgotten_ms'", [row[1]])
    writer.execute("DELETE FROM minutes WHERE bucket_ms < ?", [minutes_before_ms])
    writer.commit()
    return gone


def _meta(writer: duckdb.DuckDBPyConnection, key: str) -> int:
    row = writer.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return int(row[0]) if row is not None else 0
