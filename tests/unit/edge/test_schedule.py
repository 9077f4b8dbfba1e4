"""Polling in time: staggered, paced, and never piled up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.schedule import Schedule, Slot


def drain(schedule: Schedule, now_ms: int, bus: str = "b") -> list[int]:
    """Everything that is due, answered at once."""
    found = []
    while (number := schedule.pop(bus, now_ms)) is not None:
        found.append(number)
        schedule.done(number, now_ms)
    return found


def run(schedule: Schedule, until_ms: int, step_ms: int = 10) -> list[tuple[int, int]]:
    return [(now, number) for now in range(0, until_ms, step_ms) for number in drain(schedule, now)]


def test_the_first_round_is_due_at_once() -> None:
    schedule = Schedule([Slot("b", f"d{i}", 60_000) for i in range(5)], 0)
    assert sorted(drain(schedule, 0)) == [0, 1, 2, 3, 4]


def test_later_rounds_are_spread_over_the_period() -> None:
    schedule = Schedule([Slot("b", f"d{i}", 1000) for i in range(10)], 0)
    polls = [(now, number) for now, number in run(schedule, 10_000) if now >= 2000]
    assert max(sum(now == moment for moment, _ in polls) for now, _ in polls) == 1
    assert len(polls) == 80


def test_every_block_is_read_once_per_period() -> None:
    slots = [Slot("b", "d0", 1000), Slot("b", "d0", 5000), Slot("b", "d1", 1000)]
    polls = run(Schedule(slots, 0), 20_000)
    for number, expected in ((0, 20), (1, 4), (2, 20)):
        assert abs(sum(each == number for _, each in polls) - expected) <= 1


def test_a_device_has_one_request_out() -> None:
    schedule = Schedule([Slot("b", "d0", 1000), Slot("b", "d0", 1000)], 0)
    first = schedule.pop("b", 0)
    assert first is not None
    assert schedule.pop("b", 0) is None
    assert schedule.next_ms("b") is None
    schedule.done(first, 5)
    assert schedule.pop("b", 5) == 1 - first


def test_a_device_gets_its_pause() -> None:
    schedule = Schedule([Slot("b", "d0", 1000, pause_ms=100), Slot("b", "d0", 1000, pause_ms=100)], 0)
    assert drain(schedule, 0) == [0]
    assert drain(schedule, 99) == []
    assert schedule.next_ms("b") == 100
    assert drain(schedule, 100) == [1]


def test_a_bus_gets_its_pause() -> None:
    schedule = Schedule([Slot("b", "d0", 1000), Slot("b", "d1", 1000)], 0, bus_pause_ms=50)
    assert len(drain(schedule, 0)) == 1
    assert len(drain(schedule, 49)) == 0
    assert len(drain(schedule, 50)) == 1


def test_late_slots_are_skipped_and_counted_not_piled_up() -> None:
    schedule = Schedule([Slot("b", "d0", 1000)], 0)
    drain(schedule, 0)
    drain(schedule, 1000)
    assert drain(schedule, 10_500) == [0, 0]  # the one that was due, and the latest of the missed ones
    assert schedule.skipped == 7
    assert drain(schedule, 10_999) == []


def test_the_most_overdue_device_goes_first() -> None:
    schedule = Schedule([Slot("b", "slow", 1000), Slot("b", "fast", 100)], 0)
    drain(schedule, 0)
    run(schedule, 900)
    assert drain(schedule, 3000)[0] in (0, 1)
    assert set(drain(schedule, 6000)) == {0, 1}


def test_buses_do_not_wait_for_each_other() -> None:
    schedule = Schedule([Slot("a", "d0", 1000), Slot("b", "d1", 1000)], 0)
    assert schedule.pop("a", 0) == 0
    assert schedule.pop("b", 0) == 1


def test_a_clock_set_back_eight_hours_does_not_stop_polling() -> None:
    schedule = Schedule([Slot("b", f"d{i}", 1000) for i in range(3)], 100_000_000)
    for now in range(100_000_000, 100_010_000, 100):
        drain(schedule, now)
    back = 100_010_000 - 28_800_000
    polls = [number for now in range(back, back + 5000, 100) for number in drain(schedule, now)]
    assert len(polls) >= 12


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from([100, 250, 1000]), st.sampled_from([0, 30])), min_size=1,
        max_size=12,
    ),
    st.lists(st.integers(1, 700), min_size=1, max_size=60),
)  # fmt: skip
def test_nothing_is_forgotten_however_late_we_look(rows: list[tuple[str, int, int]], steps: list[int]) -> None:
    slots = [Slot("b", device, period, pause) for device, period, pause in rows]
    schedule = Schedule(slots, 0)
    now, seen = 0, set()
    for step in steps:
        seen |= set(drain(schedule, now))
        due = schedule.next_ms("b")
        assert due is not None
        now = max(now + step, now)
    for _ in range(200):
        now += 50
        seen |= set(drain(schedule, now))
    assert seen == set(range(len(slots)))
