"""The deadlines of the seed (domain research §1F) over a whole year of the demo site, and where clocks change.

Every row of the table has a test here; `ROWS` names it, so that none is forgotten.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from alerts.duties.due import Days, Instance, chained, counts, scheduled
from alerts.duties.subjects import subjects
from runtime.files import load_site, shipped
from vocab.duties import DutyKind, Schedule
from vocab.instant import from_ms, to_ms
from vocab.site import Site

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
YEAR = 2026
H, D = 3_600_000, 86_400_000

# As the State Council announced for 2026: days off in a row, and the weekends that make up for them.
_OFF = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]
_MADE_UP = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
HOLIDAYS = {
    date.fromisoformat(f"{YEAR}-{first}") + timedelta(days=day) for first, length in _OFF for day in range(length)
}
MADE_UP = {date.fromisoformat(f"{YEAR}-{day}") for day in _MADE_UP}


def works(day: date) -> bool:
    return day in MADE_UP or (day not in HOLIDAYS and day.weekday() < 5)


def never(_day: date) -> bool:
    raise AssertionError("nobody asked for the calendar of holidays")


CHINA = Days(SHANGHAI, works)


@cache
def demo() -> Site:
    return load_site(shipped("sites") / "demo")


def row(name: str) -> Schedule:
    return demo().duties.schedules[name]


def year(name: str, days: Days = CHINA, of: int = YEAR) -> list[Instance]:
    """A schedule's year, for its first subject."""
    first = subjects(demo(), row(name))[0]
    begin, end = days.midnight(date(of, 1, 1)), days.midnight(date(of + 1, 1, 1))
    return scheduled(row(name), first.id, days, begin, end)


def local(moment_ms: int, zone: ZoneInfo = SHANGHAI) -> str:
    return from_ms(moment_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def span(instance: Instance) -> tuple[str, str]:
    return local(instance.due_from_ms), local(instance.due_to_ms)


def subjects_of(name: str) -> list[str]:
    return [each.id for each in subjects(demo(), row(name))]


# Row of §1F: the schedules that serve it.
ROWS = {
    "campaign": [
        "campaign-plan", "campaign-self-check", "campaign-register", "campaign-supervision", "campaign-rectified",
        "campaign-acceptance-district", "campaign-acceptance-city",
    ],
    "major hazard at once": ["major-hazard-report"],
    "rectify at once": ["rectify-on-the-spot"],
    "rounds and Thursday": ["round-court", "round-market", "round-village", "thursday-cleanup"],
    "disinfection": ["disinfection-routine", "disinfection-isolation"],
    "daily reports": ["report-groups", "meeting-daily", "report-duty", "report-daily"],
    "two-hourly report": ["report-sampling"],
    "from a trigger": ["case-list", "transfer", "testing-high", "testing-medium", "testing-low", "retest"],
    "24 h duty": ["checkpoint-duty", "duty-room-check-in"],
    "long": ["training", "service-room-lease"],
}  # fmt: skip


def test_every_row_of_the_table_has_schedules() -> None:
    assert {name for names in ROWS.values() for name in names} <= demo().duties.schedules.keys()
    rule = demo().duties.file.zone_rule
    assert rule is not None
    assert rule.window_days == 14, "the rolling 14 days are the zone rule's"


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("campaign-plan", "2026-03-22 00:00", "2026-03-26 00:00"),  # by the end of 25 March, reminder 3 days before
        ("campaign-self-check", "2026-03-23 00:00", "2026-04-01 00:00"),
        ("campaign-register", "2026-03-23 00:00", "2026-04-02 00:00"),
        ("campaign-supervision", "2026-04-01 00:00", "2026-04-11 00:00"),
        ("campaign-rectified", "2026-11-01 00:00", "2026-11-11 00:00"),
        ("campaign-acceptance-district", "2026-11-11 00:00", "2026-12-01 00:00"),
        ("campaign-acceptance-city", "2026-11-11 00:00", "2026-12-01 00:00"),
    ],
)
def test_each_date_of_the_campaign_is_on_its_day_once_a_year(name: str, begins: str, ends: str) -> None:
    assert [span(each) for each in year(name)] == [(begins, ends)]


def test_the_committees_answer_each_for_themselves() -> None:
    assert subjects_of("campaign-plan") == ["court-committee", "old-town-committee", "riverside-committee"]
    assert [each.unit for each in subjects(demo(), row("campaign-plan"))] == subjects_of("campaign-plan")


