"""Shell. The wide-area network between an edge and the broker: a proxy that can be cut, slow, lossy, half open, or a
black hole.

TCP hides a lost packet from its users: it comes late, with its repetition, and everything behind it waits. So loss is
played as that wait, doubling while the repetition is lost too. What a half-open way swallowed can never be made good
on the same connection, so that one ends with the fault.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from firmware_sim.world import Wan

log = structlog.get_logger()

CHUNK = 65536
LOOK_S = 0.1
CONNECT_S = 5.0
REPEAT_S = 0.2  # real: a lost packet is repeated after so much (the least that Linux waits, RFC 6298 says a second)
MOST_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Route:
    """Where an edge connects to, and where that leads."""

    listen_port: int
    host: str
    port: int


class Proxy:
    """One edge's way out."""

    def __init__(self, edge: str, route: Route, look: Callable[[], Wan]) -> None:
        self._edge = edge
        self._route = route
        self._look = look
        self._now = look()
        self._chance = random.Random(f"wan-{edge}")  # noqa: S311 - no secret, and a run is to be repeatable
        self._ways: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        server = await self._listen()
        try:
            while True:
                self._follow(self._look())
                await asyncio.sleep(LOOK_S)
        finally:
            server.close()
            for way in self._ways:
                way.cancel()
            await asyncio.gather(*self._ways, return_exceptions=True)

    async def _listen(self) -> asyncio.Server:
        wait_s = 0.5
        while True:
            try:
                return await asyncio.start_server(self._accept, "127.0.0.1", self._route.listen_port)
            except OSError as error:
                log.error("the WAN proxy cannot listen, trying again", edge=self._edge, why=error.strerror)
                await asyncio.sleep(wait_s)
                wait_s = min(10.0, wait_s * 2)

    def _follow(self, wan: Wan) -> None:
        was, self._now = self._now, wan
        if (was.is_up, was.is_half_open) == (wan.is_up, wan.is_half_open):
            return
        log.info("WAN is " + (("half open" if wan.is_half_open else "up") if wan.is_up else "cut"), edge=self._edge)
        if wan.is_half_open:
            return  # connections stay, as they do when a router forgets one direction
        # A black hole swallows bytes of running connections, so they are of no use when it ends.
        if wan.is_up or not wan.is_black_hole:
            for way in self._ways:
                way.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = asyncio.current_task()
        assert way is not None  # noqa: S101 a connection callback always runs in a task
        self._ways.add(way)
        try:
            await self._carry(reader, writer)
        except asyncio.CancelledError:
            pass  # the way was cut; the server's task ends here, not its server
        finally:
            self._ways.discard(way)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._now.is_up:
            if self._now.is_black_hole:
                await asyncio.Event().wait()
            return
        try:
            far_reader, far_writer = await asyncio.wait_for(
                asyncio.open_connection(self._route.host, self._route.port), CONNECT_S
            )
        except (OSError, TimeoutError):
            return
        try:
            both = [
                asyncio.ensure_future(self._pump(reader, far_writer, is_answer=False)),
                asyncio.ensure_future(self._pump(far_reader, writer, is_answer=True)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in both:
                    each.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                wan = self._now
                if not wan.is_up or (wan.is_half_open and is_answer):
                    continue  # swallowed
                wait_s = wan.delay_s + self._repetition_s(wan.loss)
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                writer.write(data)
                await writer.drain()

    def _repetition_s(self, loss: float) -> float:
        """How late a chunk is because it was lost, once or more often."""
        late_s, wait_s = 0.0, REPEAT_S
        for _ in range(MOST_REPEATS):
            if self._chance.random() >= loss:
                break
            late_s, wait_s = late_s + wait_s, wait_s * 2
        return late_s
