"""Shell. The whole chain in one process and in virtual time: the same cores as in life, driven by a loop, no sockets.

Only the databases do I/O, and they live in memory. Every frame is encoded, judged by the gate, stored and weighed by
the alarm engine, exactly as its bytes would be after a broker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.batch import newest_ms
from edge.cabinet import Cabinet, Conduct
from edge.request import FailureKind, ReadFailure
from firmware_sim.links import ReadFault, Trouble
from firmware_sim.scenario import Scenario
from firmware_sim.world import World
from vocab import topics
from vocab.instant import seconds_ms
from vocab.site import Site
from wire import frame as wire_frame
from wire.frame import Frame
from wire.message import Message

if TYPE_CHECKING:
    from edge.request import Request

LIVE_FOR_MS = seconds_ms(Conduct().live_for_s)  # as the edge's uplink: older frames are back-fill
LISTEN_EVERY_MS = 1_000
BACKLOG_PER_FLUSH = 50  # frames that an edge sends again in one flush after a cut

_KINDS = {
    Trouble.TIMEOUT: FailureKind.TIMEOUT,
    Trouble.LATE: FailureKind.TIMEOUT,
    Trouble.GARBAGE: FailureKind.GARBLED,
    Trouble.SHORT: FailureKind.GARBLED,
    Trouble.CLOSE: FailureKind.CLOSED,
    Trouble.EXCEPTION: FailureKind.EXCEPTION,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What would arrive at the broker."""

    message: Message
    readings: int


@dataclass(slots=True)
class _Cabinet:
    """One cabinet with the frames that still wait for the WAN."""

    core: Cabinet
    timeout_s: dict[str, float]
    flush_ms: int
    next_flush_ms: int
    waiting: deque[Frame] = field(default_factory=deque)


class VirtualSite:
    """Simulated devices and the edges that poll them; yields what the edges send."""

    def __init__(self, site: Site, scenario: Scenario, seed: int, start_ms: int) -> None:
        self.site = site
        self.world = World(site, scenario, seed, start_ms)
        self.now_ms = start_ms
        self._end_ms = start_ms + seconds_ms(scenario.duration_s)
        self._next_listen_ms = start_ms
        self._cabinets = {
            edge.id: _Cabinet(
                Cabinet(site, edge.id, start_ms),
                {bus.id: bus.timeout_s for bus in edge.bus},
                seconds_ms(edge.flush_s),
                start_ms + seconds_ms(edge.flush_s),
            )
            for edge in site.file.edge
        }

    def run(self) -> Iterator[list[Sent]]:
        """Step from event to event until the scenario ends; each step yields what was sent in it."""
        while self.now_ms < self._end_ms:
            self.world.advance(self.now_ms)
            self._listen()
            for edge_id, cabinet in self._cabinets.items():
                self._poll(cabinet)
                sent = self._flush(edge_id, cabinet)
                if sent:
                    yield sent
            self.now_ms = max(self.now_ms + 1, min(self._end_ms, self._next_event_ms()))

    def _next_event_ms(self) -> int:
        moments = [self._next_listen_ms]
        for cabinet in self._cabinets.values():
            moments += [cabinet.core.next_due_ms, cabinet.next_flush_ms]
        if self.world.next_change_ms is not None:
            moments.append(self.world.next_change_ms)
        return min(moments)

    def _listen(self) -> None:
        if self.now_ms < self._next_listen_ms:
            return
        self._next_listen_ms = self.now_ms + LISTEN_EVERY_MS
        for message in self.world.take_messages():
            self._cabinets[message.edge].core.message(message.bus, message.topic, message.payload, self.now_ms)

    def _poll(self, cabinet: _Cabinet) -> None:
        while requests := cabinet.core.due(self.now_ms):
            for request in requests:
                answer = self.world.read(request.device, request.table, request.address, request.count)
                cabinet.core.answered(request, _seen(answer, request, cabinet.timeout_s), self.now_ms)

    def _flush(self, edge_id: str, cabinet: _Cabinet) -> list[Sent]:
        if self.now_ms < cabinet.next_flush_ms:
            return []
        cabinet.next_flush_ms = self.now_ms + cabinet.flush_ms
        up = self.world.wan_up(edge_id)
        cabinet.core.vitals.uplink = up
        cabinet.core.vitals.spool_frames = len(cabinet.waiting)
        fresh: list[Frame] = []
        while (frame := cabinet.core.close_frame(self.now_ms)) is not None:
            fresh.append(frame)
        if not up:
            cabinet.waiting.extend(fresh)
            return []
        # What is new goes first and live, the backlog follows in order.
        backlog = [cabinet.waiting.popleft() for _ in range(min(len(cabinet.waiting), BACKLOG_PER_FLUSH))]
        return [self._letter(each) for each in (*fresh, *backlog)]

    def _letter(self, frame: Frame) -> Sent:
        is_late = self.now_ms - newest_ms(frame) > LIVE_FOR_MS
        topic = topics.build(frame.site, frame.edge, topics.Kind.BACKFILL if is_late else topics.Kind.TELE)
        count = sum(len(columns.points) for columns in frame.assets)
        return Sent(Message(topic, wire_frame.encode(frame)), count)


def _seen(answer: list[int] | ReadFault, request: Request, timeout_s: dict[str, float]) -> list[int] | ReadFailure:
    """What the master would make of it."""
    if not isinstance(answer, ReadFault):
        return answer
    if answer.trouble is Trouble.LATE and answer.late_s < timeout_s[request.bus]:
        return list(answer.registers)
    code = answer.code if answer.trouble is Trouble.EXCEPTION else None
    return ReadFailure(_KINDS[answer.trouble], code)
