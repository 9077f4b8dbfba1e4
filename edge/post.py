"""Shell. The cabinet's own post: the guard with its safety rules, the horns that it sounds, and orders."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence

import structlog

from edge.annunciator import Horn
from edge.guard import Guard
from edge.health import Vitals
from edge.segment import Stored
from edge.spool import Spool
from runtime.clock import Clock
from vocab.site import EdgeNode, Site
from vocab.topics import Kind, build
from wire.address import Address
from wire.message import Message
from wire.order import OrderError, decode
from wire.subscriber import Subscriber

log = structlog.get_logger()

_FAREWELL_S = 2.0  # real seconds
_LONGEST_DRILL_MS = 3_600_000  # an order with a slip in its time must not play a drill for ever


class Post:
    """Everything that a cabinet does by itself when the uplink is cut, and when it is not."""

    def __init__(self, site: Site, node: EdgeNode, guard: Guard, clock: Clock) -> None:
        buses = {bus.id: bus for bus in node.bus}
        wires: dict[str, asyncio.Lock] = {}
        self.guard = guard
        self.horns = [
            Horn(each, buses[each.bus], wires.setdefault(each.bus, asyncio.Lock())) for each in node.annunciator
        ]
        self.orders_refused = 0
        self._clock = clock
        self._client_id = f"anlan-orders-{site.id}-{node.id}"
        self._topic = build(site.id, node.id, Kind.CMD)
        self._obeys = bool(node.action) or any(plan.edge == node.id for plan in site.duties.file.drill)
        self._drill_until_ms: int | None = None

    def recover(self, spool: Spool) -> None:
        """Stand where the agent before us stood."""
        self.guard.recover(spool)
        self._sound()

    def flushed(self, frames: Sequence[Stored]) -> None:
        """Frames are in the spool."""
        self.guard.take(frames)
        self.guard.look_for_order()
        self._sound()

    def _sound(self) -> None:
        wanted = self.guard.sounding(self._clock.now_ms())
        for horn in self.horns:
            horn.want(horn.annunciator.id in wanted)

    async def save(self, *, now: bool = False) -> None:
        """Put the state on the disk, if it is time. Call it when every frame that was judged is safe there."""
        data = self.guard.unsaved(now=now)
        if data is not None:
            await asyncio.to_thread(self.guard.write, data)

    def tell(self, vitals: Vitals) -> None:
        """What the cabinet's own readings say of it."""
        vitals.safety_rules = self.guard.rules
        vitals.safety_active = len(self.guard.active())
        vitals.annunciators_on = sum(bool(horn.is_on) for horn in self.horns)
        vitals.drill = self._drill_until_ms is not None and self._clock.now_ms() < self._drill_until_ms
        vitals.annunciators_failed = sum(horn.failed for horn in self.horns)

    def tasks(self, broker: Address) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
        """What runs beside polling, named."""
        for horn in self.horns:
            yield f"horn-{horn.annunciator.id}", horn.run()
        if self._obeys:
            yield "orders", Subscriber(broker, self._client_id, [self._topic]).run(self._obey)

    async def leave(self) -> None:
        """A clean stop: whoever stops the agent answers for the siren, so it is quiet."""
        standing = [horn.annunciator.id for horn in self.horns if horn.wanted]
        if standing:
            log.warning("annunciators are switched off because the agent is stopped", annunciators=standing)
        if self.horns:
            await asyncio.wait([asyncio.ensure_future(horn.off()) for horn in self.horns], timeout=_FAREWELL_S)

    async def _obey(self, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                order = decode(message.payload)
            except OrderError as error:
                self.orders_refused += 1
                log.warning("order refused", cause=str(error))
                continue
            if message.retained:
                self.orders_refused += 1
            elif order.do == "drill":
                self._drill_until_ms = min(order.before_ms, self._clock.now_ms() + _LONGEST_DRILL_MS)
                said = "a drill is played" if self._drill_until_ms > self._clock.now_ms() else "a drill is over"
                log.warning(said, by=order.by, until_ms=self._drill_until_ms)
            elif self.guard.silence(order.before_ms, order.alarm, order.by):
                self._sound()
