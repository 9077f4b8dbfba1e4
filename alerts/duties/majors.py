"""Shell. What an open major hazard asks of people: the report upward at once, and extra rounds while it is open.

The report (plan 1, no. 27, 39): a person's grading confirms the hazard (what a rule thinks is no confirmation), the
report upward ends the deadline. What is not reported in its time is missed, and becomes work like any other miss.

The rounds (plan 1, no. 21): from the moment at which a ticket tightens the watch until that ends, with the ticket or
because it is found to be general. Only a site whose duties.toml waits for the trigger has either.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import RowMapping, Select, insert, select, update

from alerts.duties.book import OPEN_STATES, Book
from alerts.duties.tables import duty_instances, duty_triggers
from alerts.tables import tickets
from alerts.tickets.commands import SYSTEM, Verb
from alerts.tickets.tables import ticket_events, tightenings
from vocab.duties import CLOSER_TRIGGER, MAJOR_TRIGGER
from vocab.rule import Grade

_G = duty_triggers.c


def begin_majors(book: Book) -> None:
    """A trigger for every open major hazard that somebody has graded and nobody has reported."""
    if not any(book.site.duties.of_trigger(MAJOR_TRIGGER)):
        return
    known = select(_G.label).where(_G.site == book.site.id, _G.trigger == MAJOR_TRIGGER)
    statement = (
        select(tickets.c.number, ticket_events.c.at_ms, ticket_events.c.payload)
        .join(ticket_events, ticket_events.c.ticket == tickets.c.id)
        .where(tickets.c.site == book.site.id, tickets.c.grade == Grade.MAJOR.value, tickets.c.closed_ms.is_(None))
        .where(tickets.c.upward.is_(None), ticket_events.c.verb == Verb.GRADE.value, ticket_events.c.actor != SYSTEM)
        .where(tickets.c.number.not_in(known))
        .order_by(ticket_events.c.id)
    )
    rows = book.connection.execute(statement).all()
    confirmed = {row.number: row.at_ms for row in rows if json.loads(row.payload).get("grade") == Grade.MAJOR.value}
    for number, at_ms in confirmed.items():
        told = {"site": book.site.id, "trigger": MAJOR_TRIGGER, "label": number, "at_ms": at_ms}
        book.connection.execute(insert(duty_triggers).values(**told, by=SYSTEM, note=""))


def begin_rounds(book: Book) -> None:
    """A trigger for every closer watch that has none yet; what began again is a new one."""
    if not any(book.site.duties.of_trigger(CLOSER_TRIGGER)):
        return
    running = select(_G.label).where(_G.site == book.site.id, _G.trigger == CLOSER_TRIGGER, _G.ended_ms.is_(None))
    for row in book.connection.execute(_watched(book).where(tickets.c.number.not_in(running))).all():
        told = {"site": book.site.id, "trigger": CLOSER_TRIGGER, "label": row.number, "at_ms": row.from_ms}
        book.connection.execute(insert(duty_triggers).values(**told, by=SYSTEM, note=""))


def end_rounds(book: Book) -> None:
    """It is watched as ever: what its rounds still ask for is waived."""
    mine = (_G.site == book.site.id, _G.trigger == CLOSER_TRIGGER, _G.by == SYSTEM, _G.ended_ms.is_(None))
    watched = {row.number for row in book.connection.execute(_watched(book)).all()}
    for row in book.connection.execute(select(_G.id, _G.label).where(*mine)).all():
        if row.label not in watched:
            for instance in _asked(book, CLOSER_TRIGGER, row.id):
                book.waive(instance, _last(book, row.label), "it is not watched more closely any more")
            _end(book, row.id)


def _last(book: Book, number: str) -> str:
    """Who did something to a ticket last; whoever ended the watch, where no sensor did."""
    mine = (tickets.c.site == book.site.id, tickets.c.number == number, ticket_events.c.actor != SYSTEM)
    found = select(ticket_events.c.actor).join(tickets, tickets.c.id == ticket_events.c.ticket).where(*mine)
    return book.connection.execute(found.order_by(ticket_events.c.id.desc()).limit(1)).scalar_one_or_none() or SYSTEM


def _watched(book: Book) -> Select[tuple[str, int]]:
    columns = select(tickets.c.number, tightenings.c.from_ms).join(tickets, tickets.c.id == tightenings.c.ticket)
    return columns.where(tightenings.c.site == book.site.id, tightenings.c.to_ms.is_(None)).order_by(tightenings.c.id)


def end_majors(book: Book) -> None:
    """What was reported is done; what is no major hazard any more, or over, is asked of nobody."""
    waiting = (_G.site == book.site.id, _G.trigger == MAJOR_TRIGGER, _G.by == SYSTEM, _G.ended_ms.is_(None))
    found = select(duty_triggers.c.id.label("trigger"), tickets).join(tickets, tickets.c.number == _G.label)
    for row in book.connection.execute(found.where(*waiting, tickets.c.site == book.site.id)).mappings().all():
        is_over = row["closed_ms"] is not None or row["grade"] != Grade.MAJOR.value
        if row["upward"] is None and not is_over:
            continue
        _settle(book, row)
        _end(book, row["trigger"])


def _end(book: Book, trigger: int) -> None:
    ended = update(duty_triggers).where(_G.id == trigger).values(ended_ms=book.now_ms, ended_by=SYSTEM)
    book.connection.execute(ended)


def _asked(book: Book, trigger: str, number: int) -> Sequence[RowMapping]:
    """What a trigger still asks for."""
    names = [each.id for each in book.site.duties.of_trigger(trigger)]
    mine = (duty_instances.c.site == book.site.id, duty_instances.c.schedule.in_(names))
    asked = select(duty_instances).where(
        *mine, duty_instances.c.subject == str(number), duty_instances.c.state.in_(OPEN_STATES)
    )
    return book.connection.execute(asked).mappings().all()


def _settle(book: Book, row: RowMapping) -> None:
    for instance in _asked(book, MAJOR_TRIGGER, row["trigger"]):
        if row["upward"] is None:
            book.waive(instance, SYSTEM, "it is no open major hazard any more")
            continue
        reported_ms = int(json.loads(row["upward"])["reported_ms"])
        book.done(instance, reported_ms, _reporter(book, row["id"]), proof="ticket", note=row["number"])


def _reporter(book: Book, ticket: int) -> str:
    mine = (ticket_events.c.ticket == ticket, ticket_events.c.verb == Verb.REPORT_UPWARD.value)
    found = select(ticket_events.c.actor).where(*mine).order_by(ticket_events.c.id.desc()).limit(1)
    return book.connection.execute(found).scalar_one_or_none() or SYSTEM
