"""Shell. How many tickets there are, and how many were closed although no sensor agreed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, case, func, select, true

from alerts.database import reading
from alerts.drilled import IS_REAL
from alerts.engine import Engine
from alerts.tables import tickets
from alerts.tickets.model import Proof, Source, State
from alerts.tickets.sectors import sector_column
from rules.performance.report import Closings


def ticket_counts(engine: Engine, grids: frozenset[str] | None = None, only: str | None = None) -> dict[str, Any]:
    """By state, source and sector; of the closed ones of sensors how many were verified or not; overdue and reopened.

    Of these grids and this sector alone (None: all).
    """
    sector = sector_column(engine.site.taxonomy)
    mine = and_(
        tickets.c.site == engine.site.id,
        IS_REAL,
        true() if grids is None else tickets.c.grid.in_(sorted(grids)),
        true() if only is None else sector == only,
    )
    with reading(engine.database) as connection:

        def grouped(column: Any, *where: Any) -> dict[str, int]:
            statement = select(column, func.count()).where(mine, *where).group_by(column)
            return {str(name): int(number) for name, number in connection.execute(statement)}

        states, sources = grouped(tickets.c.state), grouped(tickets.c.source)
        sectors = grouped(sector)
        ended = tickets.c.state.in_([State.WRITTEN_OFF.value, State.EVALUATED.value])
        proofs = grouped(tickets.c.proof, ended, tickets.c.source == Source.SENSOR.value)
        late = func.count(case((tickets.c.overdue != "", 1)))
        again = func.count(case((tickets.c.reopened > 0, 1)))
        strange = func.count(case((tickets.c.outside_matrix, 1)))
        overdue, reopened, outside = connection.execute(select(late, again, strange).where(mine)).one()
        stars = select(func.count(tickets.c.rating), func.avg(tickets.c.rating)).where(mine)
        rated, mean = connection.execute(stars).one()
    return {
        "states": {state.value: states.get(state.value, 0) for state in State},
        "sources": {source.value: sources.get(source.value, 0) for source in Source},
        "sectors": {each: sectors.get(each, 0) for each in engine.site.taxonomy.ids} | sectors,
        "outside_matrix": int(outside),
        "closed_verified": proofs.get(Proof.VERIFIED.value, 0),
        "closed_unverified": proofs.get(Proof.UNVERIFIED.value, 0),
        "overdue": int(overdue),
        "reopened": int(reopened),
        "rated": int(rated),
        "rating_mean": None if mean is None else float(mean),
    }


def closings(connection: Connection, site: str, span: tuple[int, int], grids: frozenset[str] | None = None) -> Closings:
    """Of the tickets that were closed in [from_ms, to_ms): what the sensor said."""
    from_ms, to_ms = span
    inside = [tickets.c.site == site, IS_REAL, tickets.c.closed_ms >= from_ms, tickets.c.closed_ms < to_ms]
    if grids is not None:
        inside.append(tickets.c.grid.in_(sorted(grids)))
    statement = select(tickets.c.proof, func.count()).where(*inside).group_by(tickets.c.proof)
    found = {str(proof): int(number) for proof, number in connection.execute(statement)}
    verified, unverified = (found.get(each.value, 0) for each in (Proof.VERIFIED, Proof.UNVERIFIED))
    every = sum(found.values())
    return Closings(every, verified, unverified, every - verified - unverified)


def closed_counts(engine: Engine) -> dict[str, float]:
    """For metrics."""
    found = ticket_counts(engine)
    return {f"tickets_{name}": float(found[name]) for name in ("closed_verified", "closed_unverified", "overdue")}
