"""Pure. Which block is to be read when: staggered over the period, paced per device and bus, never piled up.

The law: every block has slots `anchor + k * period`. On a bus the most overdue block goes first, a device has at most
one request out, and of slots missed only the latest is made good: the others are skipped and counted. The first round
is due at once, so that the wall is not empty for the length of the slowest period.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Slot:
    """One block in need of a place in time."""

    bus: str
    device: str
    period_ms: int
    pause_ms: int = 0  # between two requests to this device


@dataclass(slots=True)
class _Box:
    """A device: its blocks by due moment, and whether it may be asked."""

    name: str
    bus: _Lane
    pause_ms: int
    queue: list[tuple[int, int]] = field(default_factory=list)
    ready_ms: int = 0
    busy: bool = False
    ticket: int = 0  # only the newest entry in the bus's heap counts


@dataclass(slots=True)
class _Lane:
    """A bus: its devices by the moment at which they may be asked next."""

    heap: list[tuple[int, int, int, _Box]] = field(default_factory=list)
    ready_ms: int = 0


class Schedule:
    """Hands out block numbers as they fall due. `slots[i]` is block i."""

    def __init__(self, slots: Sequence[Slot], start_ms: int, bus_pause_ms: int = 0) -> None:
        self.skipped = 0
        self._slots = tuple(slots)
        self._bus_pause_ms = bus_pause_ms
        self._last_ms = start_ms
        self._lanes: dict[str, _Lane] = {slot.bus: _Lane() for slot in slots}
        self._boxes: dict[str, _Box] = {}
        self._entries = 0
        self._due = [start_ms] * len(slots)
        self._anchors = [start_ms + phase for phase in _phases(self._slots)]
        self._fresh = [True] * len(slots)
        for number, slot in enumerate(self._slots):
            box = self._boxes.setdefault(slot.device, _Box(slot.device, self._lanes[slot.bus], slot.pause_ms))
            heapq.heappush(box.queue, (start_ms, number))
        for box in self._boxes.values():
            self._enter(box)

    @property
    def buses(self) -> tuple[str, ...]:
        """The buses that have something to read."""
        return tuple(self._lanes)

    def pop(self, bus: str, now_ms: int) -> int | None:
        """The most overdue block of `bus`, now out until `done`; None if nothing may be asked."""
        if now_ms < self._last_ms - 1000:
            self._shift(now_ms - self._last_ms)  # the clock was set back
        self._last_ms = now_ms
        lane = self._lanes[bus]
        if now_ms < lane.ready_ms:
            return None
        heap = lane.heap
        while heap and heap[0][0] <= now_ms:
            _, _, ticket, box = heapq.heappop(heap)
            if ticket == box.ticket and not box.busy:
                box.busy = True
                return heapq.heappop(box.queue)[1]
        return None

    def done(self, number: int, now_ms: int, *, asked: bool = True) -> None:
        """Block `number` was answered (or failed, or, with `asked` false, was left out): plan its next slot."""
        slot = self._slots[number]
        box = self._boxes[slot.device]
        box.busy = False
        if asked:
            box.ready_ms = now_ms + box.pause_ms
            box.bus.ready_ms = now_ms + self._bus_pause_ms
        due = self._next(number, slot.period_ms, now_ms)
        self._due[number] = due
        heapq.heappush(box.queue, (due, number))
        self._enter(box)

    def hasten(self, devices: Iterable[str], now_ms: int) -> None:
        """Ask each of these at once: the next of its blocks is brought forward, its slots stay where they are."""
        for name in devices:
            box = self._boxes.get(name)
            if box is None or not box.queue or box.queue[0][0] <= now_ms:
                continue
            _, number = heapq.heappop(box.queue)
            self._due[number] = now_ms
            heapq.heappush(box.queue, (now_ms, number))
            if not box.busy:
                self._enter(box)

    def next_ms(self, bus: str) -> int | None:
        """When `bus` has something to ask next; None while every device of it has a request out."""
        lane = self._lanes[bus]
        while lane.heap and (lane.heap[0][2] != lane.heap[0][3].ticket or lane.heap[0][3].busy):
            heapq.heappop(lane.heap)
        return max(lane.heap[0][0], lane.ready_ms) if lane.heap else None

    def lag_ms(self, number: int, now_ms: int) -> int:
        """How long after its slot block `number`, which is out, is being asked."""
        return max(0, now_ms - self._due[number])

    def _next(self, number: int, period: int, now_ms: int) -> int:
        anchor, due = self._anchors[number], self._due[number]
        latest = anchor + (now_ms - anchor) // period * period
        if self._fresh[number]:  # the first round came before its slot; do not ask twice in half a period
            self._fresh[number] = False
            return latest + period if latest + period - now_ms >= period // 2 else latest + 2 * period
        if latest <= due:
            return latest + period
        self.skipped += (latest - due) // period - 1
        return latest

    def _enter(self, box: _Box) -> None:
        self._entries += 1
        box.ticket = self._entries
        due = box.queue[0][0]
        # The due moment breaks ties of the ready moment, so that after a pause the most overdue device goes first.
        heapq.heappush(box.bus.heap, (max(due, box.ready_ms), due, box.ticket, box))

    def _shift(self, by_ms: int) -> None:
        self._due = [due + by_ms for due in self._due]
        self._anchors = [anchor + by_ms for anchor in self._anchors]
        for lane in self._lanes.values():
            lane.heap.clear()
            lane.ready_ms += by_ms
        for box in self._boxes.values():
            box.queue = [(due + by_ms, number) for due, number in box.queue]
            box.ready_ms += by_ms
            if box.queue and not box.busy:
                self._enter(box)


def _phases(slots: Sequence[Slot]) -> list[int]:
    """Blocks of one bus with one period are spread evenly over it."""
    groups: dict[tuple[str, int], list[int]] = {}
    for number, slot in enumerate(slots):
        groups.setdefault((slot.bus, slot.period_ms), []).append(number)
    phases = [0] * len(slots)
    for (_, period), numbers in groups.items():
        for place, number in enumerate(numbers):
            phases[number] = period * place // len(numbers)
    return phases
