"""Reports: zero has to be said, two persons, six headings, returned, forwarded with a receipt."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.database import reading
from alerts.duties import reports, stock, views
from alerts.duties.reports import Draft
from alerts.errors import NothingToDoError, RefusedError, WrongOrderError
from tests.unit.alerts.duties.place import HOUR, Place, ms
from tests.unit.alerts.duties.test_emergency import act, begin

pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

DUE = ms("2026-03-26 17:00")
SIX = ["situation", "trend", "measures", "effect", "problems", "next_steps"]


@pytest.fixture
def due(place: Place) -> int:
    """The duty room's daily report, asked for."""
    place.look("2026-03-26 14:00")
    place.look("2026-03-26 15:00")
    (row,) = place.duties("report-duty")
    return int(row["id"])


def only(place: Place) -> dict[str, Any]:
    (found,) = views.report_views(place.engine, None)
    return found


def test_silence_is_not_zero(place: Place, due: int) -> None:
    place.look(DUE + HOUR)
    (ticket,) = place.tickets(asset="report-duty")
    assert ticket["hazard"] == "report_missed"
    assert views.one(place.engine, due, DUE)["state"] == "missed"


def test_a_zero_report_says_so_and_is_reviewed_by_somebody_else(place: Place, due: int) -> None:
    number, _ = reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}), DUE - HOUR)
    place.look(DUE + HOUR)
    assert place.tickets(asset="report-duty") == []
    assert (only(place)["zero"], only(place)["state"]) == (True, "submitted")
    with pytest.raises(RefusedError) as caught:
        reports.approve(place.engine, number, "duty-a", "", DUE)
    assert caught.value.reason == "preparer_reviews"
    with pytest.raises(RefusedError) as caught:
        reports.approve(place.engine, number, "duty-b", "", DUE)
    assert caught.value.reason == "not_the_reviewer", "who is known to belong to another unit"
    reports.approve(place.engine, number, "supervisor-a", "", DUE)
    (sent,) = only(place)["sent"]
    assert (sent["to_unit"], sent["received_ms"]) == ("street-office", None)
    reports.received(place.engine, number, "street-office", "clerk", "No. 17", DUE + 1)
    assert only(place)["sent"][0]["receipt"] == "No. 17"
    with pytest.raises(NothingToDoError):
        reports.received(place.engine, number, "street-office", "clerk", "No. 17", DUE + 2)


def test_zero_although_something_happened_needs_an_explanation(place: Place, due: int) -> None:
    act(place, DUE - HOUR, lambda book: stock.move(book, stock.Move("masks", "head-supplies", counted=1.0)))
    with pytest.raises(RefusedError) as caught:
        reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}), DUE - 1)
    assert caught.value.reason == "not_zero"
    reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}, note="counted on purpose"), DUE - 1)
    assert only(place)["numbers"]["tickets"]["opened"] == {"maintenance": 1}


def test_a_returned_report_is_asked_for_again(place: Place, due: int) -> None:
    number, _ = reports.submit(place.engine, Draft(due, "duty-a", zero=False, texts={"text": "calm"}), DUE - HOUR)
    with pytest.raises(NothingToDoError):
        reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}), DUE - HOUR)
    reports.give_back(place.engine, number, "supervisor-a", "who was on duty?", DUE - HOUR)
    assert views.one(place.engine, due, DUE)["state"] == "open"
    with pytest.raises(NothingToDoError):
        reports.approve(place.engine, number, "supervisor-a", "", DUE)
    place.look(DUE + HOUR)
    assert views.one(place.engine, due, DUE)["state"] == "missed"
    reports.submit(place.engine, Draft(due, "duty-a", zero=False, texts={"text": "A, calm"}), DUE + 2 * HOUR)
    assert views.one(place.engine, due, DUE)["state"] == "late"
    assert place.tickets(asset="report-duty")[0]["closed_ms"] == DUE + 2 * HOUR


