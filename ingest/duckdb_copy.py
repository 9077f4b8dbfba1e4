"""Shell. A consistent copy of a store's file, while it is written to or while nobody has it open."""

# ruff: noqa: S608 - table names are the store's own

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ingest.duckdb_errors import told_as_ours


def copy_to(cursor: duckdb.DuckDBPyConnection, place: Path) -> None:
    """Copy the store of this cursor, as it is at this moment, into a new file."""
    (name,) = cursor.execute("SELECT current_database()").fetchone() or ("",)
    _copy(cursor, name, place)


def _copy(cursor: duckdb.DuckDBPyConnection, name: str, place: Path) -> None:
    cursor.execute(f"ATTACH {_quoted(place)} AS the_copy")
    try:
        cursor.begin()
        try:
            cursor.execute(f'COPY FROM DATABASE "{name}" TO the_copy')
            cursor.commit()
        except BaseException:
            cursor.rollback()
            raise
    finally:
        cursor.execute("DETACH the_copy")


def copy_file(store: Path, place: Path) -> None:
    """The same of a file; StoreLockedError if another process has it open."""
    with told_as_ours(str(store)), duckdb.connect() as connection:
        connection.execute(f"ATTACH {_quoted(store)} AS the_store (READ_ONLY)")
        _copy(connection, "the_store", place)


def rows_of(store: Path) -> Mapping[str, int]:
    """Rows by table of a file that nobody has open."""
    with told_as_ours(str(store)), duckdb.connect(str(store), read_only=True) as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        found = {}
        for (table,) in tables:
            row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            found[table] = int(row[0]) if row is not None else 0
        return found


def _quoted(place: Path) -> str:
    return "'" + str(place).replace("'", "''") + "'"
