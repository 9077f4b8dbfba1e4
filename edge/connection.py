"""Shell. What every Modbus line shares: keeping itself connected, and a tray for the answers.

A line keeps itself connected (`run`), takes questions while it has `room` (`send`) and collects what came (`take`);
`stirred` is set whenever there is something to take or room again. While there is no connection every question is
answered at once with UNREACHABLE: polling goes on, and says that nothing can be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from edge.pdu import Answer
from edge.request import FailureKind, ReadFailure, Request
from vocab.site import Bus
from wire.backoff import Backoff

log = structlog.get_logger()

UNREACHABLE_ROOM = 64


class Line(Protocol):
    """One bus."""

    stirred: asyncio.Event
    connected: bool

    @property
    def room(self) -> int:
        """How many questions it takes now."""

    def send(self, requests: Sequence[Request]) -> None:
        """Ask; never more than `room`."""

    def take(self) -> list[tuple[Request, Answer]]:
        """What came since the last call."""

    async def run(self) -> None:
        """Keep connected until cancelled."""


class Connection(asyncio.Protocol):
    """What both kinds share: being connected or not, and the tray of answers."""

    def __init__(self, bus: Bus) -> None:
        self.stirred = asyncio.Event()
        self.connected = False
        self._bus = bus
        self._tray: list[tuple[Request, Answer]] = []
        self._transport: asyncio.Transport | None = None
        self._tried = False
        self._lost = asyncio.Event()
        self._backoff = Backoff()
        self._alarm: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def take(self) -> list[tuple[Request, Answer]]:
        """What came since the last call."""
        taken, self._tray = self._tray, []
        return taken

    async def run(self) -> None:
        """Keep connected until cancelled."""
        told = False
        try:
            while True:
                try:
                    async with asyncio.timeout(max(1.0, self._bus.timeout_s)):
                        await self._connect()
                except (OSError, ValueError) as error:  # pyserial raises ValueError for a port it cannot set up
                    self._tried = True
                    self.stirred.set()
                    if not told:
                        log.warning("bus unreachable, trying again", bus=self._bus.id, cause=_cause(error))
                    told = True
                else:
                    log.info("bus connected", bus=self._bus.id)
                    told = False
                    await self._lost.wait()
                    self.connected = False
                    log.warning("bus connection lost", bus=self._bus.id)
                await asyncio.sleep(self._backoff.next())
        finally:
            self._hang_up()

    async def _connect(self) -> None:
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the way is open."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what every stream connection gives
        self._transport = transport
        self._lost.clear()
        self.connected = self._tried = True
        self.stirred.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the way is closed."""
        self._close(FailureKind.CLOSED, "" if exc is None else _cause(exc))

    def _close(self, kind: FailureKind, detail: str) -> None:
        self._transport, transport = None, self._transport
        if transport is not None:
            transport.abort()  # `close` would wait for a peer that does not read
        self.connected = False
        self._abandon(kind, detail)
        self._lost.set()
        self.stirred.set()

    def _abandon(self, kind: FailureKind, detail: str) -> None:
        raise NotImplementedError

    def _hang_up(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, requests: Sequence[Request]) -> None:
        failure = ReadFailure(FailureKind.UNREACHABLE)
        self._tray += [(request, failure) for request in requests]
        self.stirred.set()

    def _wake_at(self, moment_s: float | None) -> None:
        """Look for expired questions then, unless a look is planned: deadlines only move later."""
        if moment_s is not None and self._alarm is None:
            self._alarm = self._loop.call_at(moment_s, self._look)

    def _look(self) -> None:
        self._alarm = None
        self._expire(self._loop.time())

    def _expire(self, now_s: float) -> None:
        raise NotImplementedError


def _cause(error: Exception) -> str:
    return str(error) or type(error).__name__
