"""Shell. Whoever still has something open is told some days before its end, once each, whatever restarts.

That it was told is an event of the instance, in the transaction of the notices. Of reminders that went by while the
server was away only the last is told. Who has done it meanwhile is not told any more.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import RowMapping, select

from alerts.duties.book import Book
from alerts.duties.due import Days, State
from alerts.duties.tables import duty_events, duty_instances
from alerts.duties.words import reminder
from alerts.oncall.crew import Crew
from alerts.oncall.notices import Notice, put, reminder_of
from alerts.views import Both
from vocab.duties import Schedule
from vocab.inspection import Reminder
from vocab.org import Person
from vocab.roster import moment

REMINDED = "reminded"
_T = duty_instances.c


def moments(remind: Reminder, days: Days, due_to_ms: int) -> list[int]:
    """When to tell, ascending: each counted back from the last day on which it is in time."""
    last = days.day(due_to_ms - 1)
    return sorted(moment(last - timedelta(days=before), remind.at, days.zone) for before in remind.days)


def remind(book: Book) -> None:
    """Everything that is due up to now."""
    asking = {each.id: each for each in book.site.duties.file.schedule if each.remind is not None}
    if not asking:
        return
    open_ = (_T.site == book.site.id, _T.state == State.OPEN.value, _T.schedule.in_(asking), _T.due_to_ms > book.now_ms)
    rows = book.connection.execute(select(duty_instances).where(*open_).order_by(_T.id)).mappings().all()
    site = book.site
    crew = Crew(site.org, site.oncall, site.channels, book.zone)
    for row in rows:
        schedule = asking[row["schedule"]]
        past = [each for each in _moments(schedule, book, row) if each <= book.now_ms]
        if past and not _was_told(book, row["id"], past[-1]):
            _tell(book, crew, schedule, row, past[-1])


def _moments(schedule: Schedule, book: Book, row: RowMapping) -> list[int]:
    return [] if schedule.remind is None else moments(schedule.remind, book.days, row["due_to_ms"])


def _was_told(book: Book, instance: int, at_ms: int) -> bool:
    mine = (duty_events.c.instance == instance, duty_events.c.what == REMINDED, duty_events.c.at_ms == at_ms)
    return book.connection.execute(select(duty_events.c.id).where(*mine).limit(1)).first() is not None


def _tell(book: Book, crew: Crew, schedule: Schedule, row: RowMapping, at_ms: int) -> None:
    subject = book.subject(schedule, row["subject"])
    days = book.days.day(row["due_to_ms"] - 1)
    text = reminder(schedule, subject, book.label(row["subject"]), days, days - book.days.day(book.now_ms))
    people = _people(crew, schedule, subject.unit)
    for person in people:
        name = f"{reminder_of(row['id'])}{at_ms}/{person.id}"
        due_ms = crew.after_quiet(person, book.now_ms)
        put(
            book.connection,
            book.site,
            crew,
            Notice(person, name, REMINDED, Both(text.en, text.zh), due_ms),
            book.now_ms,
        )
    book.tell(row["id"], REMINDED, at_ms, note=", ".join(person.id for person in people))


def _people(crew: Crew, schedule: Schedule, unit: str) -> list[Person]:
    """Those of the unit who can be reached, of them those with its role if any has it; else those of the next above."""
    for name in (unit, *crew.above(unit)):
        members = [crew.org.people[each.id] for each in crew.org.members(name)]
        reached = [person for person in members if crew.ways(person, ())]
        able = [person for person in reached if schedule.role in person.roles]
        if reached:
            return able or reached
    return []
