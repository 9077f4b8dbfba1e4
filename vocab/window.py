"""Pure. Stretches of the week, by the clock on the wall of the site: collection rounds, nights, the heating season."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vocab.strict_toml import Strict

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time of day such as 06:30") from None
    return text


def _in_a_year(text: str) -> str:
    month, _, day = text.partition("-")
    longest = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (month.isdigit() and day.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= longest[int(month) - 1]):
        raise ValueError(f"{text!r} is not a day of the year such as 11-15")
    return text


def _pair(value: object) -> object:
    if isinstance(value, str):
        return tuple(value.split("-"))
    return tuple(value) if isinstance(value, list) else value


ClockTime = Annotated[str, AfterValidator(_clock)]
YearDay = Annotated[str, AfterValidator(_in_a_year)]


class Window(Strict):
    """One stretch of a day, such as { hours = "06:30-09:00", days = ["thu"] }.

    It may go past midnight, and then belongs to the day on which it begins; equal ends mean a whole day.
    """

    hours: Annotated[tuple[ClockTime, ClockTime], BeforeValidator(_pair)] = ("00:00", "00:00")
    days: tuple[Day, ...] = Field(default=DAYS, min_length=1)
    season: tuple[YearDay, YearDay] | None = None  # first and last day, such as ["11-15", "03-15"]

    @model_validator(mode="after")
    def _says_something(self) -> Window:
        if len(set(self.days)) != len(self.days):
            raise ValueError("a day is named twice")
        return self
