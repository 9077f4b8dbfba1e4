"""Pure. Everything that the sensors of a site could sense, driven by a scenario.

What it shows depends only on (site, scenario, seed, moment): never on how often or by whom it is asked. Assets move
lazily, when somebody reads them, because a duty room's worth of lifts costs nothing while nobody looks.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from firmware_sim.box import Box, Surroundings
from firmware_sim.chance import stream
from firmware_sim.daytime import Daytime
from firmware_sim.links import ReadFault, Trouble
from firmware_sim.physics.catalogue import model_of
from firmware_sim.physics.model import Active, Setting
from firmware_sim.plant import Plant
from firmware_sim.scenario import (
    Injection,
    Scenario,
    box_of,
    faults_of,
    is_link_fault,
    is_sensor_fault,
    struck_boxes,
)
from firmware_sim.signal import Signal
from firmware_sim.truth import Truth, truth_of
from vocab.instant import seconds_ms
from vocab.site import EDGE_KIND, Asset, Device, Site


class SimulatorError(Exception):
    """Root of what can be wrong with a request to the simulator."""


class CannotInject(SimulatorError):
    """The fault cannot be done at this site; `reasons` says why."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


class UnknownFault(SimulatorError):
    """No fault of this id is at work."""


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """What a device sends by itself, as its vendor's firmware would."""

    edge: str
    bus: str
    topic: str
    payload: bytes
    sent_ms: int
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Wan:
    """The state of an edge's way to the broker."""

    is_up: bool = True
    is_black_hole: bool = False  # cut: connections stay open and lead nowhere, instead of being refused
    delay_s: float = 0.0  # real seconds each way
    loss: float = 0.0  # share of the chunks that are lost on the way and come with their repetition
    is_half_open: bool = False  # what the edge says arrives, what the broker says does not


