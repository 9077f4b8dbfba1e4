"""Shell. Reports of residents into tickets, and tickets out as Open311 requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import NoSuchTicketError, NothingToDoError, TicketRefusedError
from alerts.tables import tickets
from alerts.tickets.desk import Report, put
from alerts.tickets.model import Source
from alerts.tickets.open311 import Asked, grid_of, request_view, same_as, service_of, spot_of
from alerts.tickets.sectors import sector_column
from alerts.tickets.tables import ticket_events
from alerts.views import Changes, TicketView

MOST_REQUESTS = 1000  # GeoReport v2 allows a limit of 1000


@dataclass(frozen=True, slots=True)
class Search:
    """Which requests."""

    ids: Sequence[int] | None = None
    code: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    is_open: bool | None = None
    sector: str | None = None


def report(engine: Engine, asked: Asked, by: str, now_ms: int) -> tuple[int, Changes]:
    """The ticket of a report: a new one, or the open one that is about the same."""
    with engine.changing(now_ms) as change:
        cases = change.filing.cases
        mine = (tickets.c.site == engine.site.id, tickets.c.closed_ms.is_(None))
        rows = cases.connection.execute(select(tickets).where(*mine)).mappings().all()
        ticket = same_as(engine.site, asked, rows)
        if ticket is None:
            name = asked.service.name
            ticket = put(
                cases,
                Report(
                    by, Source.RESIDENT, grid_of(engine.site, asked), asked.service.category.value,
                    asked.service.hazard, asked.description, (name.en, name.zh), priority=asked.service.priority,
                    address=asked.address, latitude=asked.spot.latitude, longitude=asked.spot.longitude,
                ),
            )  # fmt: skip
        else:
            told = {"service_code": asked.service.code, "address": asked.address}
            cases.tell(ticket, "report", by, asked.description, json.dumps(told, ensure_ascii=False))
            cases.say(ticket, f"A resident reports the same: {asked.description}", f"居民同样反映：{asked.description}")
    return ticket, change.done


def rate(engine: Engine, ticket: int, by: str, stars: int, note: str, now_ms: int) -> tuple[TicketView, Changes]:
    """How content the resident is with a closed ticket, once."""
    with engine.changing(now_ms) as change:
        cases = change.filing.cases
        row = cases.row(ticket)
        if row["source"] != Source.RESIDENT.value or row["closed_ms"] is None:
            words = "only a resident's closed ticket is rated", "只有已办结的居民工单可以评价"
            raise TicketRefusedError("not_to_be_rated", *words)
        if row["rating"] is not None:
            raise NothingToDoError(f"ticket {ticket} was rated before")
        cases.connection.execute(update(tickets).where(tickets.c.id == ticket).values(rating=stars, rating_note=note))
        cases.tell(ticket, "rate", by, note, json.dumps({"stars": stars}))
    return next(each for each in change.done.tickets if int(each.id) == ticket), change.done


def requests(engine: Engine, search: Search, language: str) -> list[dict[str, Any]]:
    """Tickets of residents, and others that a service speaks of, newest first."""
    site = engine.site
    statement = select(tickets).where(tickets.c.site == site.id).order_by(tickets.c.id.desc())
    if search.ids is not None:
        statement = statement.where(tickets.c.id.in_(search.ids))
    if search.from_ms is not None:
        statement = statement.where(tickets.c.opened_ms >= search.from_ms)
    if search.to_ms is not None:
        statement = statement.where(tickets.c.opened_ms <= search.to_ms)
    if search.is_open is not None:
        closed = tickets.c.closed_ms
        statement = statement.where(closed.is_(None) if search.is_open else closed.is_not(None))
    if search.sector is not None:
        statement = statement.where(sector_column(site.taxonomy) == search.sector)
    names = {(service.category.value, hazard) for service in site.sla.services()
             for hazard in (service.hazard, *service.same_as)}  # fmt: skip
    hazards = {hazard for _, hazard in names}
    spoken_of = (tickets.c.source == Source.RESIDENT.value) | tickets.c.hazard.in_(hazards)
    with reading(engine.database) as connection:
        rows = connection.execute(statement.where(spoken_of).limit(MOST_REQUESTS)).mappings().all()
        ids = [row["id"] for row in rows]
        last = select(ticket_events.c.ticket, func.max(ticket_events.c.at_ms)).group_by(ticket_events.c.ticket)
        told = connection.execute(last.where(ticket_events.c.ticket.in_(ids)))
        updated = {int(ticket): int(at_ms) for ticket, at_ms in told}
        views = {int(view.id): view for view in engine.queries.some(connection, ids)}
    found = []
    for row in rows:
        service = service_of(site, views[row["id"]])
        if search.code is None or (service is not None and service.code == search.code):
            at_ms = updated.get(row["id"], row["opened_ms"])
            found.append(request_view(site, views[row["id"]], language, at_ms, spot_of(site, row)))
    return found


def request(engine: Engine, ticket: int, language: str) -> list[dict[str, Any]]:
    """One; NoSuchTicketError."""
    found = requests(engine, Search(ids=[ticket]), language)
    if not found:
        raise NoSuchTicketError(f"no request {ticket}")
    return found
