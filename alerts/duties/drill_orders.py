"""Shell. Tells cabinets to play the drills that are due, and follows them until they are proven or out of time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from alerts.duties import drills
from alerts.engine import Engine
from alerts.views import Changes
from alerts.writer import Writer
from runtime.clock import Clock
from vocab.topics import Kind, build
from wire.address import Address
from wire.order import VERSION, Order, encode
from wire.publisher import BrokerAwayError, Publisher

log = structlog.get_logger()

_LOOK_S = 2.0  # real seconds


@dataclass(frozen=True, slots=True)
class DrillOrders:
    """Runs until cancelled; a site without drills has nothing to do."""

    engine: Engine
    writer: Writer
    broker: str
    client_id: str
    clock: Clock
    absorb: Callable[[Changes], None]

    async def run(self) -> None:
        """An order that could not be sent is tried again, as long as the drill is not out of time."""
        while self.engine.site.duties.file.drill:
            self.absorb(await self.writer.insist(drills.step, self.clock.now_ms()))
            waiting = await self.writer.insist(drills.letters, self.clock.now_ms())
            if waiting:
                await self._send(waiting)
            await asyncio.sleep(_LOOK_S)

    async def _send(self, waiting: list[drills.Letter]) -> None:
        try:
            async with Publisher(Address.parse(self.broker), self.client_id) as publisher:
                for each in waiting:
                    topic = build(self.engine.site.id, each.edge, Kind.CMD)
                    await publisher.publish(topic, encode(Order(VERSION, "drill", each.until_ms, each.by)))
                    await self.writer.insist(drills.sent, each, self.clock.now_ms())
        except BrokerAwayError as error:
            log.warning("a drill waits for the broker", cause=str(error))
