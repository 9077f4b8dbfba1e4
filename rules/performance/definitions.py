"""Pure. What the words of alarm performance mean in numbers, what is aimed at, and where each number comes from.

ANSI/ISA-18.2-2016 and EEMUA 191 were written for the process industries. For a community they are used by analogy:
good advice on what one person can handle, not a claim of compliance. The standards themselves were not at hand; their
numbers are taken from published summaries, which docs/reference/performance.md names one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MS_PER_HOUR = 3_600_000
MS_PER_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Words:
    """A text that a person reads, in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """The parameters of the definitions. Every window is half-open: what happened exactly a window ago is outside.

    - interval_ms: 10 min; ISA-18.2-2016 clause 16 counts by fixed intervals of 10 min.
    - busy_above: an interval with more than 10 alarms per operator is too busy (ISA-18.2, EEMUA 191).
    - flood_above, flood_below: a flood starts with more than 10 and ends with fewer than 5 in 10 min (ISA-18.2).
    - chattering_count, chattering_ms: 3 or more within 1 min (PAS); another house says more than 5 within 5 min, which
      is chattering_count=6, chattering_ms=300_000.
    - fleeting_ms, repeat_ms: active for less than 10 s and not repeated within 60 s (a published summary of ISA-18.2).
    - stale_ms: active for more than 24 h (ISA-18.2).
    - top: the ten most frequent alarms (ISA-18.2).
    - shares_from: with fewer alarms than this, shares (top ten, priorities) are shown but not judged. Our own design:
      of 20 alarms the ten most frequent are always at least half.
    - averages_from_ms: over less than an hour an average per hour is shown but not judged. Our own design.
    - removed_share: a suggested delay is to take away 90 % of the nuisance it is aimed at. Our own design.
    - suggest_from: nothing is suggested from fewer than 3 occurrences. Our own design.
    - life_safety_on_ms: an alarm that a pack marks as safety waits at most 5 s (our own rule, docs/reference/rules.md).
    """

    interval_ms: int = 600_000
    busy_above: int = 10
    flood_above: int = 10
    flood_below: int = 5
    chattering_count: int = 3
    chattering_ms: int = 60_000
    fleeting_ms: int = 10_000
    repeat_ms: int = 60_000
    stale_ms: int = MS_PER_DAY
    top: int = 10
    shares_from: int = 100
    averages_from_ms: int = MS_PER_HOUR
    removed_share: float = 0.9
    suggest_from: int = 3
    life_safety_on_ms: int = 5_000


class Side(StrEnum):
    """On which side of its target a figure is well."""

    AT_MOST = "at_most"
    BELOW = "below"
    AT_LEAST = "at_least"


class Verdict(StrEnum):
    """What a figure asks for."""

    OK = "ok"  # the target is met
    WATCH = "watch"  # between target and action limit
    ACT = "act"  # beyond the action limit


@dataclass(frozen=True, slots=True)
class Bound:
    """What is aimed at, and beyond what something has to be done; no action limit where the source states none."""

    target: float
    side: Side
    action: float | None
    source: str

    def judge(self, value: float) -> Verdict:
        """The verdict on a value."""
        if self.action is not None and value > self.action:
            return Verdict.ACT
        match self.side:
            case Side.AT_MOST:
                met = value <= self.target
            case Side.BELOW:
                met = value < self.target
            case Side.AT_LEAST:
                met = value >= self.target
        return Verdict.OK if met else Verdict.WATCH


_ISA = "ANSI/ISA-18.2-2016 clause 16"
_EEMUA = "EEMUA 191"
_DESIGN = "Anlan's own design"


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets and action limits. `priorities` are the shares of priority 1, 2, 3 and 4: <1, ~5, ~15 and ~80 %."""

    per_hour: Bound = Bound(6, Side.AT_MOST, 12, _ISA)
    per_interval: Bound = Bound(1, Side.AT_MOST, 2, _ISA)
    busy_intervals: Bound = Bound(0.01, Side.BELOW, 0.05, _ISA)
    peak: Bound = Bound(10, Side.AT_MOST, None, _EEMUA)  # in the 10 min after an upset
    flood_time: Bound = Bound(0.01, Side.BELOW, 0.05, _ISA)
    top_share: Bound = Bound(0.05, Side.AT_MOST, 0.15, _ISA)
    chattering: Bound = Bound(0, Side.AT_MOST, 3, _ISA)
    fleeting: Bound = Bound(0, Side.AT_MOST, None, _ISA)
    stale: Bound = Bound(5, Side.BELOW, 5, _ISA)
    deviation: Bound = Bound(0.05, Side.AT_MOST, 0.15, f"{_ISA} (action), {_DESIGN} (target)")
    days: Bound = Bound(30, Side.AT_LEAST, None, _ISA)
    priorities: tuple[float, float, float, float] = (0.01, 0.05, 0.15, 0.80)
