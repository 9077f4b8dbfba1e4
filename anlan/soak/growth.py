"""Pure. Whether something grows: a robust line through what was measured after the warm-up, against a stated bound.

The line is Theil and Sen's: the median of the slopes of all pairs, so that a collection of garbage or a burst of work
bends nothing (P. K. Sen, 1968). A leak goes on: it has to show in the last two thirds and in the last third as well, so
what fills up to a bound of its own and stays there is not accused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
WARM_UP = 1 / 3  # of the run
_LATE = 2 / 3
_FEWEST = 6  # samples of a part of the run; of fewer nothing is said
_MOST = 400  # samples of which all pairs are taken


class Kind(StrEnum):
    """What may be said of a series."""

    MEMORY = "memory"  # MB: flat
    COUNT = "count"  # bounded: flat
    HISTORY = "history"  # grows by its nature; told, not judged


@dataclass(frozen=True, slots=True)
class Bound:
    """How much the line may rise over the time after the warm-up: the larger of both."""

    floor: float
    share: float  # of the median


BOUNDS: Mapping[Kind, Bound] = {Kind.MEMORY: Bound(8.0, 0.04), Kind.COUNT: Bound(12.0, 0.15)}


@dataclass(frozen=True, slots=True)
class Series:
    """One thing, measured again and again. `most`: what it may never be above."""

    name: str
    kind: Kind
    days: Sequence[float]  # simulated, since the start
    values: Sequence[float]
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one series."""

    name: str
    kind: Kind
    first: float  # at the end of the warm-up: the line's value
    last: float
    peak: float
    per_day: float  # simulated
    late_per_day: float  # in the last third alone
    allowed_per_day: float | None
    most: float | None
    samples: int
    grows: bool
    why: str = ""


def slope(days: Sequence[float] | Numbers, values: Sequence[float] | Numbers) -> float:
    """Theil's and Sen's, per day; 0 for fewer than two moments."""
    x, y = np.asarray(days, float), np.asarray(values, float)
    if len(x) > _MOST:
        chosen = np.linspace(0, len(x) - 1, _MOST).round().astype(int)
        x, y = x[chosen], y[chosen]
    left, right = np.triu_indices(len(x), 1)
    apart = x[right] - x[left]
    is_apart = apart > 0
    if not is_apart.any():
        return 0.0
    return float(np.median((y[right] - y[left])[is_apart] / apart[is_apart]))


def judge(series: Series, days: float, bounds: Mapping[Kind, Bound] = BOUNDS) -> Finding:
    """What came of a series in a run of `days`."""
    x, y = np.asarray(series.days, float), np.asarray(series.values, float)
    after, late = x >= days * WARM_UP, x >= days * _LATE
    per_day, late_per_day = slope(x[after], y[after]), slope(x[late], y[late])
    middle = float(np.median(y[after])) if after.any() else 0.0
    span = days * (1 - WARM_UP)
    centre = float(np.median(x[after])) if after.any() else 0.0
    first, last = (middle + per_day * (moment - centre) for moment in (days * WARM_UP, days))
    peak = float(y.max()) if len(y) else 0.0
    bound = bounds.get(series.kind)
    allowed = None if bound is None or span <= 0 else max(bound.floor, bound.share * middle) / span
    why = ""
    if series.most is not None and peak > series.most:
        why = f"{peak:g} is above its bound of {series.most:g}"
    elif allowed is not None and series.kind is not Kind.HISTORY:
        if late.sum() < _FEWEST:
            why = f"only {late.sum()} samples: nothing can be said"
        elif per_day > allowed and late_per_day > allowed:
            why = f"rises by {per_day:.3g} a day, {allowed:.3g} are allowed"
    return Finding(
        series.name, series.kind, first, last, peak, per_day, late_per_day, allowed, series.most, len(y), bool(why), why
    )  # fmt: skip
