"""Pure. What the age of cabinets' newest frames says: how far behind we are, and whose clock is wrong.

A frame is old when it is judged because we are behind, or because the clock that dated it is. Whoever is behind is so
for everybody; so what all cabinets have in common is ours, and what one has beyond that is its clock's. With a single
cabinet the two cannot be told apart, and it counts as lag.
"""

from __future__ import annotations

from collections.abc import Mapping


def judged_late_ms(ages_ms: Mapping[str, int]) -> int | None:
    """How far behind we are; None if nothing was heard."""
    return max(0, min(ages_ms.values())) if ages_ms else None


def skews_ms(ages_ms: Mapping[str, int], refused_ms: Mapping[str, int]) -> dict[str, int]:
    """How far each cabinet's clock is from ours, at least. `refused_ms`: of cabinets whose frames were refused because
    they came from the future, by how much at least."""
    ours = judged_late_ms(ages_ms) or 0
    return {edge: age - ours if age > 0 else -age for edge, age in ages_ms.items()} | dict(refused_ms)
