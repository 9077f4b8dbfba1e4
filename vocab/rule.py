"""Pure. An alarm rule as a pack states it: the condition, its delays, and what a raised alarm means for people."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

from pydantic import Field

from vocab.condition import Condition, Expiry
from vocab.leaves import leaves, points_of
from vocab.point import Basis, PointId
from vocab.strict_toml import Strict, Text
from vocab.window import Window

ANY_POINT = "*"
NO_POINT = "-"


class Category(StrEnum):
    """Whose work a ticket is. Sensor and link trouble stays apart from hazards, so that neither hides the other."""

    HAZARD = "hazard"
    SANITATION = "sanitation"
    MAINTENANCE = "maintenance"


class Grade(StrEnum):
    """一般 or 重大 (domain §4.1). A rule proposes; a person confirms a major one."""

    GENERAL = "general"
    MAJOR = "major"


class Rule(Strict):
    """One alarm of a kind of equipment."""

    id: PointId
    name: Text
    point: PointId | Literal["*", "-"]  # "*" (common pack only): every point of the asset; "-": none (a date)
    variants: tuple[str, ...] = ()
    when: Condition
    on_delay_s: float = Field(default=0.0, ge=0)
    off_delay_s: float = Field(default=0.0, ge=0)
    on_samples: int = Field(default=1, ge=1)  # for devices that report every half hour
    off_samples: int = Field(default=1, ge=1)
    priority: int = Field(ge=1, le=4)  # 1 特急, 2 紧急, 3 一般, 4 提示
    latching: bool = False
    safety: bool = False  # also judged at the edge; unknown ages into a hazard
    trust_uncertain: bool = False  # readings of uncertain quality count as good ones
    while_tightened: bool = False  # only while an open major hazard of the asset tightens; else the condition is false
    active: tuple[Window, ...] = ()  # only inside these; outside, the condition is false
    escalates_to: PointId | None = None  # while that alarm of the asset stands, this one is suppressed by design
    suppress_when: Condition | None = None  # by design: the alarm goes on evaluating, hidden, while this is true
    suppress_linger_s: float = Field(default=0.0, ge=0)  # and so much longer: a boiler needs time to warm up
    first_out: PointId | None = None  # a group of the asset: the first alarm of a trip is marked
    realarm_s: float | None = Field(default=None, gt=0)  # acknowledged and still there for so long: annunciated again
    hazard: PointId  # the ticket's key with site and asset: two limits of one hazard share a ticket
    category: Category
    grade: Grade = Grade.GENERAL
    enabled: bool = True
    procedure: PointId | None = None
    basis: Basis = Basis()


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """Every leaf of a rule: of what raises it and of what suppresses it."""
    yield from leaves(rule.when)
    if rule.suppress_when is not None:
        yield from leaves(rule.suppress_when)


def dates_read(rule: Rule) -> set[str]:
    """Names of the asset's dates that a rule asks for."""
    return {leaf.date for leaf in conditions_of(rule) if isinstance(leaf, Expiry)}


def points_read(rule: Rule) -> Iterator[str]:
    """Ids of the points that a rule looks at (`*` for a rule over every point)."""
    for leaf in conditions_of(rule):
        yield from (name for name in points_of(leaf, rule.point) if name != NO_POINT)
