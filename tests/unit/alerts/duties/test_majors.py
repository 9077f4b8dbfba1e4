"""A major hazard that somebody confirmed is reported upward at once, or the silence becomes work."""

from __future__ import annotations

import pytest

from alerts.duties.due import State
from alerts.tickets import desk
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.tickets.desk import Report
from alerts.tickets.model import Source
from tests.unit.alerts.duties.place import HOUR, MINUTE, Place, ms
from vocab.rule import Grade

pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

AT = ms("2026-03-26 08:00")
NAME = "major-hazard-report"


def confirmed(place: Place, grid: str, at_ms: int) -> int:
    """A hazard that a committee found and somebody graded major."""
    title = ("Fireworks too near to houses", "烟花爆竹零售点安全距离不足")
    told = Report("riverside-grid", Source.CAMPAIGN, grid, "hazard", "self_check", "x", title)
    ticket = int(desk.file(place.engine, told, at_ms)[0].id)
    give(place, ticket, Command(Verb.CLASSIFY, "duty-a", at_ms, category="hazard"))
    give(place, ticket, Command(Verb.GRADE, "supervisor-a", at_ms, grade=Grade.MAJOR))
    return ticket


def give(place: Place, ticket: int, command: Command) -> None:
    desk.order(place.engine, ticket, lambda _: command, command.at_ms)


def test_the_report_of_a_major_hazard_is_asked_for_within_the_hour_of_its_grading(place: Place) -> None:
    place.look(AT)
    ticket = confirmed(place, "village", AT + 1)
    place.look(AT + MINUTE)
    place.start()
    place.look(AT + 2 * MINUTE)
    (duty,) = place.duties(NAME)
    (row,) = place.tickets(id=ticket)
    assert (duty["state"], duty["due_to_ms"], duty["label"]) == ("open", AT + 1 + HOUR, row["number"])
    give(place, ticket, Command(Verb.REPORT_UPWARD, "supervisor-a", AT + 20 * MINUTE, unit="safety-office"))
    place.look(AT + 3 * HOUR)
    (duty,) = place.duties(NAME)
    assert (duty["state"], duty["done_ms"], duty["done_by"]) == ("done", AT + 20 * MINUTE, "supervisor-a")
    assert place.tickets(hazard="deadline_missed") == []


def test_what_nobody_reports_is_missed_and_closed_when_it_is_reported_late(place: Place) -> None:
    place.look(AT)
    ticket = confirmed(place, "village", AT + 1)
    place.look(AT + HOUR)
    assert place.tickets(hazard="deadline_missed") == []
    place.look(AT + 2 * HOUR)
    (missed,) = place.tickets(hazard="deadline_missed")
    assert (missed["priority"], missed["lead_unit"], missed["closed_ms"]) == (1, "community-office", None)
    give(place, ticket, Command(Verb.REPORT_UPWARD, "supervisor-a", AT + 3 * HOUR, unit="safety-office"))
    place.look(AT + 4 * HOUR)
    assert place.states(NAME) == [State.LATE.value]
    assert place.tickets(hazard="deadline_missed")[0]["closed_ms"] == AT + 4 * HOUR


def test_what_only_a_rule_takes_for_major_is_confirmed_by_nobody(place: Place) -> None:
    place.look(AT)
    title = ("Leak", "泄漏")
    told = Report("court-grid", Source.PATROL, "north", "hazard", "leak", "x", title, grade=Grade.MAJOR)
    ticket = int(desk.file(place.engine, told, AT)[0].id)
    with place.engine.changing(AT + 1) as change:
        for command in (
            Command(Verb.CLASSIFY, SYSTEM, AT + 1, category="hazard"),
            Command(Verb.GRADE, SYSTEM, AT + 1, grade=Grade.MAJOR),
        ):
            change.filing.cases.do(ticket, command)
    place.look(AT + 3 * HOUR)
    assert place.duties(NAME) == []


def test_what_turns_out_to_be_general_is_asked_of_nobody(place: Place) -> None:
    place.look(AT)
    ticket = confirmed(place, "village", AT + 1)
    place.look(AT + MINUTE)
    give(place, ticket, Command(Verb.DISCARD, "duty-a", AT + 2 * MINUTE, approver="supervisor-a", note="a mistake"))
    place.look(AT + 3 * HOUR)
    assert place.states(NAME) == [State.WAIVED.value]
    assert place.tickets(hazard="deadline_missed") == []


def test_while_a_major_hazard_is_open_extra_rounds_are_asked_for_and_end_with_it(place: Place) -> None:
    rounds = "closer-watch"
    place.look(AT)
    ticket = confirmed(place, "village", AT + 1)
    place.look(AT + MINUTE)
    (first,) = place.duties(rounds)
    (row,) = place.tickets(id=ticket)
    assert (first["state"], first["due_to_ms"], first["label"]) == ("open", AT + 1 + 4 * HOUR, row["number"])
    place.start()
    place.look(AT + 5 * HOUR)
    (missed,) = place.tickets(hazard="patrol_missed")
    assert (missed["priority"], missed["lead_unit"]) == (2, "community-office")
    place.look(AT + 7 * HOUR)
    assert place.states(rounds) == ["missed", "open"]

    give(place, ticket, Command(Verb.DISCARD, "duty-a", AT + 8 * HOUR, approver="supervisor-a", note="a mistake"))
    place.look(AT + 8 * HOUR + MINUTE)
    place.look(AT + 40 * HOUR)

    assert place.states(rounds) == ["waived", "waived"]
    assert place.tickets(hazard="patrol_missed")[0]["closed_ms"] == AT + 8 * HOUR + MINUTE
