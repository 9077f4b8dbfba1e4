"""Pure. Whose a ticket is: it follows from the place and from what it is about, and is never chosen freely.

Who is on the spot leads, the line departments assist (以块为主、条块结合): from the grid up, the nearest unit of the
kind that the duty matrix names. Where the grid has none (no property company), the fall-back owner leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vocab.org import Duty, Org, Unit


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who leads and who assists, by the ids of units."""

    lead: str | None  # None: only at a site without org.toml
    assist: tuple[str, ...] = ()
    fallback: bool = False  # nobody whose duty it is serves this place
    outside: bool = False  # the duty matrix does not speak of it at all: 清单外事项


@dataclass(frozen=True, slots=True)
class Matter:
    """What something is about, as the duty matrix asks."""

    category: str
    hazard: str
    kind: str = ""  # of equipment
    sector: str = ""  # of public safety


def owner(org: Org, grid: str, matter: Matter) -> Ownership:
    """Whose a ticket about `matter` in `grid` is."""
    rows = tuple(duties_of(org, matter))
    led = ((row, nearest(org, grid, row.unit_kind)) for row in rows)
    row, wanted = next(((row, unit) for row, unit in led if unit is not None), (rows[0] if rows else None, None))
    lead = wanted or fallback_of(org, grid)
    assisting = () if row is None else row.assist_kinds
    found = (nearest(org, grid, each) for each in assisting)
    assist = dict.fromkeys(unit.id for unit in found if unit is not None and unit != lead)
    is_nobodys = wanted is None and lead is not None
    return Ownership(
        None if lead is None else lead.id, tuple(assist), fallback=is_nobodys, outside=not rows and bool(org.file.duty)
    )


def duties_of(org: Org, matter: Matter) -> Iterator[Duty]:
    """The rows of the duty matrix that fit, in order: the first whose unit serves the place holds."""
    for row in org.file.duty:
        told: tuple[tuple[str, tuple[str, ...]], ...] = (
            (matter.category, row.categories),
            (matter.hazard, row.hazards),
            (matter.kind, row.kinds),
            (matter.sector, row.sectors),
        )
        if all(not names or name in names for name, names in told):
            yield row


def nearest(org: Org, place: str, unit_kind: str) -> Unit | None:
    """The unit of a kind that serves the place most closely; of two at one place the one first in the file."""
    for around in org.climb(place):
        for unit in org.file.unit:
            if unit.kind == unit_kind and around in (unit.place, *unit.also):
                return unit
    return None


def fallback_of(org: Org, place: str) -> Unit | None:
    """Who owns what nobody else does; None only where the organisation is empty, or the place none of it."""
    return next(fallbacks(org, place), None)


def fallbacks(org: Org, place: str) -> Iterator[Unit]:
    """Every fall-back owner of a place, in order."""
    for unit_kind in org.file.fallback:
        unit = nearest(org, place, unit_kind)
        if unit is not None:
            yield unit
