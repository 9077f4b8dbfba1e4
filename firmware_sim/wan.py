"""Shell. The wide-area network between an edge and the broker: a proxy that can be cut, slow, or a black hole."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from firmware_sim.world import Wan

log = structlog.get_logger()

CHUNK = 65536
LOOK_S = 0.1
CONNECT_S = 5.0


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
        if was.is_up == wan.is_up:
            return
        log.info("WAN is " + ("up" if wan.is_up else "cut"), edge=self._edge)
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
                asyncio.ensure_future(self._pump(reader, far_writer)),
                asyncio.ensure_future(self._pump(far_reader, writer)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in both:
                    each.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if not self._now.is_up:
                    continue  # swallowed
                if self._now.delay_s > 0:
                    await asyncio.sleep(self._now.delay_s)
                writer.write(data)
                await writer.drain()
