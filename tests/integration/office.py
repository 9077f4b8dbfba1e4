"""Shell. The demo's office on a Thursday afternoon, in a real alerts: a round missed, a report due, people.

Site time begins at 16:05 on 4 June 2026 in Shanghai and runs as fast as life.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
from playwright.async_api import Page

from alerts.access.door import Door
from alerts.database import connect, writing
from alerts.duties import areas, modes
from alerts.duties.emergency_api import changed
from alerts.duties.look import look
from alerts.engine import Engine
from alerts.service import Settings, serve
from runtime.clock import Clock
from runtime.files import load_site, shipped
from tests.unit.alerts.duties.place import ms
from tests.unit.alerts.paper.campaign import kept
from vocab.site import Site

NOW = "2026-06-04 16:05"
PASSWORD = "a-password-of-their-own"
PEOPLE = ("duty-b", "supervisor-a", "village-a")
CHIEF = "chief"  # an administrator who is nobody of org.toml


@dataclass(frozen=True, slots=True)
class Office:
    """Alerts behind its door."""

    url: str
    door: Door
    site: Site

    async def sign_in(self, page: Page, account: str) -> None:
        """The page's browser has a session from now on."""
        body = {"account": account, "password": PASSWORD}
        answer = await page.request.post(f"{self.url}/api/v1/session", data=body)
        assert answer.status == 200, await answer.text()


def site_with_a_gap() -> Site:
    """The demo, with somebody on the duty roster whom no channel reaches: their shifts are nobody's."""
    site = load_site(shipped("sites") / "demo")
    people = site.org.people
    people["duty-e"] = people["duty-e"].model_copy(update={"contacts": ()})
    return site


def seed(site: Site, database: str) -> None:
    """What happened before anybody looks."""
    engine = Engine(site, database)
    with writing(engine.database) as connection:
        kept(connection)
    for moment in ("2026-06-03 22:00", "2026-06-04 10:00", "2026-06-04 16:00"):
        look(engine, ms(moment))
    now_ms = ms("2026-06-04 16:01")
    changed(engine, lambda book: modes.ask(book, "epidemic", 2, "head-office", "One case in the village"), now_ms)
    village = areas.Count("village", date(2026, 6, 4), 3, 1, "riverside-director")
    changed(engine, lambda book: areas.count(book, village), now_ms)
    engine.close()


def let_in(door: Door) -> None:
    """Everybody has an account and a password of their own."""
    for person in PEOPLE:
        door.change_password(person, door.add_account(person, "test"), PASSWORD, "127.0.0.1")
    first = door.add_account(CHIEF, "test", rights=(("administrator", "*"),))
    door.change_password(CHIEF, first, PASSWORD, "127.0.0.1")


@asynccontextmanager
async def open_office(folder: Path, broker: str, port: int) -> AsyncIterator[Office]:
    """It, for as long as the block lasts."""
    site, database = site_with_a_gap(), f"sqlite:///{folder / 't.sqlite'}"
    await asyncio.to_thread(seed, site, database)
    clock = Clock.starting(ms(NOW), 1.0)
    door = Door(connect(database), site, clock, folder)
    await asyncio.to_thread(let_in, door)
    settings = Settings(broker=broker, database=database, port=port, ingest="http://127.0.0.1:9", state=folder)
    task = asyncio.create_task(serve(site, settings, clock))
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client, asyncio.timeout(90):
            while not await _is_healthy(client):
                assert not task.done(), task
                await asyncio.sleep(0.1)
        yield Office(url, door, site)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _is_healthy(client: httpx.AsyncClient) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return (await client.get("/healthz")).status_code == 200
    return False
