"""Gas detectors and regulator stations: domain §2.4's failure table."""

from __future__ import annotations

import base64
import json

import pytest

from tests.unit.firmware_sim.places import after, curve, fault, number, world


@pytest.mark.parametrize(
    ("name", "cmax", "tau"), [("leak", 45, 240), ("slow_leak", 16, 300), ("household_leak", 30, 240)]
)
def test_a_leak_mixes_into_the_room(name: str, cmax: float, tau: float) -> None:
    leak = world(fault("kitchen", name, 10.0))
    assert number(after(leak, 10 + tau), "kitchen", "ch4") == pytest.approx(cmax * 0.632 + 0.8, abs=1.0)
    assert number(after(leak, 10 + 6 * tau), "kitchen", "ch4") == pytest.approx(cmax + 0.8, abs=1.0)


def test_a_closed_leak_is_blown_out_again() -> None:
    closed = world(fault("kitchen", "leak", 0.0, for_s=600.0))
    assert number(after(closed, 599), "kitchen", "ch4") > 35
    assert number(after(closed, 2400), "kitchen", "ch4") < 2


def test_a_gas_cloud_is_flat_at_the_range_end() -> None:
    cloud = after(world(fault("kitchen", "gas_cloud")), 240)
    assert set(curve(cloud, "kitchen", "ch4", 300.0, 10.0)) == {105.0}


def test_a_cloud_that_thins_out_stays_within_what_an_instrument_can_show() -> None:
    gone = after(world(fault("kitchen", "gas_cloud", for_s=300.0)), 290)
    thinning = curve(gone, "kitchen", "ch4", 900.0, 5.0)
    assert max(thinning) == 105.0
    assert thinning[-1] < 25


def test_a_household_alarm_closes_its_contact_and_valve_and_speaks_at_once() -> None:
    home = world(fault("home", "household_leak"))
    sent = [
        (each.sent_ms, base64.b64decode(json.loads(each.payload)["data"]).hex())
        for each in after(home, 290).take_messages()
        if "gs101" in each.topic
    ]
    alarms = [at_ms for at_ms, body in sent if "058e01" in body and "060100" in body]
    assert alarms
    assert (alarms[0] - home.start_ms) / 1000 == pytest.approx(70, abs=25)


def test_cooking_is_over_in_a_minute_and_a_half() -> None:
    whiff = curve(after(world(fault("kitchen", "cooking")), 0), "kitchen", "ch4", 180.0)
    assert 6 < max(whiff) < 9
    assert sum(value > 3 for value in whiff) < 90


def test_a_zero_that_drifts_is_legal_below_zero() -> None:
    assert number(after(world(fault("kitchen", "zero_drift")), 60), "kitchen", "ch4") == pytest.approx(-1.0, abs=0.7)


def test_a_burnt_bead_is_under_range_and_says_so() -> None:
    burnt = after(world(fault("kitchen", "bead_open")), 30)
    assert number(burnt, "kitchen", "ch4") == -10
    assert burnt.truths("kitchen")["detector_state"] == "fault"
    state = burnt.read("kitchen-toc", "input", 3000, 1)
    assert state not in ([0x00], [0x01], [0x03], [0x07], [0x87], [0x10]), "a code that only `otherwise` explains"


def test_bad_combustion_makes_carbon_monoxide() -> None:
    bad = after(world(fault("kitchen", "carbon_monoxide")), 180)
    assert number(bad, "kitchen", "co") == pytest.approx(80 * 0.632, abs=2)
    assert number(bad, "kitchen", "ch4") < 3


def test_a_creeping_regulator_passes_three_kilopascals_within_minutes() -> None:
    creep = world(fault("line", "regulator_creep", 10.0))
    assert number(after(creep, 10), "line", "line_pressure") < 2.3
    assert number(after(creep, 10 + 240), "line", "line_pressure") > 3.0
    assert number(after(creep, 3600), "line", "line_pressure") == pytest.approx(4.0, abs=0.2)


def test_a_sagging_regulator_falls_below_one_and_a_half() -> None:
    assert number(after(world(fault("line", "regulator_sag")), 240), "line", "line_pressure") < 1.5


def test_a_broken_pipe_draws_more_than_anybody_could() -> None:
    broken = after(world(fault("line", "hose_broken")), 60)
    assert number(broken, "line", "flow") > 80
    assert 1.6 < number(broken, "line", "line_pressure") < 2.1


def test_an_interrupted_supply_empties_the_inlet_first() -> None:
    cut = world(fault("line", "supply_interrupted"))
    after(cut, 120)
    assert number(cut, "line", "line_pressure") > 1.9
    after(cut, 300)
    assert number(cut, "line", "mp_pressure") < 0.02
    assert number(cut, "line", "line_pressure") < 1.0


def test_a_slammed_valve_stops_the_flow_and_lets_the_pressure_run_down() -> None:
    shut = after(world(fault("line", "valve_slammed")), 90)
    assert shut.truths("line")["valve"] == "closed"
    assert shut.read("line-station", "discrete", 10, 1) == [0]
    assert number(shut, "line", "flow") < 0.1
    assert number(after(shut, 390), "line", "line_pressure") == pytest.approx(2.2 * 0.27, abs=0.15)


def test_a_meal_peak_stays_within_what_consumers_may_draw() -> None:
    peak = after(world(fault("line", "meal_peak")), 60)
    assert number(peak, "line", "flow") >= 30
    assert number(peak, "line", "line_pressure") > 1.9
