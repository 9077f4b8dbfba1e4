"""Pure. A pack: everything about one kind of equipment, and the shape of the files it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vocab.faultspec import FaultSpec
from vocab.make import Make
from vocab.point import Attribute, Derive, Id, Param, Point, PointId
from vocab.policy import Policy
from vocab.rule import Rule
from vocab.sla import SlaFile
from vocab.story import Story
from vocab.strict_toml import Strict, Text
from vocab.taxonomy import SectorsFile

COMMON = "common"


class Procedure(Strict):
    """What the person who comes is to do."""

    id: PointId
    text: Text


class Head(Strict):
    """pack.toml: the kind and its points."""

    kind: Id
    name: Text
    edition: str
    sector: PointId | None = None  # of public safety: packs/common/sectors.toml
    variants: tuple[str, ...] = ()
    point: tuple[Point, ...] = ()
    param: tuple[Param, ...] = ()
    derive: tuple[Derive, ...] = ()
    attribute: tuple[Attribute, ...] = ()


class Rules(Strict):
    """rules.toml."""

    rule: tuple[Rule, ...] = ()


class Faults(Strict):
    """faults.toml."""

    fault: tuple[FaultSpec, ...] = ()


class Procedures(Strict):
    """procedures.toml."""

    procedure: tuple[Procedure, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """One kind of equipment, whole."""

    kind: str
    name: Text
    edition: str
    variants: tuple[str, ...]
    points: Mapping[str, Point]
    params: Mapping[str, Param]
    derives: tuple[Derive, ...]
    rules: Mapping[str, Rule]
    faults: Mapping[str, FaultSpec]
    procedures: Mapping[str, Procedure]
    makes: Mapping[str, Make]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    stories: tuple[Story, ...] = ()  # the tests of its rules
    policy: Policy | None = None  # of the common pack: what people may do to an alarm, whatever its kind
    sla: SlaFile | None = None  # of the common pack: by when something is to be done about a ticket
    sectors: SectorsFile | None = None  # of the common pack: what a ticket is about
    sector: str = ""  # of this kind of equipment

    def points_of(self, variant: str | None) -> tuple[Point, ...]:
        """The points that an asset of this variant can have."""
        return tuple(point for point in self.points.values() if fits(point.variants, variant))

    def rules_of(self, variant: str | None) -> tuple[Rule, ...]:
        """The rules that watch an asset of this variant."""
        return tuple(rule for rule in self.rules.values() if rule.enabled and fits(rule.variants, variant))

    def params_of(self, attributes: Mapping[str, str]) -> dict[str, float]:
        """The numbers of an asset that is declared to be so: the defaults, and what its attributes make of them."""
        found = {param.id: param.default for param in self.params.values()}
        for attribute in self.attributes.values():
            for value in attribute.values:
                if attributes.get(attribute.id) == value.id:
                    found |= value.params
        return found


def fits(variants: tuple[str, ...], variant: str | None) -> bool:
    """Whether something limited to `variants` (empty: to none) applies to `variant`."""
    return not variants or variant in variants
