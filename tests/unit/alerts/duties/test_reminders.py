"""Whoever still has something open is reminded in time, each once, through restarts and over a whole year."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts.database import reading
from alerts.duties import orders, views
from alerts.duties.due import Days
from alerts.duties.reminders import moments
from alerts.outbox.office import Office
from alerts.outbox.tables import calls, pages
from alerts.writer import Writer
from tests.databases import database_url
from tests.unit.alerts.duties.place import DAY, HOUR, SHANGHAI, Hand, Place, demo, ms
from vocab.duties import Duties, DutiesFile
from vocab.inspection import Reminder
from vocab.org import Quiet

CHECK = "campaign-self-check"


@pytest.fixture
def place(database: str, tmp_path: Path) -> Iterator[Place]:
    """The demo with nothing else to do than the self-check, and somebody who sleeps until noon."""
    assert database == database_url(tmp_path)
    schedule = demo().duties.schedules[CHECK].model_copy(update={"remind": Reminder(days=(3, 0), at="09:00")})
    site = replace(demo(), duties=Duties(DutiesFile(schedule=(schedule,))))
    made = Place(tmp_path, site)
    yield made
    made.engine.close()


def told(place: Place, **values: object) -> list[dict[str, Any]]:
    """The reminders that were ordered, in order."""
    found = select(pages, calls.c.subject).join(calls, calls.c.id == pages.c.call).order_by(pages.c.id)
    with reading(place.engine.database) as connection:
        rows = [dict(row) for row in connection.execute(found.where(calls.c.why == "reminded")).mappings()]
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def test_who_still_has_it_open_is_reminded_three_days_before_and_on_the_last_day_once_each_in_a_year(
    place: Place,
) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 366, 120)]
    days += [date(2026, 3, 26) + timedelta(days=n) for n in range(8)]
    for number, day in enumerate(sorted(days)):
        for clock in ("08:59", "12:00"):
            place.look(f"{day} {clock}")
        if number % 5 == 0:
            place.start()
        if day == date(2026, 3, 30):  # one of three has done it meanwhile
            (court,) = [row for row in place.duties(CHECK) if row["subject"] == "court-committee"]
            orders.done(place.engine, court["id"], orders.Done("court-worker"), ms("2026-03-30 12:00"))
    by_day: dict[str, set[str]] = {}
    for row in told(place):
        by_day.setdefault(row["text_en"].rsplit(", ", 1)[1], set()).add(row["person"])
    members = {unit: {each.id for each in place.site.org.members(unit)} for unit in place.site.org.units}
    others = members["old-town-committee"] | members["riverside-committee"]
    assert by_day == {"3 days left": members["court-committee"] | others, "today is the last day": others}
    assert len(told(place)) == sum(len(people) for people in by_day.values()), "nobody is told twice"
    assert {row["due_ms"] for row in told(place)} == {ms("2026-03-28 12:00"), ms("2026-03-31 12:00")}
    (event,) = [
        each
        for each in _events(place, "riverside-committee")
        if each["note"] and each["at_ms"] < ms("2026-03-30 00:00")
    ]
    assert (event["what"], event["at_ms"]) == ("reminded", ms("2026-03-28 09:00")), "dated when it was due"
    assert set(event["note"].split(", ")) == members["riverside-committee"]


def _events(place: Place, committee: str) -> list[dict[str, Any]]:
    (row,) = [row for row in place.duties(CHECK) if row["subject"] == committee]
    found: list[dict[str, Any]] = views.one(place.engine, row["id"], ms("2026-12-31 00:00"))["events"]
    return [each for each in found if each["what"] == "reminded"]


def test_a_reminder_is_a_line_of_a_digest_that_waits_for_the_end_of_quiet_hours_and_is_dropped_when_it_is_done(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = place.site.org.people
    quiet = people["riverside-director"].model_copy(update={"quiet": Quiet(begins="21:00", ends="06:30")})
    monkeypatch.setitem(people, "riverside-director", quiet)
    place.look("2026-03-27 08:00")
    place.look("2026-03-28 22:00")  # the server was away at 09:00
    (page,) = told(place, person="riverside-director")
    assert (page["state"], page["next_ms"], page["priority"]) == ("digest", ms("2026-03-29 06:30"), 4)
    assert page["text_zh"].startswith("【提醒】隐患排查：自查阶段（河畔村村民委员会）：尚未完成，截止2026-03-31")
    (row,) = [row for row in place.duties(CHECK) if row["subject"] == "riverside-committee"]
    orders.done(place.engine, row["id"], orders.Done("riverside-director"), ms("2026-03-29 05:00"))
    assert {each["state"] for each in told(place) if f"/{row['id']}/" in each["subject"]} == {"cancelled"}
    assert "digest" in {each["state"] for each in told(place)}, "the others are told"


async def test_it_leaves_the_house_as_one_message_with_a_line_for_each_duty_and_no_link(place: Place) -> None:
    place.look("2026-03-27 08:00")
    place.look("2026-03-28 09:00")
    writer, clock = Writer(place.engine), Hand(at=[ms("2026-03-28 09:01")])
    office = Office(place.engine, writer, clock, "http://phone", place.folder, lambda _changes: None)
    await office.look(wait=True)
    await office.look(wait=True)
    lines = [json.loads(line) for line in (place.folder / "pages.jsonl").read_text(encoding="utf-8").splitlines()]
    sent = [line for line in lines if "court-worker" in str(line)]
    assert len(sent) == 1
    assert "【提醒】隐患排查：自查阶段（苑里社区居民委员会）" in str(sent[0])
    assert "http://phone" not in str(sent[0])
    assert {row["state"] for row in told(place)} == {"sent"}


def test_of_reminders_that_went_by_unseen_only_the_last_is_told_and_none_after_the_end(place: Place) -> None:
    place.look("2026-03-20 08:00")
    place.look("2026-03-31 10:00")
    assert {row["text_en"].rsplit(", ", 1)[1] for row in told(place)} == {"today is the last day"}
    count = len(told(place))
    place.look("2026-04-01 09:00")
    assert len(told(place)) == count
    assert place.states(CHECK) == ["missed"] * 3


def test_where_nobody_of_the_unit_can_be_reached_the_unit_above_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in place.site.org.members("riverside-committee"):
        monkeypatch.setitem(place.site.org.people, each.id, each.model_copy(update={"contacts": ()}))
    place.look("2026-03-27 08:00")
    place.look("2026-03-28 09:00")
    mine = {row["person"] for row in told(place) if "Riverside" in row["text_en"]}
    assert mine == {each.id for each in place.site.org.members("community-office")}


@pytest.mark.parametrize("year", range(2024, 2033))
def test_days_are_counted_back_from_the_last_day_in_every_year(year: int) -> None:
    days = Days(SHANGHAI, lambda _day: True)
    end = days.midnight(date(year, 3, 2))  # in time until the end of 1 March
    first, last = moments(Reminder(days=(0, 3), at="09:00"), days, end)
    leap = year % 4 == 0
    assert days.day(first) == date(year, 2, 27 if leap else 26)
    assert (first - days.midnight(days.day(first)), last) == (9 * HOUR, end - DAY + 9 * HOUR)
