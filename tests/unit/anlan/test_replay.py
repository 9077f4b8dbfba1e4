"""Driving the kernel over a recording: how the readings are cut into frames must change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan import replay as replaying
from anlan.replay import Readings, replay
from rules.functions import PLAIN
from tests.unit.rules.bench import point, rule

POINTS = (point("temp"), point("flow"))
RULES = (
    rule("hot", {"type": "high", "limit": 2, "deadband": 1}, on_delay_s=15, off_delay_s=25),
    rule("stuck", {"type": "stuck", "samples": 3, "min_s": 20}),
    rule("silent", {"type": "no_data", "periods": 1.5, "min_s": 40}, on="flow"),
    rule("fast", {"type": "rate", "window_s": 20, "above_per_min": 6}, on="flow"),
)
STEPS = st.lists(st.tuples(st.sampled_from([0, 1, 1, 1, 9]), st.integers(0, 1), st.integers(0, 3)), min_size=1)


def readings(steps: list[tuple[int, int, int]]) -> Readings:
    waits, points, values = zip(*steps, strict=True)
    good = np.zeros(len(steps), np.int8)
    ats = np.cumsum(np.array(waits, np.int64)) * 10_000
    return Readings(np.array(points, np.int32), np.array(values, np.float64), good, good, ats)


@given(STEPS, st.sampled_from([1, 2, 5]))
def test_the_size_of_a_frame_changes_no_episode(steps: list[tuple[int, int, int]], size: int) -> None:
    run = readings(steps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replaying, "FRAME_ROWS", size)
        small = replay(POINTS, RULES, run, PLAIN)

    assert small == replay(POINTS, RULES, run, PLAIN)


def test_an_alarm_that_still_stands_ends_after_the_last_moment() -> None:
    done = replay(POINTS, RULES[:1], readings([(0, 0, 3), (1, 0, 3), (1, 0, 3)]), PLAIN)

    assert done.episodes == {"hot": [(15_000, 20_001)]}


def test_no_readings_are_no_episodes() -> None:
    none = np.array([])
    empty = Readings(none.astype(np.int32), none, none.astype(np.int8), none.astype(np.int8), none.astype(np.int64))

    assert replay(POINTS, RULES[:1], empty, PLAIN).episodes == {"hot": []}
