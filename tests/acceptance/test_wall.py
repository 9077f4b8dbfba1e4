"""The wall in a real browser in front of the real chain: a fault is injected, and people see it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.running import Demo, demo
from tests.browser import chromium_page

pytestmark = [pytest.mark.acceptance, pytest.mark.needs("chromium"), pytest.mark.timeout(300)]

SEEN_WITHIN_S = 2.0
RAISED_WITHIN_S = 60.0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Demo]:
    with demo(tmp_path, "--scenario", "quiet-day", "--speed", "10", "--for", "240") as started:
        assert started.wall
        yield started


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with chromium_page(tmp_path / "profile") as opened:
        yield opened


def test_a_fault_is_seen_acknowledged_and_survives_a_restart_of_the_server(running: Demo, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(running.wall)
    page.get_by_test_id("account").fill("duty-b")
    page.get_by_test_id("password").fill(running.access()["accounts"]["duty-b"])
    page.get_by_test_id("sign-send").click()
    expect(page.get_by_test_id("signed-in")).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live", timeout=30_000)
    tile = page.get_by_test_id("tile-gas-canteen")
    expect(tile).to_be_visible()
    assert tile.get_attribute("data-abnormal") == "0"
    page.evaluate("window.neverReloaded = true")
    _every_kind_has_a_page(running, page)
    assert problems == []

    _inject(running, asset="gas-canteen", fault="leak")
    raised_at = _wait_for_alarm(running, "gas-canteen")
    page.wait_for_function("document.querySelector('[data-testid=tile-gas-canteen]').dataset.abnormal > '0'")
    seen_after = time.monotonic() - raised_at

    assert seen_after < SEEN_WITHIN_S
    assert page.evaluate("window.neverReloaded") is True
    ticket = next(each for each in running.get("/api/v1/tickets") if each["asset"] == "gas-canteen")
    alarm = next(each for each in running.get("/api/v1/alarms") if each["asset"] == "gas-canteen")
    assert ticket["category"] == "hazard"

    page.get_by_test_id(f"ack-{alarm['id']}").click()
    page.get_by_test_id("ack-send").click()
    expect(page.get_by_test_id(f"alarm-{alarm['id']}")).to_have_attribute("data-state", "acked", timeout=5_000)
    acked = next(each for each in running.get("/api/v1/alarms") if each["id"] == alarm["id"])
    assert acked["acked_by"] == "duty-b"

    page.get_by_test_id("nav-tickets").click()
    expect(page.get_by_test_id(f"ticket-{ticket['id']}")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True

    os.kill(running.pid("alerts"), signal.SIGSTOP)  # it hangs, its port still open
    try:
        expect(page.get_by_test_id("connection")).not_to_have_attribute("data-state", "live", timeout=15_000)
    finally:
        os.kill(running.pid("alerts"), signal.SIGCONT)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live", timeout=30_000)

    boot = running.get("/api/v1/snapshot")["boot"]
    running.kill("alerts")
    _wait_for_another(running, boot)
    _inject(running, asset="boiler-1", fault="flame_out")
    page.get_by_test_id("nav-overview").click()
    changed = page.locator("[data-testid=tile-boiler-1]:not([data-abnormal='0'])")
    expect(changed).to_be_visible(timeout=RAISED_WITHIN_S * 1000)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    page.get_by_test_id("nav-tickets").click()
    expect(page.get_by_test_id(f"ticket-{ticket['id']}")).to_be_visible()


def _every_kind_has_a_page(running: Demo, page: Page) -> None:
    """Also those whose rule has a limit above and one below: their page stayed empty."""
    one_of = {each["kind"]: each for each in reversed(running.get("/api/v1/site")["assets"]) if each["points"]}
    for asset in one_of.values():
        page.evaluate("id => { location.hash = `#/asset/${id}` }", asset["id"])
        expect(page.get_by_test_id(f"point-{asset['points'][-1]['id']}").first).to_be_attached()
    page.get_by_test_id("nav-overview").click()


def _wait_for_another(running: Demo, boot: str) -> None:
    """Wait until a server of another start answers."""
    end = time.monotonic() + RAISED_WITHIN_S
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if running.get("/api/v1/snapshot")["boot"] != boot:
                return
        time.sleep(0.1)
    raise AssertionError("alerts did not come back")


def _inject(running: Demo, **fault: str) -> None:
    httpx.post(f"{running.simulator}/inject", json=fault, timeout=10, trust_env=False).raise_for_status()


def _wait_for_alarm(running: Demo, asset: str) -> float:
    """The moment at which the API first shows an alarm of the asset."""
    end = time.monotonic() + RAISED_WITHIN_S
    while time.monotonic() < end:
        if any(each["asset"] == asset for each in running.get("/api/v1/alarms")):
            return time.monotonic()
        time.sleep(0.05)
    raise AssertionError(f"no alarm of {asset} within {RAISED_WITHIN_S:.0f} s")
