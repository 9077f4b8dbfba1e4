"""Shell. The tables of an empty SQLite database in one go, instead of by every migration there ever was.

`fresh.sql` is what the migrations leave behind; `python -m alerts.migrations.fresh` writes it anew, and a test compares
the two. A database that has tables already goes through the migrations.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect

_FILE = Path(__file__).with_name("fresh.sql")
_BETWEEN = "\n;\n"
_TABLES = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'trigger', type = 'index', name"
_VERSION = "alembic_version"


def head() -> str:
    """The newest revision that there is a migration for."""
    return sorted(path.name for path in (Path(__file__).parent / "versions").glob("0*.py"))[-1].split("_")[0]


def is_up_to_date(connection: Connection) -> bool:
    """Whether the tables are those of this build, made now if the database was empty; else it takes migrations."""
    if inspect(connection).has_table(_VERSION):
        return connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalars().all() == [head()]  # noqa: S608
    if connection.dialect.name != "sqlite" or told(connection):
        return False
    for statement in _FILE.read_text(encoding="utf-8").split(_BETWEEN):
        connection.exec_driver_sql(statement)
    return True


def told(connection: Connection) -> str:
    """What makes tables like these."""
    statements = connection.exec_driver_sql(_TABLES).scalars().all()
    if not statements:
        return ""
    version = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar_one()  # noqa: S608
    return _BETWEEN.join([*statements, f"INSERT INTO {_VERSION} VALUES ('{version}')\n"])  # noqa: S608


def write() -> None:
    """Make `fresh.sql` by the migrations."""
    from alerts.database import migrated

    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrated(connection)
        _FILE.write_text(told(connection), encoding="utf-8")


if __name__ == "__main__":
    write()
