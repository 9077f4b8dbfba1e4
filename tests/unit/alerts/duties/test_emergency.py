"""The emergency: two persons start and end it, it switches schedules on, areas are graded, supplies watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from alerts.duties import areas, modes, stock, views
from alerts.duties.book import Book
from alerts.duties.due import State
from alerts.duties.emergency_api import changed
from alerts.duties.zone_views import zone_views
from alerts.duties.zones import Counts, Risk, Situation, propose, situation
from alerts.errors import NothingToDoError, NotThereError, RefusedError, WrongOrderError
from tests.unit.alerts.duties.place import DAY, HOUR, Place, demo, ms
from vocab.duties import Duties, ZoneRule

START = ms("2026-02-16 21:00")  # the night before the Spring Festival's first day


def act(place: Place, now_ms: int, what: Callable[[Book], object]) -> object:
    return changed(place.engine, what, now_ms)[0]


def begin(place: Place, now_ms: int = START) -> int:
    number = act(place, now_ms, lambda book: modes.ask(book, "epidemic", 2, "head-office", "a case"))
    assert isinstance(number, int)
    act(place, now_ms, lambda book: modes.agree(book, number, "supervisor-a"))
    return number


def test_it_takes_two_persons_to_begin_and_two_to_end(place: Place) -> None:
    place.look(START)
    number = act(place, START, lambda book: modes.ask(book, "epidemic", 1, "head-office", "a case"))
    assert isinstance(number, int)
    (told,) = views.mode_views(place.engine)
    assert (told["last"]["state"], told["last"]["agreed"]) == ("asked", ["head-office"])
    with pytest.raises(RefusedError) as caught:
        act(place, START, lambda book: modes.agree(book, number, "head-office"))
    assert caught.value.reason == "same_person"
    act(place, START, lambda book: modes.agree(book, number, "supervisor-a"))
    assert views.mode_views(place.engine)[0]["last"]["state"] == "on"
    with pytest.raises(NothingToDoError):
        act(place, START, lambda book: modes.ask(book, "epidemic", 1, "head-office", "again"))
    act(place, START + DAY, lambda book: modes.end(book, number, "head-office", "over"))
    assert views.mode_views(place.engine)[0]["last"]["state"] == "on"
    act(place, START + DAY, lambda book: modes.end(book, number, "supervisor-a", ""))
    last = views.mode_views(place.engine)[0]["last"]
    assert (last["state"], last["end_why"], last["end_agreed"]) == ("over", "over", ["head-office", "supervisor-a"])


def test_a_mode_that_nobody_agreed_to_is_withdrawn_by_one(place: Place) -> None:
    number = act(place, START, lambda book: modes.ask(book, "epidemic", 1, "head-office", "a rumour"))
    assert isinstance(number, int)
    act(place, START, lambda book: modes.end(book, number, "head-office", "only a rumour"))
    assert views.mode_views(place.engine)[0]["last"]["summary"] == {"withdrawn": True}
    with pytest.raises(WrongOrderError, match="levels"):
        act(place, START, lambda book: modes.ask(book, "epidemic", 4, "head-office", "x"))
    with pytest.raises(NotThereError):
        act(place, START, lambda book: modes.ask(book, "flood", 1, "head-office", "x"))


def test_two_days_of_it_ask_for_twelve_reports_a_day_through_the_spring_festival(place: Place) -> None:
    place.look(START)
    begin(place)
    place.start()  # a restart in the middle
    place.look(START + 2 * DAY)
    slots = place.duties("report-sampling")
    per_day = Counter((row["due_from_ms"] - ms("2026-02-16 00:00")) // DAY for row in slots)
    assert per_day[1] == 12
    assert slots[0]["due_from_ms"] == ms("2026-02-16 22:00"), "the slot of 20:00 was over"
    assert len(place.duties("report-groups")) == 2 * 9
    assert {row["subject"] for row in place.duties("checkpoint-duty")} == {"gate-1", "gate-2", "gate-3"}
    assert {each["asset"] for each in place.tickets(hazard="checkpoint_unattended")} == {"gate-1", "gate-2", "gate-3"}
    assert len(place.tickets(asset="report-sampling")) == 1, "a night of silence is one ticket with many lines"


def test_its_end_waives_what_is_open_and_a_second_time_begins_anew(place: Place) -> None:
    place.look(START)
    number = begin(place)
    place.look(START + 90 * 60_000)
    end = START + 2 * HOUR
    act(place, end, lambda book: modes.end(book, number, "head-office", "over"))
    act(place, end, lambda book: modes.end(book, number, "supervisor-a", ""))
    assert "open" not in place.states("checkpoint-duty")
    summary = views.mode_views(place.engine)[0]["last"]["summary"]
    assert summary["duties"]["waived"] == 3, "the three checkpoints"
    before = len(place.duties("report-sampling"))
    place.look(START + 30 * DAY)
    assert len(place.duties("report-sampling")) == before, "nothing is asked for while it is off"
    begin(place, START + 30 * DAY)
    place.look(START + 30 * DAY + 4 * HOUR)
    assert len(place.duties("report-sampling")) == before + 2
    isolation = place.duties("disinfection-isolation")
    assert "missed" not in {row["state"] for row in isolation}, "the month without it was nobody's miss"


# --- areas -----------------------------------------------------------------------------------------------------------


def rule(reading: str = "and") -> ZoneRule:
    found = demo().duties.file.zone_rule
    assert found is not None
    return found.model_copy(update={"reading": reading})


@pytest.mark.parametrize(
    ("new", "total", "clusters", "read_as_and", "read_as_or"),
    [
        (0, 0, 0, "low", "low"),
        (1, 1, 0, "medium", "medium"),
        (5, 5, 0, "medium", "medium"),
        (6, 6, 0, "medium?", "high"),  # the gap of the sentence: an expert is needed
        (6, 6, 1, "medium", "high"),
        (6, 6, 2, "high", "high"),
        (4, 4, 2, "medium", "high"),
        (4, 4, 1, "medium", "medium"),
        (2, 6, 0, "medium?", "high"),
        (0, 6, 0, "low", "low"),  # quiet for long enough
    ],
)
def test_both_readings_of_the_sentence(new: int, total: int, clusters: int, read_as_and: str, read_as_or: str) -> None:
    seen = Situation(new, total, clusters, None if total == 0 else 0 if new else 20)
    for reading, wanted in (("and", read_as_and), ("or", read_as_or)):
        proposal = propose(rule(reading), seen)
        assert proposal.risk.word + "?" * proposal.needs_expert == wanted, reading


def test_more_cases_never_mean_less_risk() -> None:
    for reading in ("and", "or"):
        for new in range(8):
            for clusters in range(4):
                here = propose(rule(reading), Situation(new, new, clusters, 0))
                more = propose(rule(reading), Situation(new + 1, new + 1, clusters + 1, 0))
                assert here.risk <= more.risk


def test_the_window_is_fourteen_days_that_end_with_today() -> None:
    first = date(2026, 2, 10)
    days = {first: Counts(3, 1)}
    seen = [situation(rule(), days, first + timedelta(days=passed)).new_cases for passed in (0, 13, 14)]
    assert seen == [3, 3, 0]
    assert situation(rule(), days, first + timedelta(days=14)).quiet_days == 14
    assert situation(rule(), days, first - timedelta(days=1)).cumulative == 0, "what is to come is not known"


def test_a_grade_goes_down_only_after_fourteen_quiet_days() -> None:
    almost = propose(rule(), Situation(0, 6, 0, 13), Risk.HIGH)
    assert almost.risk is Risk.HIGH
    assert "[bk]" in almost.because.en
    assert propose(rule(), Situation(0, 6, 0, 14), Risk.HIGH).risk is Risk.LOW


def test_a_count_proposes_a_named_person_confirms_and_the_clock_takes_it_down(place: Place) -> None:
    today = date(2026, 2, 16)
    place.look(START)
    act(place, START, lambda book: areas.count(book, areas.Count("village", today, 6, 2, "head-medical")))
    with pytest.raises(WrongOrderError, match="say why"):
        act(place, START, lambda book: areas.confirm(book, "village", "low", "supervisor-a", ""))
    act(place, START, lambda book: areas.confirm(book, "village", "high", "supervisor-a", ""))
    with pytest.raises(NothingToDoError):
        act(place, START, lambda book: areas.confirm(book, "village", "high", "supervisor-a", ""))

    def proposed(now_ms: int) -> str:
        place.look(now_ms)
        with place.engine.database.connect() as connection:
            row = areas.newest(views.reader(connection, place.engine, now_ms), "village")
        assert row is not None
        return f"{row['proposed']} {row['confirmed_by']}"

    assert proposed(START + 13 * DAY) == "high supervisor-a"
    assert proposed(START + 14 * DAY) == "low None", "it proposes; nobody has confirmed it yet"
    assert proposed(START + 15 * DAY) == "low None"


def test_areas_need_a_rule_and_a_place_that_is_there(place: Place) -> None:
    count = areas.Count("nowhere", date(2026, 2, 16), 1, 0, "x")
    with pytest.raises(NotThereError):
        act(place, START, lambda book: areas.count(book, count))
    with pytest.raises(WrongOrderError):
        act(place, START, lambda book: areas.count(book, replace(count, place="village", day=date(2026, 2, 18))))
    place.engine.site = replace(demo(), duties=Duties(demo().duties.file.model_copy(update={"zone_rule": None})))
    with pytest.raises(NotThereError):
        act(place, START, lambda book: areas.count(book, replace(count, place="village")))


# --- supplies --------------------------------------------------------------------------------------------------------


def test_supplies_below_their_minimum_are_a_ticket_and_above_it_again_close_it(place: Place) -> None:
    act(place, START, lambda book: stock.move(book, stock.Move("masks", "head-supplies", counted=2000.0)))
    assert place.tickets(hazard="stock_low") == [], "the minimum itself is enough"
    act(place, START, lambda book: stock.move(book, stock.Move("masks", "head-supplies", change=-1.0)))
    act(place, START, lambda book: stock.move(book, stock.Move("masks", "head-supplies", change=-1.0)))
    (ticket,) = place.tickets(hazard="stock_low")
    assert len(place.lines(ticket["id"])) == 2
    with pytest.raises(WrongOrderError):
        act(place, START, lambda book: stock.move(book, stock.Move("masks", "head-supplies", change=-5000.0)))
    act(place, START, lambda book: stock.move(book, stock.Move("masks", "head-supplies", change=500.0)))
    assert place.tickets(hazard="stock_low")[0]["closed_ms"] == START


def graded(place: Place, when: str, counted: tuple[int, int], risk: str) -> None:
    told = areas.Count("court", date(2026, 2, 17), *counted, "head-medical")
    act(place, ms(when), lambda book: areas.count(book, told))
    act(place, ms(when), lambda book: areas.confirm(book, "court", risk, "head-office", ""))


def asked_for(place: Place) -> set[tuple[str, str]]:
    names = ("checkpoint-high", "checkpoint-medium", "checkpoint-closed", "report-area-high", "waste-sealed-high")
    found = [row for name in names for row in place.duties(name, State.OPEN)]
    return {(row["schedule"], row["subject"]) for row in found}


def test_a_confirmed_grade_switches_checkpoints_reports_and_waste_and_goes_down_with_the_next(place: Place) -> None:
    hasty = rule().model_copy(update={"window_days": 1, "quiet_days": 0})
    place.site = replace(demo(), duties=Duties(demo().duties.file.model_copy(update={"zone_rule": hasty})))
    place.start()
    place.look("2026-02-17 05:00")
    graded(place, "2026-02-17 05:10", (1, 0), "medium")
    place.start()
    place.look("2026-02-17 06:10")
    assert asked_for(place) == {("checkpoint-medium", "gate-1"), ("checkpoint-medium", "gate-2")}

    graded(place, "2026-02-17 06:30", (9, 2), "high")
    assert asked_for(place) == set(), "what the old grade asked for is waived"
    place.start()
    place.look("2026-02-17 08:10")

    assert asked_for(place) == {
        ("checkpoint-high", "gate-1"), ("checkpoint-closed", "gate-2"), ("report-area-high", ""),
        ("waste-sealed-high", "north"), ("waste-sealed-high", "south"),
    }, "of the gates of the court the first stays open; the village is another area"  # fmt: skip
    told, before = zone_views(place.engine, None)
    assert (told["in_force"], told["policy"]["sealed"], before["in_force"]) == (True, True, False)
    assert (told["policy"]["attended"], told["policy"]["closed"]) == (("gate-1",), ("gate-2",))
    place.look("2026-02-17 12:00")
    assert {each["asset"] for each in place.tickets(hazard="sealed_waste_missed")} == {
        "waste-sealed-high:north", "waste-sealed-high:south",
    }  # fmt: skip

    place.look("2026-02-18 08:10")
    (told, *_) = zone_views(place.engine, None)
    assert (told["proposed"], asked_for(place) == set()) == ("low", False), "a proposal switches nothing"
    act(place, ms("2026-02-18 08:20"), lambda book: areas.confirm(book, "court", "low", "head-office", ""))
    assert asked_for(place) == set()
    before_it = len(place.duties("waste-sealed-high"))
    place.look("2026-02-19 12:00")
    assert len(place.duties("waste-sealed-high")) == before_it
