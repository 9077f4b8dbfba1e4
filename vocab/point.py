"""Pure. A point: one quantity of one kind of equipment, with what is believable and normal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vocab.strict_toml import Strict, Text
from vocab.topics import ID_PATTERN
from vocab.units import UNITS

Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
PointId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


def _known(code: str) -> str:
    if code not in UNITS:
        raise ValueError(f"{code!r} is not one of our UCUM units")
    return code


UnitCode = Annotated[str, AfterValidator(_known)]


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError(f"the lower end {pair[0]} is above the upper end {pair[1]}")
    return pair


Interval = Annotated[tuple[float, float], AfterValidator(_ordered)]


class StateName(Strict):
    """One code of a state point."""

    code: int
    id: PointId
    name: Text
    abnormal: bool = False  # the wall shows it in colour even without an alarm


class Point(Strict):
    """A quantity that devices of a kind report, in its own unit."""

    id: PointId
    name: Text
    unit: UnitCode = "1"
    states: tuple[StateName, ...] = ()  # empty: a number
    variants: tuple[str, ...] = ()  # empty: every variant of the kind
    normal: Interval | None = None
    bounds: Interval | None = None  # physical: beyond them a value is a sensor's fault, not the process's
    slew: float | None = Field(default=None, gt=0)  # most that can truly change, unit per second
    period_s: float = Field(gt=0)  # how often a device is read
    heartbeat_s: float = Field(default=60.0, gt=0)  # reported at least this often, changed or not
    deadband: float = Field(default=0.0, ge=0)  # a smaller change is not reported before the heartbeat
    decimals: int = Field(default=1, ge=0, le=4)  # shown to a person
    on_tile: bool = False  # one of the two or three that the wall's tile shows, in the order of the pack
    on_event: bool = False  # comes when something happens (a passage, a trip), so silence says nothing
    weighting: str = ""  # what UCUM cannot carry, such as "A" of dB(A)


class Param(Strict):
    """A number that belongs to one asset, such as its permitted pressure; a site may set it."""

    id: PointId
    name: Text
    unit: UnitCode = "1"
    default: float


class AttributeValue(Strict):
    """One of the words of an attribute, with the asset's numbers that follow from it."""

    id: PointId
    name: Text
    params: dict[PointId, float] = Field(default_factory=dict)  # over the pack's defaults, under the asset's own


class Attribute(Strict):
    """What an asset is by declaration, such as a bin's class of waste; a site gives it one of the words."""

    id: PointId
    name: Text
    values: tuple[AttributeValue, ...] = Field(min_length=1)


class Derive(Strict):
    """A point computed at the edge as a share of a span: 0 % where `source` is `zero`, 100 % where it is `full`."""

    point: PointId
    source: PointId
    zero: PointId  # a param
    full: PointId  # a param


class Basis(Strict):
    """Where a number comes from. `confidence` says whether it may be quoted as compliance (only `seen`)."""

    standard: str = ""
    clause: str = ""
    edition: str = ""
    source: str = ""
    confidence: Literal["seen", "background", "uncertain", "design"] = "design"
