"""Shell. A DuckDB store's tables, made or brought up to date in one transaction."""

from __future__ import annotations

import duckdb

from ingest import schema
from ingest.duckdb_readings import row
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
    # Up to version 1 minutes were made as frames came.
    done = "SELECT value FROM meta WHERE key = 'rolled_frame'" if found == 1 else "SELECT 0"
    writer.execute(f"INSERT OR IGNORE INTO meta SELECT 'minutes_frame', ({done})")
    writer.execute("UPDATE meta SET value = ? WHERE key = 'version'", [schema.VERSION])
    writer.commit()
