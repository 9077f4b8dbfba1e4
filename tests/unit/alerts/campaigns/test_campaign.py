"""A campaign's year in virtual time: what belongs to it, how far it is, and spot checks of what was self-checked."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.campaigns import samples, views
from alerts.campaigns.draw import Item, Rule, drawn
from alerts.duties import orders
from alerts.duties.due import State
from alerts.duties.emergency_api import changed
from alerts.errors import NothingToDoError, NotThereError, WrongOrderError
from alerts.tickets import desk
from alerts.tickets.commands import Command, Verb
from alerts.tickets.desk import Report
from alerts.tickets.model import Source
from tests.unit.alerts.duties.place import DAY, HOUR, Place, ms
from vocab.rule import Grade

NAME = "major-hazards-2026"
COMMITTEES = ["court-committee", "old-town-committee", "riverside-committee"]


def one(place: Place, when: str, seen: frozenset[str] | None = None) -> dict[str, Any]:
    return views.one(place.engine, NAME, seen, ms(when))


def phase(found: dict[str, Any], name: str) -> dict[str, dict[str, int]]:
    (it,) = [each for each in found["phases"] if each["id"] == name]
    return {unit["unit"]: {key: unit[key] for key in ("due", "done", "overdue", "pending")} for unit in it["units"]}


def committee(found: dict[str, Any], unit: str) -> dict[str, Any]:
    return next(each for each in found["committees"] if each["unit"] == unit)


def filed(place: Place, grid: str, when: str, **more: Any) -> int:
    """A hazard that a committee found, by itself."""
    told = {"source": Source.CAMPAIGN, "category": "hazard", "hazard": "exit_blocked"} | more
    report = Report("court-grid", grid=grid, text="Exit blocked", title=("Exit blocked", "安全出口堵塞"), **told)
    return int(desk.file(place.engine, report, ms(when))[0].id)


def do(place: Place, ticket: int, verb: Verb, by: str, when: str, **told: Any) -> None:
    desk.order(place.engine, ticket, lambda now_ms: Command(verb, by, now_ms, **told), ms(when))


def repaired(place: Place, ticket: int, when: str) -> None:
    do(place, ticket, Verb.CLASSIFY, "duty-a", when, category="hazard")
    do(place, ticket, Verb.GRADE, "duty-a", when, grade=Grade.GENERAL)
    do(place, ticket, Verb.DISPATCH, "duty-a", when, unit="court-property")
    do(place, ticket, Verb.REPAIRED, "court-worker", when)


def self_checked(place: Place, when: str) -> None:
    for row in place.duties("campaign-self-check"):
        if row["state"] == "open" and row["subject"] != "riverside-committee":
            orders.done(place.engine, row["id"], orders.Done("court-worker"), ms(when))


def draw(place: Place, when: str, seed: str = "5eed") -> int:
    return changed(place.engine, lambda book: samples.draw(book, NAME, "supervisor-a", "", seed), ms(when))[0]


def check(place: Place, instance: int, when: str, outcome: samples.Outcome = "consistent", **told: str) -> None:
    said = samples.Check(told.pop("by", "supervisor-b"), outcome, **told)
    changed(place.engine, lambda book: samples.check(book, instance, said), ms(when))


def test_the_progress_of_a_campaign_is_counted_from_its_duties_and_tickets_in_each_phase(place: Place) -> None:
    place.look("2026-03-20 08:00")
    before = one(place, "2026-03-20 08:00")
    assert (before["state"], before["basis"]["number"], before["basis"]["issued"]) == (
        "coming", "示范社区发〔2026〕8号", "2026-03-16",
    )  # fmt: skip
    assert (before["from_ms"], before["to_ms"]) == (ms("2026-03-22 00:00"), ms("2026-12-01 00:00"))
    assert phase(before, "self-check") == {
        each: {"due": 3, "done": 0, "overdue": 0, "pending": 3} for each in COMMITTEES
    }
    place.look("2026-03-24 08:00")
    self_checked(place, "2026-03-24 09:00")
    first, second = filed(place, "north", "2026-03-24 10:00"), filed(place, "north", "2026-03-25 10:00", hazard="smoke")
    repaired(place, first, "2026-03-26 10:00")
    place.look("2026-04-02 08:00")
    place.start()
    after = one(place, "2026-04-02 08:00")
    assert after["state"] == "running"
    assert [(each["id"], each["state"]) for each in after["phases"]] == [
        ("self-check", "over"), ("supervision", "running"), ("rectification", "coming"), ("acceptance", "coming"),
    ]  # fmt: skip
    assert phase(after, "self-check")["court-committee"] == {"due": 3, "done": 1, "overdue": 2, "pending": 0}
    assert phase(after, "self-check")["riverside-committee"]["overdue"] == 3
    assert phase(after, "supervision") == {"community-office": {"due": 1, "done": 0, "overdue": 0, "pending": 0}}
    court = committee(after, "court-committee")
    assert (court["tickets"]["found"], court["tickets"]["rectified"], court["tickets"]["rate"]) == (2, 1, 0.5)
    assert court["duty"]["due"] == 4, "of all phases that ask something of it"
    assert after["total"]["tickets"]["found"] == 2
    assert committee(one(place, "2026-04-02 08:00", frozenset({"village", "riverside"})), "riverside-committee")
    narrow = one(place, "2026-04-02 08:00", frozenset({"village", "riverside"}))
    assert [each["unit"] for each in narrow["committees"]] == ["riverside-committee"]
    assert narrow["total"]["tickets"]["found"] == 0
    assert second != first
    (head,) = views.listed(place.engine, ms("2026-12-02 00:00"))
    assert (head["id"], head["state"], head["year"]) == (NAME, "over", 2026)
    with pytest.raises(NotThereError):
        views.one(place.engine, "nothing", None, 1)


def test_a_ticket_names_its_campaign_and_no_other_than_one_that_is_running_for_it(place: Place) -> None:
    place.look("2026-03-20 08:00")
    by_itself = filed(place, "north", "2026-03-24 10:00")
    named = filed(place, "village", "2026-03-24 10:00", source=Source.PATROL, campaign=NAME)
    other = filed(place, "village", "2026-03-24 10:00", source=Source.PATROL, hazard="smoke")
    early = filed(place, "north", "2026-03-21 10:00", hazard="early")
    kept = {each["id"]: each["campaign"] for each in place.tickets()}
    assert [kept[each] for each in (by_itself, named, other, early)] == [NAME, NAME, None, None]
    for more, when, reason in (
        ({"campaign": "nothing"}, "2026-03-24 10:00", "unknown_name"),
        ({"campaign": NAME, "category": "sanitation"}, "2026-03-24 10:00", "not_of_the_campaign"),
        ({"campaign": NAME}, "2026-12-24 10:00", "campaign_not_running"),
    ):
        with pytest.raises(WrongOrderError) as caught:
            filed(place, "north", when, **more)
        assert caught.value.reason == reason
    view = desk.note(place.engine, named, "court-grid", "seen", ms("2026-03-24 11:00"))[0]
    assert view.work.campaign == NAME
    assert view.work.campaign_name is not None
    assert view.work.campaign_name.zh == "2026年重大事故隐患排查治理"


def test_a_sample_can_be_drawn_again_and_each_item_is_an_inspection_with_an_owner_and_a_time(place: Place) -> None:
    place.look("2026-03-20 08:00")
    place.look("2026-03-24 08:00")
    with pytest.raises(NothingToDoError):
        draw(place, "2026-03-24 08:00")
    self_checked(place, "2026-03-24 09:00")
    ids = [filed(place, "north", "2026-03-24 10:00", hazard=f"h{n}") for n in range(6)]
    for ticket in ids[:5]:
        repaired(place, ticket, "2026-03-26 10:00")
    number = draw(place, "2026-04-01 09:00")
    told = views.sample(place.engine, NAME, number)
    there = [Item(each["item"], each["unit"]) for each in told["population"]]
    assert len(there) == 7, "two self-checks and five repaired tickets; what nobody has repaired is not checked"
    again = drawn(told["seed"], there, Rule(**told["rule"]))
    assert [each.name for each in again] == [each["item"] for each in told["items"]]
    assert told["redrawn"] is True
    assert [len([each for each in again if each.unit == unit]) for unit in COMMITTEES] == [2, 1, 0]
    rows = place.duties("campaign-spot-check", State.OPEN)
    assert {(row["unit"], row["due_to_ms"] - ms("2026-04-01 09:00"), row["needs_outcome"]) for row in rows} == {
        ("community-office", 7 * DAY, True)
    }
    assert {row["id"] for row in rows} == {each["instance"] for each in told["items"]}
    assert all(" / " in row["label"] for row in rows)
    second = views.sample(place.engine, NAME, draw(place, "2026-04-02 09:00"))
    assert not {each["item"] for each in second["items"]} & {each["item"] for each in told["items"]}
    place.look(ms("2026-04-08 09:00") + 1)
    assert len(place.tickets(asset=f"campaign-spot-check:{rows[0]['subject']}")) == 1, "silence is a miss here too"


def test_what_is_found_wrong_is_work_again_and_counts_against_the_committee(place: Place) -> None:
    place.look("2026-03-20 08:00")
    place.look("2026-03-24 08:00")
    self_checked(place, "2026-03-24 09:00")
    back, off = (filed(place, "north", "2026-03-24 10:00", hazard=each) for each in ("one", "two"))
    for ticket in (back, off):
        repaired(place, ticket, "2026-03-26 10:00")
    do(place, off, Verb.ACCEPT, "supervisor-a", "2026-03-27 10:00")
    do(place, off, Verb.WRITE_OFF, "supervisor-a", "2026-03-27 11:00")
    items: dict[str, int] = {}
    for day in ("2026-04-01", "2026-04-02", "2026-04-03"):  # each time one in three of the court's, rounded up
        told = views.sample(place.engine, NAME, draw(place, f"{day} 09:00"))
        items |= {each["item"]: each["instance"] for each in told["items"]}
    checked, others = items.pop(f"ticket:{back}"), items
    with pytest.raises(WrongOrderError) as caught:
        check(place, checked, "2026-04-03 10:00", "wrong")
    assert caught.value.reason == "finding_missing"
    check(place, checked, "2026-04-03 10:00", "wrong", note="blocked still")
    check(place, others.pop(f"ticket:{off}"), "2026-04-03 10:00", "wrong", note="blocked again")
    by_id = {each["id"]: each for each in place.tickets()}
    assert [by_id[each]["state"] for each in (back, off)] == ["rectifying", "rectifying"]
    assert (by_id[off]["reopened"], by_id[back]["reopened"]) == (1, 0)
    assert "Spot check by supervisor-b: blocked still" in place.lines(back)
    for number, instance in enumerate(others.values()):
        check(place, instance, "2026-04-03 11:00", "wrong" if number else "consistent", note="nobody was there")
    (new,) = place.tickets(hazard="self_check_wrong")
    assert (new["source"], new["campaign"], new["priority"]) == ("campaign", NAME, 2)
    assert new["lead_unit"] in ("court-committee", "old-town-committee")
    found = one(place, "2026-04-03 12:00")
    told = {each["unit"]: each["checks"] for each in found["committees"]}
    assert sum(each["drawn"] for each in told.values()) == sum(each["checked"] for each in told.values()) == 4
    assert found["total"]["checks"] == {"drawn": 4, "checked": 4, "consistent": 1, "wrong": 3, "rate": 0.25}
    assert {each["outcome"] for one_ in found["samples"] for each in one_["items"]} == {"wrong", "consistent"}
    with pytest.raises(NothingToDoError):
        check(place, checked, "2026-04-03 13:00")


def test_nobody_checks_their_own_work_or_says_less_than_what_was_found(place: Place) -> None:
    place.look("2026-03-20 08:00")
    place.look("2026-03-24 08:00")
    self_checked(place, "2026-03-24 09:00")
    told = views.sample(place.engine, NAME, draw(place, "2026-04-01 09:00"))
    instance = next(each["instance"] for each in told["items"] if each["unit"] == "court-committee")
    now = ms("2026-04-01 10:00")
    for by in ("court-worker", "court-head"):
        with pytest.raises(WrongOrderError) as caught:
            check(place, instance, "2026-04-01 10:00", by=by)
        assert caught.value.reason == "checks_own_work"
    with pytest.raises(WrongOrderError) as caught:
        orders.done(place.engine, instance, orders.Done("supervisor-b"), now)
    assert caught.value.reason == "outcome_missing"
    with pytest.raises(WrongOrderError) as caught:
        orders.trigger(place.engine, orders.Trigger("self_check_drawn", "mine", "supervisor-b"), now)
    assert caught.value.reason == "only_drawn"
    (row,) = place.duties("campaign-supervision")
    with pytest.raises(WrongOrderError) as caught:
        check(place, row["id"], "2026-04-01 10:00")
    assert caught.value.reason == "not_drawn"
    orders.waive(place.engine, instance, "supervisor-a", "the house is gone", now)
    place.look(now + 30 * DAY)
    court = committee(views.one(place.engine, NAME, None, now + HOUR), "court-committee")
    assert court["checks"] == {"drawn": 1, "checked": 0, "consistent": 0, "wrong": 0, "rate": None}
