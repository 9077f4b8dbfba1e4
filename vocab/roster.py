"""Pure. Who is on call when: rotations, shift patterns, restrictions and who stands in, as stretches without overlap.

Boundaries are moments of the site's own clock, each made once from a day and a time, so that two stretches that meet
meet exactly, on the days too on which the clock is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from vocab.instant import from_ms, to_ms
from vocab.point import Id, PointId
from vocab.strict_toml import Strict, Text
from vocab.window import DAYS, ClockTime, Window


class Shift(Strict):
    """One stretch of a day that somebody works; it may go past midnight, and then belongs to the day it begins on."""

    id: PointId
    name: Text
    begins: ClockTime
    ends: ClockTime
    night: bool = False  # the rest rule counts these


class Rotation(Strict):
    """One way to share the time among people. Of a roster's rotations the first that has somebody holds."""

    type: Literal["daily", "weekly", "shifts"]
    people: tuple[Id, ...] = Field(min_length=1)
    start: date  # the first person's (first) turn; weekly: from this day of the week
    handover: ClockTime = "08:00"  # daily and weekly
    shift: tuple[Shift, ...] = ()  # shifts
    cycle: tuple[PointId, ...] = ()  # shifts: what one person works day after day, `off` for nothing
    stagger: int = Field(default=1, ge=0)  # days by which the next person is behind in the cycle
    only: tuple[Window, ...] = ()  # inside these alone; none: always
    consecutive_nights: bool = False  # somebody may work two nights on end

    @model_validator(mode="after")
    def _says_something(self) -> Rotation:
        known = {shift.id for shift in self.shift} | {"off"}
        if (self.type == "shifts") != bool(self.shift and self.cycle):
            raise ValueError('`shift` and `cycle` belong to type = "shifts", which needs both')
        unknown = [word for word in self.cycle if word not in known]
        if unknown:
            raise ValueError(f"no shift {unknown[0]!r}; known: " + ", ".join(sorted(known)))
        return self


