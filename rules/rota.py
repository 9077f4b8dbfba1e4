"""Pure. How much would have been raised in each shift and each night, by the clock on the wall of the site."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vocab.instant import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Duty:
    """A stretch of a day, every day: a shift, or the night. It may go past midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class DutyLoad:
    """One of them, and what was raised in it."""

    start_ms: int
    end_ms: int
    raised: int
    by_priority: tuple[int, int, int, int]  # priorities 1 to 4
    pages: int = 0  # how often somebody was called: of those raised, and of those that came out of hiding


def shifts(starts: Sequence[time]) -> tuple[Duty, ...]:
    """Shifts that relieve one another, from where each begins."""
    ordered = sorted(starts)
    return tuple(Duty(start, end) for start, end in zip(ordered, [*ordered[1:], ordered[0]], strict=True))


def loads(
    raised: Iterable[tuple[int, int]],
    duties: Sequence[Duty],
    zone: ZoneInfo,
    from_ms_: int,
    to_ms_: int,
    paged: Iterable[int] = (),
) -> list[DutyLoad]:
    """For every duty that touches the period: how many of the (moment, priority), and of the pages, fall into it."""
    moments, pages = sorted(raised), sorted(paged)
    found = []
    day = from_ms(from_ms_).astimezone(zone).date() - timedelta(days=1)
    last = from_ms(to_ms_).astimezone(zone).date()
    while day <= last:
        for duty in duties:
            start_ms, end_ms = _span(day, duty, zone)
            if start_ms < to_ms_ and end_ms > from_ms_:
                first, after = bisect_left(moments, (start_ms, 0)), bisect_left(moments, (end_ms, 0))
                inside = [priority for _, priority in moments[first:after]]
                counts = (inside.count(1), inside.count(2), inside.count(3), inside.count(4))
                called = bisect_left(pages, end_ms) - bisect_left(pages, start_ms)
                found.append(DutyLoad(start_ms, end_ms, len(inside), counts, called))
        day += timedelta(days=1)
    return sorted(found, key=lambda each: each.start_ms)


def _span(day: date, duty: Duty, zone: ZoneInfo) -> tuple[int, int]:
    until = day if duty.end > duty.start else day + timedelta(days=1)
    return (
        to_ms(datetime.combine(day, duty.start, zone)),
        to_ms(datetime.combine(until, duty.end, zone)),
    )
