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


async def listen(cabinet: Cabinet, bus: Bus, spool: Spool, clock: Clock, client_id: str) -> None:
    """Receive what the bus's devices send until cancelled. The session is persistent: nothing is missed meanwhile."""

    async def handle(messages: Sequence[Message]) -> None:
        for message in messages:
            cabinet.message(bus.id, message.topic, message.payload, clock.now_ms(), retained=message.retained)
        # The cabinet has journalled everything on the way, unless the disk refused: then the broker keeps it for us.
        while spool.trouble is not None:  # noqa: ASYNC110 - a disk raises no event when it has room again
            await asyncio.sleep(_DISK_S)

    topics = cabinet.subscriptions.get(bus.id, ())
    await Subscriber(Address(bus.host, bus.port), client_id, topics).run(handle)
