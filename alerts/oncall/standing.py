"""Shell. Who stands in for whom: overrides and swaps that hold; and which rosters an emergency has switched on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select

from alerts.duties.tables import modes
from alerts.oncall.tables import roster_changes
from vocab.roster import StandIn
from vocab.site import Site

_AROUND_MS = 48 * 3_600_000  # a shift is shorter


def stand_ins(connection: Connection, site: str, begin_ms: int, end_ms: int | None = None) -> dict[str, list[StandIn]]:
    """By roster, in the order of agreement: the later one holds."""
    span = (begin_ms - _AROUND_MS, (begin_ms if end_ms is None else end_ms) + _AROUND_MS)
    found: dict[str, list[StandIn]] = {}
    for row in standing(connection, site, span):
        found.setdefault(row.roster, []).extend(as_stand_ins(row))
    return found


def standing(connection: Connection, site: str, span: tuple[int, int]) -> list[Any]:
    """The rows that hold and touch [begin, end), in the order of agreement."""
    table, (begin, end) = roster_changes, span
    near = or_(
        (table.c.to_ms > begin) & (table.c.from_ms < end),
        (table.c.back_to_ms > begin) & (table.c.back_from_ms < end),
    )
    agreed = select(table).where(table.c.site == site, table.c.state == "agreed", near)
    return list(connection.execute(agreed.order_by(table.c.decided_ms, table.c.id)))


def as_stand_ins(row: Any) -> list[StandIn]:
    """One row as the roster takes it: one, or for a swap two."""
    found = [StandIn(row.from_ms, row.to_ms, row.person, row.instead_of)]
    if row.back_from_ms is not None:
        found.append(StandIn(row.back_from_ms, row.back_to_ms, row.instead_of, row.person))
    return found


def rosters_off(connection: Connection, site: Site) -> frozenset[str]:
    """Rosters for an emergency that is not on."""
    dormant = site.oncall.dormant
    if not dormant:
        return dormant
    on = (modes.c.site == site.id, modes.c.begun_ms.is_not(None), modes.c.ended_ms.is_(None))
    running = [site.duties.modes.get(mode) for mode in connection.execute(select(modes.c.mode).where(*on)).scalars()]
    return dormant - {roster for mode in running if mode is not None for roster in mode.rosters}
