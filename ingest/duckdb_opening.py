"""Shell. A DuckDB store's tables, made or brought up to date in one transaction, and its counts."""

from __future__ import annotations

import secrets

import duckdb

from ingest import schema
from ingest.duckdb_readings import row
from ingest.port import Counts, LaneCount, RejectCount
from ingest.problem import StoreBrokenError


def prepare(writer: duckdb.DuckDBPyConnection, place: str) -> None:
    """StoreBrokenError if the store is newer than this build."""
    writer.begin()
    writer.execute(schema.TABLES)
    writer.execute("DELETE FROM words")
    writer.executemany("INSERT INTO words VALUES (?, ?, ?)", schema.WORDS)
    writer.execute(schema.HISTORY)
    writer.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", [schema.VERSION])
    (found,) = row(writer, "SELECT value FROM meta WHERE key = 'version'")
    if found not in schema.READABLE:
        raise StoreBrokenError(f"{place}: made by version {found} of the store, this is {schema.VERSION}")
    writer.execute("INSERT OR IGNORE INTO meta VALUES ('rolled_frame', 0), ('forgotten_ms', 0)")
    writer.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", [secrets.randbits(48)])
    # Up to version 1 minutes were made as frames came.
    done = "SELECT value FROM meta WHERE key = 'rolled_frame'" if found == 1 else "SELECT 0"
    writer.execute(f"INSERT OR IGNORE INTO meta SELECT 'minutes_frame', ({done})")
    writer.execute("UPDATE meta SET value = ? WHERE key = 'version'", [schema.VERSION])
    writer.commit()


def counts_of(cursor: duckdb.DuckDBPyConnection) -> Counts:
    """Everything that ever arrived, as committed."""
    lanes = cursor.execute("SELECT site, edge, lane, frames, readings, duplicates FROM lane_counts ORDER BY ALL")
    lane_counts = tuple(LaneCount(*row) for row in lanes.fetchall())
    rejects = cursor.execute("SELECT reason, messages, readings FROM reject_counts ORDER BY ALL")
    return Counts(lane_counts, tuple(RejectCount(*row) for row in rejects.fetchall()))
