"""Pure. Who answers for what: places as a tree, units, people, and the duty matrix. org.toml beside site.toml.

The tree is city, county, town or sub-district, community or village, grid (市、县、镇街、社区/村、网格); the grids of a
site are its leaves, by their ids. docs/reference/org.md explains the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field

from vocab.point import Id, PointId
from vocab.rule import Category
from vocab.strict_toml import Strict, Text
from vocab.window import ClockTime


class Level(StrEnum):
    """Of a place, from the widest to the narrowest."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"  # a town, or a sub-district of a city
    COMMUNITY = "community"  # of residents, or a village
    GRID = "grid"


class Access(StrEnum):
    """What a role lets its holder do in its place (docs/reference/access.md), from the least to the most."""

    VIEWER = "viewer"  # sees
    AUDITOR = "auditor"  # sees, and reads the audit log
    WORKER = "worker"  # takes note, does work
    OPERATOR = "operator"  # runs the duty room: shelves, hands over, files
    SUPERVISOR = "supervisor"  # grades, accepts, hides with a window, takes out of service
    MANAGER = "manager"  # changes rules
    ADMINISTRATOR = "administrator"  # accounts and tokens


class Place(Strict):
    """One node of the tree of places."""

    id: Id
    name: Text
    level: Level
    parent: Id | None = None  # None: the top of what this site knows
    code: str = ""  # the official one (GB/T 2260, unit grid)


class UnitKind(Strict):
    """What sort of unit: the word by which the duty matrix finds it."""

    id: PointId
    name: Text
    line: bool = False  # a line department (条): assists, never leads in the place of who is on the spot (块)


class Unit(Strict):
    """Who can be given work: a committee, a company, a station, a department, a group."""

    id: Id
    kind: PointId
    name: Text
    place: Id  # it serves this place and everything below
    also: tuple[Id, ...] = ()  # and these
    parent: Id | None = None  # the unit to which it reports


class Role(Strict):
    """What a person is, and so may do."""

    id: PointId
    name: Text
    access: Access = Access.VIEWER


class Contact(Strict):
    """One way to reach somebody: a channel of channels.toml and the address there."""

    channel: Id
    address: str = Field(min_length=1)


class Quiet(Strict):
    """The hours, by the site's clock, in which only what is urgent may call; it may go past midnight."""

    begins: ClockTime
    ends: ClockTime


class Person(Strict):
    """Somebody, by the name under which the duty room knows them."""

    id: Id
    name: Text
    unit: Id
    roles: tuple[PointId, ...] = Field(min_length=1)
    contacts: tuple[Contact, ...] = ()  # in the order in which they are tried
    language: Literal["en", "zh"] = "zh"
    quiet: Quiet | None = None


class Duty(Strict):
    """A row of the duty matrix: whose work it is. Empty lists do not narrow it. Of the rows that fit, the first holds
    whose unit serves the place."""

    categories: tuple[Category, ...] = ()
    hazards: tuple[PointId, ...] = ()
    kinds: tuple[Id, ...] = ()  # of equipment
    sectors: tuple[PointId, ...] = ()  # of public safety
    unit_kind: PointId
    assist_kinds: tuple[PointId, ...] = ()


class Admission(Strict):
    """Who lets work in that is not in the duty matrix (准入): somebody who supervises the place from this level or a
    wider one, so that nobody hands work down by their own word. Without this table nobody has to approve it."""

    level: Level


class OrgFile(Strict):
    """org.toml."""

    place: tuple[Place, ...]
    unit_kind: tuple[UnitKind, ...]
    role: tuple[Role, ...]
    unit: tuple[Unit, ...]
    person: tuple[Person, ...] = ()
    duty: tuple[Duty, ...] = ()
    fallback: tuple[PointId, ...] = Field(min_length=1)  # kinds of units that own what nobody else does, in this order
    admission: Admission | None = None


NOBODY = OrgFile.model_construct(
    place=(), unit_kind=(), role=(), unit=(), person=(), duty=(), fallback=(), admission=None
)  # of a site without org.toml


@dataclass(frozen=True)
class Org:
    """An organisation: every reference in it is known to hold. Empty for a site without org.toml."""

    file: OrgFile = field(default=NOBODY)

    def __bool__(self) -> bool:
        return bool(self.file.place)

    @cached_property
    def places(self) -> dict[str, Place]:
        """By id."""
        return {place.id: place for place in self.file.place}

    @cached_property
    def units(self) -> dict[str, Unit]:
        """By id."""
        return {unit.id: unit for unit in self.file.unit}

    @cached_property
    def people(self) -> dict[str, Person]:
        """By id."""
        return {person.id: person for person in self.file.person}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """By id."""
        return {role.id: role for role in self.file.role}

    @cached_property
    def unit_kinds(self) -> dict[str, UnitKind]:
        """By id."""
        return {kind.id: kind for kind in self.file.unit_kind}

    def climb(self, place: str) -> Iterator[str]:
        """The place and everything around it, the narrowest first; nothing for a place that is none."""
        at: str | None = place
        seen: set[str] = set()
        while at is not None and at in self.places and at not in seen:
            seen.add(at)
            yield at
            at = self.places[at].parent

    def within(self, place: str, around: str) -> bool:
        """Whether `place` is `around` or lies in it."""
        return place == around or around in self.climb(place)

    def is_as_wide(self, place: str, level: Level) -> bool:
        """Whether a place is of this level or a wider one."""
        found = self.places.get(place)
        order = tuple(Level)
        return found is not None and order.index(found.level) <= order.index(level)

    def members(self, unit: str) -> tuple[Person, ...]:
        """The people of a unit, in the order of the file."""
        return tuple(person for person in self.file.person if person.unit == unit)

    def place_of(self, person: str) -> str:
        """The place of the person's unit; KeyError if there is no such person."""
        return self.units[self.people[person].unit].place
