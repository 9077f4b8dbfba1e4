"""Shell. A confirmed major hazard is reported upward at once (plan 1, no. 27, 39): the deadline starts by itself.

A person's grading confirms it (what a rule thinks is no confirmation), the report upward ends the deadline. What is not
reported in its time is missed, and becomes work like any other miss. Only a site whose duties.toml waits for the
trigger has this.
"""

from __future__ import annotations

import json

from sqlalchemy import RowMapping, insert, select, update

from alerts.duties.book import OPEN_STATES, Book
from alerts.duties.tables import duty_instances, duty_triggers
from alerts.tables import tickets
from alerts.tickets.commands import SYSTEM, Verb
from alerts.tickets.tables import ticket_events
from vocab.duties import MAJOR_TRIGGER
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


def end_majors(book: Book) -> None:
    """What was reported is done; what is no major hazard any more, or over, is asked of nobody."""
    waiting = (_G.site == book.site.id, _G.trigger == MAJOR_TRIGGER, _G.by == SYSTEM, _G.ended_ms.is_(None))
    found = select(duty_triggers.c.id.label("trigger"), tickets).join(tickets, tickets.c.number == _G.label)
    for row in book.connection.execute(found.where(*waiting, tickets.c.site == book.site.id)).mappings().all():
        is_over = row["closed_ms"] is not None or row["grade"] != Grade.MAJOR.value
        if row["upward"] is None and not is_over:
            continue
        _settle(book, row)
        book.connection.execute(
            update(duty_triggers).where(_G.id == row["trigger"]).values(ended_ms=book.now_ms, ended_by=SYSTEM)
        )


def _settle(book: Book, row: RowMapping) -> None:
    names = [each.id for each in book.site.duties.of_trigger(MAJOR_TRIGGER)]
    mine = (duty_instances.c.site == book.site.id, duty_instances.c.schedule.in_(names))
    asked = select(duty_instances).where(
        *mine, duty_instances.c.subject == str(row["trigger"]), duty_instances.c.state.in_(OPEN_STATES)
    )
    for instance in book.connection.execute(asked).mappings().all():
        if row["upward"] is None:
            book.waive(instance, SYSTEM, "it is no open major hazard any more")
            continue
        reported_ms = int(json.loads(row["upward"])["reported_ms"])
        book.done(instance, reported_ms, _reporter(book, row["id"]), proof="ticket", note=row["number"])


def _reporter(book: Book, ticket: int) -> str:
    mine = (ticket_events.c.ticket == ticket, ticket_events.c.verb == Verb.REPORT_UPWARD.value)
    found = select(ticket_events.c.actor).where(*mine).order_by(ticket_events.c.id.desc()).limit(1)
    return book.connection.execute(found).scalar_one_or_none() or SYSTEM
