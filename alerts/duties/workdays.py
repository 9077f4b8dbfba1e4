"""Pure. Which days are worked on: holidays and make-up workdays (调休) as announced by the State Council."""

from __future__ import annotations

from datetime import date

import chinese_calendar


def works(day: date) -> bool:
    """Whether a day is worked on; of a year that nobody has announced yet we know the weekday alone."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
