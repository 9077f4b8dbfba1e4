"""Pure. How much calls people: counts by interval, the peak, and floods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.performance.definitions import Definitions


@dataclass(frozen=True, slots=True)
class Flood:
    """More alarms than anybody can handle. It ends when the last window before it holds few enough."""

    start_ms: int
    end_ms: int | None  # None: it went on at the end of the period
    alarms: int  # that came during it
    peak: int  # the most within one window


@dataclass(frozen=True, slots=True)
class Step:
    """From this moment on, so many alarms are within the window that ends now."""

    at_ms: int
    within: int
    came: int


def by_interval(moments: Sequence[int], from_ms: int, to_ms: int, interval_ms: int) -> list[int]:
    """How many fall into each interval, counted from the beginning of the period; the last may be cut short."""
    counts = [0] * -(-(to_ms - from_ms) // interval_ms)
    for moment in moments:
        if from_ms <= moment < to_ms:
            counts[(moment - from_ms) // interval_ms] += 1
    return counts


def sliding(moments: Sequence[int], window_ms: int) -> list[Step]:
    """The number within a sliding window, wherever it changes."""
    changes: dict[int, list[int]] = {}
    for moment in moments:
        changes.setdefault(moment, [0, 0])[0] += 1
        changes.setdefault(moment + window_ms, [0, 0])[1] += 1
    steps: list[Step] = []
    within = 0
    for at_ms, (came, went) in sorted(changes.items()):
        within += came - went
        steps.append(Step(at_ms, within, came))
    return steps


def peak(steps: Sequence[Step], from_ms: int, to_ms: int) -> int:
    """The most within any window that ends in the period."""
    most = 0
    for step, after in pairwise(steps):  # the last step is always an empty window
        if step.at_ms < to_ms and after.at_ms > from_ms:
            most = max(most, step.within)
    return most


def floods(steps: Sequence[Step], operators: int, definitions: Definitions) -> list[Flood]:
    """Every flood in the whole history, since a flood that began before a period goes on in it."""
    found: list[Flood] = []
    start: int | None = None
    alarms = most = 0
    for step in steps:
        if start is None and step.within > definitions.flood_above * operators:
            start, alarms, most = step.at_ms, step.within - step.came, step.within
        if start is None:
            continue
        alarms, most = alarms + step.came, max(most, step.within)
        if step.within < definitions.flood_below * operators:
            found.append(Flood(start, step.at_ms, alarms, most))
            start = None
    return found


def flood_ms(found: Sequence[Flood], from_ms: int, to_ms: int) -> int:
    """Time in flood within the period."""
    ends = [to_ms if each.end_ms is None else min(to_ms, each.end_ms) for each in found]
    return sum(max(0, end - max(from_ms, each.start_ms)) for each, end in zip(found, ends, strict=True))
