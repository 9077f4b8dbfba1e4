"""Pure. org.toml into an organisation, or every fault of it: unknown names, circles, grids that nobody owns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from vocab.org import Level, Org, OrgFile
from vocab.ownership import fallback_of
from vocab.pack import Pack
from vocab.problem import Code, Problem
from vocab.salvage import Lost, salvage
from vocab.site import SiteFile
from vocab.strict_toml import Path, Source
from vocab.taxonomy import OTHER

_LEVELS = tuple(Level)


def load(
    file: str, text: str, site: SiteFile | None, packs: Mapping[str, Pack]
) -> tuple[Org | None, tuple[Problem, ...]]:
    """The organisation and no problems, or None and all of them. Without a site nothing is asked of its grids."""
    read = salvage(Source(file, text), OrgFile)
    problems = set(read.problems)
    if read.found is not None:
        problems |= set(_check(read.found, site, packs, read.source, read.lost))
        if not problems:
            return Org(read.found), ()
    return None, tuple(sorted(problems))


def _check(
    org: OrgFile, site: SiteFile | None, packs: Mapping[str, Pack], source: Source, lost: Lost
) -> Iterator[Problem]:
    for table in ("place", "unit_kind", "role", "unit", "person"):
        yield from _unique(table, [row.id for row in getattr(org, table)], source)
    refs = _Refs(source, lost)
    yield from _places(org, refs)
    yield from _units(org, refs)
    yield from _people(org, refs)
    yield from _duties(org, packs, refs)
    if not lost.any("place"):
        yield from _admission(org, source)
    if site is not None and not lost.any("place") and not lost.any("unit"):
        yield from _owners(org, site, source)


class _Refs:
    """Looks names up; nobody is blamed for naming a row that could not be read."""

    def __init__(self, source: Source, lost: Lost) -> None:
        self.source, self.lost = source, lost

    def unknown(self, at: Path, table: str, name: str, known: Collection[str]) -> Iterator[Problem]:
        if name not in known and not self.lost.has(table, name):
            hint = "known: " + (", ".join(sorted(known)) or "none")
            message = f"no {table.replace('_', ' ')} {name!r}"
            yield self.source.problem(Code.UNKNOWN_REFERENCE, at, message, hint)

    def all_unknown(self, at: Path, table: str, names: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
        for name in names:
            yield from self.unknown(at, table, name, known)


def _unique(table: str, names: Iterable[str], source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            message = f"the {table.replace('_', ' ')} {name!r} is there twice"
            yield source.problem(Code.DUPLICATE_ID, (table, index, "id"), message, "rename one of them")
        seen.add(name)


def _places(org: OrgFile, refs: _Refs) -> Iterator[Problem]:
    places = {place.id: place for place in org.place}
    for index, place in enumerate(org.place):
        at: Path = ("place", index, "parent")
        if place.parent is None:
            continue
        yield from refs.unknown(at, "place", place.parent, places)
        around = places.get(place.parent)
        if around is not None and _LEVELS.index(around.level) >= _LEVELS.index(place.level):
            message = f"a {place.level} cannot lie in the {around.level} {around.id!r}"
            hint = "from the widest: " + ", ".join(_LEVELS)
            yield refs.source.problem(Code.CONTRADICTION, at, message, hint)
    parents = {place.id: place.parent for place in org.place}
    yield from _circles("place", [place.id for place in org.place], parents, refs.source)


def _circles(table: str, names: list[str], parents: Mapping[str, str | None], source: Source) -> Iterator[Problem]:
    """Rows that are above themselves; each circle is told once, at its first row."""
    told: set[str] = set()
    for index, name in enumerate(names):
        way, at = [name], parents.get(name)
        while at is not None and at not in way:
            way.append(at)
            at = parents.get(at)
        if at == name and name not in told:
            told.update(way)
            message = "a circle: " + " -> ".join([*way, name])
            yield source.problem(Code.CONTRADICTION, (table, index, "parent"), message, "one of them is the top")


def _units(org: OrgFile, refs: _Refs) -> Iterator[Problem]:
    places, kinds = {place.id for place in org.place}, {kind.id for kind in org.unit_kind}
    parents = {unit.id: unit.parent for unit in org.unit}
    for index, unit in enumerate(org.unit):
        at: Path = ("unit", index)
        yield from refs.unknown((*at, "kind"), "unit_kind", unit.kind, kinds)
        yield from refs.unknown((*at, "place"), "place", unit.place, places)
        yield from refs.all_unknown((*at, "also"), "place", unit.also, places)
        if unit.parent is not None:
            yield from refs.unknown((*at, "parent"), "unit", unit.parent, parents)
    yield from _circles("unit", [unit.id for unit in org.unit], parents, refs.source)


def _people(org: OrgFile, refs: _Refs) -> Iterator[Problem]:
    units, roles = {unit.id for unit in org.unit}, {role.id for role in org.role}
    for index, person in enumerate(org.person):
        yield from refs.unknown(("person", index, "unit"), "unit", person.unit, units)
        yield from refs.all_unknown(("person", index, "roles"), "role", person.roles, roles)


def _duties(org: OrgFile, packs: Mapping[str, Pack], refs: _Refs) -> Iterator[Problem]:
    kinds = {kind.id: kind for kind in org.unit_kind}
    served = {unit.kind for unit in org.unit}
    hazards, sectors = _subjects(packs)
    for index, duty in enumerate(org.duty):
        at: Path = ("duty", index)
        yield from refs.all_unknown((*at, "hazards"), "hazard", duty.hazards, hazards)
        yield from refs.all_unknown((*at, "kinds"), "pack", duty.kinds, packs)
        yield from refs.all_unknown((*at, "sectors"), "sector", duty.sectors, sectors)
        yield from refs.unknown((*at, "unit_kind"), "unit_kind", duty.unit_kind, kinds)
        yield from refs.all_unknown((*at, "assist_kinds"), "unit_kind", duty.assist_kinds, kinds)
        if duty.unit_kind in kinds and kinds[duty.unit_kind].line:
            message = f"{duty.unit_kind!r} is a line department: it assists, who is on the spot leads"
            hint = "put it under assist_kinds, or take `line` from the kind"
            yield refs.source.problem(Code.CONTRADICTION, (*at, "unit_kind"), message, hint)
        named = [("unit_kind", duty.unit_kind), *(("assist_kinds", each) for each in duty.assist_kinds)]
        for key, each in named:
            if each in kinds and each not in served and not refs.lost.has("unit", each, "kind"):
                message = f"no unit is a {each!r}: the row has no effect"
                yield refs.source.problem(Code.CONTRADICTION, (*at, key), message, "add the unit, or drop the word")
    yield from refs.all_unknown(("fallback",), "unit_kind", org.fallback, kinds)


def _subjects(packs: Mapping[str, Pack]) -> tuple[set[str], set[str]]:
    """Every hazard that a rule, a resident or a sector names, and every sector."""
    hazards = {rule.hazard for pack in packs.values() for rule in pack.rules.values()}
    sectors = {OTHER}
    for pack in packs.values():
        hazards |= {each.hazard for each in pack.sla.service} if pack.sla is not None else set()
        for row in () if pack.sectors is None else pack.sectors.sector:
            hazards |= set(row.hazards)
            sectors.add(row.id)
    return hazards, sectors


def _admission(org: OrgFile, source: Source) -> Iterator[Problem]:
    """A level of which the tree has no place: nobody could ever let anything in."""
    if org.admission is None:
        return
    whole = Org(org)
    if not any(whole.is_as_wide(place.id, org.admission.level) for place in org.place):
        message = f"no place is a {org.admission.level} or wider: nobody could let anything in"
        yield source.problem(Code.CONTRADICTION, ("admission", "level"), message, "add the place, or a narrower level")


def _owners(org: OrgFile, site: SiteFile, source: Source) -> Iterator[Problem]:
    """Every grid of the site is a place of the tree, and somebody owns what nobody else does."""
    whole = Org(org)
    for grid in site.grid:
        place = whole.places.get(grid.id)
        if place is None or place.level is not Level.GRID:
            found = "no place" if place is None else f"a {place.level}"
            message = f"the site's grid {grid.id!r} is {found} here"
            hint = f'add [[place]] id = "{grid.id}", level = "grid" and its parent'
            yield source.problem(Code.UNKNOWN_REFERENCE, ("place",), message, hint)
    for index, place in enumerate(org.place):
        if place.level is Level.GRID and fallback_of(whole, place.id) is None:
            message = f"nobody owns what is nobody's in grid {place.id!r}"
            hint = f"add a unit of one of these kinds around it: {', '.join(org.fallback)}"
            yield source.problem(Code.CONTRADICTION, ("place", index), message, hint)
