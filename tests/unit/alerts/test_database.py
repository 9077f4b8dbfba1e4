"""The tables as the migrations make them, and as the code expects them."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, literal, select, table

import alerts
import alerts.every_table  # they are told to the metadata
from alerts.database import connect, engine_for, migrate, migrated
from alerts.engine import Engine
from alerts.errors import AlertsError, DatabaseError
from alerts.migrations import fresh
from alerts.tables import metadata
from tests.unit.alerts.asking import log
from tests.unit.alerts.conftest import MakeEngine
from tests.unit.alerts.plant import Cabinet, at, plant, speaker
from wire.gate import Gate

VERSIONS = Path(alerts.__file__).parent / "migrations" / "versions"


def test_the_migrations_make_exactly_the_tables_of_the_code(database: str) -> None:
    engine = connect(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_database_is_brought_up_to_date_once(tmp_path: Path) -> None:
    newest = sorted(path.name for path in VERSIONS.glob("0*.py"))[-1].split("_")[0]
    for _ in range(2):
        engine = connect(f"sqlite:///{tmp_path}/tickets.sqlite")
        with engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_heads() == (newest,)
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2, "FULL"
        engine.dispose()


def test_an_empty_database_gets_at_once_what_all_migrations_would_leave_behind() -> None:
    migrations, once = (create_engine("sqlite://") for _ in range(2))
    with migrations.begin() as one, once.begin() as other:
        migrated(one)
        assert fresh.is_up_to_date(other)
        assert fresh.told(other) == fresh.told(one), "python -m alerts.migrations.fresh"
        tables = [name for name in inspect(one).get_table_names() if name != "alembic_version"]
        assert tables
        assert not any(one.execute(select(literal(1)).select_from(table(name))).first() for name in tables), (
            "rows are missing"
        )


def test_a_database_of_an_older_build_goes_through_the_migrations(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tickets.sqlite"
    engine = engine_for(url)
    migrate(engine, "0010")
    with engine.begin() as connection:
        assert not fresh.is_up_to_date(connection)
    engine.dispose()

    engine = connect(url)
    with engine.begin() as connection:
        assert fresh.is_up_to_date(connection)
    engine.dispose()


def test_a_database_that_cannot_be_opened_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(DatabaseError):
        connect(f"sqlite:///{tmp_path}/file/tickets.sqlite")
    assert issubclass(DatabaseError, AlertsError)


def test_a_site_file_that_changed_keeps_what_it_still_names(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine(boilers=2)
    engine.apply([cabinet.frame(0, "b1", temp=97.0), cabinet.frame(0, "b2", burner=3.0)], at(0))
    engine.apply([cabinet.frame(5)], at(5))
    engine.close()

    smaller = make_engine(boilers=1)  # boiler 2 was taken away while its alarm stood
    cabinet.gate = Gate([smaller.site])
    smaller.apply([cabinet.frame(10, temp=97.0)], at(10))

    assert log(smaller) == [
        (0, "b2.lockout", "unacked"),
        (0, "b2.lockout", "normal"),
        (10, "b1.temp_very_high", "unacked"),
    ]


def test_a_boiler_that_is_added_is_watched(make_engine: MakeEngine) -> None:
    engine = make_engine(boilers=1)
    cabinet = speaker(engine.site)
    engine.apply([cabinet.frame(0, "b1", temp=97.0)], at(0))
    engine.close()

    larger = make_engine(boilers=2)
    cabinet.gate = Gate([larger.site])
    larger.apply([cabinet.frame(0, "b2", temp=97.0, burner=3.0)], at(0))
    larger.apply([cabinet.frame(10, "b1", temp=97.0), cabinet.frame(10, "b2", temp=97.0)], at(10))

    assert {name for _, name, _ in log(larger)} == {"b2.lockout", "b1.temp_very_high", "b2.temp_very_high"}


def test_an_engine_in_memory_works_for_a_score() -> None:
    engine = Engine(plant(), "sqlite://")
    engine.tick(at(0))
    engine.close()
