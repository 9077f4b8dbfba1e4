"""Silence becomes work, once: with restarts, late looks and things done afterwards."""

from __future__ import annotations

import pytest

from alerts.duties import orders, reports
from alerts.duties.due import State
from alerts.duties.emptied import Emptied, Heard
from alerts.duties.reports import Draft
from alerts.errors import NothingToDoError, NotThereError, WrongOrderError
from tests.unit.alerts.duties.place import DAY, HOUR, MINUTE, Place, ms
from wire.catalogue import Catalogue


def said(by: str = "village-a", **told: object) -> orders.Done:
    return orders.Done(by, **told)  # type: ignore[arg-type]


def test_what_had_begun_before_the_first_look_is_nobodys_miss(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-26 14:00")
    assert place.duties("round-village") == [], "the morning's window had begun"
    assert place.tickets() == []
    assert place.states("campaign-self-check") == ["open"] * 3, "the end of March is still to come"


def test_a_round_that_nobody_reports_is_missed_once_whatever_looks_and_restarts(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-26 15:30")
    assert place.states("round-village") == ["open"]
    place.look("2026-03-26 18:30")
    assert place.states("round-village") == ["open"], "late is not missed yet"
    assert place.tickets(hazard="round_missed") == []
    changes = place.look(ms("2026-03-26 18:30") + 1)
    assert {"round_missed"} <= {each.hazard for each in changes.tickets}, "the wall is told"
    place.start()
    for _ in range(3):
        place.look("2026-03-26 19:00")
    assert place.states("round-village") == ["missed"]
    (ticket,) = place.tickets(asset="round-village")
    assert (ticket["kind"], ticket["category"], ticket["priority"], ticket["grid"]) == (
        "duty", "sanitation", 3, "village",
    )  # fmt: skip
    assert ticket["raised_ms"] == ms("2026-03-26 18:30"), "dated when it was due, whenever somebody looked"
    assert len(place.lines(ticket["id"])) == 1


def test_a_second_miss_is_a_line_of_the_same_ticket_and_both_done_close_it(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-27 12:00")
    assert place.states("round-village") == ["missed", "missed"]
    (ticket,) = place.tickets(asset="round-village")
    assert len(place.lines(ticket["id"])) == 2
    first, second = sorted(row["id"] for row in place.duties("round-village"))
    orders.done(place.engine, first, said(), ms("2026-03-27 12:10"))
    assert place.tickets(asset="round-village")[0]["closed_ms"] is None
    _, changes = orders.done(place.engine, second, said(), ms("2026-03-27 12:20"))
    assert place.states("round-village") == ["late", "late"]
    assert place.tickets(asset="round-village")[0]["closed_ms"] == ms("2026-03-27 12:20")
    assert [each.asset for each in changes.tickets] == ["round-village"]


def test_done_in_time_is_done_in_grace_late_and_neither_is_a_ticket(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-26 16:00")
    (court,), (market,) = place.duties("round-court"), place.duties("round-market")
    orders.begin(place.engine, court["id"], "sanitation-a", "bell", ms("2026-03-26 16:01"))
    orders.done(place.engine, court["id"], said(), ms("2026-03-26 17:00"))
    orders.done(place.engine, market["id"], said(), ms("2026-03-26 18:10"))
    place.look("2026-03-26 19:00")
    assert (place.states("round-court"), place.states("round-market")) == (["done"], ["late"])
    assert [each["asset"] for each in place.tickets(hazard="round_missed")] == ["round-village"]
    (row,) = place.duties("round-court")
    assert (row["began_by"], row["began_ms"], row["proof"]) == ("sanitation-a", ms("2026-03-26 16:01"), "person")


def test_what_cannot_be_is_refused_and_changes_nothing(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-26 16:00")
    (row,) = place.duties("round-court")
    now = ms("2026-03-26 16:05")
    for at_ms, reason in ((now + 1, "moment_to_come"), (row["due_from_ms"] - 1, "too_early")):
        with pytest.raises(WrongOrderError) as caught:
            orders.done(place.engine, row["id"], said(at_ms=at_ms), now)
        assert caught.value.reason == reason
    (cleanup,) = place.duties("thursday-cleanup")  # the 26th of March 2026 is one
    with pytest.raises(WrongOrderError, match="photo"):
        orders.done(place.engine, cleanup["id"], said(), now)
    with pytest.raises(NotThereError):
        orders.done(place.engine, 10**9, said(), now)
    orders.done(place.engine, row["id"], said(), now)
    with pytest.raises(NothingToDoError):
        orders.done(place.engine, row["id"], said(), now)
    assert place.states("round-court") == ["done"]


def test_waived_needs_a_reason_and_makes_no_ticket(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-26 16:00")
    (row,) = place.duties("round-court")
    orders.waive(place.engine, row["id"], "sanitation-head", "road closed", ms("2026-03-26 16:05"))
    place.look("2026-03-26 19:00")
    assert place.states("round-court") == ["waived"]
    assert place.tickets(asset="round-court") == []


def test_a_week_of_sleep_finds_what_a_look_every_minute_would_have(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-04-02 08:00")
    rounds = place.states("round-village")
    assert rounds == ["missed"] * 13 + ["open"], "13 windows are over, that of this morning is open"
    assert place.states("disinfection-routine") == ["missed"] * 6 + ["open"] + ["missed"] * 6 + ["open"]
    by_asset = [each["asset"] for each in place.tickets()]
    assert len(by_asset) == len(set(by_asset)), "one ticket for each, however often it was missed"


def test_the_campaign_is_overdue_for_the_committee_that_was_silent(place: Place) -> None:
    place.look("2026-03-20 08:00")
    place.look("2026-03-22 00:00")
    rows = {row["subject"]: row for row in place.duties("campaign-plan")}
    assert set(rows) == {"court-committee", "old-town-committee", "riverside-committee"}
    for committee in ("court-committee", "old-town-committee"):
        draft = Draft(rows[committee]["id"], "court-worker", zero=False, texts={"text": "The plan."})
        reports.submit(place.engine, draft, ms("2026-03-25 23:59"))
    place.look("2026-03-26 00:00")
    assert place.tickets(hazard="campaign_overdue") == [], "25 March is in time until it is over"
    place.look(ms("2026-03-26 00:00") + 1)
    (ticket,) = place.tickets(hazard="campaign_overdue")
    assert ticket["asset"] == "campaign-plan:riverside-committee"
    assert "Riverside" in ticket["title_en"]
    assert "河畔村" in ticket["title_zh"]


def test_bins_that_were_emptied_prove_a_round_without_anybodys_word(place: Place) -> None:
    place.look("2026-03-26 08:00")
    place.look("2026-03-26 15:30")
    emptied = Emptied(place.site, Catalogue([place.site]))
    at = ms("2026-03-26 16:00")
    levels = [("pool-1", 80.0, 10.0), ("bin-4", 70.0, 60.0), ("bin-5", 75.0, 44.0)]
    for asset, before, after in levels:
        emptied.take(place.engine.database, [Heard(at, asset, "fill", before)])
        emptied.take(place.engine.database, [Heard(at + MINUTE, asset, "fill", after)])
        emptied.take(place.engine.database, [Heard(at + MINUTE, asset, "fill", after)])
    place.look("2026-03-26 16:30")
    (village,), (market,), (court,) = (place.duties(f"round-{name}") for name in ("village", "market", "court"))
    assert (village["state"], village["proof"], village["done_ms"]) == ("done", "sensor", at + MINUTE)
    assert market["state"] == "done", "one of two is the share that the data asks for"
    assert court["state"] == "open"


def test_an_emptying_outside_the_window_proves_nothing(place: Place) -> None:
    place.look("2026-03-26 08:00")
    emptied = Emptied(place.site, Catalogue([place.site]))
    at = ms("2026-03-26 12:00")
    emptied.take(place.engine.database, [Heard(at, "pool-1", "fill", 90.0), Heard(at + 1, "pool-1", "fill", 5.0)])
    place.look("2026-03-26 19:00")
    assert place.states("round-village") == ["missed"]


def test_deadlines_run_from_their_trigger_and_end_with_it(place: Place) -> None:
    start = ms("2026-02-16 22:00")  # the eve of the Spring Festival
    place.look(start)
    number, _ = orders.trigger(place.engine, orders.Trigger("case_found", "case 1", "head-office"), start)
    orders.trigger(place.engine, orders.Trigger("case_found", "case 2", "head-office"), start + HOUR)
    assert [row["due_to_ms"] - start for row in place.duties("transfer")] == [12 * HOUR, 13 * HOUR]
    orders.end_trigger(place.engine, number, "head-office", "not a case", start + 2 * HOUR)
    assert place.states("transfer") == ["waived", "open"]
    place.look(start + 14 * HOUR)
    assert place.states("transfer") == ["waived", "missed"]
    (ticket,) = place.tickets(hazard="deadline_missed")
    assert (ticket["priority"], ticket["title_en"]) == (1, "Not done: Transfer to isolation (12 h) (case 2)")
    assert place.duties("transfer")[1]["label"] == "case 2"
    with pytest.raises(NotThereError):
        orders.trigger(place.engine, orders.Trigger("nothing", "x", "head-office"), start)


def test_the_retest_comes_again_until_its_trigger_ends(place: Place) -> None:
    start = ms("2026-03-26 08:00")
    place.look(start)
    number, _ = orders.trigger(place.engine, orders.Trigger("testing_begun", "village", "head-office"), start)
    (first,) = place.duties("retest")
    orders.done(place.engine, first["id"], said("head-medical"), start + DAY)
    place.look(start + 3 * DAY - 1)
    assert place.states("retest") == ["done"]
    place.look(start + 3 * DAY)
    second = place.duties("retest")[1]
    assert second["due_to_ms"] == start + 4 * DAY
    orders.end_trigger(place.engine, number, "head-office", "", start + 3 * DAY + 1)
    place.look(start + 30 * DAY)
    assert place.states("retest") == ["done", "waived"]


def test_what_is_never_to_be_longer_than_a_month_is_missed_month_by_month(place: Place) -> None:
    start = ms("2026-01-01 00:00")
    place.look(start)
    place.look(start + 92 * DAY)
    assert place.states("ditches") == [State.MISSED] * 3
    (first,) = place.duties("ditches")[:1]
    assert first["due_to_ms"] == start + 30 * DAY
    last = place.duties("ditches")[-1]
    orders.done(place.engine, last["id"], said(), start + 92 * DAY + HOUR)
    place.look(start + 121 * DAY)
    assert place.duties("ditches")[-1]["due_to_ms"] == start + 122 * DAY + HOUR, "a month from when it was done"
