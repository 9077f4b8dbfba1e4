"""Shell. Rows into a DuckDB table, a column at a time (a row at a time costs fifty times as much)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa


def put(writer: duckdb.DuckDBPyConnection, table: str, columns: dict[str, Any], *, replace: bool = False) -> None:
    """Insert the columns (arrays or lists, by name); `replace` overwrites rows of the same key."""
    writer.register("incoming", pa.table(columns))
    verb = "INSERT OR REPLACE INTO" if replace else "INSERT INTO"
    writer.execute(f"{verb} {table} BY NAME SELECT * FROM incoming")  # noqa: S608 - our own table names
    writer.unregister("incoming")


def transposed(fields: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Rows as columns."""
    return {name: [row[place] for row in rows] for place, name in enumerate(fields)}
