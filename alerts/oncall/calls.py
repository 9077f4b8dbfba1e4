"""Shell. The rows of calls and pages."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from alerts.database import insert_new
from alerts.duties.tables import drills
from alerts.oncall.model import WAITING, Call, Done, Order, PageState
from alerts.outbox.tables import calls, pages
from alerts.tables import tickets as ticket_rows
from alerts.tickets.owners import matter_of
from alerts.views import Both
from vocab.duties import DRILL_HAZARD
from vocab.ownership import owner
from vocab.site import Site

_TICKETS = (
    select(ticket_rows)
    .where(ticket_rows.c.site == bindparam("site"), ticket_rows.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(ticket_rows.c.id)
)
_OF_TICKET = (
    select(calls)
    .where(calls.c.site == bindparam("site"), calls.c.ticket == bindparam("ticket"))
    .order_by(calls.c.number)
)
_DONE = (
    select(pages.c.step, func.max(pages.c.round).label("round"), func.max(pages.c.person).label("person"))
    .where(pages.c.call == bindparam("call"))
    .group_by(pages.c.step)
)
_NOT_BEGUN = frozenset(("filed", "acknowledged", "classified", "graded", "dispatched", "returned"))


def open_tickets(connection: Connection, site: str) -> set[int]:
    """Every ticket that is not closed."""
    statement = select(ticket_rows.c.id).where(ticket_rows.c.site == site, ticket_rows.c.closed_ms.is_(None))
    return set(connection.execute(statement).scalars())


def tickets(connection: Connection, site: str, ids: Collection[int]) -> Sequence[RowMapping]:
    """The rows of some tickets."""
    return connection.execute(_TICKETS, {"site": site, "ids": sorted(ids)}).mappings().all()


def not_begun(row: RowMapping) -> bool:
    """Whether nobody works on a ticket yet."""
    return row["state"] in _NOT_BEGUN and row.get("begun_ms") is None


def of_ticket(connection: Connection, site: str, ticket: int) -> list[RowMapping]:
    """The calls of a ticket, the oldest first."""
    return list(connection.execute(_OF_TICKET, {"site": site, "ticket": ticket}).mappings())


class Beginning(NamedTuple):
    """Which of a ticket's calls begins, why, and by which policy."""

    number: int
    why: str
    policy: str


class Answer(NamedTuple):
    """Who answered, when, and by which way."""

    at_ms: int
    by: str | None
    how: str


def begin(connection: Connection, site: str, ticket: RowMapping, new: Beginning, now_ms: int) -> None:
    """One more call of a ticket."""
    insert_call(
        connection,
        {
            "site": site, "kind": "ticket", "subject": str(ticket["id"]), "number": new.number,
            "ticket": ticket["id"], "at_ms": now_ms, "why": new.why, "priority": ticket["priority"],
            "policy": new.policy, "late": ticket["late"], "drill": ticket["hazard"] == DRILL_HAZARD,
        },
    )  # fmt: skip


def insert_call(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert a call that may be there already."""
    insert_new(connection, calls, row)


def insert_page(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert a page that may be there already."""
    insert_new(connection, pages, row)


def put_page(connection: Connection, site: str, call: RowMapping, order: Order, text: Both, now_ms: int) -> None:
    """The page that an order asks for; it may be there already."""
    channel, address = order.ways[0] if order.ways else ("", "")
    state = PageState.DIGEST if order.digest else PageState.DUE
    reason = None
    if not order.person or not channel:
        state, reason = PageState.FAILED, "nobody" if not order.person else "no way to reach them"
    insert_page(
        connection,
        {
            "site": site, "call": call["id"], "ticket": call["ticket"], "step": order.step, "round": order.round,
            "person": order.person, "channel": channel, "address": address, "others": packed(order.ways[1:]),
            "due_ms": order.due_ms, "state": state.value, "attempts": 0, "next_ms": order.due_ms, "reason": reason,
            "created_ms": now_ms, "text_en": text.en, "text_zh": text.zh, "priority": call["priority"],
            "drill": call["drill"],
        },
    )  # fmt: skip


def end(
    connection: Connection, call: int, now_ms: int, why: str, answer: Answer | None = None
) -> list[tuple[str, str]]:
    """A call is over: what was sent counts as answered if it was, and what waits is not sent any more.

    Returns person and channel of what waited. What is on its way stays `sending`: only its receipt, or its failure,
    tells what it becomes.
    """
    values: dict[str, Any] = {"ended_ms": now_ms, "ended_why": why}
    if answer is not None:
        values |= {"acked_ms": answer.at_ms, "acked_by": answer.by, "acked_how": answer.how}
    connection.execute(update(calls).where(calls.c.id == call).values(**values))
    mine = pages.c.call == call
    if answer is not None:
        sent = pages.c.state == PageState.SENT.value
        acked = {"state": PageState.ACKED.value, "acked_ms": answer.at_ms}
        connection.execute(update(pages).where(mine, sent).values(**acked))
    waiting = pages.c.state.in_([state.value for state in WAITING])
    left = connection.execute(select(pages.c.person, pages.c.channel).where(mine, waiting).order_by(pages.c.id)).all()
    connection.execute(update(pages).where(mine, waiting).values(state=PageState.CANCELLED.value))
    return [(row.person, row.channel) for row in left]


def done(connection: Connection, call: int) -> Done:
    """What was ordered of a call."""
    found = connection.execute(_DONE, {"call": call}).all()
    return Done({row.step: row.round for row in found}, frozenset(row.step for row in found if not row.person))


def seen(ticket: RowMapping, call: RowMapping, site: Site) -> Call:
    """A call as escalation sees it. A ticket that names no lead unit has the one that its place and subject give."""
    owned = owner(site.org, ticket["grid"], matter_of(site, ticket))
    assist = json.loads(ticket.get("assist_units") or "[]") or owned.assist
    return Call(
        call["id"], call["at_ms"], call["priority"], call["policy"], ticket["grid"],
        ticket.get("lead_unit") or owned.lead or "", tuple(assist), call["late"], call["drill"],
    )  # fmt: skip


def drill_ways(connection: Connection, site: str, edge: str) -> tuple[str, ...]:
    """By which channel the drill of a cabinet is to go first."""
    mine = (drills.c.site == site, drills.c.edge == edge, drills.c.ended_ms.is_(None))
    found = select(drills.c.by_channel).where(*mine).order_by(drills.c.id.desc()).limit(1)
    way = connection.execute(found).scalar_one_or_none()
    return () if way is None else (way,)


def packed(ways: Sequence[tuple[str, str]]) -> str:
    """Ways as JSON."""
    return json.dumps([list(way) for way in ways])
