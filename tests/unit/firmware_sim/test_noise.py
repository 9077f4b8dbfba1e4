"""Chance that repeats."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.chance import share, stream
from firmware_sim.daytime import HOUR_MS, Daytime, between
from firmware_sim.noise import Noise
from tests.unit.firmware_sim.places import START_MS


def noise() -> Noise:
    return Noise(stream(1, "boiler", "supply_temp"), START_MS, 1000)


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=20))
def test_noise_does_not_depend_on_who_asked_before(moments: list[int]) -> None:
    asked_often, asked_once = noise(), noise()
    values = [asked_often.at(START_MS + moment) for moment in sorted(moments)]
    assert values[-1] == asked_once.at(START_MS + max(moments))


def test_noise_has_spread_one_and_remembers_a_few_samples() -> None:
    source = noise()
    values = [source.at(START_MS + step * 1000) for step in range(20_000)]
    assert 0.93 < statistics.pstdev(values) < 1.07
    neighbours = statistics.correlation(values[:-1], values[1:])
    assert 0.77 < neighbours < 0.87, "exp(-1/5): the correlation time is five samples"


def test_names_decide_a_share_for_ever() -> None:
    assert share(7, "a", "b") == share(7, "a", "b")
    assert share(7, "a", "b") != share(8, "a", "b")
    shares = [share(7, str(number)) for number in range(5000)]
    assert 0.48 < statistics.fmean(shares) < 0.52
    assert min(shares) >= 0.0
    assert max(shares) < 1.0


def test_the_clock_on_the_wall_decides_not_utc() -> None:
    shanghai = Daytime("Asia/Shanghai")
    assert shanghai.hour(START_MS) == 9.5
    assert shanghai.weekday(START_MS) == 3
    assert shanghai.weekday(START_MS + 15 * HOUR_MS) == 4
    new_york = Daytime("America/New_York")
    assert new_york.hour(START_MS) == 21.5
    assert new_york.weekday(START_MS) == 2


def test_a_profile_is_a_chain_of_straight_lines() -> None:
    knots = ((0.0, 1.0), (6.0, 4.0), (24.0, 1.0))
    assert between(0.0, knots) == 1.0
    assert between(3.0, knots) == 2.5
    assert between(24.0, knots) == 1.0
