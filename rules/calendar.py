"""Pure. From windows by the clock on the wall, and dates, to stretches of UTC.

Hours that the clock skips in spring belong to nothing; hours that it shows twice are taken once, as `datetime` does
with its default fold. Days begin and end by the calendar, so one may have 23 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from rules.codes import FAR
from rules.columns import Calendars
from vocab.instant import from_ms, to_ms
from vocab.window import DAYS, Window

Span = tuple[int, int]  # ms UTC, [start, end)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Windows, or everything from a day on."""

    windows: tuple[Window, ...] = ()
    since: date | None = None
    before_days: float = 0.0


def spans(calendar: Calendar, zone: ZoneInfo, from_ms_: int, to_ms_: int) -> list[Span]:
    """Every stretch that touches the period, ascending; those that overlap are one."""
    if calendar.since is not None:
        start = to_ms(datetime.combine(calendar.since, time(), zone) - timedelta(days=calendar.before_days))
        return [(start, FAR)]
    found: list[Span] = []
    day = from_ms(from_ms_).astimezone(zone).date() - timedelta(days=1)
    last = from_ms(to_ms_).astimezone(zone).date()
    while day <= last:
        found += [_span(window, day, zone) for window in calendar.windows if _is_on(window, day)]
        day += timedelta(days=1)
    return _joined(sorted(span for span in found if span[1] > from_ms_ and span[0] < to_ms_ and span[0] < span[1]))


def _is_on(window: Window, day: date) -> bool:
    if DAYS[day.weekday()] not in window.days:
        return False
    if window.season is None:
        return True
    first, last = window.season
    today = f"{day:%m-%d}"
    return first <= today <= last if first <= last else today >= first or today <= last


def _span(window: Window, day: date, zone: ZoneInfo) -> Span:
    start, end = (time.fromisoformat(text) for text in window.hours)
    until = day if end > start else day + timedelta(days=1)
    return to_ms(datetime.combine(day, start, zone)), to_ms(datetime.combine(until, end, zone))


def _joined(found: list[Span]) -> list[Span]:
    """Touching stretches stay two: each of two windows in a row is a window in which something must happen."""
    out: list[Span] = []
    for start, end in found:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def columns(calendars: Sequence[Calendar], zone: ZoneInfo, from_ms_: int, to_ms_: int) -> Calendars:
    """All calendars over one period."""
    found = [spans(each, zone, from_ms_, to_ms_) for each in calendars]
    lengths = np.array([len(each) for each in found], np.int32)
    return Calendars(
        at=(np.cumsum(lengths) - lengths).astype(np.int32),
        n=lengths,
        start_ms=np.array([start for each in found for start, _ in each], np.int64),
        end_ms=np.array([end for each in found for _, end in each], np.int64),
    )
