"""Shell. The ticket database: opened, brought up to date, and written in one transaction at a time.

SQLite runs in WAL mode with synchronous=FULL: a frame is acknowledged after our commit, so a commit must survive a
power cut. A transaction begins IMMEDIATE, because a reader that turns into a writer halfway would fail instead of wait.
What PostgreSQL needs for the same stands in `alerts.postgres`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, bindparam, create_engine, event, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from alerts import migrations, postgres
from alerts.database_url import parsed, shown
from alerts.errors import DatabaseError
from alerts.migrations import fresh

_BUSY_MS = 10_000
_KEY = "primary_key"  # no column is called so


class UnknownRevisionError(Exception):
    """The database was made by another build, and no migration leads from there to here."""


def connect(url: str) -> Engine:
    """An engine for `url`, with the tables as this build wants them; DatabaseError if that cannot be had."""
    engine = engine_for(url)
    try:
        migrate(engine)
    except (SQLAlchemyError, UnknownRevisionError, OSError) as error:
        engine.dispose()
        raise DatabaseError(f"{shown(url)}: {error}") from error
    return engine


def engine_for(url: str) -> Engine:
    """The same, with the tables left as they are, and nothing asked of the database yet."""
    meant = parsed(url)
    try:
        return postgres.engine_for(meant) if meant.drivername != "sqlite" else _sqlite(meant)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise DatabaseError(f"{shown(url)}: {error}") from error


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _tune)
    event.listen(engine, "begin", _begin)
    return engine


def _tune(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables up to a revision. Two who start at once do it one after the other."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            postgres.warn_if_forgetful(connection)
        if revision != "head" or not fresh.is_up_to_date(connection):
            migrated(connection, revision)


def migrated(connection: Connection, revision: str = "head") -> None:
    """The same by every migration that is left to do."""
    from alembic import command  # where nothing is left to do, nobody waits for it or holds it in memory
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise UnknownRevisionError(str(error)) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; DatabaseError if it could not be made durable, and then nothing of it happened."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise DatabaseError(str(error)) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view that makes no writer wait."""
    try:
        with engine.connect().execution_options(reads=True) as connection:
            yield connection
    except SQLAlchemyError as error:
        raise DatabaseError(str(error)) from error


# A ticket is some forty statements. Building one takes longer than SQLite takes to do it, so what is said for every
# ticket is built once, with its values left open: below, and as constants of whoever asks.


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert, or replace what has the same primary key. All rows have the same columns."""
    if rows:
        connection.execute(_upsert(table, connection.dialect.name, tuple(rows[0])), list(rows))


def insert(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert one row."""
    connection.execute(_insert(table), dict(row))


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    """Insert unless one of its keys is there already; the new row's first key, None if it was there."""
    return connection.execute(_insert_new(table, connection.dialect.name), dict(row)).scalar_one_or_none()


def change(connection: Connection, table: Table, key: Any, values: Mapping[str, Any]) -> None:
    """Write columns of the row with that primary key."""
    connection.execute(_change(table), {_KEY: key, **values})


def insert_into(connection: Connection, table: Table) -> Any:
    """INSERT as this database says it, for `on_conflict_…`."""
    return _insert_into(table, connection.dialect.name)


def _insert_into(table: Table, dialect: str) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@cache
def _upsert(table: Table, dialect: str, columns: tuple[str, ...]) -> Any:
    keys = [column.name for column in table.primary_key]
    insert = _insert_into(table, dialect)
    others = {name: insert.excluded[name] for name in columns if name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=others)


@cache
def _insert(table: Table) -> Any:
    return table.insert()


@cache
def _insert_new(table: Table, dialect: str) -> Any:
    # A row count would do on SQLite only: PostgreSQL's driver tells 0 for what was inserted.
    return _insert_into(table, dialect).on_conflict_do_nothing().returning(next(iter(table.primary_key)))


@cache
def _change(table: Table) -> Any:
    (key,) = table.primary_key
    return update(table).where(key == bindparam(_KEY))
