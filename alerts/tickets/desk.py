"""Shell. What people do to tickets, each as one transaction of the engine, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from alerts.campaigns.belonging import belongs_to
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import BrokenOrderError, NoSuchTicketError, TicketRefusedError, WrongOrderError
from alerts.heeding import heed, tell
from alerts.ledger import Order
from alerts.tables import tickets
from alerts.tickets.cases import Cases
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.tickets.model import Source
from alerts.tickets.owners import lead_of, matter_of
from alerts.tickets.tables import ticket_events
from alerts.tickets.view import EventView, event_view
from alerts.views import Changes, TicketView
from vocab.rule import Grade


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody found, or was told of."""

    by: str
    source: Source
    grid: str
    category: str
    hazard: str
    text: str
    title: tuple[str, str]  # en, zh
    asset: str = ""
    priority: int = 3
    grade: Grade = Grade.GENERAL
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    campaign: str = ""
    sector: str = ""  # of public safety; empty: it follows from the subject


def order(engine: Engine, ticket: int, make: Callable[[int], Command], now_ms: int) -> tuple[TicketView, Changes]:
    """Do one verb; TicketRefusedError with a reason if the workflow does not allow it, and then nothing has changed."""
    command = make(now_ms)
    not_the_system(command.actor)
    alarms: list[str] = []
    with engine.changing(now_ms) as change:
        change.filing.cases.do(ticket, command)
        if command.verb is Verb.BEGIN and engine.site.policy.ticket_acknowledges_alarms:  # that is taking note too
            alarms = heed(change, engine.site, ticket, Order(command.person or command.actor))
    tell(engine, alarms, now_ms)
    return _of(change.done, ticket), change.done


def file(engine: Engine, report: Report, now_ms: int) -> tuple[TicketView, Changes]:
    """A ticket that no sensor opened. Of equipment whose hazard has an open ticket, it becomes evidence of that one."""
    not_the_system(report.by)
    check(engine, report)
    with engine.changing(now_ms) as change:
        ticket = put(change.filing.cases, report)
    return _of(change.done, ticket), change.done


def note(engine: Engine, ticket: int, by: str, words: str, now_ms: int) -> tuple[TicketView, Changes]:
    """A word about a ticket, open or closed; it moves nothing."""
    not_the_system(by)
    with engine.changing(now_ms) as change:
        change.filing.cases.tell(ticket, "note", by, words)
    return _of(change.done, ticket), change.done


def check(engine: Engine, report: Report) -> None:
    """WrongOrderError for a grid or equipment that is none."""
    if report.grid not in {grid.id for grid in engine.site.file.grid}:
        raise WrongOrderError("unknown_name", f"no grid {report.grid!r}")
    if report.asset and report.asset not in {asset.id for asset in engine.site.assets}:
        raise WrongOrderError("unknown_name", f"no asset {report.asset!r}")
    if report.sector and report.sector not in engine.site.taxonomy.ids:
        raise WrongOrderError("unknown_name", f"no sector {report.sector!r}")


def put(cases: Cases, report: Report) -> int:
    """Open it, or find the ticket that is about the same."""
    kind = cases.site.asset(report.asset).kind if report.asset else ""
    campaign = belongs_to(cases.site, report.campaign, report.source, (report.grid, report.category), cases.now_ms)
    about = {"category": report.category, "hazard": report.hazard, "kind": kind, "sector": report.sector}
    owner = lead_of(cases.site, report.grid, matter_of(cases.site, about))
    en, zh = report.title
    made = cases.open(
        {
            **about, "asset": report.asset, "outside_matrix": owner.outside and campaign is None,
            "grade": report.grade.value, "priority": report.priority, "title_en": en, "title_zh": zh,
            "grid": report.grid, "raised_ms": cases.now_ms, "source": report.source.value, "text": report.text,
            "address": report.address, "latitude": report.latitude, "longitude": report.longitude,
            "lead_unit": owner.lead, "assist_units": owner.assist_json, "campaign": campaign,
        },
        report.by,
    )  # fmt: skip
    if made is None:
        other = cases.open_of(report.asset, report.hazard)
        if other is None:
            raise BrokenOrderError("a ticket was closed by somebody in the middle of its opening")
        made = int(other["id"])
        if campaign is not None and other["campaign"] is None:
            cases.change(made, {"campaign": campaign})
    cases.say(made, f"{report.by}: {report.text}", f"{report.by}：{report.text}")
    return made


def events(engine: Engine, ticket: int) -> list[EventView]:
    """Every step of a ticket, oldest first; NoSuchTicketError."""
    with reading(engine.database) as connection:
        known = select(tickets.c.id).where(tickets.c.site == engine.site.id, tickets.c.id == ticket)
        if connection.execute(known).scalar_one_or_none() is None:
            raise NoSuchTicketError(f"no ticket {ticket}")
        steps = select(ticket_events).where(ticket_events.c.ticket == ticket).order_by(ticket_events.c.id)
        return [event_view(row) for row in connection.execute(steps).mappings()]


def not_the_system(actor: str) -> None:
    """Nobody speaks for the sensor or the clock."""
    if actor.strip().lower() == SYSTEM:
        raise TicketRefusedError("reserved_name", "that name is the system's own", "该名称为系统保留")


def _of(changes: Changes, ticket: int) -> TicketView:
    found: Any = next(each for each in changes.tickets if int(each.id) == ticket)
    return found  # type: ignore[no-any-return]
