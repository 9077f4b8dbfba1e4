"""Shell. Vendors' MQTT messages in: acknowledged only when what they said is in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from edge.cabinet import Cabinet
from edge.spool import Spool
from runtime.clock import Clock
from vocab.site import Bus
from wire.address import Address
from wire.message import Message
from wire.subscriber import Subscriber

_DISK_S = 0.2


def subscriber(cabinet: Cabinet, bus: Bus, client_id: str) -> Subscriber:
    """The bus's connection. Its session is persistent: nothing is missed meanwhile."""
    return Subscriber(Address(bus.host, bus.port), client_id, cabinet.subscriptions.get(bus.id, ()))


async def listen(cabinet: Cabinet, bus: Bus, spool: Spool, clock: Clock, way: Subscriber) -> None:
    """Receive what the bus's devices send until cancelled."""

    async def handle(messages: Sequence[Message]) -> None:
        for message in messages:
            cabinet.message(bus.id, message.topic, message.payload, clock.now_ms(), retained=message.retained)
        # The cabinet has journalled everything on the way, unless the disk refused: then the broker keeps it for us.
        while spool.trouble is not None:  # noqa: ASYNC110 - a disk raises no event when it has room again
            await asyncio.sleep(_DISK_S)

    await way.run(handle)
