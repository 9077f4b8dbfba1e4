"""Bins and checkpoints: domain §2.5 and §2.6."""

from __future__ import annotations

import itertools
import json
import statistics
from typing import Any

import pytest

from firmware_sim.world import World
from tests.unit.firmware_sim.places import START_MS, after, curve, fault, number, world


def test_a_bin_fills_by_day_and_hardly_by_night() -> None:
    day = after(world(), 0)
    fill = curve(day, "bin", "fill", 86_400.0, 3600.0)
    gains = [now - before for before, now in itertools.pairwise(fill)]
    night = [gain for hour, gain in enumerate(gains) if (9.5 + hour) % 24 < 4]
    waking = [gain for hour, gain in enumerate(gains) if 8 <= (9.5 + hour) % 24 < 16 and gain > 0]
    assert max(night) < 1.5
    assert 3 <= statistics.fmean(waking) <= 9


def test_the_lorry_empties_it_and_tilts_it_for_a_minute() -> None:
    day = after(world(), 0)
    fill, tilted = [], 0
    for step in range(8640):
        fill.append(number(after(day, step * 10), "bin", "fill"))
        tilted += day.truths("bin")["position"] == "tilted"
    drops = [before - now for before, now in itertools.pairwise(fill) if before - now > 3]
    assert max(drops) > 15
    assert tilted * 10 == pytest.approx(60 * len(drops), abs=20 * len(drops))


def test_thursday_fills_it_faster() -> None:
    thursday, friday = world(), world()
    first = curve(after(thursday, 0), "pool", "fill", 3 * 3600.0, 3600.0)
    later = curve(after(friday, 86_400), "pool", "fill", 86_400 + 3 * 3600.0, 3600.0)
    gain = [now - before for before, now in itertools.pairwise(first) if now > before]
    usual = [now - before for before, now in itertools.pairwise(later) if now > before]
    assert statistics.fmean(gain) > 1.2 * statistics.fmean(usual)


@pytest.mark.parametrize(("name", "level"), [("dumped_full", 94), ("overflow", 104)])
def test_dumped_waste_fills_it_in_minutes_and_stays(name: str, level: float) -> None:
    full = world(fault("bin", name))
    assert number(after(full, 400), "bin", "fill") == pytest.approx(level, abs=1)
    assert number(after(full, 4000), "bin", "fill") == pytest.approx(level, abs=1)


def test_the_crew_that_is_called_empties_it() -> None:
    emptied = world(fault("bin", "dumped_full", 0.0, for_s=900.0))
    assert number(after(emptied, 901), "bin", "fill") < 10


def test_a_fire_is_told_before_the_next_report_is_due() -> None:
    burning = world(fault("bin-raw", "fire"))
    sent = [each for each in after(burning, 400).take_messages() if "sensoneo" in each.topic]
    hot = [each.sent_ms - START_MS for each in sent if each.payload[13] > 60]
    assert hot
    assert hot[0] < 330_000


def test_a_stolen_bin_lies_and_looks_at_something_else() -> None:
    gone = after(world(fault("bin", "stolen")), 30)
    assert gone.truths("bin")["position"] == "tilted"
    assert number(gone, "bin", "distance") == 3200


def test_an_open_lid_looks_into_the_sky() -> None:
    assert number(after(world(fault("pool", "lid_open")), 30), "pool", "distance") == 4400


def test_smell_climbs_within_the_hour() -> None:
    smelly = after(world(fault("bin", "odour")), 900)
    assert number(smelly, "bin", "nh3") > 18
    assert number(smelly, "bin", "h2s") > 0.5


def test_a_dying_battery_does_not_recover_and_a_cold_one_does() -> None:
    dying = world(fault("bin", "battery_dying"))
    assert number(after(dying, 600), "bin", "battery") == pytest.approx(9, abs=1)
    cold = world(fault("bin", "cold_battery", 0.0, for_s=1200.0))
    before = number(after(cold, 0), "bin", "battery")
    assert number(after(cold, 1100), "bin", "battery") == pytest.approx(before - 12, abs=1)
    assert number(after(cold, 4000), "bin", "battery") == pytest.approx(before, abs=1)


