"""Pure. One device of an asset: its sensors, its electronics' map or message, its link."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from firmware_sim.chance import share, stream
from firmware_sim.links import (
    LinkFault,
    Question,
    ReadFault,
    Trouble,
    answer_trouble,
    device_clock,
    loses_message,
)
from firmware_sim.payloads import Message
from firmware_sim.physics.model import Active, Value
from firmware_sim.registers import RegisterMap
from firmware_sim.sensors import Sensor
from firmware_sim.signal import Signal
from vocab.instant import seconds_ms
from vocab.make import Make
from vocab.point import Point
from vocab.site import Device

Truths = Mapping[str, Value]
BURST_GAP_MS = 40  # between two messages of a burst
GHOST_AGE_S = 21600.0


class Sent:
    """A message on its way: body, when it leaves, whether the broker keeps it."""

    __slots__ = ("payload", "retain", "sent_ms")

    def __init__(self, payload: bytes, sent_ms: int, retain: bool = False) -> None:
        self.payload = payload
        self.sent_ms = sent_ms
        self.retain = retain


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a box finds where it is mounted."""

    seed: int
    start_ms: int
    timeout_s: float  # how long its bus's master waits


class Box:
    """What hangs on a bus."""

    def __init__(
        self, device: Device, make: Make, points: Mapping[str, Point], noise: Mapping[str, float], world: Surroundings
    ) -> None:
        seed, start_ms = world.seed, world.start_ms
        self.device = device
        self.make = make
        self._seed = seed
        self._timeout_s = world.timeout_s
        self._sensors = {
            name: Sensor(points[name], noise.get(name, 0.0), stream(seed, device.id, name), start_ms, seed)
            for name in make.points
            if name in points
        }
        self._map = RegisterMap(make.modbus, points) if make.modbus else None
        self.message = Message(make.mqtt, points, device.serial or device.id) if make.mqtt else None
        self._links: dict[str, Active] = {}
        self._backlog: list[bytes] = []
        interval_ms = seconds_ms(make.mqtt.interval_s) if make.mqtt else 0
        self.interval_ms = interval_ms
        # Devices were switched on at different moments, so they do not all speak at once.
        self.next_due_ms = start_ms + 1 + round(share(seed, device.id, "phase") * max(0, interval_ms - 1))

    # --- faults ---

    def begin_sensor(self, point: str, fault: Active, truths: Truths) -> None:
        """A sensor of this box begins to lie."""
        self._sensors[point].begin(fault, truths.get(point))

    def end_sensor(self, point: str, fault_id: str) -> None:
        """It tells the truth again."""
        self._sensors[point].end(fault_id)

    def begin_link(self, fault: Active, truths: Truths) -> list[Sent]:
        """Something happens to the link or the electronics; what the box sends because of it."""
        self._links[fault.fault] = fault
        if fault.fault == LinkFault.RETAINED_GHOST and self.message is not None:
            return [self._ghost(fault, truths)]
        return []

    def end_link(self, fault_id: str, now_ms: int) -> list[Sent]:
        """The link is whole again; what waited comes now."""
        fault = self._links.pop(fault_id, None)
        return self._burst(fault, now_ms) if fault is not None and fault_id == LinkFault.BACKFILL_BURST else []

    def _ghost(self, fault: Active, truths: Truths) -> Sent:
        """A message from long ago that the broker kept: only its own time tells that it is old."""
        assert self.message is not None  # noqa: S101 narrowed by the caller
        old_ms = fault.began_ms - seconds_ms(fault.number("age_s", GHOST_AGE_S))
        old = {**truths, **{name: value for name, value in fault.params.items() if name in truths}}
        payload = self.message.write(lambda point: Signal(old.get(point)), old_ms)
        return Sent(payload, fault.began_ms, retain=True)

    # --- answering ---

    def answer(self, table: str, address: int, count: int, truths: Truths, now_ms: int) -> list[int] | ReadFault:
        """Registers or bits, or what goes wrong instead."""
        late = None
        if self._links:
            question = Question(self.device.id, now_ms, address)
            trouble = answer_trouble(self._links.values(), question, self._seed)
            if trouble is not None and trouble.trouble is not Trouble.LATE:
                return trouble
            late = trouble
        if self._map is None:
            return ReadFault(Trouble.TIMEOUT)
        sensors = self._sensors
        found = self._map.read(table, address, count, lambda point: sensors[point].tell(truths.get(point), now_ms))
        if isinstance(found, int):
            return ReadFault(Trouble.EXCEPTION, code=found)
        if late is None:
            return found
        return ReadFault(Trouble.LATE, late_s=late.late_s * self._timeout_s, registers=tuple(found))

    def signals(self, truths: Truths, now_ms: int) -> dict[str, Signal]:
        """What each sensor of the box says now."""
        return {name: sensor.tell(truths.get(name), now_ms) for name, sensor in self._sensors.items()}

    # --- speaking ---

    def speak(self, truths: Truths, at_ms: int) -> list[Sent]:
        """The device's message of this moment, as its link lets it through."""
        if self.message is None:
            return []
        links = self._links.values()
        if links and loses_message(links, Question(self.device.id, at_ms, 0), self._seed):
            return []
        sensors = self._sensors
        payload = self.message.write(
            lambda point: sensors[point].tell(truths.get(point), at_ms), device_clock(links, at_ms)
        )
        if not links:
            return [Sent(payload, at_ms)]
        return self._through(payload, at_ms)

    def _through(self, payload: bytes, at_ms: int) -> list[Sent]:
        if (burst := self._links.get(LinkFault.BACKFILL_BURST)) is not None:
            if burst.since_s(at_ms) < burst.number("gap_s", 60.0):
                self._backlog.append(payload)
                return []
            return [*self._burst(burst, at_ms), Sent(payload, at_ms)]
        if LinkFault.GARBAGE_ANSWER in self._links:
            return [Sent(_garbled(payload), at_ms)]
        if (slow := self._links.get(LinkFault.SLOW_ANSWER)) is not None:
            return [Sent(payload, at_ms + seconds_ms(slow.number("share_of_timeout", 0.5) * self._timeout_s))]
        return [Sent(payload, at_ms)]

    def _burst(self, fault: Active, now_ms: int) -> list[Sent]:
        """What waited, all at once: out of order, and some of it twice, as QoS 1 allows."""
        waiting, self._backlog = self._backlog, []
        chance: random.Random = stream(self._seed, self.device.id, "burst", str(now_ms))
        twice = fault.number("duplicates_percent", 10.0) / 100
        waiting += [payload for payload in waiting if chance.random() < twice]
        chance.shuffle(waiting)
        return [Sent(payload, now_ms + place * BURST_GAP_MS) for place, payload in enumerate(waiting)]


def _garbled(payload: bytes) -> bytes:
    return payload[: len(payload) // 2] + b"\xff\x00"
