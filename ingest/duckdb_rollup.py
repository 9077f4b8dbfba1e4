"""Shell. Hours out of readings, and forgetting what is old, inside DuckDB.

Each frame is rolled up exactly once: the last one that was is remembered in the same transaction. A frame that comes
late (back-fill) adds to buckets that exist already; minimum, maximum, sum and counts can be merged, so nothing is
counted anew from readings that may be long gone.

Hours are made as frames come. Minutes are made when their readings are forgotten, for as long as these are there they
would take several times their room.
"""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import duckdb
import pyarrow as pa

from ingest.duckdb_closed import Shelf
from ingest.duckdb_tables import put, transposed
from ingest.grid import Level
from ingest.rollup import rolled_up
from ingest.schema import MERGED, rolled

MOST_FRAMES = 100_000  # of a transaction, so that its memory is bounded
NewestRow = tuple[int, int, float, int, int]


def roll_up(writer: duckdb.DuckDBPyConnection, last: int, newest: Sequence[NewestRow]) -> int:
    """Roll up every frame up to `last` that is not yet; returns how many."""
    begun = done = _meta(writer, "rolled_frame")
    while done < last:
        step = min(last, done + MOST_FRAMES)
        writer.begin()
        _merge(writer, Level.HOURS, done, step)
        if done == begun:  # what comes in later steps is newer still, or is read again after a crash
            _write_newest(writer, newest)
        writer.execute("UPDATE meta SET value = ? WHERE key = 'rolled_frame'", [step])
        writer.commit()
        done = step
    return done - begun


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


def forget(
    writer: duckdb.DuckDBPyConnection, shelf: Shelf | None, readings_before_ms: int, minutes_before_ms: int
) -> tuple[int, list[int]]:
    """Delete readings by when they were received, minutes by when they began; how many readings, and the closed
    periods whose files nobody names any more. A closed period goes as a whole."""
    writer.begin()
    gone, numbers = 0, []
    for named in [] if shelf is None else _old_periods(writer, readings_before_ms):
        numbers.append(named[0])
        gone += _forget_period(writer, shelf, named) if shelf is not None else 0
    (left,) = writer.execute("SELECT count(*) FROM closed").fetchone() or (0,)
    if not left:  # what is open is younger than what is closed
        gone += _forget_open(writer, readings_before_ms)
    writer.execute("DELETE FROM minutes WHERE bucket_ms < ?", [minutes_before_ms])
    writer.commit()
    return gone, numbers


def _old_periods(writer: duckdb.DuckDBPyConnection, before_ms: int) -> list[tuple[int, int, int, int]]:
    """Number, last frame, readings and latest watermark of the closed periods before the first young one."""
    rows = writer.execute(
        "SELECT number, closed.last, closed.readings, max(max_ms), max(heard_ms) FROM closed "
        "JOIN closed_sites USING (number) GROUP BY ALL ORDER BY number"
    ).fetchall()
    return [(each[0], each[1], each[2], each[3]) for each in takewhile(lambda each: each[4] < before_ms, rows)]


def _forget_period(writer: duckdb.DuckDBPyConnection, shelf: Shelf, period: tuple[int, int, int, int]) -> int:
    number, last, readings, max_ms = period
    if last > _meta(writer, "minutes_frame"):
        for part in shelf.pages(writer, number):
            made = rolled_up(part, Level.MINUTES.step_ms)
            writer.register("fresh_minutes", made)
            writer.execute("INSERT INTO minutes SELECT * FROM fresh_minutes")
            writer.unregister("fresh_minutes")
    for table in ("closed", "closed_sites", "closed_pages"):
        writer.execute(f"DELETE FROM {table} WHERE number = ?", [number])
    _forgotten(writer, last, max_ms)
    return readings


def _forget_open(writer: duckdb.DuckDBPyConnection, before_ms: int) -> int:
    row = writer.execute(
        # Up to the first young frame only: one that came while the server's clock was wrong must not take others along.
        "SELECT max(id), max(ts_ms) FROM frames WHERE id <= ? "
        "AND id < coalesce((SELECT min(id) FROM frames WHERE received_ms >= ?), 9223372036854775807)",
        [_meta(writer, "rolled_frame"), before_ms],
    ).fetchone()
    if row is None or row[0] is None:
        return 0
    fresh = f"readings WHERE frame > {_meta(writer, 'minutes_frame')} AND frame <= {row[0]}"
    writer.execute(f"INSERT INTO minutes {rolled(fresh, Level.MINUTES)} ORDER BY series, bucket_ms")
    gone = int((writer.execute("DELETE FROM readings WHERE frame <= ?", [row[0]]).fetchone() or (0,))[0])
    writer.execute("DELETE FROM frames WHERE id <= ?", [row[0]])
    _forgotten(writer, *row)
    return gone


def _forgotten(writer: duckdb.DuckDBPyConnection, last: int, max_ms: int) -> None:
    """Everything up to this frame is in the minutes, and gone."""
    writer.execute("DELETE FROM openings WHERE frame <= ?", [last])
    writer.execute("UPDATE meta SET value = greatest(value, ?) WHERE key = 'forgotten_ms'", [max_ms])
    writer.execute("UPDATE meta SET value = greatest(value, ?) WHERE key = 'minutes_frame'", [last])


def _meta(writer: duckdb.DuckDBPyConnection, key: str) -> int:
    row = writer.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return int(row[0]) if row is not None else 0
