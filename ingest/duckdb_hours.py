"""Shell. Old hours in the order of points, so that a year of one point is read from a few blocks of rows.

Hours are written as frames come, all points of an hour together. Once a month is over its rows are written anew,
sorted by point and then by time, some points at a time so that no commit waits for long. What comes late for such a
month stays where it is written, out of order and right.
"""

# ruff: noqa: S608 - every name and number in the statements is our own

from __future__ import annotations

import duckdb

from ingest.duckdb_readings import row
from ingest.grid import HOUR_MS
from ingest.schema import MERGED

MONTH_MS = 720 * HOUR_MS
MOST_ROWS = 500_000  # of a transaction


def sort_hours(writer: duckdb.DuckDBPyConnection, before_ms: int) -> bool:
    """Sort the hours of some points in the first month that is not sorted, if it ended before this moment; False if
    there is nothing to do. Killed at any moment, the same points are sorted again."""
    writer.begin()
    meta = dict(writer.execute("SELECT key, value FROM meta").fetchall())
    begin_ms, series = meta.get("sorted_ms", 0), meta.get("sorted_series", 0)
    (first_ms,) = row(writer, "SELECT min(bucket_ms) FROM hours WHERE bucket_ms >= ?", [begin_ms])
    month_ms = None if first_ms is None else first_ms // MONTH_MS * MONTH_MS
    if month_ms is None or month_ms + MONTH_MS > before_ms:
        writer.rollback()
        return False
    if month_ms > begin_ms:
        begin_ms, series = month_ms, 0
    stop = series + max(1, MOST_ROWS * HOUR_MS // MONTH_MS)
    mine = f"series >= {series} AND series < {stop} AND bucket_ms >= {begin_ms} AND bucket_ms < {begin_ms + MONTH_MS}"
    writer.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT series, bucket_ms, {MERGED} FROM hours WHERE {mine} "
        "GROUP BY series, bucket_ms"
    )
    writer.execute(f"DELETE FROM hours WHERE {mine}")
    writer.execute("INSERT INTO hours SELECT * FROM fresh ORDER BY series, bucket_ms")
    (last,) = row(writer, "SELECT coalesce(max(id), 0) FROM series")
    reached = {"sorted_ms": begin_ms, "sorted_series": stop}
    if stop > last:
        reached = {"sorted_ms": begin_ms + MONTH_MS, "sorted_series": 0}
    for key, value in reached.items():
        writer.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])
    writer.commit()
    return True
