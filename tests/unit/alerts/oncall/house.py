"""The small plant's API behind its real door, with a clock that the test moves. Tokens bear the names of persons."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from alerts import api
from alerts.access.door import Door
from alerts.board import Board
from alerts.ingest_link import IngestLink
from alerts.metrics import Metrics
from alerts.oncall.watch import Watch
from alerts.oncall.watch import metrics as roster_metrics
from alerts.stream import Stream
from tests.unit.alerts.outbox.desk import Room, room
from tests.unit.alerts.plant import at
from vocab.site import Site

OFFICER = ("see", "acknowledge", "work", "operate")
LEAD = (*OFFICER, "supervise")


@dataclass
class House:
    """What is behind the door, and the ways in."""

    room: Room
    door: Door
    app: Any
    watch: Watch = field(default_factory=Watch)
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """Somebody who asks; without a token a stranger."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 50000))
        return httpx.AsyncClient(transport=transport, base_url="http://plant", headers=headers)

    def as_(self, person: str, scopes: tuple[str, ...] = OFFICER, place: str = "*") -> httpx.AsyncClient:
        """Somebody signed in; the same client again for the same name."""
        if person not in self._clients:
            self._clients[person] = self.client(self.door.add_token(person, "test", scopes, place)[1])
        return self._clients[person]

    async def post(self, who: httpx.AsyncClient, path: str, **body: Any) -> tuple[int, Any]:
        """Status and answer of an order."""
        found = await who.post(f"/api/v1/{path}", json=body)
        return found.status_code, found.json()

    async def get(self, path: str, **params: Any) -> Any:
        """What a reader is told."""
        found = await self.as_("reader", ("see",)).get(f"/api/v1/{path}", params=params)
        assert found.status_code == 200, found.text
        return found.json()

    async def on_call(self, second: float, roster: str = "duty") -> list[str]:
        """Who is on call there at a moment."""
        found = await self.get("rosters", from_ms=at(second), for_s=1)
        return [each["person"] for one in found if one["id"] == roster for each in one["stretches"]]

    def look(self, second: float) -> None:
        """The duties' clock comes to a moment."""
        self.room.clock.set(second)
        self.room.told.append(self.watch.look(self.room.engine, at(second)))


@contextlib.asynccontextmanager
async def house(site: Site, folder: Path, start_s: float = 0.0) -> AsyncIterator[House]:
    """It, on a database of its own."""
    here = room(site, folder, start_s)
    engine, ingest = here.engine, IngestLink("http://127.0.0.1:9")
    board = Board(engine.alarms(), [], engine.edges(), engine.latest(), engine.unknown())
    stream = Stream(board, here.clock.now_ms, "boot")
    metrics = Metrics(dict, dict, dict, lambda: roster_metrics(engine, here.clock.now_ms()))
    door = Door(engine.database, site, here.clock, folder / "state", real=here.clock)
    parts = api.Parts(
        engine,
        here.writer,
        board,
        stream,
        ingest,
        metrics,
        here.clock,
        lambda: True,
        door=door,
        base_url="http://phone",
    )
    made = House(here, door, api.build(parts))
    door.add_account("z", "test", rights=(("administrator", "*"),))  # from now on nobody comes in without a proof
    try:
        yield made
    finally:
        stream.close()
        await ingest.close()
        for client in made._clients.values():
            await client.aclose()
        await here.close()
