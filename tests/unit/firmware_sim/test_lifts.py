"""Lifts: kinematics, and domain §2.3's failure table."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.physics.motion import ACCELERATION, Run
from firmware_sim.world import World
from tests.unit.firmware_sim.places import after, fault, number, world

heights = st.floats(0, 60)


@given(heights, heights, st.floats(0.5, 2.5))
def test_a_run_ends_where_it_should_and_never_exceeds_its_speed(origin: float, goal: float, most: float) -> None:
    run = Run(0, origin, goal, most)
    end_ms = round(run.total_s * 1000)
    assert run.height(0) == origin
    assert run.height(end_ms + 1) == pytest.approx(goal, abs=0.01)
    for part in range(11):
        assert abs(run.speed(end_ms * part // 10)) <= most + 1e-9
    assert run.speed(end_ms + 1) == pytest.approx(0.0, abs=1e-6)


def test_speed_is_the_slope_of_height() -> None:
    run = Run(0, 0.0, 30.0, 1.75)
    for moment in range(100, round(run.total_s * 1000) - 100, 250):
        slope = (run.height(moment + 10) - run.height(moment - 10)) / 0.02
        assert slope == pytest.approx(run.speed(moment), abs=0.02)
    assert run.speed(500) == pytest.approx(0.5 * ACCELERATION)


def states(a_world: World, asset: str, until_s: float, *points: str, since_s: float = 0.0) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for step in range(int((until_s - since_s) * 2) + 1):
        truths = after(a_world, since_s + step / 2).truths(asset)
        found.append(tuple(truths[point] for point in points))
    return found


def test_a_healthy_lift_carries_people_and_never_moves_with_an_open_door() -> None:
    day = states(world(), "lift", 1800, "motion", "door", "person", "levelling", "landing_chain", "condition")
    assert ("running", "closed", "present", "off_level", "closed", "ok") in day
    assert all(door == "closed" for motion, door, *_ in day if motion == "running")
    assert all(chain == "closed" for _, door, _, _, chain, _ in day if door == "closed")
    assert all(level == "level" for motion, _, _, level, _, _ in day if motion == "stopped")
    assert {condition for *_, condition in day} == {"ok"}


def test_trips_are_three_to_eight_hundred_a_day() -> None:
    day = world()
    before = number(after(day, 0), "lift", "trips")
    assert 300 < number(after(day, 86_400), "lift", "trips") - before < 1000


def settled(name: str, asset: str = "lift", seconds: float = 240.0, at_s: float = 0.0) -> dict[str, object]:
    return dict(after(world(fault(asset, name, at_s)), at_s + seconds).truths(asset))


@pytest.mark.parametrize("at_s", [0.0, 7.3, 31.0, 64.2, 77.0, 123.4, 200.1])
def test_entrapment_looks_the_same_whatever_the_car_was_doing(at_s: float) -> None:
    found = settled("entrapment", seconds=120.0, at_s=at_s)
    assert found["person"] == "present"
    assert found["motion"] == "stopped"
    assert found["door"] == "closed"
    assert found["levelling"] == "off_level"
    assert found["condition"] == "trapped_off_level"
    assert found["event_code"] == "trapped"


def test_rescued_people_are_out_and_the_lift_works_again() -> None:
    rescued = world(fault("lift", "entrapment", 10.0, for_s=300.0))
    trips = number(after(rescued, 320), "lift", "trips")
    assert rescued.truths("lift")["condition"] == "ok"
    assert number(after(rescued, 2000), "lift", "trips") > trips + 3


def test_an_empty_car_stops_between_floors() -> None:
    found = settled("stopped_outside_zone")
    assert (found["person"], found["levelling"], found["motion"]) == ("absent", "off_level", "stopped")


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("safety_chain", "safety_chain", "broken"),
        ("landing_lock", "landing_chain", "broken"),
        ("power_failure", "power", "battery"),
        ("drive_trip", "drive", "tripped"),
        ("unintended_movement", "unintended", "yes"),
    ],
)
def test_the_car_stands_empty_at_a_landing_so_that_one_hazard_shows(name: str, point: str, value: str) -> None:
    found = settled(name, seconds=90.0)
    assert found[point] == value
    assert (found["person"], found["levelling"], found["motion"]) == ("absent", "level", "stopped")


def test_a_lock_fault_shows_with_the_car_door_closed() -> None:
    assert settled("landing_lock")["door"] == "closed"


def test_a_creeping_car_has_its_door_open_until_the_brake_catches_it() -> None:
    creeping = [abs(float(str(speed))) for speed, door in states(
        world(fault("lift", "unintended_movement")), "lift", 120, "speed", "door") if door == "open"]  # fmt: skip
    assert max(creeping) == pytest.approx(0.2)
    assert creeping[-1] == 0.0


def test_overspeed_lasts_long_enough_to_be_seen() -> None:
    day = states(world(fault("lift", "overspeed")), "lift", 200, "speed")
    fast = [speed for (speed,) in day if abs(float(str(speed))) > 1.15 * 1.75]
    assert 8 < len(fast) / 2 < 20
    assert max(abs(float(str(speed))) for (speed,) in day) == pytest.approx(1.3 * 1.75, abs=0.01)


def test_overtravel_is_beyond_the_last_floor() -> None:
    found = settled("overtravel")
    assert found["floor"] == 19
    assert found["levelling"] == "level"


def test_slipping_ropes_run_for_ever_on_one_floor() -> None:
    day = states(world(fault("lift", "run_without_arrival")), "lift", 600, "motion", "floor", since_s=120)
    assert set(day) == {("running", day[0][1])}


def test_a_hot_machine_room_passes_forty_degrees_in_minutes() -> None:
    hot = world(fault("lift", "machine_room_heat"))
    assert number(after(hot, 0), "lift", "machine_temp") < 35
    assert number(after(hot, 600), "lift", "machine_temp") == pytest.approx(47)


@pytest.mark.parametrize(
    ("name", "point", "least"), [("guide_wear", "vibration", 0.3), ("brake_wear", "stop_offset", 17)]
)
def test_wear_is_felt_on_every_ride(name: str, point: str, least: float) -> None:
    worn = world(fault("lift", name))
    rides: list[float] = []
    trips = number(worn, "lift", "trips")
    for second in range(900):
        if (now := number(after(worn, second), "lift", "trips")) != trips:
            trips = now
            rides.append(number(worn, "lift", point))
    assert len(rides) >= 5
    assert min(rides) > least


def test_a_pram_in_the_door_opens_it_six_times() -> None:
    day = states(world(fault("lift", "door_obstruction")), "lift", 220, "door")
    doors = [door for (door,) in day]
    assert sum(before == "closed" and now == "open" for before, now in itertools.pairwise(doors)) >= 5


def test_a_mechanic_opens_the_chain_only_in_inspection_mode() -> None:
    day = states(world(fault("lift", "maintenance_visit", 5.0)), "lift", 1100, "service_mode", "safety_chain")
    assert ("inspection", "broken") in day
    assert ("normal", "broken") not in day
    assert day[-1] == ("normal", "closed")


def test_rush_hour_keeps_the_car_busy_but_it_stops_between_rides() -> None:
    day = [motion for (motion,) in states(world(fault("lift", "rush_hour")), "lift", 1800, "motion")]
    longest = run = 0
    for motion in day:
        run = run + 1 if motion == "running" else 0
        longest = max(longest, run)
    assert day.count("running") / len(day) > 0.25
    assert longest / 2 < 75
