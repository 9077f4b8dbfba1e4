"""The wall when the server goes silent, goes away, comes back, or comes back as another."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import async_chromium_page
from tests.integration.wall_server import Script, WallServer
from wall import build

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(120)]

WALL = Path(build.__file__).parent
NOTICED_MS = 9_000  # six seconds of silence and the beat that sees it
BACK_MS = 15_000  # the longest wait between two attempts, and the attempt


@pytest.fixture
def script() -> Script:
    script = Script()
    script.read("boiler-1/supply_temp", 72.5)
    script.raise_alarm("7", "boiler-1", "supply_high", point="supply_temp", priority=1)
    return script


@pytest_asyncio.fixture
async def server(script: Script) -> AsyncIterator[WallServer]:
    build.ensure(WALL)
    server = WallServer(script, WALL / "dist")
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def page(server: WallServer, tmp_path: Path) -> AsyncIterator[Page]:
    async with async_chromium_page(tmp_path / "profile") as page:
        await page.goto(f"{server.url}?lang=en")
        await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live", timeout=15_000)
        await page.evaluate("window.neverReloaded = true")
        yield page


async def became(page: Page, state: str, timeout_ms: float) -> None:
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", state, timeout=timeout_ms)


async def test_a_silent_server_makes_everything_visibly_old(page: Page, script: Script) -> None:
    script.muted = True
    await became(page, "lost", NOTICED_MS)
    await expect(page.get_by_test_id("lost-banner")).to_contain_text(re.compile(r"data is \d+ s old"))
    await expect(page.get_by_test_id("tile-boiler-1")).to_contain_text("OLD")
    await expect(page.get_by_test_id("tile-boiler-1")).to_have_css("filter", "grayscale(1)")
    await expect(page.get_by_test_id("ack-7")).to_be_disabled()

    script.muted = False
    await became(page, "live", BACK_MS)
    await expect(page.get_by_test_id("lost-banner")).to_have_count(0)
    await expect(page.get_by_test_id("tile-boiler-1")).not_to_contain_text("OLD")


async def test_no_alarms_is_never_said_of_old_data(page: Page, script: Script) -> None:
    script.alarms["7"]["state"] = "normal"
    script.tell(alarms=[script.alarms["7"]])
    await expect(page.get_by_test_id("no-alarms")).to_have_text("No alarms")
    script.muted = True
    await became(page, "lost", NOTICED_MS)
    await expect(page.get_by_test_id("no-alarms")).to_have_text("Alarms not known while the connection is lost")


async def test_a_restarted_server_is_taken_up_again_without_a_reload(
    page: Page, script: Script, server: WallServer
) -> None:
    await server.stop()
    await became(page, "lost", NOTICED_MS)
    script.boot, script.seq = "boot-2", 0
    del script.alarms["7"]
    script.raise_alarm("9", "bin-1", "bin_full", priority=3)
    script.site = {**script.site, "name": {"en": "Renamed community", "zh": "新名"}}
    await server.start()

    await became(page, "live", BACK_MS)
    await expect(page.get_by_test_id("alarm-7")).to_have_count(0)
    await expect(page.get_by_test_id("tile-bin-1")).to_have_attribute("data-abnormal", "3")
    await expect(page.get_by_test_id("site-name")).to_have_text("Renamed community")
    assert await page.evaluate("window.neverReloaded") is True


async def test_a_server_of_another_version_brings_its_own_page(page: Page, script: Script, server: WallServer) -> None:
    await server.stop()
    script.boot, script.version = "boot-2", "0.2.0"
    await server.start()
    await page.wait_for_function("window.neverReloaded === undefined", timeout=BACK_MS + NOTICED_MS)
    await became(page, "live", BACK_MS)


async def test_a_page_that_was_opened_before_the_server_waits_for_it(
    script: Script, server: WallServer, tmp_path: Path
) -> None:
    async with async_chromium_page(tmp_path / "other") as page:
        await page.route("**/api/**", lambda route: route.abort())
        await page.goto(f"{server.url}?lang=en")
        await expect(page.get_by_test_id("lost-banner")).to_have_text(
            re.compile("nothing received yet"), timeout=NOTICED_MS
        )
        await page.unroute("**/api/**")
        await became(page, "live", BACK_MS)
        await expect(page.get_by_test_id("tile-boiler-1")).to_be_visible(timeout=BACK_MS)


async def test_hours_of_events_leave_no_streams_and_no_growing_page_behind(page: Page, script: Script) -> None:
    async def nodes() -> int:
        return int(await page.evaluate("document.getElementsByTagName('*').length"))

    before = await nodes()
    for i in range(3_000):
        script.read("boiler-1/supply_temp", 60.0 + i % 30)
        script.raise_alarm("7", "boiler-1", "supply_high", priority=1, state="unacked" if i % 2 else "acked")
    script.read("boiler-1/supply_temp", 88.8)
    await expect(page.get_by_test_id("tile-boiler-1")).to_contain_text("88.8", timeout=20_000)
    assert await nodes() < before + 60
    assert script.open_streams == 1
