"""Pure. For what a schedule runs by itself, whose each is, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from vocab.duties import Schedule
from vocab.org import Org
from vocab.site import Site
from vocab.strict_toml import Text


@dataclass(frozen=True, slots=True)
class Subject:
    """One unit, asset, person or spot; of a schedule without several: the schedule itself, with an empty id."""

    id: str
    name: Text | None
    unit: str  # whose it is
    place: str
    within: str | None = None  # where somebody needs a right for it; None: at the site as a whole


def subjects(site: Site, schedule: Schedule) -> tuple[Subject, ...]:
    """For what it runs, in the order of the file."""
    return tuple(_each(site, schedule)) or (_alone(site, schedule),)


def subject_of(site: Site, schedule: Schedule, name: str) -> Subject:
    """One of them; of a task: named by the trigger that started it, otherwise as it is without."""
    known = {each.id: each for each in subjects(site, schedule)}
    return known.get(name) or replace(next(iter(known.values())), id=name)


def _each(site: Site, schedule: Schedule) -> Iterator[Subject]:
    org, own = site.org, schedule.unit
    for name in schedule.each.units:
        unit = org.units[name]
        yield _at(org, Subject(name, unit.name, name, unit.place))
    for name in schedule.each.assets:
        asset = site.asset(name)
        yield _at(org, Subject(name, asset.name, own or "", asset.grid))
    for name in schedule.each.spots:
        spot = site.duties.spots[name]
        yield _at(org, Subject(name, spot.name, own or "", spot.place))
    for name in schedule.each.places:
        yield _at(org, Subject(name, org.places[name].name, own or "", name))
    for person in org.file.person:
        if set(schedule.each.roles) & set(person.roles):
            yield _at(org, Subject(person.id, person.name, own or person.unit, org.units[person.unit].place))


def _alone(site: Site, schedule: Schedule) -> Subject:
    if schedule.covers:
        grids = [site.asset(name).grid for name in schedule.covers]
        return Subject("", None, schedule.unit or "", grids[0], around(site.org, grids))
    unit = site.org.units.get(schedule.unit or "")
    return _at(site.org, Subject("", None, schedule.unit or "", "" if unit is None else unit.place))


def _at(org: Org, subject: Subject) -> Subject:
    return replace(subject, within=around(org, [subject.place]))


def around(org: Org, places: Collection[str]) -> str | None:
    """The narrowest place that holds all of these; None: nothing less than the site does."""
    ways = [list(org.climb(place)) for place in places]
    return next((place for place in ways[0] if all(place in way for way in ways)), None) if ways else None


def around_schedules(site: Site, names: Collection[str]) -> str | None:
    """The narrowest place that holds everything that these schedules are about."""
    known = [site.duties.schedules[name] for name in names]
    within = [each.within for schedule in known for each in subjects(site, schedule)]
    return None if None in within else around(site.org, [place for place in within if place is not None])
