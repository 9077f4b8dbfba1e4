"""A ticket is closed by evidence: verified, refuted, waiting, opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import people
from alerts.errors import TicketRefusedError
from alerts.ledger import Order
from alerts.tickets.closing import Finding, Proven, Seen, Times, weigh
from alerts.tickets.commands import Verb
from alerts.tickets.model import Level
from tests.databases import database_url
from tests.unit.alerts.asking import tickets
from tests.unit.alerts.plant import at
from tests.unit.alerts.tickets.house import House
from vocab.quality import Reason

TIMES = Times(settle_ms=100, verify_ms=50)


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[House]:
    assert database == database_url(tmp_path), "on SQLite, and on PostgreSQL"
    made = House(tmp_path)
    yield made
    made.engine.close()


def test_a_repair_is_verified_when_the_sensor_was_good_for_long_enough(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(15, burner=1.0, temp=50.0)
    assert house.ticket().work.good_since_ms == at(15)
    house.hear(70, burner=1.0, temp=50.0)
    ticket = house.ticket()
    assert (ticket.state, ticket.work.verification, ticket.closed_ms) == ("feedback", "pending", None)

    house.hear(75, burner=1.0, temp=50.0)
    ticket = house.ticket()
    assert (ticket.state, ticket.work.verification, ticket.closed_ms) == ("written_off", "verified", at(75))
    assert house.steps()[-3:] == ["repaired", "verified", "write_off"]
    assert ticket.evidence[-1].text.zh.startswith("传感器确认恢复")
    assert house.engine.alarm("b1.lockout").ticket is None


def test_a_faked_repair_cannot_be_closed_and_goes_back(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(100, burner=3.0)
    with pytest.raises(TicketRefusedError) as refused:
        house.do(1, Verb.WRITE_OFF, "duty")
    assert refused.value.reason == "not_accepted"
    house.do(1, Verb.ACCEPT, "duty")
    with pytest.raises(TicketRefusedError) as refused:
        house.do(1, Verb.WRITE_OFF, "duty")
    assert refused.value.reason == "not_verified"

    house.hear(310, burner=3.0)
    ticket = house.ticket()
    assert (ticket.state, ticket.work.verification, ticket.work.repaired_ms) == ("rectifying", "none", None)
    assert house.events()[-1].note == "still_stands"
    assert ticket.evidence[-1].text.en == "The sensor does not agree: the alarm still stands"


def test_an_alarm_that_is_back_refutes_at_once(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(40, burner=1.0)
    house.hear(45, burner=3.0)

    assert (house.ticket().state, house.events()[-1].note) == ("rectifying", "raised_again")
    assert len(tickets(house.engine)) == 1


def test_a_hidden_alarm_refutes_too(house: House) -> None:
    house.begun()
    people.shelve(house.engine, "b1.lockout", Order("duty", "noise"), 7_200_000, at(house.now))
    house.do(1, Verb.REPAIRED)
    house.hear(30, burner=1.0)
    house.hear(35, burner=3.0)

    assert (house.ticket().state, house.events()[-1].note) == ("rectifying", "raised_again")


@pytest.mark.parametrize("doubt", [Reason.COMM_TIMEOUT, None])
def test_unknown_begins_the_count_anew(house: House, doubt: Reason | None) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(60, burner=1.0)
    house.hear(65, burner=doubt)
    assert house.ticket().work.good_since_ms is None
    house.hear(120, burner=1.0)
    assert house.ticket().state == "feedback"
    house.hear(135, burner=1.0)
    assert house.ticket().state == "written_off"


def test_a_sensor_that_falls_silent_proves_nothing(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(40, burner=1.0)
    house.hear(600)  # the cabinet speaks, the boiler does not
    assert house.ticket().state == "feedback"
    house.hear(605, burner=1.0)
    assert house.ticket().work.good_since_ms in (None, at(605)), "the silence counts for nothing"
    assert house.ticket().state == "feedback"


def test_a_dead_cabinet_proves_nothing(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(40, burner=1.0)
    for moment in range(50, 900, 50):
        house.engine.tick(at(moment))
    assert house.ticket().state == "feedback"


def test_the_count_survives_a_restart(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    for moment in (30, 45, 60, 75):
        house.hear(moment, burner=1.0)
        house.restart()

    assert (house.ticket().state, house.ticket().closed_ms) == ("written_off", at(75))


def test_what_comes_back_soon_opens_the_old_ticket_with_its_old_clock(house: House) -> None:
    house.begun()
    due = house.ticket().work.due_ms
    house.do(1, Verb.REPAIRED)
    house.hear(80, burner=1.0)
    assert house.ticket().state == "written_off"
    house.restart()
    house.hear(85, burner=3.0)

    (ticket,) = tickets(house.engine)
    assert (ticket.state, ticket.closed_ms, ticket.work.due_ms, ticket.work.reopened) == ("rectifying", None, due, 1)
    assert (ticket.acked_ms, house.steps()[-1]) == (None, "reopen"), "somebody has to take note of it anew"


def test_what_comes_back_after_the_window_is_a_new_ticket(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.hear(80, burner=1.0)
    house.now += 3 * 86_400 + 10
    house.hear(house.now + 5, burner=3.0)

    lockouts = [each for each in tickets(house.engine) if each.hazard == "lockout"]
    assert [each.state for each in lockouts] == ["written_off", "dispatched"]


def test_a_major_hazard_is_verified_and_then_waits_for_two_levels(house: House) -> None:
    house.planned()
    house.hear(40, temp=60.0, burner=1.0)
    house.do(1, Verb.REPAIRED)
    with pytest.raises(TicketRefusedError, match="does not agree yet"):
        house.do(1, Verb.ACCEPT, "district officer", level=Level.DISTRICT)
    house.hear(120, temp=60.0, burner=1.0)
    ticket = house.ticket()
    assert (ticket.state, ticket.work.verification) == ("feedback", "verified")

    house.do(1, Verb.ACCEPT, "district officer", level=Level.DISTRICT)
    with pytest.raises(TicketRefusedError, match="district and city"):
        house.do(1, Verb.WRITE_OFF, "city officer")
    house.do(1, Verb.ACCEPT, "city officer", level=Level.CITY)
    assert house.do(1, Verb.WRITE_OFF, "city officer").closed_ms == at(120)


def test_who_closes_without_the_sensor_is_told_apart_for_ever(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    house.do(1, Verb.ACCEPT, "duty")
    ticket = house.do(1, Verb.WRITE_OFF, "duty", unverified=True, note="the sensor was taken away")

    assert (ticket.state, ticket.work.verification) == ("written_off", "unverified")
    assert house.events()[-1].payload == {"unverified": True}


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 40), st.booleans(), st.booleans()), max_size=30))
def test_only_an_unbroken_clear_stretch_verifies(looks: list[tuple[bool, bool, int, bool, bool]]) -> None:
    now, since, clear_from = 0, None, None
    for stands, known, gap, raised, broken in looks:
        now += gap
        clear = known and not stands
        seen = Seen(stands, clear, now, raised, broken)
        proven = weigh(0, since, seen, TIMES, now)
        if raised or not clear:
            clear_from = None
        elif clear_from is None or broken:
            clear_from = now
        assert proven.good_since_ms == clear_from
        assert (proven.finding is Finding.VERIFIED) == (clear_from is not None and now - clear_from >= 50)
        assert proven.finding.refutes == (raised or (stands and now >= 100))
        if proven.finding is not Finding.WAIT:
            return
        since = proven.good_since_ms


def test_nothing_measured_is_nothing_proven() -> None:
    assert weigh(0, 10, Seen(clear=True), TIMES, 10_000) == Proven(Finding.WAIT, None)
