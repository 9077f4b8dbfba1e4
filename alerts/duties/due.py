"""Pure. Which instances of a schedule there are, and how each stands.

The law of this file
1. An instance is asked for from `due_from_ms` on, is in time until `due_to_ms`, late until `overdue_ms`, then missed.
2. What has a calendar follows from the calendar alone, so that a restart, or a look after a week, finds the same.
3. What has none (`gap`, `after`) follows from one moment, its anchor: when it was done last, or began. A miss is the
   next anchor: a week of silence is as many misses as there are gaps in it.
4. Nobody misses what was not asked of them: a window that had begun before the schedule was in force is none. A date
   that is still to come holds for everybody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.calendar import Calendar, spans
from vocab.duties import After, AtHours, EmptyingProof, Gap, Once, Recurrence, Schedule, Slots, Yearly
from vocab.instant import from_ms, seconds_ms, to_ms


class State(StrEnum):
    """How an instance stands."""

    PENDING = "pending"  # it is not asked for yet
    OPEN = "open"
    DONE = "done"
    LATE = "late"  # done, after its time
    MISSED = "missed"
    WAIVED = "waived"  # somebody said that it is not needed, and why


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """One time that something has to happen. Moments in ms UTC."""

    due_from_ms: int
    due_to_ms: int
    overdue_ms: int
    schedule: str
    subject: str

    @property
    def key(self) -> str:
        """Its name, the same after every restart."""
        return f"{self.schedule}/{self.subject}/{self.due_from_ms}"


@dataclass(frozen=True, slots=True)
class Days:
    """The site's clock and its calendar of working days."""

    zone: ZoneInfo
    works: Callable[[date], bool]

    def midnight(self, day: date) -> int:
        """When a day begins, ms UTC."""
        return to_ms(datetime.combine(day, time(), self.zone))

    def day(self, moment_ms: int) -> date:
        """The day of a moment."""
        return from_ms(moment_ms).astimezone(self.zone).date()

    def later(self, moment_ms: int, years: int) -> int:
        """The same day and hour some years later; 29 February becomes the 28th."""
        local = from_ms(moment_ms).astimezone(self.zone)
        return to_ms(datetime.combine(_of_year(local.date(), local.year + years), local.time(), self.zone))


def has_calendar(when: Recurrence) -> bool:
    """Whether its instances follow from the calendar alone."""
    return not isinstance(when, Gap | After)


def scheduled(schedule: Schedule, subject: str, days: Days, begin_ms: int, end_ms: int) -> list[Instance]:
    """Every instance by the calendar with begin <= due_from < end, ascending; nothing for what has no calendar."""
    found = _spans(schedule.when, days, begin_ms, end_ms)
    return [_instance(schedule, subject, *span) for span in sorted(found) if begin_ms <= span[0] < end_ms]


def counts(schedule: Schedule, instance: Instance, since_ms: int) -> bool:
    """Whether it is asked of a site that has had the schedule since then (law 4)."""
    if isinstance(schedule.when, Yearly | Once):
        return instance.due_to_ms > since_ms
    return instance.due_from_ms >= since_ms


def chained(schedule: Schedule, subject: str, days: Days, anchor_ms: int, *, again: bool) -> Instance | None:
    """The instance that follows an anchor: the last time it was done or missed, or (not `again`) the beginning.

    None for what has a calendar, and for a task that was done and is not asked for again.
    """
    when = schedule.when
    if isinstance(when, Gap):
        due_ms = days.later(anchor_ms, when.years) if when.years else anchor_ms + seconds_ms(when.at_most_s or 0.0)
        opens_ms = anchor_ms if when.opens_s is None else max(anchor_ms, due_ms - seconds_ms(when.opens_s))
        return _instance(schedule, subject, opens_ms, due_ms)
    if isinstance(when, After) and not again:
        return _instance(schedule, subject, anchor_ms, anchor_ms + seconds_ms(when.within_s))
    if isinstance(when, After) and when.again_from_s is not None and when.again_within_s is not None:
        begin_ms = anchor_ms + seconds_ms(when.again_from_s)
        return _instance(schedule, subject, begin_ms, anchor_ms + seconds_ms(when.again_within_s))
    return None


def state_of(instance: Instance, now_ms: int, done_ms: int | None = None, *, waived: bool = False) -> State:
    """How it stands now."""
    if waived:
        return State.WAIVED
    if done_ms is not None:
        return State.DONE if done_ms <= instance.due_to_ms else State.LATE
    if now_ms < instance.due_from_ms:
        return State.PENDING
    return State.OPEN if now_ms <= instance.overdue_ms else State.MISSED


def proven_ms(proof: EmptyingProof, watched: Collection[str], emptied: Mapping[str, int]) -> int | None:
    """When enough of the `watched` containers had been `emptied` (by asset, ms); None: not yet, or nothing watches."""
    moments = sorted(moment for asset, moment in emptied.items() if asset in watched)
    needed = math.ceil(len(watched) * proof.share)
    return moments[needed - 1] if 0 < needed <= len(moments) else None


def _instance(schedule: Schedule, subject: str, begin_ms: int, due_ms: int) -> Instance:
    return Instance(begin_ms, due_ms, due_ms + seconds_ms(schedule.grace_s), schedule.id, subject)


def _spans(when: Recurrence, days: Days, begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
    if isinstance(when, AtHours):
        found = spans(Calendar(when.at), days.zone, begin_ms, end_ms)
        works = when.on == "workdays"
        return found if when.on == "all" else [span for span in found if days.works(days.day(span[0])) is works]
    if isinstance(when, Slots):
        return _slots(when, days, begin_ms, end_ms)
    if isinstance(when, Yearly):
        return _years(when, days, begin_ms, end_ms)
    if isinstance(when, Once):
        day = timedelta(days=1)
        return [(days.midnight(when.on - when.opens_days * day), days.midnight(when.on + day))]
    return []


def _slots(when: Slots, days: Days, begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """By elapsed time from midnight, so that no two are further apart than asked where a day has 23 or 25 hours."""
    found, day = [], days.day(begin_ms)
    step, due = seconds_ms(when.every_s), seconds_ms(when.due_s)
    while (midnight := days.midnight(day)) < end_ms:
        day += timedelta(days=1)
        found += [(moment, moment + due) for moment in range(midnight, days.midnight(day), step)]
    return found


def _years(when: Yearly, days: Days, begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
    first, last = days.day(begin_ms).year, days.day(end_ms).year
    past_new_year = int(when.ends < when.begins)
    return [
        (
            days.midnight(_year_day(when.begins, year)),
            days.midnight(_year_day(when.ends, year + past_new_year) + timedelta(days=1)),
        )
        for year in range(first, last + 1)
    ]


def _year_day(text: str, year: int) -> date:
    return _of_year(date.fromisoformat(f"2000-{text}"), year)  # 2000 has every day


def _of_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=day.day - 1)
