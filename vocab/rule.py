"""Pure. An alarm rule as a pack states it: the condition, its delays, and what a raised alarm means for people."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from vocab.point import Basis, PointId
from vocab.strict_toml import Strict, Text

ANY_POINT = "*"


class Category(StrEnum):
    """Whose work a ticket is. Sensor and link trouble stays apart from hazards, so that neither hides the other."""

    HAZARD = "hazard"
    SANITATION = "sanitation"
    MAINTENANCE = "maintenance"


class Grade(StrEnum):
    """一般 or 重大 (domain §4.1). A rule proposes; a person confirms a major one."""

    GENERAL = "general"
    MAJOR = "major"


class FromParam(Strict):
    """A limit that depends on the asset: param * factor + plus, in the point's unit."""

    param: PointId
    factor: float = 1.0
    plus: float = 0.0


Limit = float | FromParam


class _Condition(Strict):
    point: PointId | None = None  # default: the rule's own point


class High(_Condition):
    """True at or above `limit`; false again below limit - deadband."""

    type: Literal["high"]
    limit: Limit
    deadband: float = Field(default=0.0, ge=0)


class Low(_Condition):
    """True at or below `limit`; false again above limit + deadband."""

    type: Literal["low"]
    limit: Limit
    deadband: float = Field(default=0.0, ge=0)


class State(_Condition):
    """True while a state point holds one of these state ids."""

    type: Literal["state"]
    is_any_of: tuple[PointId, ...] = Field(min_length=1)


class NoData(_Condition):
    """True when no reading of any quality came for `periods` heartbeats (at least `min_s`) of the edge's own time."""

    type: Literal["no_data"]
    periods: float = Field(default=3.0, gt=1)
    min_s: float = Field(default=60.0, gt=0)


class BadSignal(_Condition):
    """True while the readings are bad for one of these reasons (wire words of `Reason`)."""

    type: Literal["bad_signal"]
    reasons: tuple[str, ...] = Field(min_length=1)


class Rate(_Condition):
    """True while the change over `window_s` is at or above `above`, or at or below `below`, per minute."""

    type: Literal["rate"]
    window_s: float = Field(gt=0)
    above_per_min: float | None = None
    below_per_min: float | None = None


class Stuck(_Condition):
    """True when at least `samples` good readings over at least `min_s` were exactly equal."""

    type: Literal["stuck"]
    samples: int = Field(default=20, ge=3)
    min_s: float = Field(default=600.0, gt=0)


class All(Strict):
    """Three-valued AND: false if one is false, else unknown if one is unknown, else true."""

    type: Literal["all"]
    of: tuple[Condition, ...] = Field(min_length=1)


class Any(Strict):
    """Three-valued OR: true if one is true, else unknown if one is unknown, else false."""

    type: Literal["any"]
    of: tuple[Condition, ...] = Field(min_length=1)


Condition = Annotated[
    High | Low | State | NoData | BadSignal | Rate | Stuck | All | Any,
    Field(discriminator="type"),
]


class Rule(Strict):
    """One alarm of a kind of equipment."""

    id: PointId
    name: Text
    point: PointId | Literal["*"]  # "*" (common pack only): one alarm for every point of the asset
    variants: tuple[str, ...] = ()
    when: Condition
    on_delay_s: float = Field(default=0.0, ge=0)
    off_delay_s: float = Field(default=0.0, ge=0)
    on_samples: int = Field(default=1, ge=1)  # for devices that report every half hour
    off_samples: int = Field(default=1, ge=1)
    priority: int = Field(ge=1, le=4)  # 1 特急, 2 紧急, 3 一般, 4 提示
    latching: bool = False
    safety: bool = False  # also judged at the edge; unknown ages into a hazard
    hazard: PointId  # the ticket's key with site and asset: two limits of one hazard share a ticket
    category: Category
    grade: Grade = Grade.GENERAL
    enabled: bool = True
    procedure: PointId | None = None
    basis: Basis = Basis()


All.model_rebuild()
Any.model_rebuild()


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions of a composite that are not composites themselves."""
    if isinstance(condition, All | Any):
        for part in condition.of:
            yield from leaves(part)
    else:
        yield condition


def points_read(rule: Rule) -> Iterator[str]:
    """Ids of the points that a rule looks at (`*` for a rule over every point)."""
    for leaf in leaves(rule.when):
        yield getattr(leaf, "point", None) or rule.point
