"""Shell. What a ticket database says happened, for those who compare. The database is only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.database import engine_for, reading
from alerts.database_url import shown
from alerts.errors import DatabaseError
from alerts.hidings import all_windows
from alerts.replay import People
from alerts.tables import transitions
from alerts.tickets.tightening import spans_of
from rules.codes import Because
from rules.episodes import Event

_CLEARS = (Because.CLEARED.word, Because.HIDDEN_CLEARED.word)


def recorded(database: str, site: str, from_ms: int, to_ms: int) -> list[Event]:
    """Every transition dated from `from_ms` until `to_ms`, in the order found. `database` is a file or a URL."""
    wanted = (transitions.c.site == site, transitions.c.at_ms >= from_ms, transitions.c.at_ms < to_ms)
    with opened(database) as connection:
        rows = connection.execute(select(transitions).where(*wanted).order_by(transitions.c.id)).mappings()
        return [
            Event(
                row["alarm"], row["old"], row["new"], row["at_ms"], row["because"], row["value"],
                row["peak"] if row["because"] in _CLEARS else None, row["late"], row["until_ms"],
            )
            for row in rows
        ]  # fmt: skip


def recorded_people(database: str, site: str, from_ms: int, to_ms: int) -> People:
    """What people did in that time, to be done again by a replay."""
    with opened(database) as connection:
        found = all_windows(connection, site, from_ms)
        tightened = spans_of(connection, site, from_ms, to_ms)
    events = recorded(database, site, from_ms, to_ms)
    return People(events, [each for each in found if each.start_ms < to_ms], tightened)


@contextmanager
def opened(database: str) -> Iterator[Connection]:
    """A database, a file or a URL, that is only read; not even a migration is made."""
    url = database
    if "://" not in database:
        if not Path(database).is_file():
            raise DatabaseError(f"{database}: no such file")
        url = f"sqlite:///file:{Path(database).resolve()}?mode=ro&uri=true"
    engine = create_engine(url) if url.startswith("sqlite") else engine_for(url)
    try:
        with reading(engine) as connection:
            yield connection
    except SQLAlchemyError as error:
        raise DatabaseError(f"{shown(database) if '://' in database else database}: {error}") from error
    finally:
        engine.dispose()
