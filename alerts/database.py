"""Shell. The ticket database: opened, brought up to date, and written in one transaction at a time.

SQLite runs in WAL mode with synchronous=FULL: a frame is acknowledged after our commit, so a commit must survive a
power cut. A transaction begins IMMEDIATE, because a reader that turns into a writer halfway would fail instead of wait.
What PostgreSQL needs for the same stands in `alerts.postgres`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from alerts import migrations, postgres
from alerts.database_url import parsed, shown
from alerts.errors import DatabaseError

_BUSY_MS = 10_000


def connect(url: str) -> Engine:
    """An engine for `url`, with the tables as this build wants them; DatabaseError if that cannot be had."""
    engine = engine_for(url)
    try:
        migrate(engine)
    except (SQLAlchemyError, CommandError, OSError) as error:
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
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            postgres.warn_if_forgetful(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


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


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert, or replace what has the same primary key."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    others = [name for name in rows[0] if name not in keys]
    insert = insert_into(connection, table)
    statement = insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in others})
    connection.execute(statement, list(rows))


def insert_into(connection: Connection, table: Table) -> Any:
    """INSERT as this database says it, for `on_conflict_…`."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert unless one of its keys is there already; whether it was new."""
    # A row count would do on SQLite only: PostgreSQL's driver tells 0 for what was inserted.
    key = next(iter(table.primary_key))
    statement = insert_into(connection, table).values(dict(row)).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None
