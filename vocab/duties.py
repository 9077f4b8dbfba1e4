"""Pure. What has to happen although no sensor calls: rounds, check-ins, reports, campaigns, drills; and the emergency.

duties.toml beside site.toml; docs/reference/duties.md explains the file. Silence is never fine: what is not said to be
done is missed, and what is missed becomes work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from vocab.areas import AreaPolicy
from vocab.campaign import Campaign
from vocab.hauls import HaulTables
from vocab.inspection import Miss, Reminder, Scoring
from vocab.point import Id, PointId
from vocab.self_watch import SelfTables
from vocab.strict_toml import Strict, Text
from vocab.window import Window, YearDay

MAJOR_TRIGGER = "major_hazard_confirmed"  # started by the grading of a ticket, ended by its report upward
CLOSER_TRIGGER = "closer_watch"  # started when a ticket tightens the watch of its equipment or place, ended with that
DRILL_HAZARD = "drill"  # of a cabinet's drill point; who is called for it is who is named for drills


class DutyKind(StrEnum):
    """What sort of thing has to happen."""

    ROUND = "round"  # of collection, along a route
    WEEKLY = "weekly"
    DAILY = "daily"  # at each place, such as disinfection
    MAINTENANCE = "maintenance"
    CHECK_IN = "check_in"  # somebody is where they should be
    PATROL = "patrol"
    REPORT = "report"
    CAMPAIGN = "campaign"
    TASK = "task"  # started by somebody, due a while after
    TRAINING = "training"
    LEASE = "lease"
    DRILL = "drill"


class AtHours(Strict):
    """In each of these stretches of the day."""

    type: Literal["windows"]
    at: tuple[Window, ...] = Field(min_length=1)
    on: Literal["all", "workdays", "days_off"] = "all"  # by the calendar of holidays and make-up workdays


class Slots(Strict):
    """Every so often from midnight on, each to be met within `due_s` of its moment."""

    type: Literal["slots"]
    every_s: float = Field(gt=0, le=86_400)
    due_s: float = Field(gt=0)

    @model_validator(mode="after")
    def _fit(self) -> Slots:
        if 86_400 % self.every_s or self.due_s > self.every_s:
            raise ValueError("a day is a whole number of slots, and each is due before the next")
        return self


class Yearly(Strict):
    """From one calendar day to the end of another, every year."""

    type: Literal["yearly"]
    begins: YearDay
    ends: YearDay  # the last day on which it is in time


class Gap(Strict):
    """Never longer than this since it was done last."""

    type: Literal["gap"]
    at_most_s: float | None = Field(default=None, gt=0)
    years: int | None = Field(default=None, ge=1)
    opens_s: float | None = Field(default=None, gt=0)  # so long before it is due; default: as soon as the last is done
    last: date | None = None  # when it was done before there were records

    @model_validator(mode="after")
    def _one(self) -> Gap:
        if (self.at_most_s is None) == (self.years is None):
            raise ValueError("give exactly one of at_most_s and years")
        return self


class Once(Strict):
    """By the end of one day."""

    type: Literal["once"]
    on: date
    opens_days: int = Field(ge=0)


class After(Strict):
    """A while after somebody has started it."""

    type: Literal["after"]
    trigger: PointId
    within_s: float = Field(gt=0)
    again_from_s: float | None = Field(default=None, gt=0)  # and again, at the earliest so long after it was done
    again_within_s: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _both(self) -> After:
        first, last = self.again_from_s, self.again_within_s
        if (first is None) != (last is None) or (first is not None and last is not None and first >= last):
            raise ValueError("again_from_s and again_within_s come together, the first being the shorter")
        return self


Recurrence = Annotated[AtHours | Slots | Yearly | Gap | Once | After, Field(discriminator="type")]


class Spot(Strict):
    """A place that is no equipment: an isolation point, a dead corner, a market."""

    id: Id
    name: Text
    place: Id


class Each(Strict):
    """A schedule with several of these runs for each by itself."""

    units: tuple[Id, ...] = ()
    assets: tuple[Id, ...] = ()
    spots: tuple[Id, ...] = ()
    places: tuple[Id, ...] = ()
    roles: tuple[PointId, ...] = ()  # everybody who has one


class EmptyingProof(Strict):
    """A round is proven by this share of the covered containers, of those that have the point, being emptied."""

    point: PointId
    fall: float = Field(gt=0)
    share: float = Field(gt=0, le=1)


class Schedule(Strict):
    """One thing that has to happen again and again, or once."""

    id: Id
    kind: DutyKind
    name: Text
    when: Recurrence
    unit: Id | None = None  # whose it is; None: of each unit's own
    role: PointId | None = None  # who of the unit does it
    each: Each = Each()
    covers: tuple[Id, ...] = ()  # equipment that is done together, such as the bins of a route
    grace_s: float = Field(default=0.0, ge=0)  # past its time it is late, past this it is missed
    dormant: bool = False  # it runs only while a mode that names it is on, or an area has a grade that does
    miss: Miss
    proof: EmptyingProof | None = None
    review: Id | None = None  # a unit; of a report: preparer and reviewer are two persons
    review_s: float | None = Field(default=None, gt=0)  # past submission, and past being overdue; None: no limit
    upward: tuple[Id, ...] = ()  # to which units an approved report goes
    headings: tuple[PointId, ...] = ()  # of a report
    photo: bool = False  # done only with a photo
    score: Scoring | None = None  # done only with a score
    remind: Reminder | None = None
    text: Text | None = None  # how
    source: str = ""


class Heading(Strict):
    """One heading of a report: people write below it, `data` names what is filled in."""

    id: PointId
    name: Text
    data: tuple[Literal["tickets", "alarms", "stock", "duties", "zones", "hauls"], ...] = ()


class Mode(Strict):
    """What is switched on in an emergency."""

    id: Id
    name: Text
    levels: tuple[Text, ...] = Field(min_length=1)
    persons: int = Field(default=2, ge=1)  # who must agree to start and to end it
    schedules: tuple[Id, ...] = ()
    rosters: tuple[Id, ...] = ()
    checkpoints: tuple[Id, ...] = ()
    zones: tuple[Id, ...] = ()


class ZoneRule(Strict):
    """When an area is of high or medium risk (plan 4). `reading`: how the comma of its sentence is taken."""

    reading: Literal["and", "or"]
    window_days: int = Field(ge=1)
    cumulative: int = Field(ge=0)  # cases in all: more is high, up to so many is medium
    high_clusters: int = Field(ge=1)
    medium_clusters: int = Field(ge=1)
    quiet_days: int = Field(ge=0)  # a grade goes down only after so many days without a new case
    source: str


class StockItem(Strict):
    """Supplies that must not run low."""

    id: Id
    name: Text
    unit_text: Text
    unit: Id  # who keeps it
    minimum: float = Field(ge=0)
    miss: Miss


class DrillPlan(Strict):
    """A synthetic hazard goes the whole way, on a calendar."""

    schedule: Id
    edge: Id
    within_s: float = Field(gt=0)  # until somebody has acknowledged it
    channel: Id | None = None  # its pages go by this way first, so that each way is tried; None: as a real one would


class PathProof(Strict):
    """How old the proof of each channel may be, and what work an older one becomes."""

    at_most_s: float = Field(gt=0)
    channels: tuple[Id, ...] = ()  # none: every channel that is on
    unit: Id
    miss: Miss


class DutiesFile(HaulTables, SelfTables):
    """duties.toml."""

    spot: tuple[Spot, ...] = ()
    heading: tuple[Heading, ...] = ()
    schedule: tuple[Schedule, ...] = ()
    mode: tuple[Mode, ...] = ()
    zone_rule: ZoneRule | None = None
    area: tuple[AreaPolicy, ...] = ()
    stock: tuple[StockItem, ...] = ()
    drill: tuple[DrillPlan, ...] = ()
    path: PathProof | None = None
    campaign: tuple[Campaign, ...] = ()


@dataclass(frozen=True)
class Duties:
    """The duties of a site: every reference in it is known to hold. Empty without a duties.toml."""

    file: DutiesFile = field(default_factory=DutiesFile)

    def __bool__(self) -> bool:
        return self.file != DutiesFile()

    @cached_property
    def schedules(self) -> dict[str, Schedule]:
        """By id."""
        return {each.id: each for each in self.file.schedule}

    @cached_property
    def spots(self) -> dict[str, Spot]:
        """By id."""
        return {each.id: each for each in self.file.spot}

    @cached_property
    def modes(self) -> dict[str, Mode]:
        """By id."""
        return {each.id: each for each in self.file.mode}

    @cached_property
    def stock(self) -> dict[str, StockItem]:
        """By id."""
        return {each.id: each for each in self.file.stock}

    @cached_property
    def headings(self) -> dict[str, Heading]:
        """By id."""
        return {each.id: each for each in self.file.heading}

    @cached_property
    def campaigns(self) -> dict[str, Campaign]:
        """By id."""
        return {each.id: each for each in self.file.campaign}

    @cached_property
    def sampled(self) -> frozenset[str]:
        """The schedules of spot checks: a completion says what was found, and only a draw starts them."""
        return frozenset(each.sampling.schedule for each in self.file.campaign if each.sampling is not None)

    def of_trigger(self, trigger: str) -> Iterator[Schedule]:
        """The schedules that a trigger starts."""
        for each in self.file.schedule:
            if isinstance(each.when, After) and each.when.trigger == trigger:
                yield each