@pytest.mark.parametrize("route", ["round-court", "round-market", "round-village"])
def test_a_route_has_730_rounds_two_on_every_day_of_the_spring_festival_too(route: str) -> None:
    rounds = year(route)
    assert len(rounds) == 730
    per_day = Counter(local(each.due_from_ms)[:10] for each in rounds)
    assert set(per_day.values()) == {2}
    assert len(per_day) == 365
    assert [span(each) for each in rounds if local(each.due_from_ms).startswith("2026-02-17")] == [
        ("2026-02-17 06:30", "2026-02-17 09:00"),
        ("2026-02-17 15:30", "2026-02-17 18:00"),
    ]


def test_the_clean_up_is_on_53_thursdays_of_2026_and_52_of_2025() -> None:
    thursdays = year("thursday-cleanup")
    assert len(thursdays) == 53
    assert {from_ms(each.due_from_ms).astimezone(SHANGHAI).weekday() for each in thursdays} == {3}
    assert len(year("thursday-cleanup", of=2025)) == 52


def test_what_is_for_working_days_leaves_out_the_spring_festival_and_takes_in_made_up_weekends() -> None:
    days = [local(each.due_from_ms)[:10] for each in year("inspection-village")]
    assert len(days) == 248
    assert not [day for day in days if "2026-02-15" <= day <= "2026-02-23"]
    assert {"2026-02-14", "2026-02-28"} <= set(days), "Saturdays on which people work"
    assert "2026-03-07" not in days


def test_every_key_place_is_disinfected_every_day() -> None:
    assert subjects_of("disinfection-routine") == ["market-hall", "village-square"]
    assert len(year("disinfection-routine")) == 365


def walk(name: str, begin_ms: int, end_ms: int, done_after_ms: int | None) -> list[Instance]:
    """A chained schedule; each instance is done so long after it opened, or (None) never."""
    found: list[Instance] = []
    anchor, again = begin_ms, False
    while True:
        instance = chained(row(name), subjects_of(name)[0], CHINA, anchor, again=again)
        if instance is None or instance.due_to_ms > end_ms:
            return found
        found.append(instance)
        anchor = instance.due_to_ms if done_after_ms is None else instance.due_from_ms + done_after_ms
        again = True


def test_the_isolation_point_is_never_more_than_a_day_without_disinfection() -> None:
    begin, end = CHINA.midnight(date(YEAR, 1, 1)), CHINA.midnight(date(YEAR + 1, 1, 1))
    silent = walk("disinfection-isolation", begin, end, None)
    assert len(silent) == 365, "a year of silence is 365 misses"
    busy = walk("disinfection-isolation", begin, end, 0)
    assert all(later.due_to_ms - earlier.due_from_ms == D for earlier, later in itertools.pairwise(busy))
    assert len(busy) > 365, "who does it as soon as it opens does it more often"


def test_every_group_reports_every_day_and_the_command_meets_every_day() -> None:
    assert len(subjects_of("report-groups")) == 9
    for name in ("report-groups", "meeting-daily", "report-duty", "report-daily"):
        assert len(year(name)) == 365, name


def test_there_are_twelve_two_hourly_reports_a_day_on_even_hours() -> None:
    slots = year("report-sampling")
    assert len(slots) == 12 * 365
    assert {local(each.due_from_ms)[11:] for each in slots} == {f"{hour:02}:00" for hour in range(0, 24, 2)}
    assert {each.due_to_ms - each.due_from_ms for each in slots} == {H // 2}


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("transfer", 12), ("case-list", 24), ("testing-high", 24), ("testing-medium", 24), ("testing-low", 48),
        ("rectify-on-the-spot", 8), ("major-hazard-report", 1), ("disinfection-concurrent", 2),
        ("disinfection-terminal", 6),
    ],
)  # fmt: skip
def test_a_deadline_runs_from_its_trigger_across_midnight_and_new_year(name: str, hours: int) -> None:
    begun = to_ms(datetime(YEAR, 12, 31, 23, 30, tzinfo=SHANGHAI))
    instance = chained(row(name), "", CHINA, begun, again=False)
    assert instance is not None
    assert (instance.due_from_ms, instance.due_to_ms) == (begun, begun + hours * H)
    assert chained(row(name), "", CHINA, begun + H, again=True) is None, "done once is done"


def test_the_retest_comes_again_after_two_to_three_days_until_somebody_ends_it() -> None:
    begun = to_ms(datetime(YEAR, 2, 16, 9, 0, tzinfo=SHANGHAI))
    tests = walk("retest", begun, begun + 14 * D, 0)
    assert [(each.due_from_ms - begun) / D for each in tests] == [0, 2, 4, 6, 8, 10, 12]
    assert [(each.due_to_ms - each.due_from_ms) / D for each in tests] == [2, 1, 1, 1, 1, 1, 1]


def test_a_checkpoint_is_attended_around_the_clock_without_an_uncovered_minute() -> None:
    assert subjects_of("checkpoint-duty") == ["gate-1", "gate-2", "gate-3"]
    watch = year("checkpoint-duty")
    assert all(earlier.due_to_ms == later.due_from_ms for earlier, later in itertools.pairwise(watch))
    assert watch[-1].due_to_ms - watch[0].due_from_ms == 365 * D
    assert len(year("duty-room-check-in")) == 3 * 365