def test_a_report_that_nobody_reviews_is_the_reviewers_work(place: Place, due: int) -> None:
    number, _ = reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}), DUE - HOUR)
    place.look(DUE + 24 * HOUR)
    assert place.tickets(asset="report-duty:review") == []
    place.look(DUE + 25 * HOUR)
    place.look(DUE + 26 * HOUR)
    (ticket,) = place.tickets(asset="report-duty:review")
    assert len(place.lines(ticket["id"])) == 1
    reports.approve(place.engine, number, "supervisor-a", "", DUE + 27 * HOUR)
    assert place.tickets(asset="report-duty:review")[0]["closed_ms"] == DUE + 27 * HOUR


def test_the_epidemic_report_has_the_six_headings_with_numbers_filled_in(place: Place) -> None:
    place.look("2026-03-26 12:00")
    begin(place, ms("2026-03-26 12:00"))
    act(place, DUE, lambda book: stock.move(book, stock.Move("masks", "head-supplies", counted=5000.0)))
    place.look(DUE)
    (row,) = place.duties("report-daily")
    with reading(place.engine.database) as connection:
        told = reports.template(views.reader(connection, place.engine, DUE), row["id"])
    assert [each["id"] for each in told["headings"]] == SIX
    assert {each["id"]: list(each["data"]) for each in told["headings"]}["problems"] == ["stock"]
    assert told["numbers"]["stock"] == {"masks": 5000.0}
    with pytest.raises(WrongOrderError) as caught:
        reports.submit(place.engine, Draft(row["id"], "head-office", zero=False, texts={"trend": "falling"}), DUE)
    assert caught.value.reason == "heading_missing"
    with pytest.raises(WrongOrderError, match="no heading"):
        reports.submit(place.engine, Draft(row["id"], "head-office", zero=False, texts={"x": "y"}), DUE)
    texts = dict.fromkeys(SIX, "as planned")
    number, _ = reports.submit(place.engine, Draft(row["id"], "head-office", zero=False, texts=texts), DUE + 1)
    reports.approve(place.engine, number, "clerk of the street office", "", DUE + 2)
    assert [each["to_unit"] for each in only(place)["sent"]] == ["county-office", "city-office"]


def test_a_second_report_begins_where_the_first_ended(place: Place, due: int) -> None:
    reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}), DUE - HOUR)
    place.look("2026-03-27 15:00")
    second = max(row["id"] for row in place.duties("report-duty"))
    reports.submit(place.engine, Draft(second, "duty-a", zero=True, texts={}, note="misses"), ms("2026-03-27 16:00"))
    first, last = sorted(views.report_views(place.engine, None), key=lambda each: each["id"])
    assert last["from_ms"] == first["to_ms"] == DUE - HOUR


def test_a_round_is_no_report(place: Place) -> None:
    place.look("2026-03-26 14:00")
    place.look("2026-03-26 15:30")
    (row,) = place.duties("round-court")
    with pytest.raises(WrongOrderError) as caught:
        reports.submit(place.engine, Draft(row["id"], "a", zero=True, texts={}), DUE)
    assert caught.value.reason == "no_report"


def test_the_first_report_of_all_tells_of_the_day_before_it_and_not_of_nothing(place: Place, due: int) -> None:
    act(place, ms("2026-03-26 14:30"), lambda book: stock.move(book, stock.Move("masks", "head-supplies", counted=1.0)))
    with reading(place.engine.database) as connection:
        told = reports.template(views.reader(connection, place.engine, DUE), due)
    assert told["from_ms"] == ms("2026-03-25 15:00")
    with pytest.raises(RefusedError) as caught:
        reports.submit(place.engine, Draft(due, "duty-a", zero=True, texts={}), ms("2026-03-26 15:00") + 1)
    assert caught.value.reason == "not_zero", "although it is handed in the moment that it is asked for"
