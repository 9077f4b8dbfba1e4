"""Shell. What a ticket database says happened, for those who compare. The database is only read."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.database import reading
from alerts.errors import DatabaseError
from alerts.tables import transitions
from rules.episodes import Event


def recorded(database: str, site: str, from_ms: int, to_ms: int) -> list[Event]:
    """Every transition dated from `from_ms` until `to_ms`, in the order found. `database` is a file or a URL."""
    url = database
    if "://" not in database:
        if not Path(database).is_file():
            raise DatabaseError(f"{database}: no such file")
        url = f"sqlite:///file:{Path(database).resolve()}?mode=ro&uri=true"
    wanted = (transitions.c.site == site, transitions.c.at_ms >= from_ms, transitions.c.at_ms < to_ms)
    engine = create_engine(url)
    try:
        with reading(engine) as connection:
            rows = connection.execute(select(transitions).where(*wanted).order_by(transitions.c.id)).mappings()
            return [
                Event(
                    row["alarm"], row["old"], row["new"], row["at_ms"], row["because"], row["value"], late=row["late"]
                )
                for row in rows
            ]
    except SQLAlchemyError as error:
        raise DatabaseError(f"{database}: {error}") from error
    finally:
        engine.dispose()
