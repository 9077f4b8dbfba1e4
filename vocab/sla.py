"""Pure. By when a ticket is to be acknowledged, reached and rectified, and how long a repair is watched, as data.

The usual numbers stand in packs/common/sla.toml; a site's own sla.toml goes before them. docs/reference/sla.md explains
the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vocab.point import Basis, Id, PointId
from vocab.rule import Category, Grade
from vocab.strict_toml import Strict, Text
from vocab.window import ClockTime, Day

Step = Literal["acknowledge", "arrive", "rectify"]
STEPS: tuple[Step, ...] = ("acknowledge", "arrive", "rectify")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(s|min|h|d)")
_MINUTE_S, _HOUR_S = 60.0, 3600.0


def _span(text: str) -> str:
    found = _SPAN.fullmatch(text)
    if found is None or float(found[1]) <= 0:
        raise ValueError(f"{text!r} is not a span of time such as 30min, 4h or 7d")
    return text


Span = Annotated[str, AfterValidator(_span)]  # "d": a calendar day, or in working time the hours of one working day


def span_s(text: str, day_s: float = 86_400.0) -> float:
    """Seconds of a span, of which a day has `day_s`."""
    number = text.rstrip("smindh")
    unit = {"s": 1.0, "min": _MINUTE_S, "h": _HOUR_S, "d": day_s}[text.removeprefix(number)]
    return float(number) * unit


class WorkHours(Strict):
    """A stretch of every working day; it ends on the day on which it begins."""

    begins: ClockTime
    ends: ClockTime


class DayOff(Strict):
    """A day on which a site works although its calendar says otherwise, or does not."""

    day: date
    works: bool
    reason: str = Field(min_length=1)


class Limit(Strict):
    """How long something may take. Empty lists do not narrow it; of the rows that fit, the first that names a step
    holds for that step."""

    categories: tuple[Category, ...] = ()
    hazards: tuple[PointId, ...] = ()
    kinds: tuple[Id, ...] = ()  # of equipment
    grades: tuple[Grade, ...] = ()
    priorities: tuple[int, ...] = ()
    attributes: dict[PointId, tuple[PointId, ...]] = Field(
        default_factory=dict
    )  # of equipment: { waste_class = ["…"] }
    clock: Literal["calendar", "working"] = "calendar"
    acknowledge: Span | None = None  # somebody has taken note of it
    arrive: Span | None = None  # somebody works on it
    rectify: Span | None = None  # it is marked as repaired
    basis: Basis = Basis()

    def fits(self, subject: Subject) -> bool:
        """Whether this row speaks of such a ticket."""
        told: tuple[tuple[object, tuple[object, ...]], ...] = (
            (subject.category, self.categories),
            (subject.hazard, self.hazards),
            (subject.kind, self.kinds),
            (subject.grade, self.grades),
            (subject.priority, self.priorities),
        )
        is_so = all(subject.attributes.get(name) in words for name, words in self.attributes.items())
        return is_so and all(not named or value in named for value, named in told)


class ProofTime(Strict):
    """How long the sensor must agree after a repair, by priority."""

    priorities: tuple[int, ...]
    settle: Span  # equipment needs so long to become normal; what still stands afterwards was not repaired
    verify: Span  # known false without a break for so long: verified
    reopen: Span  # what comes back within this after closing was never gone: the old ticket is opened again
    basis: Basis = Basis()


class Service(Strict):
    """One thing that a resident can report (Open311 GeoReport v2), and what ticket it becomes."""

    code: PointId
    name: Text
    description: Text
    sector: PointId | None = None  # of public safety; left out where sectors.toml names the hazard
    category: Category
    hazard: PointId
    same_as: tuple[PointId, ...] = ()  # hazards of sensors that mean the same: such an open ticket takes the report in
    priority: int = Field(default=3, ge=1, le=4)


Origin = Literal["patrol", "resident", "campaign", "schedule"]  # of what no sensor found


class Photos(Strict):
    """How many pairs of photos, before and after, a ticket needs before anybody accepts it. Empty lists do not narrow
    it; of the rows that fit, the first holds. What a sensor found is proven by the sensor."""

    categories: tuple[Category, ...] = ()
    hazards: tuple[PointId, ...] = ()
    sources: tuple[Origin, ...] = ()
    pairs: int = Field(ge=0, le=20)
    basis: Basis = Basis()

    def fits(self, category: str, hazard: str, source: str) -> bool:
        """Whether this row speaks of such a ticket."""
        told: tuple[tuple[str, tuple[str, ...]], ...] = (
            (category, self.categories),
            (hazard, self.hazards),
            (source, self.sources),
        )
        return all(not named or value in named for value, named in told)


class SlaFile(Strict):
    """sla.toml."""

    weekdays: tuple[Day, ...] = ()  # working days of a week without holidays
    hours: tuple[WorkHours, ...] = ()
    day: tuple[DayOff, ...] = ()
    limit: tuple[Limit, ...] = ()
    proof: tuple[ProofTime, ...] = ()
    service: tuple[Service, ...] = ()
    photos: tuple[Photos, ...] = ()
    duplicate_radius_m: float | None = Field(default=None, gt=0)  # a report so near to a ticket is about the same
    response: Text | None = None  # what a resident is told about when they will hear
    basis: Basis = Basis()


@dataclass(frozen=True, slots=True)
class Subject:
    """What of a ticket its limits depend on."""

    category: str
    hazard: str
    kind: str
    grade: str
    priority: int
    attributes: Mapping[str, str] = field(default_factory=dict)  # of its equipment


@dataclass(frozen=True)
class Sla:
    """A site's limits over the usual ones. Empty files: nothing has a limit, and no repair can be proven."""

    usual: SlaFile = field(default_factory=SlaFile)
    own: SlaFile = field(default_factory=SlaFile)

    @property
    def weekdays(self) -> tuple[Day, ...]:
        """The working days of a week."""
        return self.own.weekdays or self.usual.weekdays

    @property
    def hours(self) -> tuple[WorkHours, ...]:
        """The stretches of a working day, in order."""
        return tuple(sorted(self.own.hours or self.usual.hours, key=lambda each: each.begins))

    @property
    def days(self) -> dict[date, bool]:
        """Days that are told apart by hand: whether one works."""
        return {each.day: each.works for each in (*self.usual.day, *self.own.day)}

    def limit(self, step: Step, subject: Subject) -> tuple[str, Limit] | None:
        """The span of a step and the row that tells it; None: no limit."""
        for row in (*self.own.limit, *self.usual.limit):
            span = getattr(row, step)
            if span is not None and row.fits(subject):
                return span, row
        return None

    def proof(self, priority: int) -> ProofTime | None:
        """How long a repair is watched."""
        rows = (*self.own.proof, *self.usual.proof)
        return next((row for row in rows if priority in row.priorities), None)

    def pairs(self, category: str, hazard: str, source: str) -> int:
        """How many pairs of photos such a ticket needs before it can be accepted."""
        rows = (*self.own.photos, *self.usual.photos)
        return next((row.pairs for row in rows if row.fits(category, hazard, source)), 0)

    def services(self) -> Iterator[Service]:
        """What residents can report, a site's own first."""
        seen: set[str] = set()
        for each in (*self.own.service, *self.usual.service):
            if each.code not in seen:
                seen.add(each.code)
                yield each

    @property
    def duplicate_radius_m(self) -> float:
        """How near a report is to be to a ticket to be about the same; 0: never."""
        return self.own.duplicate_radius_m or self.usual.duplicate_radius_m or 0.0
