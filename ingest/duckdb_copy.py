"""Shell. A consistent copy of a store, closed periods and all, while it is written to or while nobody has it open."""

# ruff: noqa: S608 - table names are the store's own

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ingest.closed_files import ClosedFiles
from ingest.duckdb_errors import told_as_ours
from ingest.duckdb_readings import row


def copy_to(cursor: duckdb.DuckDBPyConnection, place: Path, store: Path | None) -> None:
    """Copy the store of this cursor, as it is at this moment, into a new file, and what is closed of it
    (beside the file `store`) beside that."""
    (name,) = cursor.execute("SELECT current_database()").fetchone() or ("",)
    _copy(cursor, name, place, store)


def _copy(cursor: duckdb.DuckDBPyConnection, name: str, place: Path, store: Path | None) -> None:
    cursor.execute(f"ATTACH {_quoted(place)} AS the_copy")
    try:
        cursor.begin()
        try:
            # First, since a period may be forgotten while the rest is copied.
            if store is not None and (numbers := _numbers(cursor, name)):
                (identity,) = row(cursor, f"SELECT value FROM \"{name}\".meta WHERE key = 'identity'")
                ClosedFiles(store, identity).link_to(place, numbers)
            cursor.execute(f'COPY FROM DATABASE "{name}" TO the_copy')
            cursor.commit()
        except BaseException:
            cursor.rollback()
            raise
    finally:
        cursor.execute("DETACH the_copy")


def copy_file(store: Path, place: Path, *, with_closed: bool = True) -> None:
    """The same of a file; StoreLockedError if another process has it open."""
    with told_as_ours(str(store)), duckdb.connect() as connection:
        connection.execute(f"ATTACH {_quoted(store)} AS the_store (READ_ONLY)")
        _copy(connection, "the_store", place, store if with_closed else None)


def _numbers(cursor: duckdb.DuckDBPyConnection, name: str) -> list[int]:
    told = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = 'closed'"
    if not cursor.execute(told, [name]).fetchall():
        return []  # a store of the first version
    return [row[0] for row in cursor.execute(f'SELECT number FROM "{name}".closed').fetchall()]


def rows_of(store: Path) -> Mapping[str, int]:
    """Rows by table of a file that nobody has open."""
    with told_as_ours(str(store)), duckdb.connect(str(store), read_only=True) as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        found = {}
        for (table,) in tables:
            row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            found[table] = int(row[0]) if row is not None else 0
        return found


def readings_in(store: Path) -> int:
    """How many readings a file that nobody has open has, closed ones included."""
    with told_as_ours(str(store)), duckdb.connect(str(store), read_only=True) as connection:
        name = row(connection, "SELECT current_database()")[0]
        open_ones = row(connection, "SELECT count(*) FROM readings")[0]
        if not _numbers(connection, name):
            return int(open_ones)
        return int(open_ones + row(connection, "SELECT sum(readings) FROM closed")[0])


def free_share(store: Path) -> float:
    """How much of a file that nobody has open holds nothing."""
    with told_as_ours(str(store)), duckdb.connect(str(store), read_only=True) as connection:
        free, total = row(connection, "SELECT free_blocks, total_blocks FROM pragma_database_size()")
    return float(free / total) if total else 0.0


def _quoted(place: Path) -> str:
    return "'" + str(place).replace("'", "''") + "'"
