"""From frames to tickets, in one transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from alerts.engine import Engine
from alerts.errors import DatabaseError, NoSuchAlarmError, NoSuchTicketError, NothingToDoError
from alerts.tables import tickets as tickets_table
from alerts.tickets import desk
from alerts.tickets.commands import Command, Verb
from alerts.views import Both
from tests.databases import database_url
from tests.unit.alerts.asking import log, tickets, transitions
from tests.unit.alerts.conftest import MakeEngine
from tests.unit.alerts.plant import Cabinet, at, plant, speaker
from vocab.policy import PolicyChange
from vocab.quality import Reason


def heat(engine: Engine, cabinet: Cabinet, *values: float | Reason | None, start: float = 0, every: float = 10) -> None:
    for step, value in enumerate(values):
        now = start + step * every
        engine.apply([cabinet.frame(now, temp=value)], at(now))


def test_an_alarm_becomes_one_ticket_with_all_that_is_known(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 80, 91.5, 92.5, 92, 92)

    (ticket,) = tickets(engine)
    assert (ticket.number, ticket.state, ticket.category, ticket.grade, ticket.priority) == (
        "PLANT-20260326-0001", "dispatched", "hazard", "general", 2,
    )  # fmt: skip
    assert (ticket.asset, ticket.kind, ticket.hazard, ticket.grid) == ("b1", "boiler", "overtemperature", "g1")
    assert ticket.title == Both("Boiler 1: Too hot", "1号锅炉：水温高")
    assert (ticket.location, ticket.grid_name) == (Both("Cellar", "地下室"), Both("Grid 1", "一网格"))
    assert ticket.procedure == Both("Reduce firing.", "降低负荷。")
    assert (ticket.raised_ms, ticket.opened_ms) == (at(40), at(40))
    assert (ticket.alarm_active, ticket.late) == (True, False)
    (line,) = ticket.evidence
    assert line.text == Both(
        "Too hot: Supply temperature 92.0 °C, limit 90.0 °C, since 2026-03-26 08:00:40",
        "水温高：供水温度92.0 °C，限值90.0 °C，自2026-03-26 08:00:40起",
    )
    assert (line.point, line.value, line.unit) == ("temp", 92.0, "°C")


def test_a_state_is_told_in_words(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, burner=3.0)], at(0))

    (ticket,) = tickets(engine)
    assert ticket.evidence[0].text.en == "Burner locked out: Burner locked out, since 2026-03-26 08:00:00"
    assert ticket.evidence[0].text.zh == "燃烧器锁定：燃烧器锁定，自2026-03-26 08:00:00起"


def test_high_and_very_high_share_a_ticket_and_the_graver_one_takes_over(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 80, 92, 92, 92, 92, 97, 97)

    (ticket,) = tickets(engine)
    assert (ticket.priority, ticket.grade, ticket.title.en) == (1, "major", "Boiler 1: Far too hot")
    assert [line.text.en.split(":")[0] for line in ticket.evidence] == ["Too hot", "Far too hot"]
    assert "limit 95.25 °C" in ticket.evidence[1].text.en, "a limit is shown with all its places"


def test_a_lesser_alarm_does_not_take_a_ticket_down(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 80, 97, 97, 97, 97, 97)

    (ticket,) = tickets(engine)
    assert [line.text.en.split(":")[0] for line in ticket.evidence] == ["Far too hot", "Too hot"]
    assert (ticket.priority, ticket.title.en) == (1, "Boiler 1: Far too hot")


def test_an_alarm_that_returns_adds_evidence_and_closes_nothing(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 92, 92, 92, 92, 80, 80, 80, 92, 92, 92, 92)

    (ticket,) = tickets(engine)
    assert [line.text.en.split(":")[0] for line in ticket.evidence] == ["Too hot", "Back to normal", "Too hot"]
    assert (ticket.state, ticket.alarm_active, ticket.raised_ms) == ("dispatched", True, at(30))


def test_each_hazard_and_each_boiler_has_a_ticket_of_its_own(engine: Engine, cabinet: Cabinet) -> None:
    for boiler in ("b1", "b2"):
        engine.apply([cabinet.frame(0, boiler, temp=97.0, burner=3.0)], at(0))
    engine.apply([cabinet.frame(20)], at(20))

    found = {(ticket.asset, ticket.hazard) for ticket in tickets(engine)}
    assert found == {(boiler, hazard) for boiler in ("b1", "b2") for hazard in ("lockout", "overtemperature")}


def test_a_frame_that_comes_again_changes_nothing(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 92, 92, 92, 92, 80, 80, 92)
    before = (log(engine), tickets(engine))

    changes = engine.apply([*cabinet.made, *cabinet.made], at(70))

    assert (changes.transitions, changes.alarms, changes.tickets) == ((), (), ())
    assert (log(engine), tickets(engine)) == before
    assert engine.counts["duplicates"] == 14


def test_two_engines_on_one_database_open_one_ticket(make_engine: MakeEngine) -> None:
    first, second = make_engine(), make_engine()
    for engine in (first, second):
        cabinet = speaker(engine.site)
        engine.apply([cabinet.frame(0, temp=97.0), cabinet.frame(20)], at(20))

    (ticket,) = tickets(first)
    assert [line.text.en.split(":")[0] for line in ticket.evidence] == ["Far too hot", "Far too hot"]


def test_a_second_open_ticket_of_a_hazard_is_refused_by_the_database(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, burner=3.0)], at(0))
    others = ", ".join(column.name for column in tickets_table.c if column.name not in ("id", "number"))

    with (
        pytest.raises(
            Exception,
            match=r"(UNIQUE constraint failed: |Key \()(tickets\.)?site, (tickets\.)?asset, (tickets\.)?hazard",
        ),
        engine.database.begin() as connection,
    ):
        connection.exec_driver_sql(
            f"INSERT INTO tickets (id, number, {others}) SELECT 99, 'X', {others} FROM tickets"  # noqa: S608
        )


def test_numbers_begin_anew_each_day_of_the_sites_own_calendar(engine: Engine, cabinet: Cabinet) -> None:
    evening = 15.99 * 3600  # 23:59:24 in Shanghai, still the same day in UTC one minute later
    engine.apply([cabinet.frame(evening, "b1", burner=3.0)], at(evening))
    engine.apply([cabinet.frame(evening + 60, "b2", burner=3.0)], at(evening + 60))

    numbers = [ticket.number for ticket in tickets(engine) if ticket.hazard == "lockout"]
    assert numbers == ["PLANT-20260326-0001", "PLANT-20260327-0001"]


def test_acknowledging_a_ticket_says_who_and_leaves_its_alarm_alone(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, burner=3.0)], at(0))

    ticket, changes = engine.acknowledge_ticket(1, "night shift", "going there", at(60))

    assert (ticket.state, ticket.acked_by, ticket.acked_ms) == ("dispatched", "night shift", at(60))
    assert ticket.evidence[-1].text == Both("night shift: going there", "night shift：going there")
    assert changes.alarms == ()
    assert engine.alarms()[0].state == "unacked"
    with pytest.raises(NothingToDoError):
        engine.acknowledge_ticket(1, "day shift", "", at(70))
    with pytest.raises(NoSuchTicketError):
        engine.acknowledge_ticket(2, "day shift", "", at(70))


def test_a_site_may_say_that_a_tickets_acknowledgement_is_that_of_its_alarms(tmp_path: Path, cabinet: Cabinet) -> None:
    change = PolicyChange(ticket_acknowledges_alarms=True, reason="one duty room does both")
    site = plant()
    site = replace(site, file=site.file.model_copy(update={"policy": (change,)}))
    engine = Engine(site, database_url(tmp_path))
    engine.apply([cabinet.frame(0, burner=3.0), cabinet.frame(0, "b2", burner=3.0)], at(0))

    _, changes = engine.acknowledge_ticket(1, "night shift", "going there", at(60))
    assert {each.id: each.state for each in engine.alarms()} == {"b1.lockout": "acked", "b2.lockout": "unacked"}
    assert [(each.alarm, each.by, each.note, each.because) for each in changes.transitions] == [
        ("b1.lockout", "night shift", "going there", "acknowledged")
    ]
    with pytest.raises(NothingToDoError):
        engine.acknowledge_ticket(1, "day shift", "", at(70))
    desk.order(engine, 2, lambda now: Command(Verb.BEGIN, "worker", now), at(80))
    assert {each.id: each.acked_by for each in engine.alarms()} == {"b1.lockout": "night shift", "b2.lockout": "worker"}
    engine.close()


def test_acknowledging_an_alarm_says_who_until_it_is_raised_again(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, burner=3.0)], at(0))

    alarm, changes = engine.acknowledge_alarm("b1.lockout", "night shift", "seen", at(60))
    assert (alarm.state, alarm.acked_by, alarm.acked_ms, alarm.ticket) == ("acked", "night shift", at(60), "1")
    assert [(each.by, each.note, each.because) for each in changes.transitions] == [
        ("night shift", "seen", "acknowledged")
    ]
    with pytest.raises(NothingToDoError):
        engine.acknowledge_alarm("b1.lockout", "night shift", "", at(70))
    with pytest.raises(NoSuchAlarmError):
        engine.acknowledge_alarm("b1.flood", "night shift", "", at(70))

    engine.apply([cabinet.frame(20, burner=1.0), cabinet.frame(30, burner=3.0)], at(30))
    assert [(each.state, each.acked_by) for each in engine.alarms()] == [("unacked", None)]


def test_a_latched_alarm_is_reset_by_a_person(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 97, 97, 80)
    assert engine.alarms()[0].state == "latched_unacked"

    engine.acknowledge_alarm("b1.temp_very_high", "keeper", "", at(30))
    engine.reset_alarm("b1.temp_very_high", "keeper", "relief valve checked", at(40))

    assert engine.alarms() == []
    assert transitions(engine)[-1].note == "relief valve checked"


def test_a_database_that_refuses_loses_nothing(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=97.0)], at(0))
    frame = cabinet.frame(20, temp=97.0)

    def refuse(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO tickets"):
            raise sqlite3.OperationalError("database or disk is full")

    event.listen(engine.database, "before_cursor_execute", refuse)
    with pytest.raises((DatabaseError, sqlite3.OperationalError)):
        engine.apply([frame], at(20))
    event.remove(engine.database, "before_cursor_execute", refuse)
    assert (log(engine), engine.alarms()) == ([], [])

    engine.apply([frame], at(25))
    assert log(engine) == [(10, "b1.temp_very_high", "unacked")]


def test_a_dead_device_gives_one_ticket_although_two_rules_see_it(engine: Engine, cabinet: Cabinet) -> None:
    for now in range(0, 300, 10):
        engine.apply(
            [cabinet.frame(now, temp=None, burner=None), cabinet.frame(now, "b2", temp=50.0, burner=1.0)], at(now)
        )

    assert [(ticket.asset, ticket.hazard) for ticket in tickets(engine)] == [("b1", "comms_lost")]
    assert log(engine) == [(20, "b1.no_contact", "unacked")]


def test_the_latest_values_are_told_once(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=50.0, burner=Reason.SENSOR_FAULT)], at(0))

    first, second = engine.take_latest(), engine.take_latest()

    assert first["b1/temp"] == (50.0, at(0), 0, "none")
    assert first["b1/burner"] == (None, at(0), 2, "sensor_fault")
    assert second == {}
    assert set(engine.latest()) == {"b1/temp", "b1/burner", "e1/heartbeat", "e1/spool_frames"}
