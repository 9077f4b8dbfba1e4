"""Pure. Where waste is weighed in, and the way from a pool to there."""

from __future__ import annotations

from pydantic import Field

from vocab.inspection import Miss
from vocab.point import Id, PointId
from vocab.strict_toml import Strict, Text


class Plant(Strict):
    """A treatment plant with a weighbridge: what came, by day; a day of rounds without a load becomes work."""

    id: Id
    name: Text
    asset: Id  # the weighbridge
    point: PointId = "load"  # the net weight of a load, told once for each
    least: float = Field(gt=0)  # in the unit of the point; what weighs less is no load
    rounds: tuple[Id, ...] = Field(min_length=1)  # schedules whose loads come here
    grace_s: float = Field(default=0.0, ge=0)  # past midnight: so long a load of the day may be on its way to us
    unit: Id
    miss: Miss
    source: str = ""


class Haul(Strict):
    """A pool that was emptied arrives at a plant: one route, with the time that it may take."""

    id: Id
    name: Text
    pools: tuple[Id, ...] = Field(min_length=1)
    point: PointId = "fill"
    fall: float = Field(gt=0)  # by so much it falls when it is emptied
    round: Id  # the schedule that empties it
    plant: Id
    early_s: float = Field(default=0.0, ge=0)  # a level is told every so often: a load may be weighed before it is seen
    within_s: float = Field(gt=0)
    grace_s: float = Field(default=0.0, ge=0)  # past `within_s` it is late, past this it never arrived
    unit: Id
    miss: Miss
    source: str = ""


class HaulTables(Strict):
    """The tables of duties.toml that are about hauls."""

    plant: tuple[Plant, ...] = ()
    haul: tuple[Haul, ...] = ()
