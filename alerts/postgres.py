"""Shell. PostgreSQL made to keep the promises that SQLite keeps by itself.

One writer at a time: a transaction that writes takes an advisory lock first, as SQLite's BEGIN IMMEDIATE does, and
every statement sees what was committed before it. So what was read in a transaction still holds when it writes, two
servers never open two tickets, and no two transactions lock rows crosswise. Whoever only reads sees one moment.
"""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event

from alerts.errors import DatabaseError

log = structlog.get_logger()

# Any number, as long as nobody else in the same database takes it.
_WRITERS = 0x414E4C414E  # "ANLAN"
# synchronous_commit: a commit must survive a power cut, however the server is set up otherwise. A process that was
# stopped in the middle of a transaction must not hold up the others for ever.
_OPTIONS = (
    "synchronous_commit=on", "lock_timeout=10s", "idle_in_transaction_session_timeout=60s", "timezone=UTC",
)  # fmt: skip


def engine_for(url: URL) -> Engine:
    """An engine whose transactions behave as those on SQLite do; DatabaseError if the driver is not installed."""
    try:
        import psycopg
        from psycopg.types.string import StrDumper
    except ImportError:
        raise DatabaseError("PostgreSQL needs its driver: pip install 'anlan[postgresql]'") from None

    class Readable(StrDumper):
        """Text without NUL, which PostgreSQL cannot hold: a frame that carries one must not be refused for ever."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\x00", "\N{REPLACEMENT CHARACTER}") if "\x00" in obj else obj)

    def tune(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.adapters.register_dumper(str, Readable)

    options = " ".join(f"-c {option}" for option in _OPTIONS)
    given = url.query.get("options")
    if given is not None:
        options = f"{options} {given if isinstance(given, str) else ' '.join(given)}"
        url = url.difference_update_query(["options"])
    # A server that was started anew has closed our connections: they are tried before they are used.
    engine = create_engine(url, pool_pre_ping=True, connect_args={"options": options, "application_name": "anlan"})
    event.listen(engine, "connect", tune)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("reads"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def warn_if_forgetful(connection: Connection) -> None:
    """A server that does not write through to its disk loses what it confirmed."""
    asked = "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting <> 'on'"
    off = connection.exec_driver_sql(asked).scalars().all()
    if off:
        log.warning("the database server may lose what it confirmed", off=", ".join(off))
