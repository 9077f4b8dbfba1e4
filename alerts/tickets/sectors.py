"""Pure. The sector of a ticket in SQL, the same as `owners.matter_of` says of one row."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, case, literal

from alerts.tables import tickets
from vocab.taxonomy import OTHER, Taxonomy


def sector_column(taxonomy: Taxonomy) -> ColumnElement[str]:
    """What somebody said, else by hazard, category, kind of equipment."""
    found: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [(tickets.c.sector != "", tickets.c.sector)]
    told: tuple[tuple[ColumnElement[str], Mapping[str, str]], ...] = (
        (tickets.c.hazard, taxonomy.hazards),
        (tickets.c.category, taxonomy.categories),
        (tickets.c.kind, taxonomy.kinds),
    )
    for column, sectors in told:
        by_sector: dict[str, list[str]] = {}
        for name, sector in sectors.items():
            by_sector.setdefault(sector, []).append(name)
        found += [(column.in_(names), literal(sector)) for sector, names in by_sector.items()]
    return case(*found, else_=literal(OTHER))
