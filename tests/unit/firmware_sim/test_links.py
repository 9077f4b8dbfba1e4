"""Each link fault, as a master or a subscriber meets it."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from firmware_sim.links import ReadFault, Trouble
from firmware_sim.world import VendorMessage, World
from tests.unit.firmware_sim.places import START_MS, after, fault, world


def answers(a_world: World, device: str = "hot-burner", count: int = 200) -> list[list[int] | ReadFault]:
    """The answers to one question asked every second."""
    return [after(a_world, second).read(device, "holding", 7, 1) for second in range(count)]


def troubles(a_world: World, device: str = "hot-burner") -> Counter[Trouble | None]:
    return Counter(each.trouble if isinstance(each, ReadFault) else None for each in answers(a_world, device))


def messages(a_world: World, until_s: float, word: str) -> list[VendorMessage]:
    return [each for each in after(a_world, until_s).take_messages() if word in each.topic]


def test_a_dead_device_answers_nothing() -> None:
    assert troubles(world(fault("hot", "device_dead"))) == {Trouble.TIMEOUT: 200}


def test_a_bus_loses_the_share_of_answers_that_it_is_told_to() -> None:
    found = troubles(world(fault("hot", "rtu_timeouts", params={"share_percent": 30.0})))
    assert 35 < found[Trouble.TIMEOUT] < 85
    assert found[None] + found[Trouble.TIMEOUT] == 200


def test_garbage_comes_in_three_ways() -> None:
    found = troubles(world(fault("hot", "garbage_answer")))
    assert set(found) == {Trouble.GARBAGE, Trouble.SHORT, Trouble.EXCEPTION}


def test_a_slow_answer_that_is_in_time_is_an_answer() -> None:
    slow = world(fault("hot", "slow_answer"))
    raw = after(slow, 1).ask("hot-burner", "holding", 7, 1)
    assert isinstance(raw, ReadFault)
    assert raw.trouble is Trouble.LATE
    assert raw.late_s == 0.25
    assert slow.read("hot-burner", "holding", 7, 1) == list(raw.registers)


def test_a_slow_answer_that_is_too_late_is_none() -> None:
    slow = world(fault("hot", "slow_answer", params={"share_of_timeout": 1.5}))
    assert after(slow, 1).read("hot-burner", "holding", 7, 1) == ReadFault(Trouble.TIMEOUT)


def test_a_reboot_is_silent_for_a_while_and_starts_counting_again() -> None:
    restarted = world(fault("hot", "reboot", 60.0))
    high, low = _counter(after(restarted, 30))
    assert (high << 16 | low) > 1000
    assert after(restarted, 70).read("hot-burner", "holding", 7, 1) == ReadFault(Trouble.TIMEOUT)
    assert _counter(after(restarted, 90)) == [0, 0]


def _counter(a_world: World) -> list[int]:
    found = a_world.read("hot-burner", "holding", 128, 2)
    assert isinstance(found, list)
    return found


def test_a_gas_detector_warms_up_after_a_reboot() -> None:
    restarted = world(fault("lab", "reboot", 60.0))
    assert after(restarted, 100).read("lab-midas", "holding", 0, 1) == [0x00]
    assert after(restarted, 200).read("lab-midas", "holding", 0, 1) == [0x01]


def test_a_silent_device_sends_nothing() -> None:
    assert messages(world(fault("bin", "device_silent")), 3600, "em400") == []
    assert len(messages(world(), 3600, "em400")) >= 6


def test_a_clock_that_sends_local_time_is_eight_hours_ahead() -> None:
    found = messages(world(fault("bin-hex", "clock_8h")), 700, "em310")
    assert json.loads(found[0].payload)["ts"] - found[0].sent_ms == 8 * 3_600_000


def test_a_clock_without_battery_begins_in_1970() -> None:
    found = messages(world(fault("bin-hex", "clock_1970")), 700, "em310")
    assert 0 <= json.loads(found[0].payload)["ts"] < 700_000


def test_a_gap_ends_in_a_burst_of_old_readings() -> None:
    burst = world(fault("gate", "backfill_burst", 10.0, params={"gap_s": 600, "duplicates_percent": 50.0}))
    found = messages(burst, 900, "hik")
    late = [each for each in found if each.sent_ms > START_MS + 610_000]
    assert not [each for each in found if START_MS + 10_000 < each.sent_ms < START_MS + 610_000]
    times = [json.loads(each.payload)["dateTime"] for each in late]
    assert times != sorted(times), "out of order"
    assert len(times) > len(set(times)), "some of it twice"
    assert min(times) < "2026-03-26T01:31", "measured long before they were sent"


def test_a_ghost_is_retained_and_hours_old() -> None:
    found = [each for each in messages(world(fault("bin-hex", "retained_ghost", 5.0)), 10, "em310") if each.retain]
    assert len(found) == 1
    assert found[0].sent_ms == START_MS + 5_000
    assert json.loads(found[0].payload)["ts"] == START_MS + 5_000 - 21_600_000


def test_a_device_that_speaks_garbage_does_not_speak_json() -> None:
    found = messages(world(fault("bin", "garbage_answer")), 700, "em400")
    with pytest.raises(ValueError):  # noqa: PT011 either no UTF-8 or no JSON
        json.loads(found[0].payload)


def test_a_cut_wan_is_told_by_edge() -> None:
    cut = world()
    assert cut.wan_up("edge-a")
    cut.inject(fault("x", "wan_cut").model_copy(update={"asset": None, "edge": "edge-a", "id": "cut"}))
    assert not cut.wan_up("edge-a")
    cut.clear("cut")
    assert cut.wan_up("edge-a")


def test_only_the_device_that_is_named_fails() -> None:
    half_dead = after(world(fault("hot", "device_dead", device="hot-room")), 1)
    assert half_dead.read("hot-room", "input", 0, 1) == ReadFault(Trouble.TIMEOUT)
    assert isinstance(half_dead.read("hot-burner", "holding", 7, 1), list)
