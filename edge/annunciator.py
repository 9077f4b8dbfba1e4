"""Shell. The one module of Anlan that writes to a device: a coil of an annunciator, and nothing else can be named here.

`write` takes an `Annunciator`, which the loader has kept apart from every asset's device (E012). One `Horn` drives one
annunciator on a connection of its own: it brings the coil to what is wanted, reads it back at intervals and mends it,
and tries again with back-off when it cannot. Nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import structlog
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

from vocab.annunciator import Annunciator
from vocab.site import Bus
from wire.backoff import Backoff

log = structlog.get_logger()
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)  # what it would log we say ourselves, once

Client = AsyncModbusTcpClient | AsyncModbusSerialClient


class NoAnswerError(Exception):
    """The annunciator did not do as it was told, or did not say so."""


async def write(client: Client, annunciator: Annunciator, *, sound: bool) -> None:
    """Set the coil so that it sounds, or not; NoAnswerError unless the box confirms."""
    wanted = sound is annunciator.active_high
    answer = await client.write_coil(annunciator.coil, wanted, device_id=annunciator.unit)
    if answer.isError():
        raise NoAnswerError(str(answer))


async def sounds(client: Client, annunciator: Annunciator) -> bool:
    """What the box says itself; NoAnswerError if it does not."""
    answer = await client.read_coils(annunciator.coil, count=1, device_id=annunciator.unit)
    if answer.isError() or not answer.bits:
        raise NoAnswerError(str(answer))
    return bool(answer.bits[0]) is annunciator.active_high


def client_of(bus: Bus) -> Client:
    """A connection of one's own to the bus of an annunciator. It does not reconnect by itself: a `Horn` does."""
    if bus.type == "modbus-rtu":
        return AsyncModbusSerialClient(
            bus.device, baudrate=bus.baud, parity=bus.parity, timeout=bus.timeout_s, retries=0, reconnect_delay=0
        )  # fmt: skip
    return AsyncModbusTcpClient(bus.host, port=bus.port, timeout=bus.timeout_s, retries=0, reconnect_delay=0)


class Horn:
    """Drives one annunciator until cancelled."""

    def __init__(self, annunciator: Annunciator, bus: Bus, wire: asyncio.Lock) -> None:
        self.annunciator = annunciator
        self.wanted = False
        self.is_on: bool | None = None  # as the box confirmed; None: not known
        self.failed = False  # the last attempt did not succeed
        self.writes = self.failures = 0
        self._bus = bus
        self._wire = wire  # of everything on one bus: a serial line bears one connection
        self._news = asyncio.Event()

    def want(self, sound: bool) -> None:
        """Have it sound, or not."""
        if sound is not self.wanted:
            self.wanted = sound
            self._news.set()

    async def run(self) -> None:
        """Keep the box as it is wanted."""
        backoff = Backoff()
        while True:
            self._news.clear()
            wait_s = self.annunciator.check_s
            try:
                await self._bring_about()
            except Exception as error:  # noqa: BLE001 - whatever a box or an adapter does, polling must not end by it
                self.failures += 1
                wait_s = min(backoff.next(), self.annunciator.check_s)
                if not self.failed:
                    log.error("annunciator does not obey, trying again", annunciator=self.annunciator.id,
                              wanted=self.wanted, cause=str(error) or repr(error))  # fmt: skip
                self.failed, self.is_on = True, None
            else:
                if self.failed:
                    log.info("annunciator obeys again", annunciator=self.annunciator.id)
                self.failed = False
                backoff.reset()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._news.wait()

    async def off(self) -> None:
        """Once more before the agent ends: quiet, if it can be had."""
        self.wanted = False
        if self.is_on is not False:
            with suppress(Exception):
                await self._bring_about()

    async def _bring_about(self) -> None:
        async with self._wire:
            client = client_of(self._bus)
            try:
                if not await client.connect():
                    raise NoAnswerError("no connection")
                wanted = self.wanted
                if self.is_on is not wanted or await sounds(client, self.annunciator) is not wanted:
                    await self._write(client, wanted)
            finally:
                client.close()

    async def _write(self, client: Client, wanted: bool) -> None:
        self.is_on = None
        await write(client, self.annunciator, sound=wanted)
        self.writes += 1
        if await sounds(client, self.annunciator) is not wanted:
            raise NoAnswerError("the coil is not as it was set")
        self.is_on = wanted
        log.warning("annunciator " + ("on" if wanted else "off"), annunciator=self.annunciator.id, bus=self._bus.id)
