"""Pure. The score of an inspection: its items, each from 0 to the scale, by their weights (plan 3, no. 103)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.errors import WrongOrderError
from vocab.inspection import Scoring


@dataclass(frozen=True, slots=True)
class Given:
    """What an inspection came to, as the data was when it was made."""

    points: Mapping[str, float]  # by item
    score: float  # from 0 to `of`
    of: float
    passed: bool


def given(scoring: Scoring | None, points: Mapping[str, float]) -> Given | None:
    """The weighted mean of the points; None for what is not scored. WrongOrderError: the points are not those asked."""
    if scoring is None:
        if points:
            raise WrongOrderError("not_scored", "this is not scored")
        return None
    items = {each.id: each for each in scoring.items}
    unknown = sorted(points.keys() - items.keys())
    if unknown:
        raise WrongOrderError("unknown_item", f"there is no item {unknown[0]!r}: {', '.join(items)}")
    missing = [name for name in items if name not in points]
    if missing:
        raise WrongOrderError("score_missing", f"no points are given for: {', '.join(missing)}")
    for name, value in points.items():
        if not (math.isfinite(value) and 0 <= value <= scoring.scale):
            raise WrongOrderError("score_out_of_range", f"{name}: points go from 0 to {scoring.scale:g}")
    weight = math.fsum(each.weight for each in items.values())
    score = math.fsum(points[name] * each.weight for name, each in items.items()) / weight
    score = min(score, scoring.scale)  # a quotient may pass it by one bit
    return Given(dict(points), score, scoring.scale, score >= scoring.pass_mark)
