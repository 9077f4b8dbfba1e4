"""Shell. The sending side of MQTT: QoS 1, and a publish is done when the broker has confirmed it.

One `Publisher` is one connection. When it breaks, every publish in flight fails with `BrokerAwayError` at once (the
library would let each wait for its time-out), and whoever holds the data connects again and sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiomqtt

from wire.address import Address

QOS_AT_LEAST_ONCE = 1
IN_FLIGHT = 64

_quiet = logging.getLogger("anlan.aiomqtt")  # what it would log we raise
_quiet.setLevel(logging.CRITICAL)


class BrokerAwayError(Exception):
    """The broker cannot be reached, refused us, or did not confirm in time. Keep the data and try again."""


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes for us (retained) when we vanish without saying so."""

    topic: str
    payload: bytes


class Publisher:
    """A connection for publishing: `async with Publisher(…) as publisher: await publisher.publish(…)`.

    Made inside a running event loop, for one `async with`.
    """

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        will: Will | None = None,
        in_flight: int = IN_FLIGHT,
        timeout_s: float = 10.0,
        keepalive_s: int = 15,
    ) -> None:
        self._address = address
        self._client = aiomqtt.Client(
            *address.next(),
            identifier=client_id,
            will=None if will is None else aiomqtt.Will(will.topic, will.payload, QOS_AT_LEAST_ONCE, retain=True),
            clean_session=True,  # what is unconfirmed is the caller's to send again, never the library's
            timeout=timeout_s,
            keepalive=keepalive_s,
            max_inflight_messages=in_flight,
            logger=_quiet,
        )
        self._client.pending_calls_threshold = in_flight * 2
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        # aiomqtt 2.5 registers a socket for writing one turn of the loop later, by its number alone. When the broker
        # died in between, that number is nobody's, or already another socket's.
        self._client._client.on_socket_register_write = self._on_register_write
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._watch: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()  # the one thing that we may ask for

    async def __aenter__(self) -> Publisher:
        try:
            await self._client.__aenter__()
        except aiomqtt.MqttError as error:
            raise BrokerAwayError(f"{self._address}: {error}") from error
        self._watch = asyncio.create_task(self._until_lost(), name="publisher-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        with suppress(aiomqtt.MqttError):  # saying goodbye to a broker that is gone
            await self._client.__aexit__(kind, error, traceback)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Return when the broker has confirmed; BrokerAwayError if it did not. Several may be in flight."""
        if self._lost.done():
            raise BrokerAwayError(f"{self._address}: the connection is lost")
        sending = asyncio.ensure_future(self._client.publish(topic, payload, QOS_AT_LEAST_ONCE, retain))
        try:
            await asyncio.wait({sending, self._lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        if sending.cancelled():
            raise BrokerAwayError(f"{self._address}: the connection was lost before {topic} was confirmed")
        try:
            sending.result()
        except aiomqtt.MqttError as error:
            raise BrokerAwayError(f"{self._address}: {topic}: {error}") from error

    async def remembers(self, topic: str, within_s: float = 3.0) -> bool:
        """Whether the broker still has the retained message of `topic`: one that lost its memory has not."""
        self._heard.clear()
        try:
            await self._client.subscribe(topic, QOS_AT_LEAST_ONCE)
            await asyncio.wait_for(self._heard.wait(), within_s)
            await self._client.unsubscribe(topic)
        except TimeoutError:
            return False
        except aiomqtt.MqttError as error:
            raise BrokerAwayError(f"{self._address}: {error}") from error
        return True

    async def lost(self) -> None:
        """Return when the connection breaks."""
        await asyncio.shield(self._lost)

    def _on_register_write(self, client: Any, userdata: object, sock: Any) -> None:
        """Called by paho in the loop's thread, or in the thread that connects."""
        if threading.get_ident() == self._thread:
            self._write_when_ready(client, sock)
        else:
            self._loop.call_soon_threadsafe(self._write_when_ready, client, sock)

    def _write_when_ready(self, client: Any, sock: Any) -> None:
        number = sock.fileno()
        if number < 0 or client.socket() is not sock:
            return  # closed meanwhile

        def write() -> None:
            try:
                client.loop_write()
            except (OSError, ValueError):
                self._loop.remove_writer(number)  # broken: the reading side tells

        self._loop.add_writer(number, write)

    async def _until_lost(self) -> None:
        with suppress(aiomqtt.MqttError):
            async for _ in self._client.messages:  # how the library tells that it was cut off
                self._heard.set()
        if not self._lost.done():
            self._lost.set_result(None)
