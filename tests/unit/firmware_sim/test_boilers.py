"""Boilers: domain §2.1's failure table, one test a row."""

from __future__ import annotations

import itertools

import pytest

from tests.unit.firmware_sim.places import after, curve, fault, number, world


def test_low_water_falls_two_to_eight_millimetres_a_minute_at_flat_pressure() -> None:
    dry = after(world(fault("steam", "low_water", 60.0)), 60)
    level = curve(dry, "steam", "drum_level", 360.0, 60.0)
    falls = [before - now for before, now in itertools.pairwise(level)]
    assert all(2.0 <= fall <= 10.0 for fall in falls), falls
    assert number(dry, "steam", "feed_flow") == pytest.approx(0.0, abs=0.05)
    assert number(dry, "steam", "steam_pressure") == pytest.approx(0.70, abs=0.02)
    assert dry.truths("steam")["pump"] == "off"


def test_the_low_water_cut_off_stops_the_burner_without_a_lock_out() -> None:
    dry = after(world(fault("steam", "low_water")), 1500)
    assert number(dry, "steam", "drum_level") == pytest.approx(-110.0, abs=10)
    assert dry.truths("steam")["burner_state"] == "standby"
    assert dry.truths("steam")["lockout"] == "none"


def test_a_stuck_feed_valve_fills_the_drum() -> None:
    wet = after(world(fault("steam", "feed_valve_stuck_open")), 600)
    assert number(wet, "steam", "drum_level") > 60


def test_shrink_goes_the_wrong_way_for_less_than_a_minute() -> None:
    day = after(world(fault("steam", "shrink_swell", 60.0)), 55)
    level = curve(day, "steam", "drum_level", 180.0)
    below = [step for step, value in enumerate(level) if value < -50]
    assert 5 <= len(below) <= 40
    assert min(level) > -75
    assert abs(level[-1]) < 15


def test_a_lost_flame_is_gone_in_three_seconds_tried_again_and_locked_out() -> None:
    out = after(world(fault("hot", "flame_out", 60.0)), 59)
    assert number(out, "hot", "flame_signal") > 1.5
    after(out, 64)
    assert number(out, "hot", "flame_signal") < 0.1
    assert out.truths("hot")["burner_state"] == "purge"
    after(out, 180)
    assert out.truths("hot")["lockout"] == "locked"
    assert number(out, "hot", "lockout_code") == 109
    warm = number(out, "hot", "supply_temp")
    assert number(after(out, 1800), "hot", "supply_temp") < warm - 5


def test_a_reset_burner_lights_again() -> None:
    repaired = after(world(fault("hot", "flame_out", 60.0, for_s=300.0)), 420)
    assert repaired.truths("hot")["burner_state"] == "firing"
    assert number(repaired, "hot", "flame_signal") > 1.5


def test_lost_circulation_heats_the_outlet_and_cools_the_return() -> None:
    lost = after(world(fault("hot", "circulation_loss", 60.0)), 60)
    outlet = curve(lost, "hot", "supply_temp", 420.0, 60.0)
    rises = [now - before for before, now in itertools.pairwise(outlet)]
    assert all(1.0 <= rise <= 3.0 for rise in rises), rises
    assert number(lost, "hot", "return_temp") < 60
    assert number(lost, "hot", "pump_current") == pytest.approx(0.4, abs=0.05)
    assert lost.truths("hot")["burner_state"] == "firing"


def test_a_stuck_fill_valve_drives_the_relief_valve_into_a_saw_tooth() -> None:
    full = after(world(fault("hot", "fill_valve_open")), 0)
    pressure = curve(full, "hot", "water_pressure", 1500.0, 2.0)
    assert max(pressure) == pytest.approx(1.1, abs=0.02)
    tail = pressure[-200:]
    assert 0.04 < max(tail) - min(tail) < 0.12, "blow-down of a few per cent"


