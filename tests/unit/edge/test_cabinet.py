"""The cabinet in virtual time: devices are functions, a day takes a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

from edge.batch import Batch, newest_ms
from edge.breaker import Patience, State
from edge.cabinet import NEVER_MS, Cabinet, Conduct
from edge.request import FailureKind, ReadFailure, Request
from tests.edge_places import PLAIN, mqtt_bus, site
from vocab.quality import Quality, Reason
from vocab.reading import Reading
from wire import frame as wire_frame

TIMEOUT = ReadFailure(FailureKind.TIMEOUT)
Answer = list[int] | ReadFailure
Device = Callable[[Request, int], Answer]

TRIP = """
[mqtt]
topic = "v/{serial}"
codec = "json"
interval_s = 10
time = { path = "ts", format = "ms" }
[[mqtt.field]]
point = "temperature"
path = "t"
[[mqtt.field]]
point = "passage"
path = "p"
"""
START = 1_774_488_600_000


class Rig:
    """A cabinet with its devices, and every reading that left it."""

    def __init__(self, cabinet: Cabinet, device: Device, timeout_ms: int = 0, start_ms: int = 0) -> None:
        self.cabinet = cabinet
        self.device = device
        self.timeout_ms = timeout_ms
        self.now_ms = start_ms
        self.asked: list[tuple[int, str]] = []
        self.readings: list[Reading] = []

    def run(self, for_ms: int, flush_ms: int = 1000) -> Rig:
        end = self.now_ms + for_ms
        flush_at = self.now_ms + flush_ms
        while self.now_ms < end:
            for request in self.cabinet.due(self.now_ms):
                self.asked.append((self.now_ms, request.device))
                answer = self.device(request, self.now_ms)
                if answer is TIMEOUT:
                    self.now_ms += self.timeout_ms
                self.cabinet.answered(request, answer, self.now_ms)
            if self.now_ms >= flush_at:
                self.flush()
                flush_at += flush_ms
            self.now_ms = max(self.now_ms + 1, min(self.cabinet.next_due_ms, flush_at, end))
        self.flush()
        return self

    def flush(self) -> None:
        while (frame := self.cabinet.close_frame(self.now_ms)) is not None:
            self.readings += wire_frame.readings(frame)

    def of(self, asset: str, point: str) -> list[Reading]:
        return [each for each in self.readings if (each.asset, each.point) == (asset, point)]


def steady(_: Request, __: int) -> Answer:
    return [257, 410]


def meters(count: int) -> Cabinet:
    return Cabinet(site({"plain": PLAIN}, [("plain", f"unit = {i + 1}") for i in range(count)]), "e1", epoch=1)


def test_values_come_out_in_the_units_of_the_points() -> None:
    rig = Rig(meters(1), steady).run(500)
    assert [each.value for each in rig.of("m0", "temperature")] == [25.7]
    assert [each.value for each in rig.of("m0", "pressure")] == [0.41]


def test_an_unchanged_value_is_said_once_per_heartbeat() -> None:
    readings = Rig(meters(1), steady).run(60_000).of("m0", "temperature")
    gaps = [b.measured_ms - a.measured_ms for a, b in pairwise(readings)]
    assert 6 <= len(readings) <= 8
    assert max(gaps) <= 10_000


def test_frames_are_numbered_without_a_gap_and_come_every_flush() -> None:
    cabinet = meters(1)
    seqs = []
    for now in range(0, 20_000, 1000):
        cabinet.due(now)
        while (frame := cabinet.close_frame(now)) is not None:
            seqs.append(frame.seq)
    assert seqs == list(range(1, 21))


def test_a_silent_slave_is_bad_once_and_then_with_each_heartbeat() -> None:
    rig = Rig(meters(1), lambda *_: TIMEOUT).run(60_000)
    readings = rig.of("m0", "temperature")
    assert {(each.value, each.quality, each.reason) for each in readings} == {
        (None, Quality.BAD, Reason.COMM_TIMEOUT)
    }  # fmt: skip
    assert 6 <= len(readings) <= 8
    assert len(rig.asked) <= 7  # 2 + 4 + 8 + 16 + 32 s


def test_a_silent_slave_delays_nobody_else() -> None:
    """A time-out of a second on a bus with one question at a time, one of twenty slaves dead, for ten minutes."""
    dead = "d7"
    rig = Rig(meters(20), lambda request, _: TIMEOUT if request.device == dead else [257, 410], timeout_ms=1000)
    rig.run(600_000)
    polls = [sum(device == f"d{i}" for _, device in rig.asked) for i in range(20)]
    assert polls[7] <= 1 + 5 + 600 // 60
    assert min(polls[:7] + polls[8:]) >= 0.95 * 600


def test_many_silent_slaves_take_no_more_than_their_share_of_the_bus() -> None:
    """Thirty of forty slaves dead: without a budget their probes would fill half of every minute."""
    rig = Rig(meters(40), lambda request, _: TIMEOUT if int(request.device[1:]) < 30 else [257, 410], timeout_ms=1000)
    rig.run(120_000)  # time enough to find all thirty out
    rig.asked.clear()
    rig.run(600_000)
    polls = [sum(device == f"d{i}" for _, device in rig.asked) for i in range(30, 40)]
    assert min(polls) >= 0.88 * 600


def test_a_slave_that_comes_back_is_found_within_the_longest_back_off() -> None:
    rig = Rig(meters(2), lambda request, now: TIMEOUT if request.device == "d0" and now < 300_000 else [257, 410], 1000)
    rig.run(400_000)
    good = [each.measured_ms for each in rig.of("m0", "temperature") if each.quality is Quality.GOOD]
    assert 300_000 <= good[0] <= 361_000
    assert rig.cabinet.breakers()["d0"].state is State.CLOSED


def test_an_exception_spoils_its_block_and_no_other() -> None:
    makes = {"two": PLAIN.replace("address = 1", "address = 100")}
    cabinet = Cabinet(site(makes, [("two", "unit = 1")]), "e1", epoch=1)
    illegal = ReadFailure(FailureKind.EXCEPTION, 2)
    rig = Rig(cabinet, lambda request, _: illegal if request.address == 100 else [257]).run(5000)
    assert rig.of("m0", "temperature")[0].value == 25.7
    assert rig.of("m0", "pressure")[0].reason is Reason.COMM_ERROR
    assert rig.cabinet.breakers()["d0"].state is State.CLOSED


def test_a_gateway_that_speaks_for_a_silent_slave_opens_its_breaker() -> None:
    rig = Rig(meters(1), lambda *_: ReadFailure(FailureKind.EXCEPTION, 11)).run(5000)
    assert rig.of("m0", "temperature")[0].reason is Reason.COMM_TIMEOUT
    assert rig.cabinet.breakers()["d0"].state is not State.CLOSED


def test_a_lost_connection_opens_no_breaker() -> None:
    gone = ReadFailure(FailureKind.UNREACHABLE)
    rig = Rig(meters(1), lambda _, now: gone if now < 60_000 else [257, 410]).run(62_000)
    readings = rig.of("m0", "temperature")
    assert readings[0].reason is Reason.COMM_TIMEOUT
    assert readings[-1].value == 25.7
    assert readings[-1].measured_ms <= 61_000


def test_an_answer_of_the_wrong_length_is_a_comm_error() -> None:
    assert Rig(meters(1), lambda *_: [1]).run(2000).of("m0", "pressure")[0].reason is Reason.COMM_ERROR


def test_every_batch_is_kept_before_it_is_framed() -> None:
    kept: list[Batch] = []
    cabinet = Cabinet(site({"plain": PLAIN}, [("plain", "unit = 1")]), "e1", epoch=1, keep=kept.append)
    rig = Rig(cabinet, steady).run(30_000)
    assert sum(len(each.points) for each in kept) == len(rig.readings)
    assert cabinet.tally.reported == len(rig.readings)


def test_the_edge_tells_its_own_health() -> None:
    rig = Rig(meters(3), lambda request, _: TIMEOUT if request.device == "d0" else [257, 410]).run(120_000)
    assert {each.value for each in rig.of("e1", "slaves_down")} >= {1.0}
    assert rig.of("e1", "poll_ok_percent")[-1].value is not None
    beats = [each.value for each in rig.of("e1", "heartbeat")]
    assert beats == sorted(set(beats))  # type: ignore[type-var]
    assert len(beats) >= 11


def test_an_edge_without_polled_devices_has_nothing_due() -> None:
    cabinet = Cabinet(site({"trip": TRIP}, [("trip", 'serial = "s1"')], mqtt_bus(1)), "e1", epoch=1)
    assert cabinet.due(0) == []
    assert cabinet.next_due_ms == NEVER_MS
    assert cabinet.subscriptions == {"b": ("v/+",)}


class Post:
    """A cabinet with one device that sends messages."""

    def __init__(self) -> None:
        cabinet = Cabinet(site({"trip": TRIP}, [("trip", 'serial = "s1"')], mqtt_bus(1)), "e1", epoch=1)
        self.rig = Rig(cabinet, steady, start_ms=START)

    def send(self, at_ms: int, body: object, *, retained: bool = False) -> list[Reading]:
        self.rig.now_ms = at_ms
        before = len(self.rig.readings)
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.rig.cabinet.message("b", "v/s1", payload, at_ms, retained=retained)
        self.rig.flush()
        return [each for each in self.rig.readings[before:] if each.asset == "m0"]


def test_a_message_is_dated_by_its_device() -> None:
    (reading,) = Post().send(START, {"t": 20, "ts": START - 3000})
    assert (reading.value, reading.measured_ms, reading.quality) == (20.0, START - 3000, Quality.GOOD)


def test_a_wrong_clock_is_told_and_arrival_believed() -> None:
    (reading,) = Post().send(START, {"t": 20, "ts": START - 8 * 3_600_000})
    assert (reading.measured_ms, reading.quality, reading.reason) == (START, Quality.UNCERTAIN, Reason.CLOCK)


def test_each_passage_counts_and_its_repetition_does_not() -> None:
    post = Post()
    first = {"p": 36.6, "ts": START}
    assert len(post.send(START, first)) == 1
    assert post.send(START + 50, first) == []  # QoS 1 delivers twice at times
    assert len(post.send(START + 100, {"p": 36.6, "ts": START + 90})) == 1
    assert post.rig.cabinet.tally.duplicates == 1


def test_a_message_that_makes_no_sense_changes_nothing_and_is_counted() -> None:
    post = Post()
    assert post.send(START, b"\x00garbage") == []
    assert post.rig.cabinet.tally.rejected == 1


def test_a_device_of_another_cabinet_is_none_of_ours() -> None:
    post = Post()
    post.rig.cabinet.message("b", "v/unknown", b"{}", START)
    assert post.rig.cabinet.tally.rejected == 0


def test_a_retained_message_without_time_is_a_ghost() -> None:
    makes = {"trip": TRIP.replace('time = { path = "ts", format = "ms" }\n', "")}
    cabinet = Cabinet(site(makes, [("trip", 'serial = "s1"')], mqtt_bus(1)), "e1", epoch=1)
    cabinet.message("b", "v/s1", b'{"t": 20}', START, retained=True)
    frame = cabinet.close_frame(START)
    assert frame is not None
    reading = next(each for each in wire_frame.readings(frame) if each.asset == "m0")
    assert (reading.quality, reading.reason) == (Quality.UNCERTAIN, Reason.STALE)


def test_messages_that_a_device_held_back_travel_apart_from_news() -> None:
    cabinet = Cabinet(
        site({"trip": TRIP}, [("trip", 'serial = "s1"')], mqtt_bus(1)), "e1", 1, conduct=Conduct(live_for_s=30)
    )
    for age_s in (3600, 3000, 0):
        cabinet.message("b", "v/s1", json.dumps({"t": age_s, "ts": START - age_s * 1000}).encode(), START)
    frames = cabinet.close(START)
    assert [START - newest_ms(frame) for frame in frames] == [3_000_000, 0]


def test_a_distance_becomes_a_fill() -> None:
    register = '[[modbus.register]]\npoint = "distance"\ntable = "input"\naddress = 0\nsentinels = [{ raw = 0xFFFF }]'
    cabinet = Cabinet(site({"bin": "[modbus]\n" + register}, [("bin", "unit = 1")]), "e1", epoch=1)
    told = iter([[1000], [600], [200], [100], [0xFFFF]])
    rig = Rig(cabinet, lambda *_: next(told, [0xFFFF])).run(5000)
    assert [each.value for each in rig.of("m0", "fill")] == [0.0, 50.0, 100.0, 112.5, None]
    assert rig.of("m0", "fill")[-1].reason is Reason.SENSOR_FAULT


def test_a_device_that_warms_up_is_not_believed() -> None:
    gas = (
        '[modbus]\n[[modbus.register]]\npoint = "temperature"\ntable = "input"\naddress = 0\n'
        '[[modbus.register]]\npoint = "mode"\ntable = "input"\naddress = 500\n'
        '[[validity]]\npoint = "mode"\nbad_in = ["warmup"]\nreason = "warmup"\napplies_to = ["temperature"]\n'
    )
    cabinet = Cabinet(site({"gas": gas}, [("gas", "unit = 1")]), "e1", epoch=1)
    rig = Rig(cabinet, lambda request, now: [2 if now < 10_000 else 1] if request.address else [55]).run(20_000)
    told = [(each.quality, each.reason) for each in rig.of("m0", "temperature")]
    assert (Quality.BAD, Reason.WARMUP) in told
    assert told[-1] == (Quality.GOOD, Reason.NONE)


def test_patience_is_the_operators_to_choose() -> None:
    cabinet = Cabinet(
        site({"plain": PLAIN}, [("plain", "unit = 1")]), "e1", 1, conduct=Conduct(patience=Patience(first_s=30))
    )
    rig = Rig(cabinet, lambda *_: TIMEOUT).run(25_000)
    assert len(rig.asked) == 1
