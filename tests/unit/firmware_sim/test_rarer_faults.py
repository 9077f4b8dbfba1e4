"""Rarer failures of domain §2.1 to §2.6, the nights and the seasons between which they happen."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from firmware_sim.daytime import Daytime
from firmware_sim.links import device_clock
from firmware_sim.physics.model import Active
from tests.unit.firmware_sim.places import START_MS, after, curve, fault, number, world
from vocab.instant import to_ms

NIGHT_S = 55_800.0  # 01:00 of the next day
HOUR_S = 3600.0


def test_a_seeping_leak_makes_the_valve_open_twelve_times_an_hour_while_the_pressure_holds() -> None:
    leaking = world(fault("hot", "seeping_leak"))
    flows, pressures = [], []
    for second in range(0, 3600, 5):
        flows.append(number(after(leaking, second), "hot", "makeup_flow") > 0.15)
        pressures.append(number(leaking, "hot", "water_pressure"))
    assert sum(now and not before for before, now in pairwise(flows)) in {11, 12}
    assert max(pressures) - min(pressures) < 0.03


def test_a_night_leak_takes_six_thousandths_of_a_megapascal_an_hour() -> None:
    leaking, sound = world(fault("hot", "night_leak")), world()
    lost = number(after(sound, 4 * HOUR_S), "hot", "water_pressure") - number(
        after(leaking, 4 * HOUR_S), "hot", "water_pressure"
    )
    assert lost == pytest.approx(0.024, abs=0.001)


def test_a_throttled_pump_still_runs_and_lets_the_return_grow_cold() -> None:
    throttled = after(world(fault("hot", "pump_throttled")), 2 * HOUR_S)
    assert throttled.truths("hot")["pump"] == "on"
    assert number(throttled, "hot", "pump_current") > 5
    assert number(throttled, "hot", "supply_temp") - number(throttled, "hot", "return_temp") > 30


def test_a_control_that_fails_high_boils_the_water_with_the_pump_running() -> None:
    hot = after(world(fault("hot", "overheating")), 1800)
    assert number(hot, "hot", "supply_temp") > 95
    assert hot.truths("hot")["pump"] == "on"


def test_a_boiler_that_is_switched_off_cools_and_fires_again_when_it_is_switched_on() -> None:
    off = world(fault("hot", "switched_off", for_s=4 * HOUR_S))
    assert after(off, 3 * HOUR_S).truths("hot")["burner_state"] == "off"
    assert number(off, "hot", "supply_temp") < 50
    assert after(off, 4 * HOUR_S + 60).truths("hot")["burner_state"] == "firing"
    assert number(off, "hot", "supply_temp") - number(off, "hot", "return_temp") < 30, "nothing that looks like a fault"


def test_at_night_gas_flows_for_one_household_at_a_time_and_then_for_nobody() -> None:
    night = curve(after(world(), NIGHT_S), "line", "flow", NIGHT_S + 2 * HOUR_S, 30.0)
    assert min(night) < 0.05
    assert max(night) > 0.5


def test_a_small_leak_never_lets_the_flow_reach_zero() -> None:
    leaking = world(fault("line", "small_line_leak"))
    assert min(curve(after(leaking, NIGHT_S), "line", "flow", NIGHT_S + 2 * HOUR_S, 30.0)) > 0.35


def test_an_inlet_beyond_its_class_leaves_the_household_side_alone() -> None:
    high = after(world(fault("line", "inlet_overpressure")), 600)
    assert number(high, "line", "mp_pressure") > 0.4
    assert 1.5 < number(high, "line", "line_pressure") < 3.0


def test_test_gas_is_smelled_only_while_the_instrument_says_so() -> None:
    tested = world(fault("lab", "calibration"))
    for second in range(0, 600, 5):
        if number(after(tested, second), "lab", "ch4") > 10:
            assert tested.truths("lab")["detector_state"] == "calibration", second
    assert tested.truths("lab")["detector_state"] == "monitoring"


def test_a_drifting_clock_is_half_a_minute_wrong_after_a_day() -> None:
    drifting = [Active("clock_drift", START_MS, {"s_per_day": 30.0})]
    assert device_clock(drifting, START_MS + 86_400_000) - (START_MS + 86_400_000) == 30_000


@pytest.mark.parametrize(
    ("name", "until_s", "told"),
    [
        ("lock_in_motion", 120, {"motion": "stopped", "levelling": "off_level", "landing_chain": "broken"}),
        ("trapped_at_landing", 120, {"condition": "trapped_level", "door": "closed", "person": "present"}),
        ("door_stays_open", 120, {"door": "open", "event_code": "door_close"}),
        ("position_lost", 120, {"motion": "stopped", "event_code": "position_lost"}),
        ("taken_out_of_service", 120, {"service_mode": "out_of_service", "door": "closed"}),
    ],
)
def test_a_lift_shows_what_the_failure_table_says(name: str, until_s: float, told: dict[str, str]) -> None:
    truths = after(world(fault("lift", name)), until_s).truths("lift")
    assert {point: truths[point] for point in told} == told


def test_a_car_that_overruns_the_bottom_stands_a_floor_below_it() -> None:
    low = after(world(fault("lift", "overtravel_bottom")), 240)
    assert number(low, "lift", "floor") == 0
    assert low.truths("lift")["event_code"] == "overtravel_bottom"


def test_a_full_bin_waits_for_the_next_round_and_no_longer() -> None:
    full = world(fault("bin", "not_emptied"))
    assert number(after(full, 5 * HOUR_S), "bin", "fill") > 90, "14:30"
    assert number(after(full, 8.6 * HOUR_S), "bin", "fill") < 30, "18:06, the lorry was here"


def test_the_lorry_comes_within_its_windows_and_not_always_at_the_same_moment() -> None:
    day = world()
    rounds = []
    fill = number(day, "bin", "fill")
    for step in range(1, 3 * 8640):
        before, fill = fill, number(after(day, step * 10), "bin", "fill")
        if before - fill > 3:
            rounds.append((9.5 + step * 10 / 3600) % 24)
    assert len(rounds) >= 5
    assert all(6.5 < hour < 9.0 or 15.5 < hour < 18.0 for hour in rounds), rounds
    assert len({round(hour, 2) for hour in rounds}) == len(rounds)


def test_the_year_is_coldest_in_january_and_warmest_in_july() -> None:
    daytime = Daytime("Asia/Shanghai")
    seasons = [daytime.season(to_ms(datetime(2026, month, 15, tzinfo=UTC))) for month in range(1, 13)]
    assert seasons.index(max(seasons)) == 6
    assert seasons.index(min(seasons)) == 0
    assert max(seasons) == pytest.approx(1.0, abs=0.01)