def test_steam_overpressure_lifts_the_safety_valve() -> None:
    over = after(world(fault("steam", "steam_overpressure")), 0)
    pressure = curve(over, "steam", "steam_pressure", 1200.0, 2.0)
    assert max(pressure) == pytest.approx(1.05, abs=0.02)
    tail = pressure[-150:]
    assert 0.03 < max(tail) - min(tail) < 0.12


def test_a_dead_expansion_vessel_swings_the_pressure() -> None:
    dead = after(world(fault("hot", "expansion_tank_failed")), 0)
    pressure = curve(dead, "hot", "water_pressure", 900.0, 5.0)
    assert max(pressure) - min(pressure) > 0.5
    calm = after(world(), 0)
    healthy = curve(calm, "hot", "water_pressure", 900.0, 5.0)
    assert max(healthy) - min(healthy) < 0.02


def test_a_network_leak_makes_water_up_for_ever_at_steady_pressure() -> None:
    leak = after(world(fault("hot", "network_leak")), 0)
    flow = curve(leak, "hot", "makeup_flow", 900.0, 10.0)
    assert min(flow[6:]) > 0.5
    assert number(leak, "hot", "water_pressure") == pytest.approx(0.45, abs=0.02)


def test_topping_up_lasts_less_than_two_minutes() -> None:
    flow = curve(after(world(fault("hot", "top_up")), 0), "hot", "makeup_flow", 400.0)
    assert 60 < sum(value > 0.15 for value in flow) < 125


def test_a_burst_pipe_empties_the_system() -> None:
    burst = after(world(fault("hot", "pipe_burst")), 600)
    assert number(burst, "hot", "water_pressure") == pytest.approx(0.05, abs=0.02)


def test_soot_keeps_heat_in_the_flue_at_equal_firing_rate() -> None:
    clean, sooty = after(world(), 400), after(world(fault("hot", "soot")), 400)
    more = number(sooty, "hot", "flue_temp") - number(clean, "hot", "flue_temp")
    assert more == pytest.approx(60.0, abs=1)
    assert number(sooty, "hot", "firing_rate") == pytest.approx(number(clean, "hot", "firing_rate"))


def test_a_blocked_flue_fills_the_room_with_carbon_monoxide_while_it_burns() -> None:
    blocked = after(world(fault("hot", "back_draught")), 300)
    assert 60 < number(blocked, "hot", "room_co") < 90
    out = after(world(fault("hot", "back_draught"), fault("hot", "flame_out")), 300)
    assert number(out, "hot", "room_co") < 5


def test_a_gas_leak_follows_the_exponential_of_the_room() -> None:
    leak = after(world(fault("hot", "room_gas_leak")), 300)
    assert number(leak, "hot", "room_ch4") == pytest.approx(35 * 0.632, abs=1)


def test_a_whiff_at_light_off_is_gone_in_half_a_minute() -> None:
    whiff = curve(after(world(fault("steam", "light_off_puff")), 0), "steam", "room_ch4", 60.0)
    assert 4 < max(whiff) < 5
    assert whiff[-1] < 1


def test_without_fuel_the_burner_holds_and_comes_back_by_itself() -> None:
    starved = after(world(fault("hot", "fuel_supply_lost", 10.0, for_s=120.0)), 60)
    assert number(starved, "hot", "fuel_pressure") < 0.8
    assert starved.truths("hot")["burner_state"] == "hold"
    assert after(starved, 220).truths("hot")["burner_state"] == "firing"


def test_short_cycling_starts_the_burner_more_than_six_times_an_hour() -> None:
    nervous = after(world(fault("hot", "short_cycling")), 0)
    before = number(nervous, "hot", "cycles")
    assert number(after(nervous, 3600), "hot", "cycles") - before > 6


def test_a_load_step_is_felt_but_stays_inside() -> None:
    stepped = after(world(fault("hot", "load_step", 60.0)), 50)
    before = number(stepped, "hot", "firing_rate")
    supply = curve(stepped, "hot", "supply_temp", 1800.0, 10.0)
    assert number(stepped, "hot", "firing_rate") > before + 15
    assert max(supply) < 88
