"""The same site, scenario and seed give the same devices, whoever looks and however often."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.links import ReadFault
from firmware_sim.scenario import Injection
from firmware_sim.world import CannotInject, UnknownFault, VendorMessage, World
from tests.unit.firmware_sim.places import START_MS, after, fault, number, site, world

END_S = 420.0
BUSY: tuple[Injection, ...] = (
    fault("hot", "flame_out", 20.0, for_s=120.0),
    fault("falcon", "stuck", 33.3, point="supply_temp"),
    fault("condensing", "soot", 5.0),
    fault("steam", "low_water", 15.0, for_s=200.0),
    fault("lift", "entrapment", 40.0, for_s=180.0),
    fault("lift-b", "door_obstruction", 60.0),
    fault("kitchen", "leak", 30.0),
    fault("lab", "spike", 0.0, point="ch4", params={"every_s": 20.0}),
    fault("line", "hose_broken", 50.0, for_s=60.0),
    fault("bin", "fire", 12.0),
    fault("gate", "fever_cluster", 70.0),
    fault("gate-f", "backfill_burst", 10.0, params={"gap_s": 200.0}),
    fault("shop", "rtu_timeouts", 10.0, params={"share_percent": 40.0}),
)


def picture(a_world: World) -> dict[str, list[int] | ReadFault]:
    """Every register of every Modbus device of the site."""
    found = {}
    for asset in site().file.asset:
        for box in asset.device:
            make = site().packs[asset.kind].makes[box.make]
            for row in make.modbus.registers if make.modbus else ():
                found[f"{box.id}/{row.table}/{row.address}"] = a_world.read(box.id, row.table, row.address, 1)
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, round(END_S * 1000)), max_size=12), st.data())
def test_how_often_it_is_asked_changes_nothing(moments: list[int], data: st.DataObject) -> None:
    often, once = world(*BUSY), world(*BUSY)
    told: list[VendorMessage] = []
    devices = [box.id for asset in site().file.asset for box in asset.device if box.unit is not None]
    for moment in sorted(moments):
        often.advance(START_MS + moment)
        often.read(data.draw(st.sampled_from(devices)), "holding", 2, 1)
        if data.draw(st.booleans()):
            told += often.take_messages()
    after(often, END_S)
    after(once, END_S)
    assert told + often.take_messages() == once.take_messages()
    assert picture(often) == picture(once)
    assert often.log == once.log


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    first, again, other = (after(world(*BUSY, seed=seed), END_S) for seed in (1, 1, 2))
    assert first.take_messages() == again.take_messages()
    assert picture(first) == picture(again)
    assert picture(first) != picture(other)


def test_time_does_not_run_backwards() -> None:
    moved = after(world(), 100)
    before = picture(moved)
    moved.advance(START_MS)
    assert moved.now_ms == START_MS + 100_000
    assert picture(moved) == before


def test_messages_come_in_the_order_of_sending() -> None:
    times = [each.sent_ms for each in after(world(*BUSY), END_S).take_messages()]
    assert times == sorted(times)
    assert len(times) > 50


def test_nothing_is_taken_twice() -> None:
    taken = after(world(), END_S)
    assert taken.take_messages()
    assert taken.take_messages() == []


def test_devices_do_not_all_speak_at_once() -> None:
    calm = world()
    first = {each.topic: each.sent_ms for each in reversed(after(calm, 601).take_messages())}
    assert len({sent // 1000 for sent in first.values()}) > len(first) / 2


def test_a_fault_is_written_down_when_it_sets_in_and_when_it_ends() -> None:
    day = world(fault("kitchen", "leak", 30.0, for_s=60.0))
    assert day.log == []
    truth = after(day, 30.0).log[0]
    assert (truth.id, truth.kind, truth.equipment, truth.fault) == ("kitchen-leak", "gas", "kitchen", "leak")
    assert truth.injected_ms == START_MS + 30_000
    assert truth.ended_ms is None
    assert truth.expects is not None
    assert (truth.expects.rule, truth.expects.hazard, truth.expects.category) == ("ch4_level1", "gas_leak", "hazard")
    assert truth.also_hazards == ("gas_leak",)
    assert truth.bound_s == 240
    assert [each.ended_ms for each in after(day, 200).log] == [None, START_MS + 90_000]
    assert [each.ended_ms for each in day.truth] == [START_MS + 90_000]


def test_a_fault_that_comes_by_hand_is_written_down_as_well() -> None:
    day = after(world(), 10)
    truth = day.inject(fault("hot", "sentinel", point="supply_temp"))
    assert truth.injected_ms == START_MS + 10_000
    assert truth.device == "hot-burner"
    assert truth.point == "supply_temp"
    assert day.read("hot-burner", "holding", 7, 1) == [0x8000]
    day.clear("hot-sentinel")
    assert day.read("hot-burner", "holding", 7, 1) != [0x8000]


def test_nothing_is_told_before_it_happened() -> None:
    """A bin's physics moves every ten seconds, but a knock is a knock at its own moment."""
    knocked = world(fault("bin", "knocked_over", 77.7))
    told = [each.sent_ms for each in after(knocked, 79).take_messages() if "em400" in each.topic]
    assert START_MS + 77_700 in told


def test_a_fault_by_hand_can_end_by_itself() -> None:
    day = after(world(), 10)
    day.inject(fault("hot", "device_dead", for_s=20.0))
    assert isinstance(after(day, 29).read("hot-burner", "holding", 7, 1), ReadFault)
    assert isinstance(after(day, 31).read("hot-burner", "holding", 7, 1), list)


@pytest.mark.parametrize(
    ("injection", "word"),
    [
        (fault("hot", "leak"), "no fault"),
        (fault("hot", "low_water"), "does not happen"),
        (fault("nobody", "leak"), "no asset"),
        (fault("hot", "stuck", point="drum_level"), "no device"),
        (fault("hot", "wan_cut"), "no fault"),
        (fault("hot", "clock_8h"), "sends nothing"),
        (fault("hot", "device_dead", device="steam-burner"), "no device"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(injection: Injection, word: str) -> None:
    with pytest.raises(CannotInject, match=word):
        world().inject(injection)


def test_a_name_is_used_once() -> None:
    day = world()
    day.inject(fault("kitchen", "leak"))
    with pytest.raises(CannotInject, match="taken"):
        day.inject(fault("kitchen", "leak"))
    with pytest.raises(CannotInject, match="already"):
        day.inject(fault("kitchen", "leak", id="another"))
    with pytest.raises(UnknownFault):
        day.clear("nothing")


def test_a_derived_point_is_broken_at_its_source() -> None:
    day = world()
    truth = day.inject(fault("pool", "sentinel", point="fill"))
    assert truth.point == "distance"
    assert day.read("pool-laser", "holding", 0x34, 1) == [0xFFFE]


def test_what_a_device_measures_is_turned_back_from_what_people_see() -> None:
    day = after(world(), 60)
    fill, distance = number(day, "pool", "fill"), number(day, "pool", "distance")
    assert distance == pytest.approx(1200 - 9.5 * fill)