def test_a_bag_in_the_beam_flickers_but_never_looks_full() -> None:
    flicker = curve(after(world(fault("bin", "multipath")), 0), "bin", "fill", 3600.0, 10.0)
    jumps = [abs(now - before) for before, now in itertools.pairwise(flicker)]
    assert sum(jump > 8 for jump in jumps) > 30
    assert max(flicker) < 90


def test_a_missed_round_leaves_it_standing() -> None:
    missed = world(fault("bin", "round_missed"))
    assert number(after(missed, 86_400), "bin", "fill") > 75


def passages(a_world: World, until_s: float) -> list[dict[str, Any]]:
    found = [json.loads(each.payload) for each in after(a_world, until_s).take_messages() if "hik" in each.topic]
    return [each["AccessControllerEvent"] for each in found if "AccessControllerEvent" in each]


def temperatures(a_world: World, until_s: float) -> list[float]:
    return [each["currTemperature"] for each in passages(a_world, until_s)]


def test_healthy_foreheads_are_normal_and_nobody_has_a_fever() -> None:
    found = temperatures(world(), 24 * 3600)
    assert len(found) > 500
    assert statistics.fmean(found) == pytest.approx(36.4, abs=0.05)
    assert max(found) < 37.3
    assert min(found) > 35.5


def test_one_feverish_person_passes_soon_and_then_all_are_healthy() -> None:
    found = temperatures(world(fault("gate", "fever", 60.0)), 3600)
    assert sum(value >= 37.8 for value in found) == 1
    first = next(place for place, value in enumerate(found) if value >= 37.8)
    assert first < 10


def test_the_terminal_flags_what_it_finds_abnormal() -> None:
    found = passages(world(fault("gate", "fever_cluster")), 3600)
    assert {each["isAbnomalTemperature"] for each in found if each["currTemperature"] > 37.5} == {True}
    assert {each["isAbnomalTemperature"] for each in found if each["currTemperature"] < 37.2} == {False}
    share = sum(each["currTemperature"] > 37.5 for each in found) / len(found)
    assert 0.15 < share < 0.45


@pytest.mark.parametrize(
    ("name", "low", "high"), [("cold_wind", 34.2, 34.6), ("sun_heating", 37.0, 37.5), ("ambient_drift", 36.65, 36.9)]
)
def test_conditions_move_everybody(name: str, low: float, high: float) -> None:
    assert low < statistics.fmean(temperatures(world(fault("gate", name)), 3600)) < high


def test_some_cold_skin_is_not_everybody_s() -> None:
    found = temperatures(world(fault("gate", "cold_skin")), 3600)
    assert 0.02 < sum(value < 35.9 for value in found) / len(found) < 0.35


def test_a_closed_gate_counts_nobody() -> None:
    assert temperatures(world(fault("gate", "gate_closed")), 3600) == []


def test_a_rush_is_three_times_as_many() -> None:
    calm, rush = len(temperatures(world(), 3600)), len(temperatures(world(fault("gate", "rush")), 3600))
    assert rush > 1.8 * calm


def test_four_steps_are_counted_and_who_is_waved_through_lacks_one() -> None:
    good, waved = after(world(), 3600), after(world(fault("gate", "steps_skipped")), 3600)
    steps = ("certificates", "codes", "temperatures", "registrations")

    assert sum(number(good, "gate", "passages") - number(good, "gate", step) for step in steps) == number(
        good, "gate", "incomplete"
    )
    assert number(good, "gate", "incomplete") <= 2
    passed, registered = number(waved, "gate", "passages"), number(waved, "gate", "registrations")
    assert 0.25 < (passed - registered) / passed < 0.55
    assert number(waved, "gate", "incomplete") >= passed - registered
    assert number(waved, "gate", "codes") >= passed - 2


def test_the_gate_box_tells_its_own_troubles() -> None:
    def after_five_minutes(name: str) -> World:
        return after(world(fault("gate", name)), 300)

    assert after_five_minutes("unmanned").read("gate-box", "discrete", 1, 1) == [0]
    assert after_five_minutes("self_check_failed").read("gate-box", "discrete", 0, 1) == [0]
    assert number(after_five_minutes("black_body_off"), "gate", "black_body") == pytest.approx(35.8)
    assert number(after_five_minutes("heater_failed"), "gate", "ambient") < 16
    assert after(world(), 300).read("gate-box", "discrete", 0, 2) == [1, 1]
