"""Shell. Drills: a synthetic hazard goes from a cabinet to a person's acknowledgement, and each hop leaves its moment.

The cabinet is told to let its own drill point show one; everything behind it is the real path. A drill that is not
acknowledged in its time names the hop that was not reached; its duty stays open, and becomes overdue work. Each drill
has a ticket of its own, which is void when the drill has failed: nothing real is left to be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from alerts.database import reading
from alerts.duties import paths
from alerts.duties.book import Book
from alerts.duties.due import State
from alerts.duties.look import book_of
from alerts.duties.tables import drills, duty_instances
from alerts.engine import Engine
from alerts.errors import TicketRefusedError
from alerts.tables import metadata, tickets
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.views import Changes
from vocab.duties import DRILL_HAZARD, DrillPlan
from vocab.instant import seconds_ms

_CALENDAR = "calendar"
_D = drills.c


@dataclass(frozen=True, slots=True)
class Letter:
    """An order that a cabinet has not been given yet."""

    drill: int
    edge: str
    until_ms: int
    by: str
    is_end: bool = False  # the drill is over before its time


def step(engine: Engine, now_ms: int) -> Changes:
    """Begin what is due, follow what is under way, and end what is acknowledged or out of time."""
    if not engine.site.duties.file.drill:
        return Changes()
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        for plan in engine.site.duties.file.drill:
            _begin(book, plan)
        for row in _open(book):
            _follow(book, row)
        paths.look(book)
    return change.done


def letters(engine: Engine, now_ms: int) -> list[Letter]:
    """Orders that are still to be sent: to play a drill, and to end one that was answered before its time."""
    mine = (_D.site == engine.site.id, _D.until_ms > now_ms)
    begins = and_(_D.ended_ms.is_(None), _D.sent_ms.is_(None))
    ends = and_(_D.ended_ms.is_not(None), _D.sent_ms.is_not(None), _D.quiet_ms.is_(None))
    with reading(engine.database) as connection:
        rows = connection.execute(select(drills).where(*mine, or_(begins, ends)).order_by(_D.id)).all()
    return [
        Letter(
            row.id, row.edge, row.until_ms if row.ended_ms is None else row.ended_ms, row.by, row.ended_ms is not None
        )
        for row in rows
    ]


def sent(engine: Engine, letter: Letter, now_ms: int) -> Changes:
    """The broker has the order."""
    values = {"quiet_ms": now_ms} if letter.is_end else {"sent_ms": now_ms}
    with engine.changing(now_ms) as change:
        change.connection.execute(update(drills).where(_D.id == letter.drill).values(**values))
    return change.done


def listed(engine: Engine, seen: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """Every drill with the moments of its hops, the newest first; of cabinets in the places `seen` (None: all)."""
    site, found = engine.site, select(drills).where(_D.site == engine.site.id)
    if seen is not None:
        found = found.where(_D.edge.in_([edge.id for edge in site.file.edge if site.asset(edge.id).grid in seen]))
    with reading(engine.database) as connection:
        rows = connection.execute(found.order_by(_D.id.desc()).limit(1000)).mappings().all()
    return [
        {name: value for name, value in row.items() if name != "site"} | {"took_ms": _latencies(row)} for row in rows
    ]


def _latencies(row: Mapping[Any, Any]) -> dict[str, int]:
    """How long each hop took after the one before it that was reached."""
    found, last = {}, row["ordered_ms"]
    for hop in ("sent_ms", "measured_ms", "opened_ms", "paged_ms", "acked_ms"):
        if row[hop] is not None:
            found[hop.removesuffix("_ms")] = row[hop] - last
            last = row[hop]
    return found


def _begin(book: Book, plan: DrillPlan) -> None:
    mine = (duty_instances.c.site == book.site.id, duty_instances.c.schedule == plan.schedule)
    asked = select(duty_instances).where(*mine, duty_instances.c.state == State.OPEN.value)
    for row in book.connection.execute(asked).mappings().all():
        if row["began_ms"] is None:
            book.began(row, _CALENDAR, book.now_ms, "")
        known = select(_D.id).where(_D.site == book.site.id, _D.instance == row["id"]).limit(1)
        if book.connection.execute(known).first() is None:
            values = {
                "site": book.site.id,
                "edge": plan.edge,
                "instance": row["id"],
                "by": row["began_by"] or _CALENDAR,
            }
            until_ms = book.now_ms + seconds_ms(plan.within_s)
            way = plan.channel
            _discard(book, plan.edge, "a new drill begins · 新一次演练开始")
            book.connection.execute(
                insert(drills).values(**values, ordered_ms=book.now_ms, until_ms=until_ms, by_channel=way)
            )


def _open(book: Book) -> list[Mapping[str, Any]]:
    found = select(drills).where(_D.site == book.site.id, _D.ended_ms.is_(None)).order_by(_D.id)
    return [dict(row) for row in book.connection.execute(found).mappings()]


def _follow(book: Book, row: Mapping[str, Any]) -> None:
    hops = _hops(book, row)
    seen = dict(row) | hops
    values: dict[str, Any] = dict(hops)
    if seen["ticket"] is not None:
        paths.prove(book, row["id"], seen["ticket"])
    if seen["acked_ms"] is not None:
        values |= {"ended_ms": book.now_ms, "outcome": "proven"}
        instance = book.row(row["instance"])
        if instance["state"] in (State.OPEN.value, State.MISSED.value):
            book.done(instance, seen["acked_ms"], seen["acked_by"] or "?", proof="drill")
        _close(book, seen)
    elif book.now_ms > row["until_ms"]:
        values |= {"ended_ms": book.now_ms, "outcome": _missing(seen)}
        _discard(book, row["edge"], f"the drill failed: {values['outcome']} · 演练未通过")
    if values:
        book.connection.execute(update(drills).where(_D.id == row["id"]).values(**values))


def _hops(book: Book, row: Mapping[str, Any]) -> dict[str, Any]:
    """What has been reached: the ticket, the first page that was sent, the acknowledgement."""
    mine = (tickets.c.site == book.site.id, tickets.c.asset == row["edge"], tickets.c.hazard == DRILL_HAZARD)
    newest = select(tickets).where(*mine, tickets.c.opened_ms >= row["ordered_ms"]).order_by(tickets.c.id).limit(1)
    ticket = book.connection.execute(newest).mappings().one_or_none()
    if ticket is None:
        return {}
    found = {"ticket": ticket["id"], "measured_ms": ticket["raised_ms"], "raised_ms": ticket["raised_ms"]}
    found |= {"opened_ms": ticket["opened_ms"], "acked_ms": ticket["acked_ms"], "acked_by": ticket["acked_by"]}
    pages = metadata.tables.get("pages")
    if pages is not None:
        sent_first = select(func.min(pages.c.sent_ms)).where(pages.c.ticket == ticket["id"])
        found["paged_ms"] = book.connection.execute(sent_first).scalar_one_or_none()
        if found["paged_ms"] is not None:
            by = select(pages.c.channel).where(pages.c.ticket == ticket["id"], pages.c.sent_ms == found["paged_ms"])
            found["channel"] = book.connection.execute(by.limit(1)).scalar_one_or_none()
    return found


def _missing(seen: Mapping[str, Any]) -> str:
    for hop, word in (("sent_ms", "order"), ("ticket", "ticket"), ("paged_ms", "page")):
        if seen[hop] is None:
            return word
    return "acknowledgement"


def _close(book: Book, seen: Mapping[str, Any]) -> None:
    """Whoever acknowledged it has done all there is to do; the sensor then proves that the drill is over."""
    if book.change is None or seen["ticket"] is None:
        return
    by = seen["acked_by"] or "?"
    try:
        book.change.filing.cases.do(seen["ticket"], Command(Verb.REPAIRED, by, book.now_ms, person=by))
    except TicketRefusedError:
        return


def _discard(book: Book, edge: str, why: str) -> None:
    """The ticket of a drill that is over, if it is open: it asks nobody for anything any more."""
    if book.change is None:
        return
    cases = book.change.filing.cases
    row = cases.open_of(edge, DRILL_HAZARD)
    if row is not None:
        cases.do(row["id"], Command(Verb.DISCARD, SYSTEM, book.now_ms, note=why))
