"""Air receivers and LPG tanks: domain §2.2's failure modes, as mass, heat and a saturation curve."""

from __future__ import annotations

from itertools import pairwise

import pytest

from firmware_sim.scenario import Injection
from firmware_sim.world import World
from tests.unit.firmware_sim.places import after, curve, fault, number, world

NIGHT_S = 55_800.0  # 01:00 of the next day
HOUR_S = 3600.0


def states(a_world: World, point: str, from_s: float, until_s: float) -> list[object]:
    """A state of the receiver, every ten seconds."""
    moments = range(round(from_s), round(until_s), 10)
    return [after(a_world, moment).truths("air")[point] for moment in moments]


def test_a_compressor_keeps_its_receiver_between_two_pressures() -> None:
    healthy = curve(world(), "air", "pressure", 4 * HOUR_S, 10.0)
    assert 0.6 < min(healthy) < 0.63
    assert 0.77 < max(healthy) < 0.79


def test_the_period_of_the_compressor_shrinks_with_a_leak() -> None:
    def starts(*faults: Injection) -> int:
        seen = states(world(*faults), "compressor", NIGHT_S, NIGHT_S + 2 * HOUR_S)
        return sum(now == "running" != before for before, now in pairwise(seen))

    assert starts() <= 1
    assert starts(fault("air", "creeping_leak")) >= 4


def test_a_welded_switch_makes_a_saw_tooth_of_a_tenth_below_the_set_pressure() -> None:
    tooth = curve(after(world(fault("air", "switch_welded")), 900), "air", "pressure", 2700.0, 1.0)
    assert max(tooth) == pytest.approx(0.95, abs=0.005)
    assert min(tooth) == pytest.approx(0.95 * 0.9, abs=0.01)
    assert sum(now >= 0.95 > before for before, now in pairwise(tooth)) >= 3


def test_a_valve_that_is_stuck_lets_the_pressure_pass_until_the_motor_trips() -> None:
    jammed = world(fault("air", "relief_stuck_shut"))
    assert "lifted" not in states(jammed, "relief_valve", 0.0, 1500.0)
    passed = curve(world(fault("air", "relief_stuck_shut")), "air", "pressure", 1500.0, 5.0)
    assert 1.05 < max(passed) < 1.07
    assert passed[-1] < 1.0


def test_a_torn_line_empties_a_receiver_while_the_compressor_runs() -> None:
    torn = after(world(fault("air", "air_line_burst")), 300)
    assert number(torn, "air", "pressure") < 0.1
    assert torn.truths("air")["compressor"] == "running"


def test_a_receiver_that_is_let_down_reads_nothing_and_is_pumped_up_again() -> None:
    down = world(fault("air", "let_down", for_s=2 * HOUR_S))
    assert number(after(down, 1.9 * HOUR_S), "air", "pressure") == pytest.approx(0.0, abs=0.001)
    assert down.read("air-panel", "input", 2, 1) == [0]
    assert number(after(down, 2.5 * HOUR_S), "air", "pressure") > 0.55


def test_a_receiver_behind_a_blocked_cooler_grows_hot() -> None:
    hot, cool = after(world(fault("air", "after_cooler_lost")), 1800), after(world(), 1800)
    assert number(hot, "air", "temperature") - number(cool, "air", "temperature") > 30


def test_the_pressure_of_liquefied_gas_follows_its_temperature() -> None:
    heated = world(fault("tank", "fire_exposure"))
    at: dict[int, float] = {}
    for second in range(0, 900, 5):
        at.setdefault(round(number(after(heated, second), "tank", "temperature")), number(heated, "tank", "pressure"))
    assert at[20] == pytest.approx(0.55, abs=0.01), "the asset's own number"
    assert at[40] == pytest.approx(0.97, abs=0.03)


def test_fire_lifts_the_safety_valve_and_water_cools_the_tank_again() -> None:
    fire = world(fault("tank", "fire_exposure", for_s=1500.0))
    hottest = max(curve(fire, "tank", "pressure", 1490.0, 5.0))
    assert 1.5 <= hottest < 1.53
    assert number(after(fire, 2400), "tank", "temperature") < 20


def test_a_liquid_that_leaks_keeps_its_pressure() -> None:
    leak = world(fault("tank", "liquid_leak", for_s=1200.0))
    before, level = number(leak, "tank", "pressure"), number(leak, "tank", "level")
    after(leak, 1200)
    assert level - number(leak, "tank", "level") == pytest.approx(10.0, abs=0.3)
    assert number(leak, "tank", "pressure") == pytest.approx(before, abs=0.02)


def test_a_seat_that_hangs_cools_what_it_empties() -> None:
    open_ = after(world(fault("tank", "relief_stuck_open")), 1200)
    assert open_.truths("tank")["relief_valve"] == "lifted"
    assert number(open_, "tank", "temperature") < 0
    assert number(open_, "tank", "pressure") < 0.3
    assert open_.read("tank-io", "coil", 3, 1) == [0], "the contact is closed while the valve is seated"


def test_a_delivery_ends_below_the_limit_and_an_overfill_beyond_it() -> None:
    filled, over = world(fault("tank", "delivery")), world(fault("tank", "overfill"))
    assert number(after(filled, 2 * HOUR_S), "tank", "level") == pytest.approx(80, abs=0.5)
    assert number(after(over, 2 * HOUR_S), "tank", "level") == pytest.approx(94, abs=0.5)


def test_the_transmitter_shows_as_many_decimals_as_its_kilopascals_leave_room_for() -> None:
    answer = world().read("tank-pressure", "holding", 2, 3)
    assert isinstance(answer, list)
    unit, decimals, raw = answer
    assert (unit, decimals) == (1, 1)
    assert raw / 10**decimals / 1000 == pytest.approx(number(world(), "tank", "pressure"), abs=0.01)
