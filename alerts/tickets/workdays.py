"""Pure. Which days are worked on in China: holidays and make-up workdays (调休) as the State Council announced them.

The table comes from `chinesecalendar`. It knows announced years only and says so, which is why it was chosen over a
table that guesses: of a year that nobody has announced we know the weekday alone, and whoever asks is told that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import chinese_calendar

from vocab.window import DAYS, Day


@dataclass(frozen=True, slots=True)
class Workdays:
    """The calendar of a site: its own days first, then the announced ones, then the weekday."""

    weekdays: tuple[Day, ...]
    days: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> tuple[bool, bool]:
        """Whether a day is worked on, and whether that is known (False: assumed by the weekday)."""
        if day in self.days:
            return self.days[day], True
        is_weekday = DAYS[day.weekday()] in self.weekdays
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return is_weekday, False
        if day in chinese_calendar.workdays:
            return True, True  # a weekend that makes up for a holiday
        return is_weekday and day not in chinese_calendar.holidays, True
