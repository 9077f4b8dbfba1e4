"""Shell. How the chain is: whether anything moves, whether everything has arrived, whether every hazard was found.

Waiting here is bounded by progress, not by seconds: a machine with other work to do takes longer and loses nothing.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx

from anlan.whole import Whole
from edge.uplink import AGAIN_AFTER_S

_LOOK_EVERY_S = 0.5
_NO_PROGRESS_S = 120.0  # longer than any back-off, and than a process takes to believe its clock
_LEFT_FRAMES = 40  # that a cabinet always has on their way
_RECOVERS_WITHIN_S = 15.0  # real; a strike waits no longer for the chain to have recovered from the last one

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Beat:
    """One look. `frames` that ingest has stored; None: it or alerts does not answer."""

    frames: int | None
    waiting: dict[str, float]  # frames in each cabinet's spool, of cabinets that were heard of lately

    @property
    def is_alive(self) -> bool:
        """Whether both servers answer."""
        return self.frames is not None


class Pulse:
    """Looks at one chain over HTTP, as an operator would."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        headers = {"Authorization": f"Bearer {whole.access.token}"}
        self._client = httpx.AsyncClient(timeout=10, trust_env=False, headers=headers)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def feel(self, since_ms: int = 0) -> Beat:
        """One look; what cabinets told of themselves before a moment does not count."""
        system, now_ms = self._whole.system, self._whole.clock.now_ms()
        fresh_ms = 60_000 + 5_000 * self._whole.clock.speed
        try:
            (await self._client.get(f"{system.wall_url}/healthz")).raise_for_status()
            counts = (await self._client.get(f"{system.ingest_url}/api/v1/counts")).json()
            rows: list[dict[str, Any]] = (await self._client.get(f"{system.ingest_url}/api/v1/latest")).json()["latest"]
            frames = int(counts["frames"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return Beat(None, {})  # being started again
        spools = {each["asset"]: each for each in rows if each["point"] == "spool_frames"}
        return Beat(
            frames,
            {
                edge: row["value"]
                for edge, row in spools.items()
                if abs(now_ms - row["measured_ms"]) <= fresh_ms
                and row["measured_ms"] >= since_ms
                and row["value"] is not None
            },
        )

    async def until_it_moves(self, since: Beat) -> Beat:
        """Return when both servers answer and frames were stored since, or after a while."""
        end = time.monotonic() + _RECOVERS_WITHIN_S
        while True:
            now = await self.feel()
            if (now.frames is not None and now.frames > (since.frames or 0)) or time.monotonic() > end:
                return now
            await asyncio.sleep(_LOOK_EVERY_S)

    async def until_settled(self, say: Say) -> bool:
        """True once every cabinet told after this call that its spool is drained, and both servers answer; False when
        nothing moves any more."""
        since_ms = self._whole.clock.now_ms()
        edges, last, moved = self._whole.edges, Beat(None, {}), time.monotonic()
        while True:
            now = await self.feel(since_ms)
            if now.is_alive and all(now.waiting.get(edge, _LEFT_FRAMES + 1) <= _LEFT_FRAMES for edge in edges):
                return True
            if now != last:
                last, moved = now, time.monotonic()
            elif time.monotonic() - moved > _NO_PROGRESS_S:
                say(f"nothing moves any more: {now}")
                return False
            await asyncio.sleep(_LOOK_EVERY_S)

    async def until_said_again(self, say: Say) -> None:
        """Return when cabinets that found the broker without its data had time to send again what it had confirmed, and
        that has arrived. They wait so long for the broker's own memory to come back (edge/uplink.py)."""
        await asyncio.sleep(AGAIN_AFTER_S)
        await self.until_settled(say)

    async def until_found(self, wanted: Collection[tuple[str, str]], site_s: float) -> None:
        """Return when every (asset, rule) has been raised, or when the chain had `site_s` to do so in health."""
        left = set(wanted)
        healthy_s = 0.0
        while left and healthy_s < site_s:
            began = time.monotonic()
            await asyncio.sleep(_LOOK_EVERY_S)
            url, params = f"{self._whole.system.wall_url}/api/v1/transitions", {"limit": 100_000}
            try:
                rows = (await self._client.get(url, params=params)).raise_for_status().json()
            except (httpx.HTTPError, ValueError):
                continue
            left -= {(each["asset"], each["rule"]) for each in rows if each["new"] == "unacked"}
            healthy_s += (time.monotonic() - began) * self._whole.clock.speed

    async def until_paged(self, say: Say) -> None:
        """Return when no page is overdue, or when none has gone for long."""
        last, moved = -1, time.monotonic()
        while True:
            overdue, gone = await asyncio.to_thread(self._pages)
            if overdue == 0:
                return
            if gone != last:
                last, moved = gone, time.monotonic()
            elif time.monotonic() - moved > _NO_PROGRESS_S:
                say(f"{overdue} pages are overdue and none goes")
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    def _pages(self) -> tuple[int, int]:
        """How many pages should have gone and have not, and how many have."""
        overdue = "state IN ('due', 'digest', 'sending') AND next_ms <= ?"
        ask = f"SELECT coalesce(sum({overdue}), 0), coalesce(sum(sent_ms IS NOT NULL), 0) FROM pages"  # noqa: S608
        with closing(sqlite3.connect(f"file:{self._whole.run.tickets}?mode=ro", uri=True, timeout=10)) as database:
            row = database.execute(ask, [self._whole.clock.now_ms()]).fetchone()
        return int(row[0]), int(row[1])