def test_everybody_is_trained_every_three_years() -> None:
    anchor = CHINA.midnight(date(2025, 6, 30))
    instance = chained(row("training"), "duty-a", CHINA, anchor, again=True)
    assert instance is not None
    assert local(instance.due_to_ms) == "2028-06-30 00:00"
    assert (instance.due_to_ms - instance.due_from_ms) / D == 90
    assert {"duty-a", "court-worker"} <= set(subjects_of("training"))


def test_a_lease_is_one_date_and_is_told_half_a_year_before() -> None:
    lease = scheduled(row("service-room-lease"), "", CHINA, 0, CHINA.midnight(date(2040, 1, 1)))
    assert [span(each) for each in lease] == [("2030-01-01 00:00", "2030-07-01 00:00")]


def test_a_leap_day_is_no_fault_in_any_year() -> None:
    anchor = to_ms(datetime(2028, 2, 29, 8, 0, tzinfo=SHANGHAI))
    assert local(CHINA.later(anchor, 3)) == "2031-02-28 08:00"
    assert local(CHINA.later(anchor, 4)) == "2032-02-29 08:00"


def test_a_year_cut_into_pieces_has_the_same_instances() -> None:
    begin, end = CHINA.midnight(date(YEAR, 1, 1)), CHINA.midnight(date(YEAR + 1, 1, 1))
    for schedule in demo().duties.file.schedule:
        whole = scheduled(schedule, "", CHINA, begin, end)
        pieces: list[Instance] = []
        cuts = [*range(begin, end, 5 * D + 7 * H + 1), end]
        for first, last in itertools.pairwise(cuts):
            pieces += scheduled(schedule, "", CHINA, first, last)
        assert pieces == whole, schedule.id
        assert len({each.key for each in whole}) == len(whole)


def test_windows_that_began_before_the_schedule_was_in_force_are_nobodys_miss_but_dates_hold() -> None:
    since = to_ms(datetime(YEAR, 3, 24, 8, 0, tzinfo=SHANGHAI))
    morning, afternoon = [e for e in year("round-court") if local(e.due_from_ms).startswith("2026-03-24")]
    assert not counts(row("round-court"), morning, since)
    assert counts(row("round-court"), afternoon, since)
    assert counts(row("campaign-plan"), year("campaign-plan")[0], since), "25 March is still to come"


def test_only_what_says_so_asks_for_the_calendar_of_holidays() -> None:
    asking = [s.id for s in demo().duties.file.schedule if getattr(s.when, "on", "all") in ("workdays", "days_off")]
    assert asking == ["inspection-village"]
    for schedule in demo().duties.file.schedule:
        if schedule.id not in asking:
            scheduled(schedule, "", Days(SHANGHAI, never), 0, 365 * D)


# --- a zone whose clocks change: 29 March 2026 has 23 hours in Berlin, 25 October 25 ----------------------------------


def test_rounds_keep_to_the_clock_on_the_wall_where_it_changes() -> None:
    berlin = Days(BERLIN, never)
    rounds = year("round-court", berlin)
    assert len(rounds) == 730
    assert {local(each.due_from_ms, BERLIN)[11:] for each in rounds} == {"06:30", "15:30"}
    assert {each.due_to_ms - each.due_from_ms for each in rounds} == {H * 5 // 2}


def test_slots_are_never_further_apart_than_asked_on_a_day_of_23_or_25_hours() -> None:
    slots = year("report-sampling", Days(BERLIN, never))
    gaps = Counter(later.due_from_ms - earlier.due_from_ms for earlier, later in itertools.pairwise(slots))
    assert max(gaps) == 2 * H
    per_day = Counter(local(each.due_from_ms, BERLIN)[:10] for each in slots)
    assert (per_day["2026-03-29"], per_day["2026-10-25"]) == (12, 13)
    assert {count for day, count in per_day.items() if day not in ("2026-03-29", "2026-10-25")} == {12}


def test_a_night_patrol_whose_hour_the_clock_skips_or_repeats_is_asked_for_once() -> None:
    patrols = year("patrol-night", Days(BERLIN, never))
    assert len(patrols) == 730
    assert all(each.due_from_ms < each.due_to_ms for each in patrols)


def test_every_schedule_of_the_demo_ends_in_work_somebody_owns() -> None:
    for schedule in demo().duties.file.schedule:
        assert all(each.unit and each.place for each in subjects(demo(), schedule)), schedule.id
        assert schedule.source, schedule.id
    assert {each.kind for each in demo().duties.file.schedule} == set(DutyKind)
