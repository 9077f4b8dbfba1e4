"""Pure. Of what risk an area is: the rule of plan 4 (no. 127), as a proposal that a named person confirms.

The sentence: 14天内有新增确诊病例，累计确诊病例不超过5例，或发生1起聚集性疫情为中风险区；
累计病例超过5例，14天内有2起聚集性疫情发生为高风险区.

Its comma may mean AND or OR; the site says how it is read. As AND it leaves a gap (six cases, no cluster): new cases
that fit neither grade are medium and need an expert. The plan has no rule for going down: a grade goes down only after
`quiet_days` without a new case [bk: national practice of 2020-21].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from vocab.duties import ZoneRule
from vocab.strict_toml import Text


class Risk(IntEnum):
    """Of an area, from the least."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    @property
    def word(self) -> str:
        """As it is stored and told."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one area on one day."""

    cases: int = 0
    clusters: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rule looks at."""

    new_cases: int  # within the rolling window
    cumulative: int
    clusters: int  # within the rolling window
    quiet_days: int | None  # since the last new case; None: there never was one


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grade that somebody is to confirm, and why."""

    risk: Risk
    needs_expert: bool
    because: Text


def situation(rule: ZoneRule, days: Mapping[date, Counts], today: date) -> Situation:
    """The counts of an area as the rule sees them; the window is `window_days` days that end with today."""
    first = today - timedelta(days=rule.window_days - 1)
    known = {day: counts for day, counts in days.items() if day <= today}
    recent = [counts for day, counts in known.items() if day >= first]
    last = max((day for day, counts in known.items() if counts.cases), default=None)
    return Situation(
        sum(each.cases for each in recent),
        sum(each.cases for each in known.values()),
        sum(each.clusters for each in recent),
        None if last is None else (today - last).days,
    )


def propose(rule: ZoneRule, seen: Situation, current: Risk = Risk.LOW) -> Proposal:
    """The grade by the rule's reading, never lower than `current` before it was quiet for long enough."""
    risk, needs_expert = _by_the_sentence(rule, seen)
    is_quiet = seen.quiet_days is None or seen.quiet_days >= rule.quiet_days
    if is_quiet and not seen.new_cases:
        risk, needs_expert = Risk.LOW, False  # what was cumulated long ago keeps no area closed
    told = Text(
        en=f"{seen.new_cases} new in {rule.window_days} days, {seen.cumulative} in all, {seen.clusters} clusters",
        zh=f"{rule.window_days}天内新增{seen.new_cases}例，累计{seen.cumulative}例，聚集性疫情{seen.clusters}起",
    )
    if risk < current and not is_quiet:
        en = f"{told.en}; stays until {rule.quiet_days} days have passed without a new case [bk]"
        zh = f"{told.zh}；连续{rule.quiet_days}天无新增方可下调[bk]"
        return Proposal(current, needs_expert=False, because=Text(en=en, zh=zh))
    return Proposal(risk, needs_expert, told)


def _by_the_sentence(rule: ZoneRule, seen: Situation) -> tuple[Risk, bool]:
    many, few = seen.cumulative > rule.cumulative, seen.cumulative <= rule.cumulative
    if rule.reading == "or":
        if many or seen.clusters >= rule.high_clusters:
            return Risk.HIGH, False
        is_medium = seen.new_cases > 0 or seen.clusters >= rule.medium_clusters
        return (Risk.MEDIUM if is_medium else Risk.LOW), False
    if many and seen.clusters >= rule.high_clusters:
        return Risk.HIGH, False
    if (seen.new_cases > 0 and few) or seen.clusters == rule.medium_clusters:
        return Risk.MEDIUM, False
    return (Risk.MEDIUM, True) if seen.new_cases > 0 else (Risk.LOW, False)
