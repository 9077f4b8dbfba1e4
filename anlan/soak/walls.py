"""Shell. A hundred walls in a process of their own: what a browser asks for, without a hundred browsers.

Most stay, as screens in a duty room do. Some leave and come again after a moment: half the time as a screen whose
network was away (`Last-Event-ID` says where it was), else as one that is reloaded by its link, with the cookie it has.
All of it takes real seconds, however fast the site's clock runs.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict, dataclass
from typing import Any

import httpx
import psutil

from anlan.places import LOOPBACK
from anlan.sse import EventStream

MIB = 1024 * 1024
_LEAVE = 0.25  # of the walls
_STAY_S = (10.0, 60.0)
_AWAY_S = (0.5, 8.0)
_READS = ("site", "org", "session", "outages", "tickets?limit=500&open=true", "alarms", "paths", "heartbeats")
_RELOADS = 0.5  # of those that come again
_SPREAD_S = 5.0  # in which all of them come
_TIMEOUT_S = 60.0


@dataclass(slots=True)
class Told:
    """What all of them saw so far."""

    open: int = 0  # streams that stand now
    events: int = 0
    snapshots: int = 0
    megabytes: float = 0.0
    visits: int = 0  # streams that were opened
    dropped: int = 0  # streams that the server ended
    failed: int = 0  # questions without an answer, or with a refusal
    rss_mb: float = 0.0  # of this process itself


class _Wall:
    """One screen."""

    def __init__(self, client: httpx.AsyncClient, viewer: str, told: Told, rng: random.Random) -> None:
        self._client, self._viewer, self._told, self._rng = client, viewer, told, rng
        self._cookie, self._last, self._reloads = "", b"", True
        self.leaves = rng.random() < _LEAVE

    async def live(self, port: int) -> None:
        """For ever."""
        await asyncio.sleep(self._rng.uniform(0, _SPREAD_S))
        while True:
            try:
                await self._sync()
                await self._watch(port)
            except (httpx.HTTPError, OSError):
                self._told.failed += 1
            self._reloads = self._rng.random() < _RELOADS
            if self._reloads:
                self._last = b""
            await asyncio.sleep(self._rng.uniform(*_AWAY_S))

    async def _sync(self) -> None:
        if self._reloads:
            had = {"Cookie": self._cookie, "Origin": str(self._client.base_url).rstrip("/")} if self._cookie else {}
            answer = await self._client.post("/api/v1/session/viewer", json={"token": self._viewer}, headers=had)
            self._cookie = "; ".join(f"{name}={value}" for name, value in answer.raise_for_status().cookies.items())
            self._client.cookies.clear()  # each wall has its own
        for path in _READS:
            answer = await self._client.get(f"/api/v1/{path}", headers={"Cookie": self._cookie})
            self._told.failed += answer.is_error

    async def _watch(self, port: int) -> None:
        over = asyncio.Event()
        headers = {"Cookie": self._cookie} | ({"Last-Event-ID": self._last.decode()} if self._last else {})
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(lambda: EventStream(self._hear, headers, over.set), LOOPBACK, port)
        self._told.visits += 1
        self._told.open += 1
        try:
            await asyncio.wait_for(over.wait(), self._rng.uniform(*_STAY_S) if self.leaves else None)
            self._told.dropped += 1
        except TimeoutError:
            pass
        finally:
            self._told.open -= 1
            self._last = stream.last_id
            if stream.transport is not None:
                stream.transport.abort()

    def _hear(self, name: bytes, data: bytes) -> None:
        self._told.events += 1
        self._told.snapshots += name == b"snapshot"
        self._told.megabytes += len(data) / MIB


def walls(port: int, viewer: str, how: tuple[int, int], pipe: Any) -> None:
    """`how`: number and seed. Says what was seen whenever it is asked for it, until "stop"."""
    count, seed = how
    told = Told()
    own = psutil.Process()

    async def run() -> None:
        limits = httpx.Limits(max_connections=16)
        base = f"http://{LOOPBACK}:{port}"
        async with httpx.AsyncClient(base_url=base, timeout=_TIMEOUT_S, trust_env=False, limits=limits) as client:
            each = [_Wall(client, viewer, told, random.Random(f"{seed}-{n}")) for n in range(count)]  # noqa: S311
            living = [asyncio.create_task(wall.live(port)) for wall in each]
            pipe.send("ready")
            while await asyncio.to_thread(pipe.recv) != "stop":
                for task in living:
                    if task.done():
                        task.result()  # what went wrong is an error of this bench
                told.rss_mb = own.memory_info().rss / MIB
                pipe.send(asdict(told))
            for task in living:
                task.cancel()

    asyncio.run(run())
    pipe.send(asdict(told))
