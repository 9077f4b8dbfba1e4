"""Each generic sensor fault is recognisable by its curve (domain §2.0)."""

from __future__ import annotations

import statistics

import pytest

from firmware_sim.chance import stream
from firmware_sim.physics.model import Active
from firmware_sim.sensors import Sensor, SensorFault
from firmware_sim.signal import Spoiled
from tests.unit.firmware_sim.places import START_MS
from vocab.point import Point
from vocab.strict_toml import Text

SIGMA = 0.1
POINT = Point(id="t", name=Text(en="T", zh="温"), unit="Cel", normal=(60, 80), bounds=(-20, 150), period_s=5)


def sensor() -> Sensor:
    return Sensor(POINT, SIGMA, stream(1, "s"), START_MS, 1)


def broken(name: SensorFault, **params: float) -> Sensor:
    found = sensor()
    found.begin(Active(name, START_MS, params), 70.0)
    return found


def readings(a_sensor: Sensor, count: int = 400, truth: float = 70.0) -> list[float]:
    values = [a_sensor.tell(truth, START_MS + step * 5000).value for step in range(count)]
    return [value for value in values if isinstance(value, float)]


def test_a_healthy_sensor_is_right_within_its_noise() -> None:
    values = readings(sensor(), 2000)
    assert abs(statistics.fmean(values) - 70.0) < 0.05
    assert 0.07 < statistics.pstdev(values) < 0.13


def test_a_stuck_sensor_has_no_variance_at_all() -> None:
    stuck = broken(SensorFault.STUCK)
    values = [stuck.tell(70.0 + step, START_MS + step * 5000).value for step in range(50)]
    assert len(set(values)) == 1
    assert values[0] == pytest.approx(70.0, abs=0.5), "it is stuck at what it showed when it died"


def test_a_stuck_thermometer_tells_everybody_the_first_one_s_temperature() -> None:
    stuck = sensor()
    stuck.begin(Active(SensorFault.STUCK, START_MS), None)
    told = [stuck.tell(truth, START_MS + place).value for place, truth in enumerate((None, 36.4, None, 36.9, 36.1))]
    assert told[0] is told[2] is None
    assert told[1] == told[3] == told[4]


def test_a_drifting_sensor_leaves_on_a_straight_line() -> None:
    drifting = broken(SensorFault.DRIFT, percent_of_normal_per_h=30.0)
    after_an_hour = drifting.tell(70.0, START_MS + 3_600_000).value
    assert after_an_hour == pytest.approx(70.0 + 6.0, abs=0.5)


def test_an_offset_is_one_step() -> None:
    values = readings(broken(SensorFault.OFFSET, percent_of_normal=10.0))
    assert statistics.fmean(values) == pytest.approx(72.0, abs=0.05)
    assert statistics.pstdev(values) < 0.13


def test_spikes_are_rare_large_and_of_both_signs() -> None:
    values = readings(broken(SensorFault.SPIKE, sigmas=10.0, every_s=120.0), 2000)
    needles = [value - 70.0 for value in values if abs(value - 70.0) > 6 * SIGMA]
    assert 60 < len(needles) < 240, "one or two samples in two minutes"
    assert {needle > 0 for needle in needles} == {True, False}


def test_noise_grows_over_a_minute() -> None:
    noisy = broken(SensorFault.NOISE_GROWTH, factor=5.0)
    values = readings(noisy, 2000)
    assert statistics.pstdev(values[20:]) > 3 * SIGMA
    assert abs(values[0] - 70.0) < 4 * SIGMA


def test_a_saturated_sensor_has_a_flat_top_beyond_its_bound() -> None:
    assert set(readings(broken(SensorFault.SATURATION, beyond_percent=5.0))) == {150.0 + 8.5}


def test_a_broken_loop_reads_a_quarter_of_the_span_below_zero() -> None:
    told = broken(SensorFault.LOOP_BREAK).tell(70.0, START_MS)
    assert told.value == -20.0 - 42.5
    assert told.spoiled is Spoiled.BROKEN_LOOP


def test_a_nearly_broken_loop_reads_a_little_below_zero() -> None:
    told = broken(SensorFault.LOOP_BREAK, milliamp=3.6).tell(70.0, START_MS)
    assert told.value == pytest.approx(-20.0 - 0.025 * 170.0)


@pytest.mark.parametrize(
    ("name", "spoiled"), [(SensorFault.SENTINEL, Spoiled.SENTINEL), (SensorFault.WORD_SWAP, Spoiled.SWAPPED)]
)
def test_electronics_are_told_what_to_spoil(name: SensorFault, spoiled: Spoiled) -> None:
    assert broken(name).tell(70.0, START_MS).spoiled is spoiled


def test_a_poisoned_pellistor_is_at_exactly_zero_for_ever() -> None:
    assert set(readings(broken(SensorFault.PELLISTOR_POISONED))) == {0.0}


def test_a_fouled_lens_sees_its_own_dirt() -> None:
    assert set(readings(broken(SensorFault.LENS_FOULED, distance_mm=262.0))) == {262.0}


def test_a_repaired_sensor_is_right_again() -> None:
    repaired = broken(SensorFault.OFFSET)
    repaired.end(SensorFault.OFFSET)
    assert abs(statistics.fmean(readings(repaired)) - 70.0) < 0.05


def test_a_state_can_be_stuck_but_has_no_noise() -> None:
    stuck = sensor()
    assert stuck.tell("firing", START_MS).value == "firing"
    stuck.begin(Active(SensorFault.STUCK, START_MS), "firing")
    assert stuck.tell("locked_out", START_MS + 1).value == "firing"
    assert broken(SensorFault.DRIFT).tell("firing", START_MS + 1000).value == "firing"
