"""Shell. What is due by the clock: asked for, proven, missed. Looking late, often or again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, select, update

from alerts.changing import Change
from alerts.duties.areas import look_at_areas
from alerts.duties.book import Book
from alerts.duties.due import Days, Instance, State, chained, counts, has_calendar, proven_ms, scheduled
from alerts.duties.hauls import look_at_hauls
from alerts.duties.majors import begin_majors, begin_rounds, end_majors, end_rounds
from alerts.duties.reminders import remind
from alerts.duties.review import ask_for_reviews
from alerts.duties.running import running
from alerts.duties.subjects import subjects
from alerts.duties.tables import duty_clocks, duty_instances, duty_triggers, emptyings
from alerts.engine import Engine
from alerts.tickets.workdays import Workdays
from alerts.views import Changes
from vocab.duties import After, Gap, Schedule
from vocab.instant import seconds_ms
from vocab.site import Site

_T = duty_instances.c


def days_of(site: Site) -> Days:
    """The site's clock and calendar."""
    calendar = Workdays(site.sla.weekdays, site.sla.days)
    return Days(ZoneInfo(site.file.timezone), lambda day: calendar.works(day)[0])


def book_of(change: Change, site: Site, now_ms: int) -> Book:
    """The instances, inside a change."""
    return Book(change.connection, site, days_of(site), now_ms, change)


def look(engine: Engine, now_ms: int) -> Changes:
    """Everything that fell due up to now, in one transaction."""
    if not engine.site.duties:
        return Changes()
    with engine.changing(now_ms) as change:
        look_in(book_of(change, engine.site, now_ms))
    return change.done


def look_in(book: Book) -> None:
    """The same inside a change."""
    begin_majors(book)
    end_majors(book)  # before anything is found missed
    end_rounds(book)
    begin_rounds(book)
    on = running(book)
    for schedule in book.site.duties.file.schedule:
        if not on.runs(schedule):
            continue
        if isinstance(schedule.when, After):
            _deadlines(book, schedule)
            continue
        for subject in subjects(book.site, schedule):
            if on.runs(schedule, subject.id):
                _ask(book, schedule, subject.id)
    _prove(book)
    _miss(book)
    remind(book)
    ask_for_reviews(book)
    look_at_areas(book)
    look_at_hauls(book)


def _ask(book: Book, schedule: Schedule, subject: str) -> None:
    since_ms, until_ms = book.clock(schedule.id, subject)
    if not has_calendar(schedule.when):
        _chain(book, schedule, subject, _anchor(book, schedule, since_ms), since_ms, again=True)
        return
    end_ms = book.now_ms + 1
    if until_ms < end_ms:
        # What opened before the schedule was in force may still be a date to come.
        begin_ms = until_ms if until_ms > since_ms else since_ms - _YEAR_MS
        found = scheduled(schedule, subject, book.days, begin_ms, end_ms)
        book.put(each for each in found if counts(schedule, each, since_ms))
        mine = (duty_clocks.c.schedule == schedule.id, duty_clocks.c.subject == subject)
        book.connection.execute(
            update(duty_clocks).where(duty_clocks.c.site == book.site.id, *mine).values(until_ms=end_ms)
        )


_YEAR_MS = seconds_ms(366 * 86_400)


def _anchor(book: Book, schedule: Schedule, since_ms: int) -> int:
    last: date | None = schedule.when.last if isinstance(schedule.when, Gap) else None
    return since_ms if last is None else book.days.midnight(last)


def _chain(book: Book, schedule: Schedule, subject: str, anchor_ms: int, since_ms: int, *, again: bool) -> None:
    """Ask for what follows, as long as what was asked for is already over."""
    while True:
        newest = book.newest(schedule.id, subject)
        if newest is not None and newest["state"] == State.OPEN.value:
            if newest["overdue_ms"] >= book.now_ms:
                return
            book.missed(newest)
            continue
        if newest is not None:
            last_ms = newest["due_to_ms"] if newest["done_ms"] is None else newest["done_ms"]
            anchor_ms = max(last_ms, since_ms) if schedule.dormant else last_ms
        following = chained(schedule, subject, book.days, anchor_ms, again=again or newest is not None)
        if following is None or following.due_from_ms > book.now_ms:
            return
        if newest is not None and following.due_from_ms <= newest["due_from_ms"]:
            following = _after(following, newest["due_from_ms"])
        book.put([following])


def _after(instance: Instance, moment_ms: int) -> Instance:
    """It opens later than the one before, so that each has a name of its own."""
    return Instance(moment_ms + 1, instance.due_to_ms, instance.overdue_ms, instance.schedule, instance.subject)


def _deadlines(book: Book, schedule: Schedule) -> None:
    if not isinstance(schedule.when, After):
        return
    mine = (duty_triggers.c.site == book.site.id, duty_triggers.c.trigger == schedule.when.trigger)
    for row in book.connection.execute(select(duty_triggers).where(*mine, duty_triggers.c.ended_ms.is_(None))).all():
        _chain(book, schedule, str(row.id), row.at_ms, row.at_ms, again=False)


def _open_of(book: Book, also: ColumnElement[bool]) -> Sequence[RowMapping]:
    found = select(duty_instances).where(_T.site == book.site.id, _T.state == State.OPEN.value, also)
    return book.connection.execute(found.order_by(_T.due_to_ms)).mappings().all()


def _prove(book: Book) -> None:
    """Rounds whose bins were emptied need nobody's word."""
    proofs = {each.id: each for each in book.site.duties.file.schedule if each.proof is not None}
    for row in _open_of(book, _T.schedule.in_(proofs)):
        schedule = proofs[row["schedule"]]
        proof = schedule.proof
        if proof is None:
            continue
        watched = _watched(book.site, schedule, proof.point)
        inside = (
            emptyings.c.site == book.site.id,
            emptyings.c.point == proof.point,
            emptyings.c.fall >= proof.fall,
            emptyings.c.at_ms >= row["due_from_ms"],
            emptyings.c.at_ms <= row["overdue_ms"],
            emptyings.c.asset.in_(watched),
        )
        times = select(emptyings.c.asset, emptyings.c.at_ms).where(*inside).order_by(emptyings.c.at_ms.desc())
        emptied = {each.asset: each.at_ms for each in book.connection.execute(times)}
        moment_ms = proven_ms(proof, watched, emptied)
        if moment_ms is not None:
            book.done(row, moment_ms, "sensor", proof="sensor", note=", ".join(sorted(emptied)))


def _watched(site: Site, schedule: Schedule, point: str) -> list[str]:
    covered = [site.asset(name) for name in schedule.covers]
    return [each.id for each in covered if any(told.id == point for told in site.points_of(each))]


def _miss(book: Book) -> None:
    for row in _open_of(book, _T.overdue_ms < book.now_ms):
        if row["schedule"] in book.site.duties.schedules:
            book.missed(row)
