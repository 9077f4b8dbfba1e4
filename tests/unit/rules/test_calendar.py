"""Windows by the clock on the wall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rules.calendar import Calendar, spans
from vocab.instant import from_ms, to_ms
from vocab.window import Window

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def told(zone: ZoneInfo, first: str, last: str, *windows: Mapping[str, object]) -> list[tuple[str, str]]:
    calendar = Calendar(tuple(Window.model_validate(each) for each in windows))
    begin, end = (to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC)) for text in (first, last))
    return [
        (f"{from_ms(start).astimezone(zone):%d %H:%M}", f"{from_ms(stop).astimezone(zone):%d %H:%M}")
        for start, stop in spans(calendar, zone, begin, end)
    ]


def test_a_window_is_by_the_clock_of_the_site() -> None:
    found = told(SHANGHAI, "2026-03-25T16:00", "2026-03-26T15:59", {"hours": "06:30-09:00"}, {"hours": "15:30-18:00"})

    assert found == [("26 06:30", "26 09:00"), ("26 15:30", "26 18:00")]


def test_a_window_past_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    found = told(SHANGHAI, "2026-03-25T16:00", "2026-03-28T15:59", {"hours": "22:00-06:00", "days": ["thu"]})

    assert found == [("26 22:00", "27 06:00")]


def test_equal_ends_are_a_whole_day() -> None:
    assert told(SHANGHAI, "2026-03-25T16:00", "2026-03-27T15:00", {"days": ["thu"]}) == [("26 00:00", "27 00:00")]


def test_a_season_may_go_past_the_new_year() -> None:
    heating = {"season": ["11-15", "03-15"]}

    assert len(told(SHANGHAI, "2026-03-13T00:00", "2026-03-20T00:00", heating)) == 3
    assert told(SHANGHAI, "2026-07-01T00:00", "2026-07-09T00:00", heating) == []
    assert len(told(SHANGHAI, "2026-12-30T16:00", "2027-01-02T15:59", heating)) == 3


def test_an_hour_that_the_clock_skips_belongs_to_nothing_and_days_stay_days() -> None:
    found = told(BERLIN, "2026-03-28T23:00", "2026-03-29T21:00", {"hours": "02:00-03:00"}, {"hours": "04:00-05:00"})

    assert ("29 04:00", "29 05:00") in found
    assert all(start != stop for start, stop in found)


def test_windows_that_overlap_are_one_and_those_that_touch_are_two() -> None:
    over = told(SHANGHAI, "2026-03-25T16:00", "2026-03-26T15:59", {"hours": "06:00-09:00"}, {"hours": "08:00-10:00"})
    touch = told(SHANGHAI, "2026-03-25T16:00", "2026-03-26T15:59", {"hours": "06:00-08:00"}, {"hours": "08:00-10:00"})

    assert over == [("26 06:00", "26 10:00")]
    assert touch == [("26 06:00", "26 08:00"), ("26 08:00", "26 10:00")]
