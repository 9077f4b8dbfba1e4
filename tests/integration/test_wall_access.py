"""Signing in at the wall, in a real browser of a phone's size, against the real alerts with its first administrator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from alerts.access.door import Door
from alerts.database import connect
from alerts.service import Settings, serve
from runtime.clock import Clock
from runtime.files import load_site, shipped
from tests.brokers import RunningBroker
from tests.browser import async_chromium_page
from wall import build

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]

SITE = load_site(shipped("sites") / "demo")
LIVE = ("data-state", "live")
NEW = "a-password-of-my-own"


@dataclass
class Running:
    """Alerts behind its door."""

    url: str
    folder: Path
    door: Door

    @property
    def one_time(self) -> str:
        """The administrator's."""
        return (self.folder / "first-password.txt").read_text(encoding="utf-8").split("password: ")[1].strip()


@pytest_asyncio.fixture
async def running(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> AsyncIterator[Running]:
    await asyncio.to_thread(build.ensure, Path(build.__file__).parent)
    database = f"sqlite:///{tmp_path / 't.sqlite'}"
    settings = Settings(
        broker=nats_broker.url, database=database, port=free_port, ingest="http://127.0.0.1:9", state=tmp_path,
        first_administrator=True,
    )  # fmt: skip
    task = asyncio.create_task(serve(SITE, settings, Clock()))
    url = f"http://127.0.0.1:{free_port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client, asyncio.timeout(90):
        while not await _is_healthy(client):
            assert not task.done(), task
            await asyncio.sleep(0.1)
    yield Running(url, tmp_path, Door(connect(database), SITE, Clock(), tmp_path))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _is_healthy(client: httpx.AsyncClient) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return (await client.get("/healthz")).status_code == 200
    return False


@pytest_asyncio.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with async_chromium_page(tmp_path / "profile") as opened:
        await opened.set_viewport_size({"width": 390, "height": 844})
        yield opened


async def test_the_first_administrator_signs_in_sets_a_password_and_signs_out(running: Running, page: Page) -> None:
    await page.goto(f"{running.url}/?lang=zh")
    await expect(page.get_by_test_id("sign-in")).to_contain_text("登录")
    await expect(page.get_by_test_id("tile-gas-canteen")).to_have_count(0)
    await page.get_by_test_id("account").fill("admin")
    await page.get_by_test_id("password").fill("wrong")
    await page.get_by_test_id("sign-send").click()
    await expect(page.get_by_test_id("sign-problem")).to_have_text("账号或密码错误。")

    one_time = running.one_time
    await page.get_by_test_id("password").fill(one_time)
    await page.get_by_test_id("sign-send").click()
    await expect(page.get_by_test_id("new-password")).to_contain_text("一次性密码")
    await page.get_by_test_id("password").fill(one_time)
    await page.get_by_test_id("fresh").fill(NEW)
    await page.get_by_test_id("again").fill(NEW + "x")
    await expect(page.get_by_test_id("sign-problem")).to_have_text("两次输入不一致。")
    await page.get_by_test_id("again").fill(NEW)
    await page.get_by_test_id("sign-send").click()

    await expect(page.get_by_test_id("signed-in")).to_have_text("管理员", timeout=20_000)
    await expect(page.get_by_test_id("connection")).to_have_attribute(*LIVE, timeout=20_000)
    assert await page.evaluate("document.cookie") == "", "no script can read the session"
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "nothing sticks out of a phone"
    assert not (running.folder / "first-password.txt").exists()

    await page.get_by_test_id("lang-switch").click()
    await expect(page.get_by_test_id("signed-in")).to_have_text("Administrator")
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in")).to_be_visible(timeout=20_000)
    await page.reload()
    await expect(page.get_by_test_id("sign-in")).to_be_visible()


async def test_a_wall_screen_opens_by_its_link_and_goes_dark_when_it_is_revoked(running: Running, page: Page) -> None:
    ident, token = await asyncio.to_thread(running.door.add_viewer, "wall", "test")
    await page.goto(f"{running.url}/?lang=en#viewer={token}")
    await expect(page.get_by_test_id("connection")).to_have_attribute(*LIVE, timeout=30_000)
    await expect(page.get_by_test_id("tile-gas-canteen")).to_be_visible()
    assert token not in page.url
    await page.reload()
    await expect(page.get_by_test_id("connection")).to_have_attribute(*LIVE, timeout=30_000)
    await expect(page.get_by_test_id("sign-in-instead")).to_be_visible()

    await asyncio.to_thread(running.door.revoke, ident, "test")

    await expect(page.get_by_test_id("sign-in")).to_be_visible(timeout=30_000)
    await page.goto("about:blank")
    await page.goto(f"{running.url}/?lang=en#viewer={token}")
    await expect(page.get_by_test_id("sign-problem")).to_contain_text("revoked")


async def test_a_grid_worker_sees_the_equipment_of_their_own_place(running: Running, page: Page) -> None:
    first = await asyncio.to_thread(running.door.add_account, "village-a", "test")
    await asyncio.to_thread(running.door.change_password, "village-a", first, NEW, "test")
    await page.goto(f"{running.url}/?lang=en")
    await page.get_by_test_id("account").fill("village-a")
    await page.get_by_test_id("password").fill(NEW)
    await page.get_by_test_id("sign-send").click()

    await expect(page.get_by_test_id("signed-in")).to_have_text("Village sanitation worker A", timeout=20_000)
    await expect(page.get_by_test_id("tile-pool-1")).to_be_visible(timeout=20_000)
    await expect(page.get_by_test_id("tile-gas-canteen")).to_have_count(0)
