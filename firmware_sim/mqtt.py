"""Shell. Vendor devices that speak MQTT by themselves, through a client of their own and not through `wire`.

A device keeps what it could not send, up to a bound, and sends it when the broker is back, as network servers of such
devices do. QoS 1: after a lost acknowledgement the broker may see a message twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from urllib.parse import urlsplit

import aiomqtt
import structlog

from firmware_sim.live import Live
from firmware_sim.world import VendorMessage

log = structlog.get_logger()

LOOK_S = 0.05  # real seconds between two looks for messages
ANSWER_S = (
    3.0  # real: a message that was out when the broker died is confirmed by nobody, and devices must not wait for it
)
KEPT = 5000  # messages
AT_ONCE = 16  # unacknowledged at a time


class Radio:
    """Takes messages from the world and brings them to the broker, in order."""

    def __init__(self, live: Live, broker: str) -> None:
        parts = urlsplit(broker)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ValueError(f"a broker is given as mqtt://HOST:PORT, got {broker!r}")
        self._live = live
        self._name = f"anlan-sim-{live.world.site.id}"
        self._host = parts.hostname
        self._port = parts.port or 1883
        self._waiting: deque[VendorMessage] = deque()
        self.sent = 0
        self.dropped = 0

    async def run(self) -> None:
        """Until cancelled; a broker that is away is tried again."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._collect(), name="sim-mqtt-collect")
            tasks.create_task(self._keep_connected(), name="sim-mqtt-send")

    async def _collect(self) -> None:
        while True:
            self._waiting.extend(self._live.take_messages())
            if len(self._waiting) > KEPT:
                surplus = len(self._waiting) - KEPT
                for _ in range(surplus):
                    self._waiting.popleft()
                self.dropped += surplus
                log.warning("devices forget their oldest messages, the broker is away too long", forgotten=surplus)
            await asyncio.sleep(LOOK_S)

    async def _keep_connected(self) -> None:
        wait_s = 0.2
        while True:
            try:
                async with aiomqtt.Client(
                    self._host, self._port, identifier=self._name, clean_session=True, timeout=ANSWER_S
                ) as client:
                    log.info("devices are connected to the broker", host=self._host, port=self._port)
                    wait_s = 0.2
                    client.pending_calls_threshold = AT_ONCE  # else it warns of each message: megabytes of log a day
                    await self._send(client)
            except (aiomqtt.MqttError, OSError) as error:
                log.warning(
                    "the devices' broker is away, trying again", host=self._host, port=self._port, why=str(error)
                )
                await asyncio.sleep(wait_s)
                wait_s = min(5.0, wait_s * 2)

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            batch = [self._waiting[place] for place in range(min(AT_ONCE, len(self._waiting)))]
            if not batch:
                await asyncio.sleep(LOOK_S)
                # An idle connection that broke shows only when something is sent: ask paho.
                continue
            await asyncio.gather(
                *(client.publish(each.topic, each.payload, qos=1, retain=each.retain) for each in batch)
            )
            for _ in batch:
                self._waiting.popleft()
            self.sent += len(batch)
