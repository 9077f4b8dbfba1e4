"""Shell. The receiving side of MQTT: a message is acknowledged only after our handler has committed it.

Laws of this file:
1. The handler gets a batch and returns when everything in it is durable. Only then are the PUBACKs written, all of
   them in one go. If the process dies before, the broker sends the batch again.
2. One connection, one `_Session`. An acknowledgement never crosses to the next connection, because a broker may give
   the same packet id to another message there, and that one would be lost.
3. What is held is bounded: beyond `held_bytes` the socket is not read. A message that comes again while it is held
   (NATS repeats after `ack_wait`) is recognised by its packet id and not held twice.
4. A broker that is away is told once per outage and asked again with back-off; it is no reason for a traceback.

The session is persistent: while we are away the broker keeps what the filters match.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gmqtt
import structlog
from gmqtt.mqtt.constants import MQTTv311
from gmqtt.mqtt.handler import MQTTError

from wire.address import Address
from wire.backoff import Backoff
from wire.message import Message

log = structlog.get_logger()

QOS_AT_LEAST_ONCE = 1
_REFUSED = 0x80
_NEVER = -2  # gmqtt reconnects on its own unless its limit of retries is below zero and not -1
_quiet = logging.getLogger("gmqtt")  # what it would log we say ourselves, once
_quiet.setLevel(logging.CRITICAL)
_quiet.propagate = False


Handler = Callable[[Sequence[Message]], Awaitable[None]]


class SubscriptionError(Exception):
    """The broker cannot be reached, or refused us."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """How messages become batches: what comes after a pause is handed over at once, for somebody may wait for it. Under
    load we rest after each batch as long as it took, `rest_s` at most, unless `enough` have come: then what each batch
    costs of its own is shared by many messages.
    """

    rest_s: float = 0.005
    enough: int = 500
    held_bytes: int = 16 * 1024 * 1024


class Subscriber:
    """A persistent session that hands over batches: `await Subscriber(…).run(handle)` until cancelled."""

    def __init__(
        self,
        address: Address,
        client_id: str,
        filters: Sequence[str],
        *,
        gathering: Gathering | None = None,
        keepalive_s: int = 15,
        timeout_s: float = 10.0,
    ) -> None:
        self.address = address
        self.client_id = client_id
        self.filters = tuple(filters)
        self.gathering = gathering or Gathering()
        self.subscribed = False  # for health: the broker has confirmed our filters and the link stands
        self._keepalive_s = keepalive_s
        self._timeout_s = timeout_s

    async def run(self, handle: Handler) -> None:
        """Receive for ever; an exception of `handle` ends it, with nothing of that batch acknowledged."""
        backoff = Backoff()
        told = ""
        while True:
            session = _Session(self)
            try:
                await session.open(self._keepalive_s, self._timeout_s)
            except SubscriptionError as error:
                if told != str(error):
                    log.warning("broker away, trying again", broker=str(self.address), cause=str(error))
                told = str(error)
            else:
                log.info("subscribed", broker=str(self.address), client=self.client_id, filters=list(self.filters))
                told = ""
                backoff.reset()
                self.subscribed = True
                try:
                    await session.consume(handle)
                finally:
                    self.subscribed = False
                    await session.close()
                log.warning("broker lost, connecting again", broker=str(self.address))
            await asyncio.sleep(backoff.next())

    async def establish(self) -> None:
        """Make the session exist at the broker without taking a message; SubscriptionError if that fails.

        From then on the broker keeps what matches. A publisher that starts before any consumer ever subscribed would
        otherwise get its PUBACK for messages that nobody keeps.
        """
        session = _Session(self)
        await session.open(self._keepalive_s, self._timeout_s)
        await session.close()


class _Session:
    """One connection: what it has received and not yet acknowledged, by packet id."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self._held: dict[int, Message] = {}
        self._waiting: list[int] = []  # keys of `_held` not yet handed over, in order of arrival
        self._held_bytes = 0
        self._paused = False
        self._unacknowledged_key = 0  # QoS 0 messages have no packet id: they get negative keys
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()
        self._lost = asyncio.Event()
        self._granted: asyncio.Future[Sequence[int]] = asyncio.get_running_loop().create_future()
        self._client = self._make_client()

    def _make_client(self) -> Any:
        client = gmqtt.Client(
            self._subscriber.client_id, clean_session=False, optimistic_acknowledgement=False, logger=_quiet
        )
        client.set_config({"reconnect_retries": _NEVER})
        client.on_message = self._on_quickest
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        # The public hook hides the packet id, so it can neither recognise a repetition nor acknowledge many at once,
        # and it starts one task per message. This is the method it is called from (gmqtt is pinned to 0.8).
        client._package_handler._handle_qos_1_publish_packet = self._on_message
        return client

    async def open(self, keepalive_s: int, timeout_s: float) -> None:
        """Connect and have every filter granted."""
        host, port = self._subscriber.address.next()
        try:
            async with asyncio.timeout(timeout_s):
                await self._client.connect(host, port, keepalive=keepalive_s, version=MQTTv311)
                filters = [gmqtt.Subscription(text, qos=QOS_AT_LEAST_ONCE) for text in self._subscriber.filters]
                self._client.subscribe(filters)
                granted = await self._granted
        except (OSError, MQTTError) as error:  # a TimeoutError is an OSError
            await self.close()
            raise SubscriptionError(str(error) or f"no answer within {timeout_s:.0f} s") from error
        refused = [text for text, qos in zip(self._subscriber.filters, granted, strict=False) if qos >= _REFUSED]
        if refused:
            await self.close()
            raise SubscriptionError(f"the broker refused the filters {refused}")

    async def close(self) -> None:
        """Say goodbye if anyone still listens; the session at the broker stays."""
        if self._client._connection is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._client.disconnect()
        except OSError:
            pass

    async def consume(self, handle: Handler) -> None:
        """Hand over batches and acknowledge each after its commit, until the connection is lost."""
        rested_s = time.monotonic()  # until when we rest
        while await self._next_arrival():
            await self._gather(rested_s - time.monotonic())
            keys, self._waiting = self._waiting, []
            self._arrived.clear()
            self._enough.clear()
            begun_s = time.monotonic()
            await handle([self._held[key] for key in keys])
            self._acknowledge(keys)
            ended_s = time.monotonic()
            rested_s = ended_s + min(self._subscriber.gathering.rest_s, ended_s - begun_s)

    async def _next_arrival(self) -> bool:
        """Wait for a message; False when the connection is gone (what it left unacknowledged comes again)."""
        if not self._lost.is_set():
            await self._arrived.wait()
        return not self._lost.is_set()

    async def _gather(self, at_most_s: float) -> None:
        if at_most_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most_s):
                    await self._enough.wait()

    def _acknowledge(self, keys: Sequence[int]) -> None:
        for key in keys:
            self._held_bytes -= len(self._held.pop(key).payload)
        answers = b"".join(b"\x40\x02" + key.to_bytes(2, "big") for key in keys if key > 0)
        if not self._lost.is_set():
            self._client._connection.send_package(answers)
            if self._paused and self._held_bytes <= self._subscriber.gathering.held_bytes // 2:
                self._paused = False
                self._client._connection._transport.resume_reading()

    def _on_message(self, packet_id: int, payload: bytes, topic: str, properties: dict[str, Any]) -> None:
        if packet_id in self._held:
            return  # the broker grew impatient; we still have it
        self._hold(packet_id, Message(topic, payload, bool(properties["retain"])))

    async def _on_quickest(self, client: Any, topic: str, payload: bytes, qos: int, properties: dict[str, Any]) -> None:
        self._unacknowledged_key -= 1
        self._hold(self._unacknowledged_key, Message(topic, payload, bool(properties["retain"])))

    def _hold(self, key: int, message: Message) -> None:
        gathering = self._subscriber.gathering
        self._held[key] = message
        self._held_bytes += len(message.payload)
        self._waiting.append(key)
        self._arrived.set()
        if len(self._waiting) >= gathering.enough:
            self._enough.set()
        if self._held_bytes > gathering.held_bytes and not self._paused:
            self._paused = True
            self._client._connection._transport.pause_reading()

    def _on_disconnect(self, client: Any, packet: Any, exc: BaseException | None = None) -> None:
        self._lost.set()
        self._arrived.set()
        self._enough.set()

    def _on_subscribe(self, client: Any, mid: int, granted: Sequence[int], properties: Any) -> None:
        if not self._granted.done():
            self._granted.set_result(granted)
