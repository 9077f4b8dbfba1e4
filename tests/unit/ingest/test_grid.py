"""Which buckets a span is drawn with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.grid import HOUR_MS, MINUTE_MS, Grid, Level, grid_for

DAY_MS = 24 * HOUR_MS


def test_a_short_span_is_made_from_readings() -> None:
    assert grid_for(0, 8 * HOUR_MS, 800, 0) == Grid(Level.READINGS, 36_000)


def test_a_day_is_made_from_minutes_and_a_year_from_hours() -> None:
    assert grid_for(0, DAY_MS, 800, 0) == Grid(Level.MINUTES, 2 * MINUTE_MS)
    assert grid_for(0, 365 * DAY_MS, 800, 0) == Grid(Level.HOURS, 11 * HOUR_MS)


def test_readings_that_are_gone_are_replaced_by_minutes() -> None:
    assert grid_for(5, 5 + HOUR_MS, 800, 6) == Grid(Level.MINUTES, MINUTE_MS)


@given(st.integers(0, 2**53), st.integers(1, 2**45), st.integers(1, 10_000), st.integers(0, 2**53))
def test_there_are_never_more_buckets_than_pixels_and_the_one_that_is_cut(
    start: int, length: int, px: int, gone: int
) -> None:
    grid = grid_for(start, start + length, px, gone)

    buckets = (start + length - 1) // grid.bucket_ms - start // grid.bucket_ms + 1
    assert buckets <= px + 1
    assert grid.bucket_ms % grid.level.step_ms == 0
