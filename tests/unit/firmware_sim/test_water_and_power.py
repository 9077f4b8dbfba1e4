"""Secondary water supply and mains power: domain §2.7b, §2.7d and §2.7h."""

from __future__ import annotations

from itertools import pairwise

import pytest

from firmware_sim.scenario import Injection
from tests.unit.firmware_sim.places import after, curve, fault, number, world

HOUR_S = 3600.0
NIGHT_S = 60_300.0  # a quarter past two of the next night


def starts(name: str, faults: tuple[Injection, ...], from_s: float, until_s: float) -> int:
    """How often the first pump starts."""
    a_world = world(*faults)
    states = [after(a_world, second).truths(name)["pump_1"] for second in range(round(from_s), round(until_s), 5)]
    return sum(one == "stopped" and other == "running" for one, other in pairwise(states))


def test_water_is_drawn_by_day_and_hardly_by_night() -> None:
    day = world()
    evening, night = number(after(day, 10 * HOUR_S), "booster", "flow"), number(after(day, NIGHT_S), "booster", "flow")

    assert evening > 20
    assert night < 2


def test_at_night_the_pump_sleeps_and_wakes_a_few_times_an_hour() -> None:
    assert 2 <= starts("booster", (), NIGHT_S, NIGHT_S + HOUR_S) <= 10


def test_a_vessel_without_air_makes_the_pump_start_every_minute() -> None:
    assert starts("booster", (fault("booster", "vessel_waterlogged"),), 0, HOUR_S) == pytest.approx(60, abs=1)


def test_pumps_that_trip_leave_the_upper_floors_without_water_within_minutes() -> None:
    dry = world(fault("booster", "pumps_tripped", 10.0))
    assert number(after(dry, 10), "booster", "outlet_pressure") > 0.3
    assert number(after(dry, 200), "booster", "outlet_pressure") < 0.14
    assert dry.truths("booster")["pump_1"] == dry.truths("booster")["pump_2"] == "stopped"


def test_a_dry_pump_runs_without_flow() -> None:
    dry = after(world(fault("booster", "suction_blocked")), 90)
    assert dry.truths("booster")["pump_1"] == "running"
    assert number(dry, "booster", "flow") < 0.05


def test_the_stand_by_takes_over_from_a_pump_that_fails() -> None:
    failed = world(fault("booster", "pump_failed"))
    dips = curve(after(failed, 1), "booster", "outlet_pressure", 120.0)
    assert failed.truths("booster")["pump_1"] == "fault"
    assert failed.truths("booster")["pump_2"] == "running"
    assert 0.28 < min(dips) < 0.33 < dips[-1]


def test_the_tank_empties_when_the_town_sends_nothing_and_overflows_when_the_float_valve_sticks() -> None:
    cut = world(fault("booster", "inlet_cut", 0.0))
    assert number(after(cut, 15 * 60), "booster", "tank_fill") < 20
    stuck = world(fault("booster", "float_valve_stuck", 0.0))
    assert number(after(stuck, 15 * 60), "booster", "tank_fill") == 101.0
    assert number(stuck, "booster", "level") == pytest.approx(3.03)


def test_chlorine_decays_overnight_and_is_gone_when_the_dosing_stops() -> None:
    day = world()
    evening, morning = (number(after(day, at), "booster", "chlorine") for at in (12 * HOUR_S, 20 * HOUR_S))
    assert morning < evening
    assert morning > 0.1
    assert number(after(world(fault("booster", "dosing_stopped")), 1200), "booster", "chlorine") < 0.04


def test_what_a_pump_stirs_up_settles_within_half_an_hour() -> None:
    stirred = world(fault("booster", "stirred_up", 10.0))
    assert number(after(stirred, 15), "booster", "turbidity") > 5
    assert number(after(stirred, 1800), "booster", "turbidity") < 1


def test_a_power_cut_leaves_nothing_and_the_switch_goes_to_the_backup() -> None:
    cut = world(fault("mains", "power_cut", 10.0, for_s=300.0))
    before = number(after(cut, 9), "mains", "energy")
    assert cut.truths("mains")["source"] == "mains"
    assert [number(after(cut, 15), "mains", f"voltage_{phase}") for phase in "abc"] == [0.0, 0.0, 0.0]
    assert cut.truths("mains")["source"] == "none"
    after(cut, 60)
    assert cut.truths("mains")["source"] == "backup"
    assert number(cut, "mains", "frequency") == 0.0
    assert number(cut, "mains", "energy") - before < 0.2
    assert cut.read("mains-ats", "input", 0, 1) == [2]
    assert number(after(cut, 400), "mains", "voltage_a") > 200


def test_a_lost_phase_carries_no_current() -> None:
    lost = after(world(fault("mains", "phase_lost")), 30)
    assert number(lost, "mains", "voltage_b") < 10
    assert number(lost, "mains", "current_b") == 0.0
    assert number(lost, "mains", "voltage_a") > 200


def test_a_lost_neutral_pushes_one_phase_up_and_the_others_down() -> None:
    torn = after(world(fault("mains", "neutral_lost")), 5)
    volts = [number(torn, "mains", f"voltage_{phase}") for phase in "abc"]
    assert volts == pytest.approx([290.4, 165.0, 189.2])


def test_voltage_sags_with_load() -> None:
    light, heavy = world(), world(fault("mains", "overload"))
    assert number(after(light, 60), "mains", "voltage_a") - number(after(heavy, 60), "mains", "voltage_a") > 3
    assert number(heavy, "mains", "current_c") == pytest.approx(1.3 * 250, rel=0.01)


def test_energy_is_what_power_adds_up_to() -> None:
    day = world()
    before = number(day, "mains", "energy")
    powers = curve(day, "mains", "active_power", HOUR_S, 10.0)
    assert number(day, "mains", "energy") - before == pytest.approx(sum(powers) / len(powers), rel=0.02)


@pytest.mark.parametrize(("name", "lasts_s"), [("voltage_dip", 4), ("motor_start", 40), ("transfer_test", 41)])
def test_what_passes_is_over_by_itself(name: str, lasts_s: float) -> None:
    passing, calm = world(fault("mains", name, 10.0)), world()
    after(passing, 10 + lasts_s + 30), after(calm, 10 + lasts_s + 30)
    for point in ("voltage_a", "current_a"):
        assert number(passing, "mains", point) == pytest.approx(number(calm, "mains", point), rel=0.02)
    assert passing.truths("mains")["source"] == "mains"
