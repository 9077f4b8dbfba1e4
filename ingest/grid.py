"""Pure. Which buckets a span is drawn with, and from which table they are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MINUTE_MS = 60_000
HOUR_MS = 3_600_000


class Level(StrEnum):
    """The table that is read."""

    READINGS = "readings"
    MINUTES = "minutes"
    HOURS = "hours"

    @property
    def step_ms(self) -> int:
        """The length of its rows."""
        return {Level.READINGS: 1, Level.MINUTES: MINUTE_MS, Level.HOURS: HOUR_MS}[self]


@dataclass(frozen=True, slots=True)
class Grid:
    """Buckets of `bucket_ms`, whose starts are multiples of it."""

    level: Level
    bucket_ms: int


def grid_for(from_ms: int, to_ms: int, px: int, readings_from_ms: int) -> Grid:
    """The coarsest table that still gives a bucket per pixel; readings before `readings_from_ms` are gone."""
    bucket_ms = max(1, -(-(to_ms - from_ms) // px))
    level = Level.HOURS if bucket_ms >= HOUR_MS else Level.MINUTES if bucket_ms >= MINUTE_MS else Level.READINGS
    if level is Level.READINGS and from_ms < readings_from_ms:
        level = Level.MINUTES
    return Grid(level, -(-bucket_ms // level.step_ms) * level.step_ms)
