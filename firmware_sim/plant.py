"""Pure. One asset: the physics, and the devices that watch it. Moved only when somebody looks (`World`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from firmware_sim.box import Box, Sent
from firmware_sim.links import LinkFault, ReadFault
from firmware_sim.physics.model import Active, Happening, Model, Values
from firmware_sim.signal import Signal
from vocab.pack import Pack
from vocab.site import Asset


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its sender."""

    box: Box
    sent: Sent


class Plant:
    """An asset at work."""

    def __init__(self, asset: Asset, pack: Pack, model: Model, boxes: Iterable[Box]) -> None:
        self.asset = asset
        self.model = model
        self.boxes = {box.device.id: box for box in boxes}
        self._senders = [box for box in self.boxes.values() if box.message is not None]
        params = model.setting.params
        self._inverse = [
            (derive.point, derive.source, params[derive.zero], params[derive.full]) for derive in pack.derives
        ]
        self._outbox: list[Letter] = []
        self._truths: Values | None = None
        self._now_ms = model.setting.start_ms

    @property
    def next_due_ms(self) -> int | None:
        """When a device of this asset next speaks by itself; None: it never does."""
        return min((box.next_due_ms for box in self._senders), default=None)

    @property
    def speaks(self) -> bool:
        """Whether any device of this asset sends messages."""
        return bool(self._senders)

    def advance(self, to_ms: int) -> None:
        """Move the physics, letting devices speak when their time comes or something happens."""
        if to_ms <= self._now_ms:
            return
        while self._senders:
            box = min(self._senders, key=lambda each: each.next_due_ms)
            due_ms = box.next_due_ms
            if due_ms > to_ms:
                break
            self._move(due_ms)
            self._post(box, box.speak(self.truths(), due_ms))
            box.next_due_ms += box.interval_ms
        self._move(to_ms)

    def _move(self, to_ms: int) -> None:
        if to_ms > self._now_ms:
            self.model.advance(to_ms)
            self._truths = None
            self._now_ms = to_ms
        for happening in self.model.take_happenings():
            self._tell(happening)

    def _tell(self, happening: Happening) -> None:
        truths = self._inverted(dict(happening.values))
        for box in self._senders:
            if box.message is not None and not happening.news.isdisjoint(box.message.points):
                self._post(box, box.speak(truths, happening.at_ms))

    def _post(self, box: Box, sent: Iterable[Sent]) -> None:
        self._outbox.extend(Letter(box, each) for each in sent)

    def truths(self) -> Values:
        """Every point as it truly is, what devices measure in place of derived points included."""
        if self._truths is None:
            self._truths = self._inverted(self.model.values())
        return self._truths

    def _inverted(self, values: Values) -> Values:
        for point, source, zero, full in self._inverse:
            value = values.get(point)
            if source not in values and isinstance(value, float | int):
                values[source] = zero + (full - zero) * value / 100.0
        return values

    def answer(self, device: str, table: str, address: int, count: int) -> list[int] | ReadFault:
        """What a device answers now."""
        return self.boxes[device].answer(table, address, count, self.truths(), self._now_ms)

    def signals(self) -> dict[str, Signal]:
        """What the sensors say now; where two boxes measure a point, the first one's."""
        truths, found = self.truths(), dict[str, Signal]()
        for box in self.boxes.values():
            for point, signal in box.signals(truths, self._now_ms).items():
                found.setdefault(point, signal)
        return found

    def take_letters(self, until_ms: int) -> list[Letter]:
        """What left a device by `until_ms` and was not taken yet."""
        if not self._outbox:
            return []
        left = [letter for letter in self._outbox if letter.sent.sent_ms <= until_ms]
        self._outbox = [letter for letter in self._outbox if letter.sent.sent_ms > until_ms]
        return left

    # --- faults; the caller has advanced to their moment ---

    def begin_physics(self, fault: Active) -> None:
        """The machine itself fails."""
        self.model.strike(fault)
        self._settle()

    def end_physics(self, fault_id: str) -> None:
        """It was repaired."""
        self.model.clear(fault_id)
        self._settle()

    def begin_link(self, boxes: Iterable[str], fault: Active) -> None:
        """Links or electronics of some devices fail."""
        if fault.fault == LinkFault.REBOOT:
            self.model.restart(fault)
            self._settle()
        for name in boxes:
            self._post(self.boxes[name], self.boxes[name].begin_link(fault, self.truths()))

    def end_link(self, boxes: Iterable[str], fault_id: str) -> None:
        """They are whole again."""
        for name in boxes:
            self._post(self.boxes[name], self.boxes[name].end_link(fault_id, self._now_ms))

    def begin_sensor(self, box: str, point: str, fault: Active) -> None:
        """One sensor lies."""
        self.boxes[box].begin_sensor(point, fault, self.truths())

    def _settle(self) -> None:
        self._truths = None
        for happening in self.model.take_happenings():
            self._tell(happening)
