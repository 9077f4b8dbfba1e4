"""Shell. Rosters as people are shown them: who is on call, who comes next, what is not covered, who stands in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from alerts.engine import Engine
from alerts.oncall.coverage import AROUND_MS, held
from alerts.oncall.crew import Crew
from alerts.oncall.tables import handovers, roster_changes
from alerts.texts import both
from alerts.views import Both
from vocab.roster import Roster, Stretch

_NEXT_MS = AROUND_MS


class StretchView(msgspec.Struct, frozen=True):
    """Somebody is on call from `begin_ms` until `end_ms`, whole, also where it reaches beyond what was asked for."""

    begin_ms: int
    end_ms: int
    person: str
    shift: Both | None
    night: bool
    instead_of: str | None


class RosterView(msgspec.Struct, frozen=True):
    """One roster over a stretch of time. `gaps`: [begin, end) in which nobody can be reached."""

    id: str
    name: Both
    around_the_clock: bool
    now: tuple[StretchView, ...]
    next: tuple[StretchView, ...]
    stretches: tuple[StretchView, ...]
    gaps: tuple[tuple[int, int], ...]
    on: bool = True  # false: it is for an emergency, and none is on


class ChangeView(msgspec.Struct, frozen=True):
    """Somebody stands in for somebody; `person` null: `instead_of` is away. With `back_from_ms` it is a swap."""

    id: int
    roster: str
    person: str | None
    instead_of: str | None
    from_ms: int
    to_ms: int
    back_from_ms: int | None
    back_to_ms: int | None
    by: str
    note: str
    created_ms: int
    state: str
    decided_by: str | None
    decided_ms: int | None


class HandoverView(msgspec.Struct, frozen=True):
    """What the one who leaves told the one who comes. `open_tickets`: their ids at that moment."""

    id: int
    roster: str
    at_ms: int
    by: str
    to: str
    note: str
    open_tickets: tuple[str, ...]
    confirmed_by: str | None
    confirmed_ms: int | None


def rosters(engine: Engine, connection: Connection, span: tuple[int, int], now_ms: int) -> list[RosterView]:
    """Every roster over [begin, end)."""
    begin, end = span
    around = (min(begin, now_ms - AROUND_MS), max(end, now_ms + AROUND_MS))
    crew = engine.caller.crew(connection, *around)
    return [_roster(each, crew, span, now_ms) for each in engine.site.oncall.rosters.values()]


def _roster(roster: Roster, crew: Crew, span: tuple[int, int], now_ms: int) -> RosterView:
    asked = held(roster, crew, span)
    near = held(roster, crew, (now_ms, now_ms + _NEXT_MS))
    return RosterView(
        roster.id,
        both(roster.name),
        roster.around_the_clock,
        _shown(roster, near.at(now_ms)),
        _shown(roster, near.after(now_ms)),
        _shown(roster, asked.stretches),
        asked.holes,
        roster.id not in crew.off,
    )


def _shown(roster: Roster, found: Iterable[Stretch]) -> tuple[StretchView, ...]:
    names = shift_names(roster)
    return tuple(
        StretchView(each.begin_ms, each.end_ms, each.person, names.get(each.shift), each.night, each.instead_of or None)
        for each in found
    )


def shift_names(roster: Roster) -> dict[str, Both]:
    """By id of the shift."""
    return {shift.id: both(shift.name) for rotation in roster.rotation for shift in rotation.shift}


def changes(connection: Connection, site: str, since_ms: int, state: str | None, limit: int) -> list[ChangeView]:
    """Stand-ins and swaps that reach beyond a moment, the newest first."""
    table = roster_changes.c
    reaches = (table.to_ms > since_ms) | (table.back_to_ms > since_ms)
    found = select(roster_changes).where(table.site == site, reaches).order_by(table.id.desc()).limit(limit)
    if state is not None:
        found = found.where(table.state == state)
    return [change_view(row) for row in connection.execute(found)]


def change_view(row: Any) -> ChangeView:
    """One row."""
    return ChangeView(
        row.id, row.roster, row.person or None, row.instead_of or None, row.from_ms, row.to_ms, row.back_from_ms,
        row.back_to_ms, row.by, row.note, row.created_ms, row.state, row.decided_by, row.decided_ms,
    )  # fmt: skip


def handed_over(connection: Connection, site: str, roster: str | None, limit: int) -> list[HandoverView]:
    """The newest first."""
    table = handovers.c
    found = select(handovers).where(table.site == site).order_by(table.id.desc()).limit(limit)
    if roster is not None:
        found = found.where(table.roster == roster)
    return [handover_view(row) for row in connection.execute(found)]


def handover_view(row: Any) -> HandoverView:
    """One row."""
    return HandoverView(
        row.id, row.roster, row.at_ms, row.by, row.to, row.note, tuple(json.loads(row.open_tickets)),
        row.confirmed_by, row.confirmed_ms,
    )  # fmt: skip
