"""The line through what was measured: a leak is seen, noise and what fills up to a bound are not."""

from __future__ import annotations

import random

import pytest

from anlan.soak.growth import BOUNDS, Kind, Series, judge, slope

DAYS = 7.0


def series(kind: Kind, values: list[float], most: float | None = None) -> Series:
    return Series("x", kind, [DAYS * (place + 1) / len(values) for place in range(len(values))], values, most)


def noisy(per_day: float, start: float = 300.0, count: int = 200, jitter: float = 5.0) -> list[float]:
    rng = random.Random(7)
    return [start + per_day * DAYS * place / count + rng.uniform(-jitter, jitter) for place in range(count)]


def test_the_slope_is_the_median_of_all_pairs_so_one_wild_sample_bends_nothing() -> None:
    assert slope([0, 1, 2, 3, 4], [0, 2, 4, 1000, 8]) == 2
    assert slope([], []) == slope([1], [5]) == slope([1, 1], [5, 9]) == 0


def test_memory_that_only_trembles_does_not_grow_and_a_leak_in_it_does() -> None:
    assert not judge(series(Kind.MEMORY, noisy(0)), DAYS).grows
    found = judge(series(Kind.MEMORY, noisy(8)), DAYS)
    assert found.grows
    assert found.per_day == pytest.approx(8, abs=0.3)
    assert found.last - found.first == pytest.approx(8 * DAYS * 2 / 3, abs=2)
    assert "a day" in found.why


def test_the_bound_is_what_may_come_together_after_the_warm_up_and_is_told_for_a_day() -> None:
    found = judge(series(Kind.MEMORY, noisy(0)), DAYS)
    bound = BOUNDS[Kind.MEMORY]
    assert found.allowed_per_day == pytest.approx(max(bound.floor, bound.share * 300) / (DAYS * 2 / 3), rel=0.02)


def test_a_cache_that_fills_up_and_then_stays_is_no_leak() -> None:
    filling = [min(300.0 + place * 2, 500.0) for place in range(200)]  # full at half of the run
    found = judge(series(Kind.MEMORY, filling), DAYS)
    assert found.late_per_day == 0
    assert not found.grows


def test_what_grew_only_while_it_warmed_up_is_flat() -> None:
    assert not judge(series(Kind.MEMORY, [float(min(place, 60)) for place in range(200)]), DAYS).grows


def test_a_history_is_told_and_not_judged_but_nothing_may_be_above_its_bound() -> None:
    rows = [float(place * 100) for place in range(100)]
    assert not judge(series(Kind.HISTORY, rows), DAYS).grows
    above = judge(series(Kind.HISTORY, rows, most=9_000), DAYS)
    assert above.grows
    assert "bound of 9000" in above.why


def test_of_too_few_samples_nothing_is_said_to_be_flat() -> None:
    assert judge(series(Kind.COUNT, [1.0, 1.0, 1.0]), DAYS).why == "only 2 samples: nothing can be said"
