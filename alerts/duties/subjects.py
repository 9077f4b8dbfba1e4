"""Pure. For what a schedule runs by itself, whose each is, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vocab.duties import Schedule
from vocab.site import Site
from vocab.strict_toml import Text


@dataclass(frozen=True, slots=True)
class Subject:
    """One unit, asset, person or spot; of a schedule without several: the schedule itself, with an empty id."""

    id: str
    name: Text | None
    unit: str  # whose it is
    place: str


def subjects(site: Site, schedule: Schedule) -> tuple[Subject, ...]:
    """For what it runs, in the order of the file."""
    return tuple(_each(site, schedule)) or (_alone(site, schedule),)


def _each(site: Site, schedule: Schedule) -> Iterator[Subject]:
    org, own = site.org, schedule.unit
    for name in schedule.each.units:
        unit = org.units[name]
        yield Subject(name, unit.name, name, unit.place)
    for name in schedule.each.assets:
        asset = site.asset(name)
        yield Subject(name, asset.name, own or "", asset.grid)
    for name in schedule.each.spots:
        spot = site.duties.spots[name]
        yield Subject(name, spot.name, own or "", spot.place)
    for person in org.file.person:
        if set(schedule.each.roles) & set(person.roles):
            yield Subject(person.id, person.name, own or person.unit, org.units[person.unit].place)


def _alone(site: Site, schedule: Schedule) -> Subject:
    if schedule.covers:
        return Subject("", None, schedule.unit or "", site.asset(schedule.covers[0]).grid)
    unit = site.org.units.get(schedule.unit or "")
    return Subject("", None, schedule.unit or "", "" if unit is None else unit.place)
