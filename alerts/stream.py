"""Shell. Server-sent events: a snapshot, then deltas, so that a screen never has to ask again.

The law of this file
1. Deltas are made for everybody at once, changes in between are joined: values at most four times a second, alarms and
   tickets as soon as they are committed, at most fifty times.
2. `id` is the number of the last delta. Numbers start at the moment of the start, so an id of an earlier process lies
   below our ring and gets a snapshot, never a wrong continuation.
3. Everything is bounded: a client that reads too slowly loses its queue and gets one snapshot instead; a client that
   comes back gets the deltas it missed while the ring has them, else a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from alerts.board import Board
from alerts.news import News

DELTA_EVERY_S = 0.25
TICK_EVERY_S = 2.0
_RING = 480  # two minutes of deltas while all is calm
_QUEUE = 32  # events that one client may be behind


class _Client:
    """One open page."""

    def __init__(self) -> None:
        self.events: deque[bytes] = deque()
        self.wants_snapshot = False
        self.news = asyncio.Event()

    def give(self, event: bytes) -> None:
        if len(self.events) >= _QUEUE:
            self.events.clear()
            self.wants_snapshot = True
        if not self.wants_snapshot:
            self.events.append(event)
        self.news.set()


class Stream:
    """Hands the board's changes to every open page."""

    def __init__(self, board: Board, now_ms: Callable[[], int], boot: str) -> None:
        self._board = board
        self._now_ms = now_ms
        self._boot = boot
        self._seq = now_ms()
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=_RING)
        self._clients: set[_Client] = set()
        self._closed = False
        self.news = News()  # an alarm or a ticket changed

    @property
    def clients(self) -> int:
        """How many pages are open."""
        return len(self._clients)

    def snapshot(self) -> bytes:
        """Everything as JSON."""
        head = {"seq": self._seq, "now_ms": self._now_ms(), "boot": self._boot}
        return msgspec.json.encode(head | self._board.snapshot())

    def flush(self) -> None:
        """Tell everybody what changed since the last call."""
        changed = self._board.drain()
        if changed:
            self._seq += 1
            event = self._event("delta", changed)
            self._ring.append((self._seq, event))
            self._tell(event)

    def tick(self) -> None:
        """Tell everybody that we are alive, and what time it is."""
        self._tell(self._event("tick", {}))

    def close(self) -> None:
        """End every stream; the pages come back by themselves."""
        self._closed = True
        for client in self._clients:
            client.news.set()

    async def events(self, last_id: str | None) -> AsyncIterator[bytes]:
        """What one page receives, from its last event on."""
        client = _Client()
        missed = self._since(last_id)
        client.wants_snapshot = missed is None
        client.events.extend(missed or ())
        client.news.set()
        self._clients.add(client)
        try:
            while not self._closed:
                await client.news.wait()
                client.news.clear()
                if client.wants_snapshot:
                    client.wants_snapshot = False
                    yield self._framed("snapshot", self.snapshot())
                while client.events and not client.wants_snapshot:
                    yield client.events.popleft()
                    if client.wants_snapshot:
                        client.news.set()
        finally:
            self._clients.discard(client)

    def _since(self, last_id: str | None) -> list[bytes] | None:
        """The deltas after `last_id`, or None if a snapshot is needed."""
        try:
            last = int(last_id or "")
        except ValueError:
            return None
        if last == self._seq:
            return []
        if not self._ring or not self._ring[0][0] - 1 <= last < self._seq:
            return None
        return [event for seq, event in self._ring if seq > last]

    def _tell(self, event: bytes) -> None:
        for client in self._clients:
            client.give(event)

    def _event(self, name: str, body: dict[str, Any]) -> bytes:
        return self._framed(name, msgspec.json.encode({"seq": self._seq, "now_ms": self._now_ms()} | body))

    def _framed(self, name: str, data: bytes) -> bytes:
        return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), self._seq, data)


async def every(seconds: float, act: Callable[[], None]) -> None:
    """Call `act` again and again, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        act()
