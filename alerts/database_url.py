"""Shell. Which database is meant, with which password, and how it is told to people: never with the password."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from alerts.errors import DatabaseError

PASSWORD, PASSWORD_FILE = "ANLAN_DATABASE_PASSWORD", "ANLAN_DATABASE_PASSWORD_FILE"

# How a dead server is noticed: seconds until a connection is given up, and until a silent one is taken for dead.
_ALIVE = {
    "connect_timeout": "10", "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}  # fmt: skip


def parsed(database: str, environment: Mapping[str, str] | None = None) -> URL:
    """`sqlite:///FILE` or `postgresql://[USER@]HOST[:PORT]/NAME`; DatabaseError for anything else.

    A PostgreSQL URL without a password takes that of ANLAN_DATABASE_PASSWORD, or the first line of the file that
    ANLAN_DATABASE_PASSWORD_FILE names; failing both, libpq looks at PGPASSWORD and ~/.pgpass by itself.
    """
    told = os.environ if environment is None else environment
    try:
        url = make_url(database)
    except ArgumentError:
        raise DatabaseError("a database is sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    backend = url.drivername.split("+")[0]
    if backend == "sqlite":
        return url
    if backend not in {"postgresql", "postgres"}:
        raise DatabaseError(f"{shown(url)}: a database is sqlite:///FILE or postgresql://USER@HOST/NAME")
    url = url.set(drivername="postgresql+psycopg")
    if url.password is None:
        password = _password(told)
        url = url if password is None else url.set(password=password)
    return url.update_query_dict({key: value for key, value in _ALIVE.items() if key not in url.query})


def shown(database: str | URL) -> str:
    """It, for people and logs: a password is three stars, and our own options are left out."""
    try:
        url = make_url(database)
    except ArgumentError:
        return "a database that is no URL"
    if url.drivername.startswith("postgres"):
        url = url.set(drivername="postgresql").difference_update_query(_ALIVE)
        url = url.set(query={key: "***" if "password" in key else value for key, value in url.query.items()})
    return url.render_as_string(hide_password=True)


def without_password(database: str) -> str:
    """The same database, for a file that others may read."""
    url = make_url(database)
    return url.set(password=None).difference_update_query(["password"]).render_as_string(hide_password=False)


def _password(told: Mapping[str, str]) -> str | None:
    if PASSWORD in told:
        return told[PASSWORD]
    if PASSWORD_FILE not in told:
        return None
    path = Path(told[PASSWORD_FILE])
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise DatabaseError(f"{PASSWORD_FILE}: {path}: {error.strerror}") from None
