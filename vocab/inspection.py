"""Pure. What else a duty asks for and leads to: a score by items, a reminder before its end, work where missed."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from vocab.point import Id, PointId
from vocab.rule import Category
from vocab.strict_toml import Strict, Text
from vocab.window import ClockTime


class Miss(Strict):
    """What work a miss becomes."""

    category: Category
    hazard: PointId
    priority: int = Field(ge=1, le=4)


class ScoreItem(Strict):
    """One thing that an inspection looks at."""

    id: PointId
    name: Text
    weight: float = Field(default=1.0, gt=0, le=1000)


class Scoring(Strict):
    """An inspection is scored: each item from 0 to `scale`, all together by their weights."""

    scale: float = Field(gt=0, le=1000)
    pass_mark: float = Field(gt=0)  # less is work
    items: tuple[ScoreItem, ...] = Field(min_length=1, max_length=50)
    below: Miss  # what work a score below the pass mark becomes
    unit: Id | None = None  # who does that work; None: whose the inspection is

    @model_validator(mode="after")
    def _fit(self) -> Scoring:
        if self.pass_mark > self.scale:
            raise ValueError("nobody can reach a pass_mark above the scale")
        if len({each.id for each in self.items}) != len(self.items):
            raise ValueError("two items have the same id")
        return self


class Reminder(Strict):
    """Whoever still has it open is reminded: so many days before the last day, at this time of the site's clock."""

    days: tuple[int, ...] = Field(min_length=1, max_length=10)
    at: ClockTime = "09:00"

    @field_validator("days")
    @classmethod
    def _days(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(days)) != len(days) or not all(0 <= day <= 365 for day in days):
            raise ValueError("days are different numbers from 0 (the last day itself) to 365")
        return days
