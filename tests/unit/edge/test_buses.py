"""A bus as its cabinet sees it: reachable while one device answers, lost when none does, and soon known to be lost."""

from __future__ import annotations

import re

from edge.cabinet import Cabinet
from edge.request import FailureKind, ReadFailure, Request
from edge.schedule import Schedule, Slot
from tests.edge_places import PLAIN, mqtt_bus, site
from tests.unit.edge.test_cabinet import TIMEOUT, Answer, Rig, steady
from vocab.quality import Reason

GONE = ReadFailure(FailureKind.UNREACHABLE)
REFUSED = ReadFailure(FailureKind.EXCEPTION, 2)
SLOW = re.sub(r"(address = \d)", r"\1\nperiod_s = 600", PLAIN)
SPOKEN = """
[mqtt]
topic = "v/{serial}"
codec = "json"
interval_s = 10
[[mqtt.field]]
point = "temperature"
path = "t"
"""


def meters(count: int) -> Cabinet:
    return Cabinet(site({"plain": PLAIN}, [("plain", f"unit = {i + 1}") for i in range(count)]), "e1", epoch=1)


def told(rig: Rig, point: str = "state") -> list[tuple[float, float | None]]:
    """What was said of the bus, heartbeats left out: (seconds, value)."""
    found: list[tuple[float, float | None]] = []
    for each in rig.of("e1-b", point):
        if not found or found[-1][1] != each.value:
            found.append((each.measured_ms / 1000, each.value))
    return found


def test_a_bus_is_reachable_and_tells_how_many_of_its_devices_answer() -> None:
    rig = Rig(meters(3), steady).run(5_000)

    assert told(rig) == [(1, 1.0)]
    assert told(rig, "devices_total") == [(1, 3.0)]
    assert told(rig, "devices_answering") == [(1, 3.0)]


def test_one_device_that_answers_is_enough() -> None:
    rig = Rig(meters(3), lambda request, _: steady(request, 0) if request.unit == 2 else TIMEOUT, timeout_ms=100)
    rig.run(30_000)

    assert {value for _, value in told(rig)} == {1.0}
    assert told(rig, "devices_answering")[-1][1] == 1.0


def test_an_exception_of_the_device_itself_is_an_answer() -> None:
    rig = Rig(meters(2), lambda _, __: REFUSED).run(5_000)

    assert told(rig) == [(1, 1.0)]


def test_a_bus_is_unreachable_when_nobody_answers_and_reachable_at_the_first_who_does() -> None:
    def device(request: Request, now_ms: int) -> Answer:
        return TIMEOUT if 10_000 <= now_ms < 300_000 else steady(request, now_ms)

    rig = Rig(meters(50), device, timeout_ms=20).run(500_000)

    (_, first), (lost_s, lost), (back_s, back) = told(rig)
    assert (first, lost, back) == (1.0, 0.0, 1.0)
    assert 10 < lost_s < 15
    assert 300 < back_s < 362, "within the longest back-off of a slave"
    assert told(rig, "devices_answering")[-1][1] == 50.0


def test_a_silent_bus_calls_the_roll_so_that_slow_devices_do_not_hide_its_loss() -> None:
    makes = {"fast": PLAIN, "slow": SLOW}
    rows = [("fast", "unit = 1"), ("fast", "unit = 2"), ("slow", "unit = 3"), ("slow", "unit = 4")]
    cabinet = Cabinet(site(makes, rows), "e1", epoch=1)

    def device(request: Request, now_ms: int) -> Answer:
        return steady(request, now_ms) if now_ms < 60_000 else TIMEOUT

    rig = Rig(cabinet, device, timeout_ms=200).run(100_000)

    assert [value for _, value in told(rig)] == [1.0, 0.0]
    assert told(rig)[-1][0] < 65, "though the slow ones are due every ten minutes"


def test_one_dead_device_calls_no_roll() -> None:
    makes = {"fast": PLAIN, "slow": SLOW}
    cabinet = Cabinet(site(makes, [("fast", "unit = 1"), ("fast", "unit = 2"), ("slow", "unit = 3")]), "e1", epoch=1)
    rig = Rig(cabinet, lambda request, now: TIMEOUT if request.unit == 1 and now > 60_000 else steady(request, now))
    rig.run(200_000)

    assert sum(name == "d2" and at > 60_000 for at, name in rig.asked) == 0


def test_what_is_brought_forward_keeps_its_slots() -> None:
    schedule = Schedule([Slot("b", "slow", 60_000)], 0)
    assert schedule.pop("b", 0) == 0
    schedule.done(0, 10)
    schedule.hasten(["slow", "nobody"], 5_000)
    assert schedule.pop("b", 5_000) == 0
    schedule.done(0, 5_010)

    assert schedule.next_ms("b") == 60_000
    assert schedule.skipped == 0


def test_a_connection_that_is_away_for_a_period_is_a_lost_bus_whatever_its_devices_last_said() -> None:
    cabinet = meters(2)
    rig = Rig(cabinet, steady).run(5_000)
    cabinet.link("b", False, rig.now_ms)
    rig.device = lambda _, __: GONE
    rig.run(9_000)
    cabinet.link("b", True, rig.now_ms)
    rig.device = steady
    rig.run(20_000)
    before = len(told(rig))
    cabinet.link("b", False, rig.now_ms)
    rig.device = lambda request, _: GONE if request.unit == 1 else steady(request, 0)
    rig.run(30_000)

    assert before == len(told(rig)), "somebody was heard, so the gateway only hangs up after each answer"


def test_nobody_can_be_asked_is_a_lost_bus() -> None:
    rig = Rig(meters(2), lambda _, __: GONE).run(3_000)

    assert told(rig) == [(1, 0.0)]


def test_a_bus_with_one_device_is_that_device() -> None:
    rig = Rig(meters(1), steady).run(5_000)

    assert rig.of("e1-b", "state") == []


def speaking() -> Cabinet:
    return Cabinet(site({"one": SPOKEN}, [("one", f'serial = "s{i}"') for i in range(2)], mqtt_bus(1)), "e1", epoch=1)


def test_a_field_bus_is_its_broker_and_tells_no_count_of_answers() -> None:
    cabinet = speaking()
    cabinet.link("b", True, 0)
    rig = Rig(cabinet, steady).run(2_000)
    cabinet.link("b", False, rig.now_ms)
    rig.run(60_000)
    cabinet.link("b", True, rig.now_ms)
    rig.run(2_000)

    assert [value for _, value in told(rig)] == [1.0, 0.0, 1.0]
    assert rig.of("e1-b", "devices_answering") == []


def test_after_a_lost_broker_those_who_should_have_spoken_and_did_not_are_stale_once() -> None:
    cabinet = speaking()
    cabinet.link("b", True, 0)
    rig = Rig(cabinet, steady)
    cabinet.message("b", "v/s0", b'{"t": 20}', 0)
    cabinet.message("b", "v/s1", b'{"t": 20}', 0)
    rig.run(1_000)
    cabinet.link("b", False, rig.now_ms)
    rig.run(600_000)
    cabinet.link("b", True, rig.now_ms)
    cabinet.message("b", "v/s0", b'{"t": 21}', rig.now_ms + 500)
    back_ms = rig.now_ms
    rig.run(120_000)

    spoke, silent = rig.of("m0", "temperature"), rig.of("m1", "temperature")
    assert [each.reason for each in spoke] == [Reason.NONE, Reason.NONE]
    assert [each.reason for each in silent] == [Reason.NONE, Reason.STALE]
    assert 10_000 <= silent[-1].measured_ms - back_ms <= 12_000, "the broker hands over first what it kept"
