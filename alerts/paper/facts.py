"""Shell. What paper is made of, read from the ticket database and never written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from alerts.drilled import IS_REAL
from alerts.errors import NoSuchTicketError
from alerts.paper.case import Case, Line, Step
from alerts.tables import evidence, tickets
from alerts.tickets.model import Source
from alerts.tickets.store import work_of
from alerts.tickets.tables import attachments, ticket_events
from vocab.rule import Grade
from vocab.strict_toml import Text

_AT_ONCE = 500  # ids in one IN (…): SQLite takes 32766 values, PostgreSQL is slow with long lists
_MOST_DIGITS = 19  # of a number that a database takes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tickets that were open at some moment of [from_ms, to_ms); `grids` None: all."""

    from_ms: int
    to_ms: int
    grids: frozenset[str] | None = None
    grade: Grade | None = None
    source: Source | None = None
    campaign: str = ""


def cases(connection: Connection, site: str, wanted: Wanted) -> list[Case]:
    """In the order in which they were found. Drills are none."""
    closed = tickets.c.closed_ms
    statement = (
        select(tickets)
        .where(tickets.c.site == site, tickets.c.opened_ms < wanted.to_ms, IS_REAL)
        .where(or_(closed.is_(None), closed >= wanted.from_ms))
        .order_by(tickets.c.opened_ms, tickets.c.id)
    )
    if wanted.grade is not None:
        statement = statement.where(tickets.c.grade == wanted.grade.value)
    if wanted.source is not None:
        statement = statement.where(tickets.c.source == wanted.source.value)
    if wanted.campaign:
        statement = statement.where(tickets.c.campaign == wanted.campaign)
    rows = list(connection.execute(statement).mappings())
    return _with_history(connection, [row for row in rows if wanted.grids is None or row["grid"] in wanted.grids])


def case(connection: Connection, site: str, ticket: int) -> Case | None:
    """One ticket."""
    statement = select(tickets).where(tickets.c.site == site, tickets.c.id == ticket)
    found = _with_history(connection, list(connection.execute(statement).mappings()))
    return found[0] if found else None


def id_of(connection: Connection, site: str, name: str) -> int:
    """The id of a ticket by its number or its id; NoSuchTicketError."""
    named = tickets.c.number == name
    if name.isascii() and name.isdigit() and len(name) < _MOST_DIGITS:
        named = or_(named, tickets.c.id == int(name))
    statement = select(tickets.c.id).where(tickets.c.site == site, named)
    found = connection.execute(statement).scalar()
    if found is None:
        raise NoSuchTicketError(f"no ticket {name}")
    return int(found)


def earlier(connection: Connection, site: str, before_ms: int) -> frozenset[tuple[str, str]]:
    """The hazards (asset, hazard) of equipment that were found before a moment."""
    statement = (
        select(tickets.c.asset, tickets.c.hazard)
        .where(tickets.c.site == site, tickets.c.opened_ms < before_ms, tickets.c.asset != "", IS_REAL)
        .distinct()
    )
    return frozenset((row.asset, row.hazard) for row in connection.execute(statement))


def _with_history(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> list[Case]:
    ids = [row["id"] for row in rows]
    steps = _of_tickets(connection, ticket_events, ids)
    lines = _of_tickets(connection, evidence, ids)
    files = _of_tickets(connection, attachments, ids)
    return [
        _case(
            row,
            tuple(_step(each) for each in steps[row["id"]]),
            tuple(
                Line(each["at_ms"], Text(en=each["en"], zh=each["zh"]), each["alarm"] is not None)
                for each in lines[row["id"]]
            ),
            tuple(each["name"] for each in files[row["id"]]),
        )
        for row in rows
    ]


def _of_tickets(connection: Connection, table: Table, ids: Sequence[int]) -> Mapping[int, list[Mapping[Any, Any]]]:
    found: dict[int, list[Mapping[Any, Any]]] = defaultdict(list)
    for some in _parts(ids):
        statement = select(table).where(table.c.ticket.in_(some)).order_by(table.c.id)
        for row in connection.execute(statement).mappings():
            found[row["ticket"]].append(row)
    return found


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _step(row: Mapping[Any, Any]) -> Step:
    return Step(row["at_ms"], row["verb"], row["actor"], row["note"], json.loads(row["payload"]))


def _case(row: Mapping[Any, Any], steps: tuple[Step, ...], lines: tuple[Line, ...], files: tuple[str, ...]) -> Case:
    return Case(
        id=row["id"],
        number=row["number"],
        work=work_of(row),
        title=Text(en=row["title_en"], zh=row["title_zh"]),
        asset=row["asset"],
        kind=row["kind"],
        hazard=row["hazard"],
        rule=row["rule"],
        grid=row["grid"],
        priority=row["priority"],
        opened_ms=row["opened_ms"],
        raised_ms=row["raised_ms"],
        closed_ms=row["closed_ms"],
        reopened=row["reopened"],
        text=row["text"],
        address=row["address"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        assist_units=tuple(json.loads(row["assist_units"])),
        steps=steps,
        evidence=lines,
        attachments=files,
        campaign=row["campaign"] or "",
    )
