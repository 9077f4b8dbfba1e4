"""Stretches of the week as an operator writes them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vocab.condition import MustHappen, Schedule
from vocab.strict_toml import Source, Strict, parse
from vocab.window import DAYS, Window


class Sheet(Strict):
    """A file with windows."""

    window: tuple[Window, ...]


def read(row: str) -> Window:
    found, problems = parse(Source("f.toml", f"[[window]]\n{row}\n"), Sheet)
    assert problems == ()
    assert found is not None
    return found.window[0]


def test_nothing_said_is_the_whole_week() -> None:
    window = read("")

    assert window.hours == ("00:00", "00:00")
    assert window.days == DAYS
    assert window.season is None


@pytest.mark.parametrize(
    ("row", "hours"),
    [
        ('hours = "06:30-09:00"', ("06:30", "09:00")),
        ('hours = "22:00-06:00"', ("22:00", "06:00")),
        ('hours = ["06:30", "09:00"]', ("06:30", "09:00")),
        ('hours = "00:00-00:00"', ("00:00", "00:00")),
    ],
)
def test_hours_are_two_times_of_day_and_may_go_past_midnight(row: str, hours: tuple[str, str]) -> None:
    assert read(row).hours == hours


def test_days_and_a_season_narrow_it() -> None:
    window = read('hours = "06:30-09:00"\ndays = ["thu", "mon"]\nseason = ["11-15", "03-15"]')

    assert window.days == ("thu", "mon")
    assert window.season == ("11-15", "03-15"), "a heating season goes past New Year"
    assert read('season = ["02-29", "02-29"]').season == ("02-29", "02-29"), "leap days are days"


@pytest.mark.parametrize(
    ("row", "key", "message"),
    [
        ('hours = "06:30"', "hours", "Field required"),
        ('hours = "06:30-09:00-11:00"', "hours", "at most 2"),
        ('hours = "06:30-25:00"', "hours[2]", "'25:00' is not a time of day"),
        ('hours = "6.30-9.00"', "hours[1]", "'6.30' is not a time of day"),
        ('days = ["monday"]', "days[1]", "'mon'"),
        ("days = []", "days", "at least 1"),
        ('days = ["mon", "mon"]', "", "a day is named twice"),
        ('season = ["11-31", "03-15"]', "season[1]", "'11-31' is not a day of the year"),
        ('season = ["13-01", "03-15"]', "season[1]", "'13-01' is not a day of the year"),
        ('season = ["winter", "03-15"]', "season[1]", "'winter' is not a day of the year"),
        ('hour = "06:30-09:00"', "hour", "Extra inputs"),
    ],
)
def test_a_slip_is_told_where_it_stands(row: str, key: str, message: str) -> None:
    found, problems = parse(Source("f.toml", f"[[window]]\n{row}\n"), Sheet)

    assert found is None
    assert any(each.key.startswith(f"window[1].{key}".rstrip(".")) and message in each.message for each in problems)
    assert all(each.line in (1, 2) for each in problems)


def test_windows_cannot_be_left_out_where_they_are_the_point() -> None:
    for model, row in ((Schedule, {"type": "schedule"}), (MustHappen, {"type": "must_happen", "of": {"type": "high"}})):
        with pytest.raises(ValidationError, match="within"):
            model.model_validate(row | {"within": ()})
