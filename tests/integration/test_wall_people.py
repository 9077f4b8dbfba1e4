"""What people do to alarms at the wall, in a real browser: shelve, take off the shelf, see what is hidden."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.integration.test_wall_page import dist, page, raise_hot, script, server
from tests.integration.wall_server import Script

__all__ = ["dist", "page", "script", "server"]  # fixtures

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(120)]


async def test_shelving_asks_for_how_long_and_why_and_the_alarm_moves_to_the_hidden(page: Page, script: Script) -> None:
    raise_hot(script)
    await page.get_by_test_id("shelve-7").click()
    await expect(page.get_by_test_id("shelve-for").locator("label")).to_have_text(["15 min", "30 min", "1 h", "2 h"])
    await expect(page.get_by_test_id("shelve-900")).to_be_checked()
    await page.get_by_test_id("ack-who").fill("Wang")
    await page.get_by_test_id("ack-send").click()
    await expect(page.get_by_test_id("ack-problem")).to_have_text("Please say why.")
    await page.get_by_test_id("shelve-3600").check()
    await page.get_by_test_id("ack-note").fill("Sensor is being changed")
    await page.get_by_test_id("ack-send").click()

    await expect(page.get_by_test_id("alarm-7")).to_have_count(0)
    await expect(page.get_by_test_id("no-alarms")).to_have_text("No alarms")
    await expect(page.get_by_test_id("tile-boiler-1")).to_have_attribute("data-abnormal", "0")
    await expect(page.get_by_test_id("nav-hidden")).to_have_text(re.compile(r"Hidden\s*1"))
    await page.get_by_test_id("nav-hidden").click()
    row = page.get_by_test_id("hidden-7")
    for told in ("Boiler 1", "Supply too hot", "Shelved", "Wang", "Sensor is being changed", "still active"):
        await expect(row).to_contain_text(told)
    await expect(page.get_by_test_id("timer-7")).to_contain_text(re.compile(r"in (59 min|1 h)"))

    await page.get_by_test_id("unshelve-7").click()
    await expect(page.get_by_test_id("ack-send")).to_have_text("Take off the shelf")
    await page.get_by_test_id("ack-send").click()
    await expect(page.get_by_test_id("no-hidden")).to_have_text("No alarm is hidden")
    await expect(page.get_by_test_id("alarm-7")).to_have_attribute("data-state", "unacked")


async def test_life_safety_has_no_button_and_a_refusal_says_why(page: Page, script: Script) -> None:
    raise_hot(script)
    script.raise_alarm("1", "boiler-1", "supply_very_high", priority=1, protected=True)
    script.raise_alarm("2", "bin-1", "bin_full", priority=2, protected=True)
    await expect(page.get_by_test_id("ack-1")).to_be_visible()
    await expect(page.get_by_test_id("shelve-1")).to_have_count(0)
    await expect(page.get_by_test_id("shelve-2")).to_have_count(0)

    script.refusals["7"] = "renewals_used_up"
    await page.get_by_test_id("shelve-7").click()
    await page.get_by_test_id("ack-who").fill("Wang")
    await page.get_by_test_id("ack-note").fill("again")
    await page.get_by_test_id("ack-send").click()
    await expect(page.get_by_test_id("ack-problem")).to_contain_text("Now it has to be mended")


async def test_windows_and_permits_are_listed_with_their_timers_and_what_is_overdue(page: Page, script: Script) -> None:
    for ident, priority in (("3", 3), ("4", 2), ("5", 1)):
        script.raise_alarm(ident, "boiler-1", f"rule_{ident}", priority=priority)
    now = script.now_ms()
    script.hide("3", "suppressed", by="Wang", why="inspection", until_ms=now + 600_000)
    script.hide("4", "out_of_service", by="Wang", why="PTW-17", permit="PTW-17", until_ms=now - 3_600_000)
    script.hide("5", "suppressed", how="design")
    await page.get_by_test_id("nav-hidden").click()

    rows = page.locator('[data-testid^="hidden-"]')
    await expect(rows).to_have_count(3)
    assert [await row.get_attribute("data-testid") for row in await rows.all()] == ["hidden-4", "hidden-3", "hidden-5"]
    await expect(page.get_by_test_id("hidden-4")).to_have_attribute("data-overdue", "true")
    await expect(page.get_by_test_id("timer-4")).to_contain_text("confirmation overdue for 1 h")
    await expect(page.get_by_test_id("hidden-4")).to_contain_text("permit PTW-17")
    await expect(page.get_by_test_id("hidden-3")).to_contain_text("Maintenance window")
    await expect(page.get_by_test_id("hidden-5")).to_contain_text("Suppressed by design")
    await page.get_by_test_id("return-4").click()
    await page.get_by_test_id("ack-who").fill("Li")
    await page.get_by_test_id("ack-send").click()
    await expect(rows).to_have_count(2)

    await page.get_by_test_id("lang-switch").click()
    await expect(page.get_by_test_id("hidden-3")).to_contain_text("检修时段")
    await expect(page.locator("h1")).to_contain_text("2 条已隐藏的报警")


async def test_the_first_of_a_trip_is_marked(page: Page, script: Script) -> None:
    script.raise_alarm("1", "boiler-1", "low_water", priority=1, first_out=True)
    script.raise_alarm("2", "boiler-1", "flame_lost", priority=1)
    await expect(page.get_by_test_id("first-out-1")).to_have_text("First")
    await expect(page.get_by_test_id("first-out-2")).to_have_count(0)
