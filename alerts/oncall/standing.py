"""Shell. Who stands in for whom: overrides and swaps that the other person agreed to."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from alerts.oncall.tables import roster_changes
from vocab.roster import StandIn

_AROUND_MS = 48 * 3_600_000  # a shift is shorter


def stand_ins(connection: Connection, site: str, begin_ms: int, end_ms: int | None = None) -> dict[str, list[StandIn]]:
    """By roster, in the order of agreement: the later one holds."""
    table = roster_changes
    begin, end = begin_ms - _AROUND_MS, (begin_ms if end_ms is None else end_ms) + _AROUND_MS
    near = or_(
        (table.c.to_ms > begin) & (table.c.from_ms < end),
        (table.c.back_to_ms > begin) & (table.c.back_from_ms < end),
    )
    statement = (
        select(table)
        .where(table.c.site == site, table.c.state == "agreed", near)
        .order_by(table.c.decided_ms, table.c.id)
    )
    found: dict[str, list[StandIn]] = {}
    for row in connection.execute(statement):
        mine = found.setdefault(row.roster, [])
        mine.append(StandIn(row.from_ms, row.to_ms, row.person, row.instead_of))
        if row.back_from_ms is not None:
            mine.append(StandIn(row.back_from_ms, row.back_to_ms, row.instead_of, row.person))
    return found
