"""Pure. When a roll-call is due: at its set times, or once in each of its windows, at a moment drawn by its seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vocab.instant import from_ms, seconds_ms
from vocab.oncall import RollCall
from vocab.roster import in_season, moment
from vocab.window import DAYS, Window


class Moment(NamedTuple):
    """When a roll-call is due, and until when it may still be held."""

    at_ms: int
    until_ms: int


def moments(roll: RollCall, zone: ZoneInfo, begin_ms: int, end_ms: int) -> list[Moment]:
    """Every moment with begin <= at < end, in order."""
    day = from_ms(begin_ms).astimezone(zone).date() - timedelta(days=1)
    last = from_ms(end_ms).astimezone(zone).date()
    found: list[Moment] = []
    while day <= last:
        found += _of_day(roll, day, zone)
        day += timedelta(days=1)
    return sorted(each for each in found if begin_ms <= each.at_ms < end_ms)


def _of_day(roll: RollCall, day: date, zone: ZoneInfo) -> Iterator[Moment]:
    for clock in roll.at:
        at_ms = moment(day, clock, zone)
        yield Moment(at_ms, at_ms + seconds_ms(roll.answer_s))
    if roll.window is not None and _is_on(roll.window, day):
        begins, ends = roll.window.hours
        begin = moment(day, begins, zone)
        end = moment(day if begins < ends else day + timedelta(days=1), ends, zone)
        drawn = hashlib.sha256(f"{roll.seed}/{roll.id}/{day}".encode()).digest()
        chance, place = (int.from_bytes(some) / 2**64 for some in (drawn[:8], drawn[8:16]))
        if chance < roll.chance:
            yield Moment(begin + int(place * (end - begin)), end)


def _is_on(window: Window, day: date) -> bool:
    return DAYS[day.weekday()] in window.days and in_season(day, window)
