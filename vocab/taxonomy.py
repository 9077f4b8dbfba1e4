"""Pure. The sectors of public safety (安全领域): the level above the categories of tickets.

A category says whose work a ticket is, a sector what it is about: food, medicine, traffic, fire, special equipment …
(plan 2: 社区安全生产、防灾减灾救灾、食品、药品、交通、消防等安全管理责任). The sectors stand in
packs/common/sectors.toml; each kind of equipment names its own in its pack.toml, each thing that a resident can report
in its row of sla.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from vocab.point import Basis, PointId
from vocab.problem import Code, Problem
from vocab.rule import Category
from vocab.strict_toml import Source, Strict, Text

OTHER = "other"  # what no row speaks of: the list of no authority is complete


class Sector(Strict):
    """One of them, and what belongs to it whatever the equipment is."""

    id: PointId
    name: Text
    code: str = ""  # the official one, where a standard gives it
    hazards: tuple[PointId, ...] = ()
    categories: tuple[Category, ...] = ()  # of these everything whose hazard is named nowhere
    basis: Basis = Basis()


class SectorsFile(Strict):
    """sectors.toml."""

    sector: tuple[Sector, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """To which sector something belongs: exactly one. Without any rows everything is `other`."""

    sectors: tuple[Sector, ...] = ()
    hazards: Mapping[str, str] = field(default_factory=dict)  # the most telling: hazard -> sector
    categories: Mapping[str, str] = field(default_factory=dict)  # then whose work it is
    kinds: Mapping[str, str] = field(default_factory=dict)  # then the kind of equipment

    def of(self, category: str, hazard: str, kind: str) -> str:
        """The id of the sector of a ticket."""
        found = self.hazards.get(hazard) or self.categories.get(category) or self.kinds.get(kind)
        return found or OTHER

    def name(self, sector: str) -> Text:
        """What it is called; of one that is none any more its id."""
        named = (each.name for each in self.sectors if each.id == sector)
        return next(named, Text(en="Other", zh="其他") if sector == OTHER else Text(en=sector, zh=sector))

    def code(self, sector: str) -> str:
        """The official one, where a standard gives it."""
        return next((each.code for each in self.sectors if each.id == sector), "")

    @property
    def ids(self) -> tuple[str, ...]:
        """Of every sector, in the order of the file; `other` is always one."""
        told = tuple(each.id for each in self.sectors)
        return told if OTHER in told else (*told, OTHER)


def taxonomy(file: SectorsFile | None, kinds: Mapping[str, str], services: Iterable[tuple[str, str]]) -> Taxonomy:
    """From the rows, what each kind of equipment says of itself, and (hazard, sector) of what residents report."""
    rows = () if file is None else file.sector
    told = {hazard: sector for hazard, sector in services if sector}
    return Taxonomy(
        rows,
        told | {hazard: row.id for row in rows for hazard in row.hazards},
        {category.value: row.id for row in rows for category in row.categories},
        {kind: sector for kind, sector in kinds.items() if sector},
    )


def sector_faults(file: SectorsFile, source: Source) -> Iterator[Problem]:
    """Something that would belong to two sectors."""
    seen: dict[tuple[str, str], str] = {}
    for index, row in enumerate(file.sector):
        named = [("id", row.id), *(("hazards", each) for each in row.hazards)]
        named += [("categories", each.value) for each in row.categories]
        for key, name in named:
            other = seen.setdefault((key, name), row.id)
            if key == "id" and any(each.id == name for each in file.sector[:index]):
                message = f"the sector {name!r} is defined twice"
                yield source.problem(Code.DUPLICATE_ID, ("sector", index, key), message, "rename one of them")
            elif other != row.id:
                message = f"{name!r} belongs to {other!r} and to {row.id!r}"
                hint = "everything belongs to one sector: take it out of the other"
                yield source.problem(Code.CONTRADICTION, ("sector", index, key), message, hint)
