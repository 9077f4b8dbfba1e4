"""Shell. Somebody answers a call by link: one transaction that acknowledges the ticket, its alarms, and ends the calls.

What it acknowledges of the ticket's alarms: alerts/heeding.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from alerts.changing import Change
from alerts.database import reading
from alerts.engine import Engine
from alerts.heeding import heed, tell
from alerts.ledger import Order
from alerts.oncall import calls as rows
from alerts.oncall import rolls, words
from alerts.outbox.keys import keys
from alerts.outbox.links import ForgedError, Link, read
from alerts.outbox.tables import calls
from alerts.tickets.lines import say
from alerts.views import Both, Changes, TicketView


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks: a call, of whom, and how it stands. `state`: open, expired, answered, over."""

    link: Link
    state: str
    call: RowMapping
    ticket: TicketView | None
    name: Both
    language: str


def ask(engine: Engine, token: str, now_ms: int) -> Asked | None:
    """What a token asks; None if it is none of ours."""
    with reading(engine.database) as connection:
        try:
            link = read(token, keys(connection, engine.site.id), engine.site.id)
        except ForgedError:
            return None
        return _asked(connection, engine, link, now_ms)


def _asked(connection: Connection, engine: Engine, link: Link, now_ms: int) -> Asked | None:
    statement = select(calls).where(calls.c.site == engine.site.id, calls.c.id == link.call)
    call = connection.execute(statement).mappings().one_or_none()
    person = engine.site.org.people.get(link.person)
    if call is None or person is None:
        return None
    state = "open"
    if call["acked_ms"] is not None:
        state = "answered"
    elif call["ended_ms"] is not None and call["ended_why"] != rolls.MISSED:
        state = "over"
    elif now_ms > link.expires_ms:
        state = "expired"
    found = engine.queries.some(connection, [call["ticket"]]) if call["ticket"] is not None else []
    name = words.named(person, link.person)
    return Asked(link, state, call, found[0] if found else None, name, person.language)


def answer(engine: Engine, token: str, now_ms: int) -> tuple[Asked | None, Changes]:
    """Acknowledge, unless the link is over or somebody was quicker; what it asks afterwards."""
    asked = ask(engine, token, now_ms)
    if asked is None or asked.state != "open":
        return asked, Changes()
    by, alarms = asked.link.person, list[str]()
    with engine.changing(now_ms) as change:
        if asked.call["ticket"] is not None:
            alarms = _acknowledge(engine, change, asked, by, now_ms)
        else:
            rolls.answered(engine, change, asked.call, rows.Answer(now_ms, by, "link"), now_ms)
    tell(engine, alarms, now_ms)
    return ask(engine, token, now_ms), change.done


def _acknowledge(engine: Engine, change: Change, asked: Asked, by: str, now_ms: int) -> list[str]:
    """The alarms that were acknowledged."""
    ticket = int(asked.call["ticket"])
    if not engine.caller.answer(change.connection, ticket, by, now_ms, "link"):
        change.filing.acknowledge(ticket, by, "")
    change.filing.touched.add(ticket)
    text = words.answered(asked.name, now_ms - asked.call["at_ms"])
    say(change.connection, ticket, text, now_ms)
    return heed(change, engine.site, ticket, Order(by, None))
