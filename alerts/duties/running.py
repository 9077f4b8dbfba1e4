"""Shell. Which dormant schedules run, and for what: a mode switches them on, and so does the grade of an area.

Nothing of it is kept: it follows from the modes that are on and the grades that somebody confirmed last. What a switch
ends is waived in its transaction; what it begins is in force from then on, not from the last time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from alerts.duties.book import OPEN_STATES, Book
from alerts.duties.subjects import subjects
from alerts.duties.tables import duty_clocks, duty_instances, modes, zone_grades
from vocab.areas import AreaPolicy
from vocab.duties import Schedule
from vocab.site import Site

Subjects = frozenset[str] | None  # None: all
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Those of an area, by what its policy makes of them."""

    attended: tuple[str, ...]
    closed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """The dormant schedules that run."""

    of: Mapping[str, Subjects]

    def runs(self, schedule: Schedule, subject: str | None = None) -> bool:
        """Whether a schedule runs, for anything or for one subject."""
        chosen = self.of.get(schedule.id, _NOTHING) if schedule.dormant else None
        return chosen is None or (bool(chosen) if subject is None else subject in chosen)


def modes_on(book: Book) -> set[str]:
    """The modes that are on."""
    mine = (modes.c.site == book.site.id, modes.c.begun_ms.is_not(None), modes.c.ended_ms.is_(None))
    found = book.connection.execute(select(modes.c.mode).where(*mine)).scalars()
    return {mode for mode in found if mode in book.site.duties.modes}


def grades(book: Book) -> dict[str, str]:
    """The grade of each area that has one, as somebody has confirmed it last."""
    mine = (zone_grades.c.site == book.site.id, zone_grades.c.grade.is_not(None))
    newest = select(func.max(zone_grades.c.id)).where(*mine).group_by(zone_grades.c.place)
    rows = select(zone_grades.c.place, zone_grades.c.grade).where(zone_grades.c.id.in_(newest))
    return {row.place: row.grade for row in book.connection.execute(rows) if row.place in book.site.org.places}


def policy_of(site: Site, grade: str | None) -> AreaPolicy | None:
    """What a grade means at a site; None: nothing."""
    return next((each for each in site.duties.file.area if each.grade == grade), None)


def checkpoints(site: Site, place: str, policy: AreaPolicy) -> Checkpoints:
    """The checkpoints of an area, in the order of the modes that name them: the first ones stay open."""
    named = dict.fromkeys(name for mode in site.duties.file.mode for name in mode.checkpoints)
    mine = tuple(name for name in named if place in site.org.climb(site.asset(name).grid))
    n = len(mine) if policy.open is None else policy.open
    return Checkpoints(mine[:n], mine[n:])


def running(book: Book) -> Running:
    """What runs now."""
    site, found = book.site, dict[str, Subjects]()
    for mode in modes_on(book):
        found |= dict.fromkeys(site.duties.modes[mode].schedules)
    for place, grade in grades(book).items():
        policy = policy_of(site, grade)
        for name, chosen in _asked(site, place, policy) if policy is not None else ():
            before = found.get(name, _NOTHING)
            found[name] = None if chosen is None or before is None else before | chosen
    return Running(found)


def _asked(site: Site, place: str, policy: AreaPolicy) -> Iterator[tuple[str, Subjects]]:
    gates = checkpoints(site, place, policy)
    yield from ((name, frozenset(gates.attended)) for name in policy.attended)
    yield from ((name, frozenset(gates.closed)) for name in policy.closed)
    for name in policy.schedules:
        schedule = site.duties.schedules[name]
        where = {*schedule.each.places, *schedule.each.spots, *schedule.each.assets}
        inside = [each.id for each in subjects(site, schedule) if place in site.org.climb(each.place)]
        yield name, frozenset(where.intersection(inside)) if where else None


@contextmanager
def switching(book: Book, by: str, why: str) -> Iterator[None]:
    """What happens inside may switch schedules on and off: what ended is waived, what began begins now."""
    before = running(book)
    yield
    after = running(book)
    for schedule in book.site.duties.file.schedule:
        if not schedule.dormant:
            continue
        _waive(book, schedule, (before, after), (by, why))
        names = [each.id for each in subjects(book.site, schedule)]
        fresh = [name for name in names if after.runs(schedule, name) and not before.runs(schedule, name)]
        mine = (duty_clocks.c.site == book.site.id, duty_clocks.c.schedule == schedule.id)
        book.connection.execute(delete(duty_clocks).where(*mine, duty_clocks.c.subject.in_(fresh)))


def _waive(book: Book, schedule: Schedule, turn: tuple[Running, Running], said: tuple[str, str]) -> None:
    before, after = turn
    if not before.runs(schedule) or after.of.get(schedule.id, _NOTHING) is None:
        return
    mine = (duty_instances.c.site == book.site.id, duty_instances.c.schedule == schedule.id)
    asked = select(duty_instances).where(*mine, duty_instances.c.state.in_(OPEN_STATES[:1]))
    for row in book.connection.execute(asked).mappings().all():
        if not after.runs(schedule, row["subject"]):
            book.waive(row, *said)
