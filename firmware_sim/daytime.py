"""Pure. Local time of day: loads, passages and waste follow the clock on the wall, not UTC."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

from vocab.instant import from_ms

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
YEAR_DAYS = 365.2425
WARMEST_DAY = 196.0  # of the year: the middle of July, in the north
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0


class Daytime:
    """Hour of day and day of week of a moment; the zone's offset is looked up once an hour."""

    __slots__ = ("_hour", "_offset_ms", "_zone")

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._hour = -1
        self._offset_ms = 0

    def local_ms(self, moment_ms: int) -> int:
        """`moment_ms` moved by the zone's offset, so that midnight is a multiple of a day."""
        hour = moment_ms // HOUR_MS
        if hour != self._hour:
            offset = from_ms(moment_ms).astimezone(self._zone).utcoffset()
            self._offset_ms = 0 if offset is None else round(offset.total_seconds() * 1000)
            self._hour = hour
        return moment_ms + self._offset_ms

    def hour(self, moment_ms: int) -> float:
        """0.0 to 24.0."""
        return self.local_ms(moment_ms) % DAY_MS / HOUR_MS

    def weekday(self, moment_ms: int) -> int:
        """Monday is 0."""
        return (self.local_ms(moment_ms) // DAY_MS + _EPOCH_WEEKDAY) % 7

    def day(self, moment_ms: int) -> int:
        """A number that changes at local midnight."""
        return self.local_ms(moment_ms) // DAY_MS

    def season(self, moment_ms: int) -> float:
        """-1.0 in the middle of January, +1.0 in the middle of July."""
        days = self.local_ms(moment_ms) / DAY_MS  # a year of the epoch begins on 1 January
        return math.cos(2 * math.pi * (days - WARMEST_DAY) / YEAR_DAYS)


def between(hour: float, knots: tuple[tuple[float, float], ...]) -> float:
    """The value of a daily profile at `hour`: straight lines between (hour, value) knots, first at 0, last at 24."""
    before = knots[0]
    for knot in knots[1:]:
        if hour <= knot[0]:
            part = (hour - before[0]) / (knot[0] - before[0])
            return before[1] + (knot[1] - before[1]) * part
        before = knot
    return before[1]
