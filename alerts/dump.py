"""Shell. The ticket database as files that any other can be filled from: SQLite or PostgreSQL, this build or an older.

A dump is one consistent moment, and makes no writer wait. Each table is a file `TABLE.jsonl`: the first line names the
columns, each further one is a row; bytes are `{"base64": …}`. The tables are those that the database has, not those
that this build knows: a load makes the tables as they were then, fills them, and only then brings them up to date.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from alerts.database import UnknownRevisionError, engine_for, migrate, reading, writing
from alerts.database_url import parsed, shown
from alerts.errors import DatabaseError, RefusedError
from alerts.every_table import OURS

_VERSION_TABLE = "alembic_version"
_AT_ONCE = 500
Tick = Callable[[str, int], None]  # the table, and how many more rows


@dataclass(frozen=True, slots=True)
class Dumped:
    """What a dump holds: the revision of its tables, and rows by table."""

    backend: str
    revision: str
    counts: Mapping[str, int]


def dump(database: str, folder: Path, tick: Tick) -> Dumped:
    """Write every table into `folder`; DatabaseError if there is no database of ours."""
    url = parsed(database)
    if url.drivername == "sqlite" and not Path(url.database or "").is_file():
        raise DatabaseError(f"{shown(database)}: no such file")
    engine = engine_for(database)
    try:
        with reading(engine) as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision is None:
                raise DatabaseError(f"{shown(database)}: these are no tables of Anlan")
            counts = {table.name: _write(connection, table, folder, tick) for table in _tables(connection)}
            return Dumped(connection.dialect.name, revision, counts)
    finally:
        engine.dispose()


def is_empty(database: str) -> bool:
    """Whether nothing would be lost if it were filled anew."""
    url = parsed(database)
    if url.drivername == "sqlite" and not Path(url.database or "").is_file():
        return True
    engine = engine_for(database)
    try:
        with reading(engine) as connection:
            return all(connection.execute(select(table).limit(1)).first() is None for table in _tables(connection))
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Doomed:
    """A table that `load` would drop."""

    name: str
    rows: int
    is_ours: bool  # by its name; another program's table in the same schema goes too


def doomed(database: str) -> list[Doomed]:
    """What `load` would drop: every table of the file, or of the PostgreSQL schema."""
    url = parsed(database)
    if url.drivername == "sqlite" and not Path(url.database or "").is_file():
        return []
    engine = engine_for(database)
    try:
        with reading(engine) as connection:
            found = _tables(connection)
            return [
                Doomed(table.name, _rows(connection, table), table.name in OURS)
                for table in sorted(found, key=lambda table: table.name)
            ]
    finally:
        engine.dispose()


def _rows(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def load(database: str, folder: Path, dumped: Dumped, tick: Tick) -> None:
    """Fill a database anew: its tables go, those of the dump come, and are brought up to date.

    RefusedError if the dump is from a newer build; DatabaseError if it does not come to the rows that it told.
    """
    engine = engine_for(database)
    try:
        with writing(engine) as connection:
            _clear(connection)
        try:
            migrate(engine, dumped.revision)
        except UnknownRevisionError as error:
            raise RefusedError("newer_backup", f"the backup is of a newer Anlan than this one ({error})") from None
        with writing(engine) as connection:
            tables = {table.name: table for table in _tables(connection)}
            missing = dumped.counts.keys() - tables.keys()
            if missing:
                raise DatabaseError(f"tables that this build does not know: {', '.join(sorted(missing))}")
            for name, table in tables.items():
                if name in dumped.counts:
                    _fill(connection, table, folder / f"{name}.jsonl", tick)
            _must_have(connection, tables, dumped.counts)
            _count_on(connection, tables.values())
        migrate(engine)
    except SQLAlchemyError as error:
        raise DatabaseError(f"{shown(database)}: {error}") from error
    finally:
        engine.dispose()


def _tables(connection: Connection) -> list[Table]:
    """Those that are there, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION_TABLE]


def _write(connection: Connection, table: Table, folder: Path, tick: Tick) -> int:
    count = 0
    statement = select(table).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE)
    with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
        file.write(json.dumps([column.name for column in table.columns]) + "\n")
        for rows in connection.execute(statement).partitions():
            file.writelines(json.dumps(list(row), default=_packed, ensure_ascii=False) + "\n" for row in rows)
            count += len(rows)
            tick(table.name, len(rows))
    return count


def _packed(value: Any) -> dict[str, str]:
    return {"base64": base64.b64encode(bytes(value)).decode()}


def _unpacked(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def _fill(connection: Connection, table: Table, file: Path, tick: Tick) -> None:
    with file.open(encoding="utf-8") as lines:
        names = json.loads(next(lines))
        rows = ({name: _unpacked(value) for name, value in zip(names, json.loads(line), strict=True)} for line in lines)
        for chunk in _chunks(rows):
            connection.execute(table.insert(), chunk)
            tick(table.name, len(chunk))


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, _AT_ONCE)):
        yield chunk


def _must_have(connection: Connection, tables: Mapping[str, Table], counts: Mapping[str, int]) -> None:
    for name, told in counts.items():
        found = _rows(connection, tables[name])
        if found != told:
            raise DatabaseError(f"{name}: {found} rows came of {told}")


def _count_on(connection: Connection, tables: Iterable[Table]) -> None:
    """New rows are numbered after the highest one; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        (first, *more) = table.primary_key
        if more:
            continue
        named = select(func.pg_get_serial_sequence(f'"{table.name}"', first.name))
        sequence = connection.execute(named).scalar_one()
        highest = connection.execute(select(func.max(first))).scalar_one()
        if sequence is not None and highest is not None:
            connection.execute(select(func.setval(sequence, highest)))


_OUR_FUNCTIONS = """
SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger t
JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


def _clear(connection: Connection) -> None:
    """Drop the tables, and the functions of their triggers."""
    functions = []
    if connection.dialect.name == "postgresql":
        functions = list(connection.execute(text(_OUR_FUNCTIONS)).scalars())
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)
    for name in functions:
        connection.execute(text(f"DROP FUNCTION {name}"))
