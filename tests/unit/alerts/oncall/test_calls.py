"""From a raised alarm to pages as rows, in virtual time: escalation, repeats, answers, what is late or forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.database import reading
from alerts.engine import Engine
from alerts.outbox.views import CallView, time_line
from tests.databases import database_url
from tests.unit.alerts.asking import boiler_tickets
from tests.unit.alerts.oncall.people import ONCALL, staffed
from tests.unit.alerts.plant import Cabinet, at, plant
from vocab.site import Site

pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

Make = Callable[..., Engine]
# T0 is 08:00 of 2026-03-26 in Shanghai, day 84 of the rotation: e has the day, d the night before.


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Engine] = []

    def build(site: Site | None = None) -> Engine:
        made.append(Engine(site or staffed(), database_url(tmp_path)))
        return made[-1]

    yield build
    for engine in made:
        engine.close()


def hot(engine: Engine, cabinet: Cabinet, start_s: float = 0.0, until_s: float = 60.0, temp: float = 93.0) -> None:
    """A boiler beyond its limit: priority 2, or 1 from 95.25."""
    at_s = start_s
    while at_s <= until_s:
        engine.apply([cabinet.frame(at_s, temp=temp, burner=1.0)], at(at_s))
        at_s += 5


def calls(engine: Engine) -> list[CallView]:
    ticket = boiler_tickets(engine)[0]
    with reading(engine.database) as connection:
        return time_line(connection, engine.site, int(ticket.id))


def paged(engine: Engine) -> list[tuple[float, str, int, int]]:
    """When due in seconds since the call, whom, step and round."""
    return [
        ((page.due_ms - call.at_ms) / 1000, page.person, page.step, page.round)
        for call in calls(engine)
        for page in call.pages
    ]


def ticks(engine: Engine, *seconds: float) -> None:
    for second in seconds:
        engine.tick(at(second))


def test_a_raised_alarm_pages_who_is_on_duty_in_the_same_transaction(make: Make, cabinet: Cabinet) -> None:
    engine = make()

    hot(engine, cabinet, until_s=30)

    (call,) = calls(engine)
    assert (call.why, call.policy, call.at_ms) == ("opened", "safety", at(30))
    assert paged(engine) == [(0.0, "e", 0, 0)]
    assert call.pages[0].state == "due"


def test_without_an_answer_it_repeats_then_climbs_to_the_deputy_the_office_and_again(
    make: Make, cabinet: Cabinet
) -> None:
    engine = make()
    hot(engine, cabinet, until_s=30)

    ticks(engine, *range(31, 30 + 1300, 10))

    assert paged(engine) == [
        (0.0, "e", 0, 0), (120.0, "e", 0, 1), (300.0, "f", 1, 0),
        (600.0, "g", 2, 0), (1200.0, "g", 2, 1),
    ]  # fmt: skip


def test_how_often_somebody_looks_changes_nothing_and_after_an_hour_away_only_the_last_round_is_made_up_for(
    make: Make, cabinet: Cabinet
) -> None:
    engine = make()
    hot(engine, cabinet, until_s=30)

    ticks(engine, 30 + 650)
    again = make()
    ticks(again, 30 + 651, 30 + 652)

    assert paged(again) == [(0.0, "e", 0, 0), (120.0, "e", 0, 1), (300.0, "f", 1, 0), (600.0, "g", 2, 0)]


def test_an_acknowledged_ticket_ends_its_call_and_pages_nobody_more(make: Make, cabinet: Cabinet) -> None:
    engine = make()
    hot(engine, cabinet, until_s=30)
    ticket = int(boiler_tickets(engine)[0].id)

    engine.acknowledge_ticket(ticket, "e", "", at(100))
    ticks(engine, *range(101, 800, 50))

    (call,) = calls(engine)
    assert (call.acked_by, call.answer_ms, call.ended_why) == ("e", 70_000, "acknowledged")
    assert [page.state for page in call.pages] == ["cancelled"], "it was never sent, and now nobody needs it"


def test_acknowledged_and_forgotten_is_called_anew_and_answered_again(make: Make, cabinet: Cabinet) -> None:
    engine = make()
    hot(engine, cabinet, until_s=30)
    ticket = int(boiler_tickets(engine)[0].id)
    engine.acknowledge_ticket(ticket, "e", "", at(100))

    ticks(engine, 999, 1000, 1001)

    assert [call.why for call in calls(engine)] == ["opened", "forgotten"]
    engine.acknowledge_ticket(ticket, "f", "", at(1010))
    assert [call.acked_by for call in calls(engine)] == ["e", "f"]


def test_a_more_urgent_alarm_of_the_same_hazard_calls_again_although_it_was_acknowledged(
    make: Make, cabinet: Cabinet
) -> None:
    engine = make()
    hot(engine, cabinet, until_s=30)
    engine.acknowledge_ticket(int(boiler_tickets(engine)[0].id), "e", "", at(40))

    hot(engine, cabinet, start_s=45, until_s=60, temp=97.0)

    assert [(call.why, call.priority) for call in calls(engine)] == [("opened", 2), ("more_urgent", 1)]
    assert calls(engine)[1].ended_ms is None


def test_what_is_found_afterwards_never_pages_as_if_it_were_now(make: Make, cabinet: Cabinet) -> None:
    engine = make()
    for second in range(0, 65, 5):
        frame = cabinet.frame(second, temp=93.0, burner=1.0, received_s=second + 7200)
        engine.apply([frame], at(second + 7200))
    engine.tick(at(7300))

    first = calls(engine)[0]
    assert first.late
    assert [(page.state, page.due_ms) for page in first.pages] == [("digest", at(86_400))], "in the morning's digest"


def test_a_ticket_without_urgency_waits_for_the_shifts_digest(make: Make, cabinet: Cabinet) -> None:
    ordinary = ONCALL.replace("priorities = [1, 2]", "priorities = [1]")
    engine = make(staffed(oncall=ordinary))

    hot(engine, cabinet, until_s=30)

    (call,) = calls(engine)
    assert call.policy == "ordinary"
    assert [(page.person, page.state, page.due_ms) for page in call.pages] == [("e", "digest", at(12 * 3600))]


def test_a_rung_that_finds_nobody_says_so_and_the_next_is_called_at_once(make: Make, cabinet: Cabinet) -> None:
    empty = ONCALL.replace(
        'who = ["roster:duty"]\nafter_s = 0\nrepeat_s', 'who = ["unit:assist"]\nafter_s = 0\nrepeat_s'
    )
    engine = make(staffed(oncall=empty))

    hot(engine, cabinet, until_s=35)

    assert [(person, step) for _, person, step, _ in paged(engine)] == [("", 0), ("f", 1)]
    told = [line.text.en for line in boiler_tickets(engine)[0].evidence]
    assert any("Nobody to call for unit:assist" in line for line in told)


def test_a_site_without_oncall_pages_nobody(make: Make, cabinet: Cabinet) -> None:
    engine = make(plant())

    hot(engine, cabinet, until_s=30)

    assert calls(engine) == []


def test_the_ticket_tells_that_nobody_answered_and_who_is_called_now(make: Make, cabinet: Cabinet) -> None:
    engine = make()
    hot(engine, cabinet, until_s=30)

    ticks(engine, 331)

    told = boiler_tickets(engine)[0].evidence[-1].text
    assert (told.en, told.zh) == ("No answer in 5 min, calling Officer F", "5分钟无人应答，转呼值班员F")
