"""The demo's site behind its real door: the whole API over a real database, without a broker."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from alerts import api
from alerts.access.door import AccessSettings, Door
from alerts.access.limiter import Patience
from alerts.board import Board
from alerts.database import writing
from alerts.engine import Engine
from alerts.ingest_link import IngestLink
from alerts.ledger import Options
from alerts.metrics import Metrics
from alerts.stream import Stream
from alerts.tables import tickets
from alerts.tickets.attachments import Cellar
from alerts.version_desk import Desk
from alerts.version_jobs import Jobs, JobSettings
from alerts.writer import Writer
from runtime.clock import Clock
from runtime.files import load_site, shipped
from tests.databases import database_url
from vocab.instant import to_ms

SITE = load_site(shipped("sites") / "demo")
LONG = "a-long-enough-password"
OPTIONS = Options(120_000, 30_000, 1000, 15_000, 10_000, 900_000)


class Hand(Clock):
    """A clock that is set by hand."""

    now = 1_790_000_000_000

    def now_ms(self) -> int:
        return Hand.now


@dataclass
class House:
    """The app, its door, and what is behind it."""

    app: Any
    door: Door
    engine: Engine
    stream: Stream
    board: Board

    def client(self, token: str | None = None, address: str = "127.0.0.1", **more: Any) -> httpx.AsyncClient:
        """Somebody who asks."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers, **more)

    async def signed_in(self, person: str) -> httpx.AsyncClient:
        """Somebody with an account, whose one-time password is changed."""
        first = self.door.add_account(person, "admin")
        self.door.change_password(person, first, LONG, "127.0.0.1")
        client = self.client()
        answer = await client.post("/api/v1/session", json={"account": person, "password": LONG})
        assert answer.status_code == 200, answer.text
        return client

    def ticket(self, grid: str, asset: str, hazard: str = "gas_leak") -> int:
        """An open ticket."""
        with writing(self.engine.database) as connection:
            row = {
                "site": SITE.id, "number": f"N-{grid}-{asset}-{hazard}", "asset": asset, "kind": SITE.asset(asset).kind,
                "hazard": hazard, "category": "hazard", "grade": "general", "priority": 1, "state": "filed",
                "rule": "ch4_level1", "title_en": "x", "title_zh": "x", "grid": grid, "opened_ms": 1, "raised_ms": 1,
                "late": False,
            }  # fmt: skip
            return int(connection.execute(tickets.insert().values(**row).returning(tickets.c.id)).scalar_one())


@contextlib.asynccontextmanager
async def house(
    folder: Path, settings: AccessSettings | None = None, clock: Clock | None = None
) -> AsyncIterator[House]:
    """It, on a database of its own."""
    engine = Engine(SITE, database_url(folder), OPTIONS)
    writer, ingest = Writer(engine), IngestLink("http://127.0.0.1:9")
    board = Board(engine.alarms(), [], engine.edges(), engine.latest(), engine.unknown())
    clock = clock or Clock()
    stream = Stream(board, clock.now_ms, "boot")
    metrics = Metrics(lambda: {}, lambda: {}, lambda: {}, lambda: [])
    desk = Desk(SITE, engine, writer, board, Jobs(writer, JobSettings((), "", 1, 1), clock), clock, [])
    given = settings or AccessSettings(patience=Patience(free=3, first_s=2.0, longest_s=60.0))
    door = Door(engine.database, SITE, clock, folder / "state", given, Hand())
    parts = api.Parts(engine, writer, board, stream, ingest, metrics, clock, lambda: True, desk, door)
    parts = replace(parts, cellar=Cellar(folder / "attachments", 5 * 2**20, 20))
    try:
        yield House(api.build(parts), door, engine, stream, board)
    finally:
        stream.close()
        await ingest.close()
        writer.close()


def moment() -> int:
    """A moment of the site."""
    from datetime import UTC, datetime

    return to_ms(datetime(2026, 3, 26, tzinfo=UTC))
