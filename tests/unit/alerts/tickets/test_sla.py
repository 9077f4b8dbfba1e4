"""When something is due, in calendar and in working time, over Chinese holidays."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.tickets.model import State
from alerts.tickets.sla import Clockwork, Due, Dues, Standing, overdue
from alerts.tickets.workdays import Workdays
from runtime.files import load_packs
from vocab.instant import to_ms
from vocab.problem import Code
from vocab.sla import DayOff, Limit, Sla, SlaFile, Subject, span_s
from vocab.sla_load import load
from vocab.window import DAYS

ZONE = ZoneInfo("Asia/Shanghai")
PACKS = load_packs()
USUAL = PACKS["common"].sla or SlaFile()
RUBBISH = Subject("sanitation", "exposed_rubbish", "bin", "general", 3)


def clockwork(own: SlaFile | None = None) -> Clockwork:
    sla = Sla(USUAL, own or SlaFile())
    return Clockwork(sla, Workdays(sla.weekdays, sla.days), ZONE)


def moment(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZONE))


@pytest.mark.parametrize(
    ("begins", "due"),
    [
        ("2026-03-26 09:00", "2026-03-26 14:30"),  # a Thursday: lunch does not count
        ("2026-03-26 17:00", "2026-03-27 11:30"),
        ("2026-03-27 17:00", "2026-03-30 11:30"),  # over a usual weekend
        ("2026-02-13 17:00", "2026-02-14 11:30"),  # the Saturday before the Spring Festival is worked on
        ("2026-02-14 17:00", "2026-02-24 11:30"),  # and then nobody works from the 15th to the 23rd
        ("2026-02-18 03:00", "2026-02-24 14:00"),  # in the middle of it
        ("2026-02-27 17:30", "2026-02-28 12:00"),  # the Saturday after it makes up
        ("2026-09-30 17:30", "2026-10-08 12:00"),  # the National Day week
    ],
)
def test_four_working_hours_follow_the_holidays_and_the_make_up_saturdays(begins: str, due: str) -> None:
    assert clockwork().due("rectify", RUBBISH, moment(begins)) == Due(moment(due))


def test_a_day_of_working_time_ends_at_the_same_hour_of_the_next_working_day() -> None:
    drift = Subject("maintenance", "sensor_fault", "gas", "general", 3)

    assert clockwork().due("rectify", drift, moment("2026-02-13 15:00")) == Due(moment("2026-02-25 15:00"))


def test_calendar_time_knows_no_holiday() -> None:
    leak = Subject("hazard", "gas_leak", "gas", "general", 1)
    dues = clockwork().dues(leak, moment("2026-02-17 02:00"))

    assert (dues.acknowledge_ms, dues.arrive_ms, dues.rectify_ms, dues.assumed) == (
        moment("2026-02-17 02:10"), moment("2026-02-17 02:30"), moment("2026-02-17 10:00"), False,
    )  # fmt: skip


def test_a_year_that_nobody_has_announced_is_assumed_by_the_weekday_and_says_so() -> None:
    far = date.today().year + 3  # noqa: DTZ011 - any year that is not announced
    begins = moment(f"{far}-06-12 09:00")
    while not clockwork().calendar.works(date.fromtimestamp(begins / 1000))[0]:  # noqa: DTZ012
        begins += 86_400_000
    due = clockwork().due("rectify", RUBBISH, begins)

    assert due is not None
    assert due.assumed
    assert clockwork().dues(RUBBISH, begins).assumed


def test_a_site_tells_days_and_limits_of_its_own_which_go_first() -> None:
    off = DayOff(day=date(2026, 3, 26), works=False, reason="temple fair")
    own = SlaFile(day=(off,), limit=(Limit(hazards=("exposed_rubbish",), clock="working", rectify="1h"),))

    assert clockwork(own).due("rectify", RUBBISH, moment("2026-03-26 09:00")) == Due(moment("2026-03-27 09:30"))
    assert clockwork(own).due("acknowledge", RUBBISH, moment("2026-03-27 09:00")) == Due(moment("2026-03-27 11:00"))


def test_every_ticket_has_a_limit_and_every_priority_a_proof() -> None:
    for category in ("hazard", "sanitation", "maintenance"):
        for priority in (1, 2, 3, 4):
            for grade in ("general", "major"):
                dues = clockwork().dues(Subject(category, "x", "", grade, priority), moment("2026-03-26 09:00"))
                assert dues.acknowledge_ms is not None
                assert dues.rectify_ms is not None
            proof = Sla(USUAL).proof(priority)
            assert proof is not None
            assert span_s(proof.verify) < span_s(proof.reopen)
    assert span_s(Sla(USUAL).proof(1).reopen) == 86_400  # type: ignore[union-attr]


def test_what_is_done_deferred_or_told_is_not_late() -> None:
    dues = Dues(10, 20, 30)
    late = Standing(State.DISPATCHED, dues, None, None, None)

    assert overdue(late, 9) == ()
    assert overdue(late, 30) == ("acknowledge", "arrive", "rectify")
    assert overdue(Standing(State.DISPATCHED, dues, 5, None, None, frozenset(["arrive"])), 30) == ("rectify",)
    assert overdue(Standing(State.DEFERRED, dues, None, None, None), 30) == ()
    assert overdue(Standing(State.WRITTEN_OFF, dues, None, None, None), 30) == ()
    assert overdue(Standing(State.FEEDBACK, dues, 1, 2, 0), 30) == (), "zero is a moment"


def test_faults_of_an_sla_file_are_told_all_at_once() -> None:
    text = """
hours = [{begins = "12:00", ends = "08:00"}, {begins = "09:00", ends = "13:00"}, {begins = "10:00", ends = "14:00"}]
limit = [{kinds = ["ufo"], rectify = "4h"}, {categories = ["hazard"]}, {priorities = [9], rectify = "4h"}]
service = [
  {code = "a", name = {en = "a", zh = "a"}, description = {en = "a", zh = "a"}, category = "hazard", hazard = "x"},
  {code = "a", name = {en = "a", zh = "a"}, description = {en = "a", zh = "a"}, category = "hazard", hazard = "x"},
]
"""
    found, problems = load("sla.toml", text, PACKS)
    assert found is None
    assert {problem.code for problem in problems} == {
        Code.BAD_VALUE, Code.OVERLAP, Code.UNKNOWN_REFERENCE, Code.MISSING_KEY, Code.DUPLICATE_ID,
    }  # fmt: skip
    _, problems = load("sla.toml", 'limit = [{rectify = "4 hours"}]', PACKS)
    assert [problem.code for problem in problems] == [Code.BAD_VALUE]
    _, problems = load("sla.toml", 'limit = [{rectify = "4h", clock = "working"}]', {})
    assert [problem.code for problem in problems] == [Code.CONTRADICTION]


def test_every_day_of_the_week_has_a_name() -> None:
    assert Workdays(DAYS).works(date(2026, 3, 29)) == (True, True)
