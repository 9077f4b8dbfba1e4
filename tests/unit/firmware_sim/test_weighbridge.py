"""Weighbridges: lorries by day, and what goes wrong with their cells."""

from __future__ import annotations

import json

from tests.unit.firmware_sim.places import after, fault, number, world

HOUR_S = 3600.0


def test_each_lorry_is_told_once_with_its_net_weight_and_counted() -> None:
    day = world()
    day.take_messages()
    before = number(day, "bridge", "loads")
    told = []
    for second in range(0, round(4 * HOUR_S), 30):
        after(day, second)
        told += [json.loads(each.payload) for each in day.take_messages() if each.topic == "scale/S1/up"]
    nets = [(each["ticket"]["net"], each["w"]) for each in told if each.get("ticket", {}).get("net") is not None]

    assert 3 <= len(nets) == number(day, "bridge", "loads") - before <= 20
    assert all(300 <= net <= 2400 and 850 <= gross - net <= 1550 for net, gross in nets), "the tare is on it as well"


def test_nobody_comes_at_night() -> None:
    day = world()
    at_eight = number(after(day, 10.6 * HOUR_S), "bridge", "loads")  # ten past eight in the evening
    assert number(after(day, 18 * HOUR_S), "bridge", "loads") == at_eight


def test_a_lorry_that_breaks_down_stays_and_mud_weighs_when_nobody_is_there() -> None:
    stands = world(fault("bridge", "lorry_stands", 5.0))
    assert number(after(stands, 900), "bridge", "gross") >= 4000
    mud = after(world(fault("bridge-b", "mud_on_platform", 1.0)), 5)
    assert 150 <= number(mud, "bridge-b", "gross") <= 210


def test_a_failed_cell_is_told_by_the_indicator_and_weighs_nothing_in() -> None:
    failed = world(fault("bridge-b", "cell_failed", 1.0))
    after(failed, 10)
    loads = number(failed, "bridge-b", "loads")
    assert failed.truths("bridge-b")["indicator"] == "cell_fault"
    assert failed.read("bridge-b-indicator", "input", 3, 1) == [7]
    assert number(after(failed, 3 * HOUR_S), "bridge-b", "loads") == loads
