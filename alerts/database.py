"""Shell. The ticket database: opened, brought up to date, and written in one transaction at a time.

SQLite runs in WAL mode with synchronous=FULL: a frame is acknowledged after our commit, so a commit must survive a
power cut. A transaction begins IMMEDIATE, because a reader that turns into a writer halfway would fail instead of wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from alerts import migrations
from alerts.errors import DatabaseError

_BUSY_MS = 10_000


def connect(url: str) -> Engine:
    """An engine for `url`, with the tables as this build wants them; DatabaseError if that cannot be had."""
    try:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            folder = make_url(url).database
            if folder and folder != ":memory:":
                Path(folder).parent.mkdir(parents=True, exist_ok=True)
            event.listen(engine, "connect", _tune)
            event.listen(engine, "begin", _begin)
        _migrate(engine)
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseError(f"{url}: {error}") from error
    return engine


def _tune(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    statement = insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in others})
    connection.execute(statement, list(rows))
