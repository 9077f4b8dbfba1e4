"""Pure. The shape of the report on a period: what was counted, how it is judged, which alarms are behind it."""

from __future__ import annotations

from dataclasses import dataclass

from rules.performance.definitions import Definitions
from rules.performance.load import Flood
from rules.performance.metrics import Metric
from rules.performance.nuisance import Stale
from rules.performance.tuning import Suggestion


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at: [from_ms, to_ms), and how many people shared the alarms evenly."""

    from_ms: int
    to_ms: int
    operators: int = 1

    def __post_init__(self) -> None:
        if self.from_ms >= self.to_ms or self.operators < 1:
            raise ValueError("a period must end after it begins, and somebody must be there to be called")

    def holds(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms < self.to_ms


@dataclass(frozen=True, slots=True)
class Offender:
    """An alarm that stands out. `share` is its part of all calls."""

    alarm: str
    asset: str
    rule: str
    kind: str
    priority: int | None
    count: int
    share: float
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class PriorityShare:
    """How much of all calls had this priority; None: alarms that are no longer there."""

    priority: int | None
    count: int
    share: float | None
    target: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How long alarms called until they were acknowledged. `priority` None: all of them."""

    priority: int | None
    answered: int
    unanswered: int
    median_s: float | None
    p90_s: float | None
    longest_s: float | None


@dataclass(frozen=True, slots=True)
class Late:
    """A hazard found in late data: nobody was called."""

    alarm: str
    priority: int | None
    raised_ms: int
    cleared_ms: int | None


@dataclass(frozen=True, slots=True)
class HiddenTime:
    """How often, and for how many hours of alarms, something was hidden by a shelf, a window, design or a permit."""

    how: str
    count: int  # that began in the period
    hours: float  # two alarms hidden for an hour are two


@dataclass(frozen=True, slots=True)
class Closings:
    """Tickets that were closed in the period, by what the sensor said of the repair."""

    tickets: int = 0
    verified: int = 0  # the sensor agreed
    unverified: int = 0  # somebody closed it although the sensor had not agreed
    without_sensor: int = 0  # of patrols, residents, schedules: nothing measures them; or merged, or void


@dataclass(frozen=True, slots=True)
class Performance:
    """The report."""

    from_ms: int
    to_ms: int
    operators: int
    calls: int
    metrics: tuple[Metric, ...]
    flood_count: int  # that began in the period
    floods: tuple[Flood, ...]
    chattering: tuple[Offender, ...]
    fleeting: tuple[Offender, ...]
    stale: tuple[Stale, ...]
    top: tuple[Offender, ...]
    priorities: tuple[PriorityShare, ...]
    answers: tuple[AnswerTimes, ...]
    late: tuple[Late, ...]
    hidings: int  # shelved, suppressed, taken out of service
    definitions: Definitions
    hidden: tuple[HiddenTime, ...] = ()
    closed: Closings = Closings()