class Roster(Strict):
    """Who is on call for one thing."""

    id: Id
    name: Text
    around_the_clock: bool = False  # a minute without anybody is a fault of the file
    dormant: bool = False  # on call only while a mode of duties.toml is on that names it
    rotation: tuple[Rotation, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody is on call from `begin_ms` until `end_ms` (excluded)."""

    begin_ms: int
    end_ms: int
    person: str
    shift: str = ""
    night: bool = False
    instead_of: str = ""  # somebody stands in


@dataclass(frozen=True, slots=True)
class StandIn:
    """`person` is on call in the stretch instead of `instead_of`, or of whoever it would be. Nobody ("") is away: what
    `instead_of` would have is left to the others of the shift, or open."""

    begin_ms: int
    end_ms: int
    person: str
    instead_of: str = ""


def stretches(
    roster: Roster, zone: ZoneInfo, begin_ms: int, end_ms: int, stand_ins: Sequence[StandIn] = ()
) -> list[Stretch]:
    """Who is on call, in the order of time. Two people may be on call at once only within one rotation."""
    held: list[Stretch] = []
    for rotation in roster.rotation:
        free = gaps(held, begin_ms, end_ms)
        mine = list(_rotation(rotation, zone, begin_ms, end_ms))
        held += [cut for each in mine for hole in free if (cut := _cut(each, *hole)) is not None]
    for each in stand_ins:
        held = list(_stood_in(held, each, begin_ms, end_ms))
    return sorted(held, key=lambda each: (each.begin_ms, each.end_ms, each.person))


def on_call(roster: Roster, zone: ZoneInfo, at_ms: int, stand_ins: Sequence[StandIn] = ()) -> list[Stretch]:
    """Who is on call at a moment, with the whole of their stretches as far as a day around it."""
    day_ms = 36 * 3_600_000
    found = stretches(roster, zone, at_ms - day_ms, at_ms + day_ms, stand_ins)
    return [each for each in found if each.begin_ms <= at_ms < each.end_ms]


def gaps(held: Iterable[Stretch], begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """The stretches of [begin, end) in which nobody is on call."""
    found, at = [], begin_ms
    for each in sorted(held, key=lambda each: each.begin_ms):
        if each.begin_ms > at:
            found.append((at, min(each.begin_ms, end_ms)))
        at = max(at, each.end_ms)
        if at >= end_ms:
            break
    if at < end_ms:
        found.append((at, end_ms))
    return [(begin, end) for begin, end in found if begin < end]


def tired(held: Iterable[Stretch], zone: ZoneInfo) -> list[tuple[str, date]]:
    """Who works a second night on end, and on which day it begins."""
    nights: dict[str, set[date]] = {}
    for each in held:
        if each.night:
            nights.setdefault(each.person, set()).add(from_ms(each.begin_ms).astimezone(zone).date())
    return sorted((person, day) for person, days in nights.items() for day in days if day - timedelta(days=1) in days)


def moment(day: date, clock: str, zone: ZoneInfo) -> int:
    """Milliseconds of a time of day; one that the change of clocks skips is taken as if it had not."""
    return to_ms(datetime.combine(day, time.fromisoformat(clock), zone))


def _days(zone: ZoneInfo, begin_ms: int, end_ms: int, before: int = 1) -> Iterator[date]:
    day = from_ms(begin_ms).astimezone(zone).date() - timedelta(days=before)
    last = from_ms(end_ms).astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _rotation(rotation: Rotation, zone: ZoneInfo, begin_ms: int, end_ms: int) -> Iterator[Stretch]:
    turns = _shifts(rotation, zone, begin_ms, end_ms) if rotation.cycle else _turns(rotation, zone, begin_ms, end_ms)
    open_ = list(_windows(rotation.only, zone, begin_ms, end_ms)) if rotation.only else [(begin_ms, end_ms)]
    for turn in turns:
        for begin, end in open_:
            cut = _cut(turn, begin, end)
            if cut is not None:
                yield cut


def _turns(rotation: Rotation, zone: ZoneInfo, begin_ms: int, end_ms: int) -> Iterator[Stretch]:
    length = 1 if rotation.type == "daily" else 7
    for day in _days(zone, begin_ms, end_ms, length):
        since = (day - rotation.start).days
        if since >= 0 and since % length == 0:
            person = rotation.people[since // length % len(rotation.people)]
            begin = moment(day, rotation.handover, zone)
            yield Stretch(begin, moment(day + timedelta(days=length), rotation.handover, zone), person)


def _shifts(rotation: Rotation, zone: ZoneInfo, begin_ms: int, end_ms: int) -> Iterator[Stretch]:
    shifts = {shift.id: shift for shift in rotation.shift}
    for day in _days(zone, begin_ms, end_ms):
        since = (day - rotation.start).days
        for place, person in enumerate(rotation.people if since >= 0 else ()):
            shift = shifts.get(rotation.cycle[(since - place * rotation.stagger) % len(rotation.cycle)])
            if shift is not None:
                last = day if shift.begins < shift.ends else day + timedelta(days=1)
                begin, end = moment(day, shift.begins, zone), moment(last, shift.ends, zone)
                yield Stretch(begin, end, person, shift.id, shift.night)


def _windows(only: Sequence[Window], zone: ZoneInfo, begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """Joined, so that two windows that overlap give nobody twice."""
    found: list[tuple[int, int]] = []
    for day in _days(zone, begin_ms, end_ms):
        for window in only:
            if DAYS[day.weekday()] in window.days and in_season(day, window):
                begins, ends = window.hours
                last = day if begins < ends else day + timedelta(days=1)
                found.append((moment(day, begins, zone), moment(last, ends, zone)))
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def in_season(day: date, window: Window) -> bool:
    """Whether a day lies in the window's season; without one, every day does."""
    if window.season is None:
        return True
    first, last = window.season
    today = day.strftime("%m-%d")
    return first <= today <= last if first <= last else today >= first or today <= last


def _cut(each: Stretch, begin_ms: int, end_ms: int) -> Stretch | None:
    begin, end = max(each.begin_ms, begin_ms), min(each.end_ms, end_ms)
    return replace(each, begin_ms=begin, end_ms=end) if begin < end else None


def _stood_in(held: Iterable[Stretch], by: StandIn, begin_ms: int, end_ms: int) -> Iterator[Stretch]:
    """What is left of the others, and the one who stands in, with the shifts that are stood in for."""
    begin, end = max(by.begin_ms, begin_ms), min(by.end_ms, end_ms)
    taken: list[Stretch] = []
    for each in held:
        inside = _cut(each, begin, end) if begin < end else None
        if inside is None or by.instead_of not in ("", each.person):
            yield each
            continue
        if by.person:
            taken.append(replace(inside, person=by.person, instead_of=each.person))
        for rest in (_cut(each, each.begin_ms, begin), _cut(each, end, each.end_ms)):
            if rest is not None:
                yield rest
    yield from taken if by.instead_of else _once(taken)
    if by.person and not by.instead_of:
        for hole in gaps(taken, begin, end) if begin < end else ():
            yield Stretch(*hole, by.person)


def _once(found: Iterable[Stretch]) -> Iterator[Stretch]:
    """One person who has the part of several at once has it once."""
    last = 0
    for each in sorted(found, key=lambda each: (each.begin_ms, -each.end_ms)):
        rest = _cut(each, last, each.end_ms) if each.begin_ms < last else each
        if rest is not None:
            yield rest
            last = rest.end_ms