class World:
    """The devices of a site, their faults, and the record of the faults."""

    def __init__(self, site: Site, scenario: Scenario, seed: int, start_ms: int) -> None:
        self.site = site
        self.seed = seed
        self.start_ms = start_ms
        self.now_ms = start_ms
        self.log: list[Truth] = []  # append-only; a fault that ends appears again with `ended_ms`
        self._assets = {asset.id: asset for asset in site.assets}
        self._plants: dict[str, Plant] = {}
        self._plant_of: dict[str, Plant] = {}  # by device
        self._timeout_s: dict[str, float] = {}  # by device
        daytime = Daytime(site.file.timezone)
        for asset in site.file.asset:
            self._add(asset, daytime)
        self._speakers = [plant for plant in self._plants.values() if plant.speaks]
        self._open: dict[str, tuple[Injection, Truth]] = {}
        self._cut: dict[str, str] = {}  # edge -> id of the fault that cuts it
        self._schedule: list[tuple[int, int, str, Injection]] = []
        self._order = 0
        for injection in scenario.inject:
            self._plan(start_ms + seconds_ms(injection.at_s), "begin", injection)

    def _add(self, asset: Asset, daytime: Daytime) -> None:
        kind = model_of(asset.kind, asset.variant)
        if kind is None:
            raise SimulatorError(f"no physics for a {asset.kind} {asset.variant or ''}".rstrip())
        pack = self.site.packs[asset.kind]
        seed, start_ms = self.seed, self.start_ms

        def chance(name: str) -> random.Random:
            return stream(seed, asset.id, "physics", name)

        model = kind(Setting(self.site.params_of(asset), start_ms, daytime, chance))
        boxes = [
            Box(box, pack.makes[box.make], pack.points, model.NOISE, self._surroundings(box)) for box in asset.device
        ]
        plant = self._plants[asset.id] = Plant(asset, pack, model, boxes)
        self._plant_of.update((box.device.id, plant) for box in boxes)
        self._timeout_s.update((box.id, self._surroundings(box).timeout_s) for box in asset.device)

    def _surroundings(self, device: Device) -> Surroundings:
        bus = next(bus for bus in self.site.edge(device.edge).bus if bus.id == device.bus)
        return Surroundings(self.seed, self.start_ms, bus.timeout_s)

    # --- time ---

    def advance(self, to_ms: int) -> None:
        """Let time pass. Going back is refused silently: a late caller must not undo what others saw."""
        while self._schedule and self._schedule[0][0] <= to_ms:
            at_ms, _, what, injection = heapq.heappop(self._schedule)
            self.now_ms = max(self.now_ms, at_ms)
            if what == "begin":
                self._begin(injection, at_ms)
            elif injection.id in self._open:
                self._end(injection.id, at_ms)
        self.now_ms = max(self.now_ms, to_ms)

    @property
    def next_change_ms(self) -> int | None:
        """When the scenario next does something."""
        return self._schedule[0][0] if self._schedule else None

    # --- looking ---

    def read(self, device: str, table: str, address: int, count: int) -> list[int] | ReadFault:
        """What a Modbus master has in the end: a late answer that is still in time counts as an answer."""
        answer = self.ask(device, table, address, count)
        if isinstance(answer, ReadFault) and answer.trouble is Trouble.LATE:
            in_time = answer.late_s < self._timeout_s[device]
            return list(answer.registers) if in_time else ReadFault(Trouble.TIMEOUT)
        return answer

    def ask(self, device: str, table: str, address: int, count: int) -> list[int] | ReadFault:
        """What a device puts on the line now; KeyError for a device that is not of this site."""
        plant = self._plant_of[device]
        plant.advance(self.now_ms)
        return plant.answer(device, table, address, count)

    def take_messages(self) -> list[VendorMessage]:
        """What devices sent up to now and was not taken yet, in the order of sending."""
        letters = []
        for plant in self._speakers:
            plant.advance(self.now_ms)
            letters += plant.take_letters(self.now_ms)
        letters.sort(key=lambda each: (each.sent.sent_ms, each.box.device.id))
        return [
            VendorMessage(
                edge=letter.box.device.edge,
                bus=letter.box.device.bus,
                topic=letter.box.message.topic,
                payload=letter.sent.payload,
                sent_ms=letter.sent.sent_ms,
                retain=letter.sent.retain,
            )
            for letter in letters
            if letter.box.message is not None
        ]

    def wan_up(self, edge: str) -> bool:
        """Whether the edge can reach the broker."""
        return self.wan(edge).is_up

    def wan(self, edge: str) -> Wan:
        """The same with the manner of the cut; `delay_s`, `loss_percent` and `half_open` spoil the way instead."""
        name = self._cut.get(edge)
        if name is None:
            return Wan()
        params = self._open[name][1].params
        delay_s, loss = params.get("delay_s", 0.0), params.get("loss_percent", 0.0) / 100
        is_half_open = params.get("half_open", 0.0) > 0
        is_bad = delay_s > 0 or loss > 0 or is_half_open  # but not cut
        return Wan(is_bad, params.get("black_hole", 0.0) > 0, delay_s, loss, is_half_open)

    def truths(self, asset: str) -> Mapping[str, float | str | None]:
        """Every point of an asset as it truly is, before any sensor, for tests and for people who look behind."""
        plant = self._plants[asset]
        plant.advance(self.now_ms)
        return plant.truths()

    def signals(self, asset: str) -> Mapping[str, Signal]:
        """What the sensors of an asset say now, before it is put into registers or messages."""
        plant = self._plants[asset]
        plant.advance(self.now_ms)
        return plant.signals()

    @property
    def truth(self) -> list[Truth]:
        """Every fault so far, each once, with its end if it ended."""
        return list({each.id: each for each in self.log}.values())

    # --- breaking ---

    def inject(self, injection: Injection) -> Truth:
        """Do something to the site now (`at_s` is not looked at); CannotInject says why it cannot be done."""
        complaints = tuple(f"{key}: {message} ({hint})" for key, _, message, hint in faults_of(injection, self.site))
        if injection.id in {each.id for each in self.log}:
            complaints += (f"id: {injection.id!r} is taken (choose another)",)
        same = {(each.target, each.fault, each.device, each.point) for each, _ in self._open.values()}
        if (injection.target, injection.fault, injection.device, injection.point) in same:
            complaints += (f"fault: {injection.target!r} has {injection.fault!r} already (clear it first)",)
        if complaints:
            raise CannotInject(complaints)
        return self._begin(injection, self.now_ms)

    def clear(self, fault_id: str) -> Truth:
        """Repair it now; UnknownFault if it is not at work."""
        if fault_id not in self._open:
            raise UnknownFault(fault_id)
        return self._end(fault_id, self.now_ms)

    def _plan(self, at_ms: int, what: str, injection: Injection) -> None:
        heapq.heappush(self._schedule, (at_ms, self._order, what, injection))
        self._order += 1

    def _begin(self, injection: Injection, at_ms: int) -> Truth:
        asset = self._assets[injection.target]
        fault = self.site.packs[asset.kind].faults[injection.fault]
        active = Active(fault.play, at_ms, {**fault.params, **injection.params})
        truth = truth_of(injection.id, asset, fault, self.site.rules_of(asset), at_ms)
        device, point = injection.device, None
        if asset.kind == EDGE_KIND:
            self._cut[asset.id] = injection.id
        else:
            plant = self._plants[asset.id]
            plant.advance(at_ms)
            if is_link_fault(fault.play):
                plant.begin_link([box.id for box in struck_boxes(injection, asset)], active)
            elif is_sensor_fault(fault.play):
                spot = box_of(injection, fault, asset, self.site)
                if spot is not None:
                    device, point = spot[0].id, spot[1]
                    plant.begin_sensor(device, point, active)
            else:
                plant.begin_physics(active)
        truth = msgspec.structs.replace(truth, device=device, point=point, params=dict(active.params))
        self.log.append(truth)
        self._open[injection.id] = (injection, truth)
        if injection.for_s is not None:
            self._plan(at_ms + seconds_ms(injection.for_s), "end", injection)
        return truth

    def _end(self, fault_id: str, at_ms: int) -> Truth:
        injection, truth = self._open.pop(fault_id)
        asset = self._assets[injection.target]
        play = self.site.packs[asset.kind].faults[injection.fault].play
        if asset.kind == EDGE_KIND:
            self._cut.pop(asset.id, None)
        else:
            plant = self._plants[asset.id]
            plant.advance(at_ms)
            if is_link_fault(play):
                plant.end_link([box.id for box in struck_boxes(injection, asset)], play)
            elif truth.device is not None and truth.point is not None:
                plant.boxes[truth.device].end_sensor(truth.point, play)
            else:
                plant.end_physics(play)
        ended = msgspec.structs.replace(truth, ended_ms=at_ms)
        self.log.append(ended)
        return ended
