"""What is different about PostgreSQL: its URL and password, and the promises that SQLite keeps by itself."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.database import connect, insert_new, reading, writing
from alerts.database_url import parsed, shown
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.tables import numbers, tickets
from tests.databases import PASSWORD, Postgres
from tests.unit.alerts.asking import tickets as open_tickets
from tests.unit.alerts.plant import at, plant, speaker

SPAWN = multiprocessing.get_context("spawn")


def test_a_password_is_never_shown() -> None:
    for database in ("postgresql://ann:secret@host/x", "postgresql://ann@host/x?password=secret&sslpassword=secret"):
        assert "secret" not in shown(database)
        assert "secret" not in shown(parsed(database, {}))
    assert (
        shown(parsed("postgresql://ann@host/x", {"ANLAN_DATABASE_PASSWORD": "secret"})) == "postgresql://ann:***@host/x"
    )


def test_what_is_no_database_of_ours_is_refused_without_repeating_its_password() -> None:
    for database in ("mysql://ann:secret@host/x", "ann:secret@host"):
        with pytest.raises(DatabaseError) as refused:
            connect(database)
        assert "secret" not in str(refused.value)


def test_a_password_comes_from_the_url_the_environment_or_a_file(postgres: Postgres, tmp_path: Path) -> None:
    file = tmp_path / "word"
    file.write_text(PASSWORD + "\n")
    url, asked = postgres.url("postgres", tcp=True), {"ANLAN_DATABASE_PASSWORD_FILE": str(file)}

    assert parsed(postgres.url("x", tcp=True, password=PASSWORD), {}).password == PASSWORD
    assert parsed(url, asked).password == PASSWORD
    assert parsed(url, {"ANLAN_DATABASE_PASSWORD": PASSWORD} | asked).password == PASSWORD
    with pytest.raises(DatabaseError, match="no-such"):
        parsed(url, {"ANLAN_DATABASE_PASSWORD_FILE": "/no-such"})


@pytest.mark.parametrize("way", ["file", "pgpass"])
def test_a_server_that_asks_for_a_password_is_opened(
    way: str, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "word"
    url = postgres.url(f"asked_{way}", tcp=True)
    postgres.create(f"asked_{way}")
    monkeypatch.setenv("PGPASSFILE", "/none")
    with pytest.raises(DatabaseError):
        connect(url)
    if way == "file":
        file.write_text(PASSWORD)
        monkeypatch.setenv("ANLAN_DATABASE_PASSWORD_FILE", str(file))
    else:
        file.write_text(f"127.0.0.1:*:*:anlan:{PASSWORD.replace(':', chr(92) + ':')}")
        monkeypatch.setenv("PGPASSFILE", str(file))
    file.chmod(0o600)

    engine = connect(url)
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(tickets)).scalar_one() == 0
    engine.dispose()


def test_a_wrong_password_is_an_error_that_does_not_tell_it(postgres: Postgres) -> None:
    with pytest.raises(DatabaseError) as refused:
        connect(postgres.url("postgres", tcp=True, password="another-secret"))
    assert "another-secret" not in str(refused.value)


def test_a_server_that_does_not_write_through_is_told_of(postgres: Postgres) -> None:
    with structlog.testing.capture_logs() as logs:
        connect(postgres.create("forgetful")).dispose()

    assert [log["off"] for log in logs] == ["fsync, full_page_writes"]


def test_a_new_row_is_new_once(database: str) -> None:
    engine = connect(database)
    with writing(engine) as connection:
        row = {"site": "s", "day": "20260101", "last": 1}
        assert [insert_new(connection, numbers, row) for _ in range(2)] == ["s", None]
    engine.dispose()


def test_text_with_a_nul_does_not_stop_the_world(database: str) -> None:
    engine = connect(database)
    with writing(engine) as connection:
        connection.execute(insert(numbers).values(site="a\x00b", day="20260101", last=1))
    with reading(engine) as connection:
        assert connection.execute(select(numbers.c.last)).scalars().all() == [1]
    engine.dispose()


def test_a_reader_sees_one_moment_and_can_write_nothing(postgres: Postgres) -> None:
    engine = connect(postgres.create("moment"))
    with reading(engine) as reader:
        before = reader.execute(select(func.count()).select_from(numbers)).scalar_one()
        with writing(engine) as connection:  # and it makes no writer wait
            connection.execute(insert(numbers).values(site="s", day="20260101", last=1))
        assert reader.execute(select(func.count()).select_from(numbers)).scalar_one() == before == 0
        with pytest.raises(SQLAlchemyError, match="read-only"):
            reader.execute(insert(numbers).values(site="t", day="20260101", last=1))
        reader.rollback()
    engine.dispose()


def _serve(url: str, barrier: object, number: int) -> None:
    """One of two alerts servers: many hazards at the same moments, in another order than the other's."""
    engine = Engine(plant(), url)
    cabinet = speaker(engine.site)
    barrier.wait(60)  # type: ignore[attr-defined]
    for step in range(12):
        assets = ("b1", "b2") if (step + number) % 2 else ("b2", "b1")
        hot = 97.0 if step % 4 < 3 else 60.0
        engine.apply([cabinet.frame(step * 10, asset, temp=hot, burner=3.0) for asset in assets], at(step * 10))
    engine.close()


def test_two_servers_as_processes_on_one_database_never_open_two_tickets(database: str) -> None:
    connect(database).dispose()
    barrier = SPAWN.Barrier(2)
    processes = [SPAWN.Process(target=_serve, args=(database, barrier, number)) for number in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]

    engine = Engine(plant(), database)
    found = [(ticket.asset, ticket.hazard) for ticket in open_tickets(engine)]
    assert len(found) == len(set(found))
    assert {"b1", "b2"} == {asset for asset, _ in found}
    with reading(engine.database) as connection:
        named = connection.execute(select(tickets.c.number)).scalars().all()
    assert len(named) == len(set(named))
    engine.close()


def _migrate(url: str, barrier: object) -> None:
    barrier.wait(60)  # type: ignore[attr-defined]
    connect(url).dispose()


def test_two_that_start_at_once_make_the_tables_once(postgres: Postgres) -> None:
    url, barrier = postgres.create("at_once"), SPAWN.Barrier(2)
    processes = [SPAWN.Process(target=_migrate, args=(url, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]


def test_a_server_that_is_killed_and_comes_back_has_lost_nothing(durable_postgres: Postgres) -> None:
    engine = Engine(plant(), durable_postgres.create("killed"))
    cabinet = speaker(engine.site)
    engine.apply([cabinet.frame(0, temp=97.0)], at(0))
    durable_postgres.kill()
    frame = cabinet.frame(10, temp=97.0)
    for _ in range(2):  # neither written nor read again
        with pytest.raises(DatabaseError):
            engine.apply([frame], at(10))
    durable_postgres.start()

    engine.apply([frame], at(12))
    engine.apply([cabinet.frame(20, temp=97.0)], at(20))
    durable_postgres.stop()  # in order, while our connection is idle
    durable_postgres.start()
    engine.apply([cabinet.frame(30, temp=60.0)], at(30))

    assert [(ticket.asset, ticket.hazard, len(ticket.evidence)) for ticket in open_tickets(engine)] == [
        ("b1", "overtemperature", 2)
    ]
    engine.close()
