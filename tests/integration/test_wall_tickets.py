"""Must show 7: a ticket from the alarm to its proven end on a phone, in a real browser, against alerts as a process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from alerts.access.door import Door
from alerts.database import connect
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.browser import async_chromium_page
from tests.integration.one_kitchen import Cabinet, png, site_in, speaking
from tests.processes import ServiceProcess
from wall import build

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]

SPEED = 120.0  # the pack's quarter of an hour of proof takes 7.5 s
START_MS = 1_774_484_100_000  # 2026-03-26 08:15:00 in Shanghai
PASSWORD = "a-password-of-my-own"
PHONE = {"width": 360, "height": 740}
LOOK_AT = os.environ.get("ANLAN_SCREENSHOTS")  # a folder, for who wants to see the pages
SOON_MS = 30_000
Json = dict[str, Any]


@dataclass
class Phone:
    """A page of a phone's size, the cabinet that speaks, and other people who use the API."""

    page: Page
    cabinet: Cabinet
    url: str
    door: Door
    signed_in: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def at(self, name: str) -> Any:
        return self.page.get_by_test_id(name)

    async def sign_in(self, person: str) -> None:
        await self.at("account").fill(person)
        await self.at("password").fill(PASSWORD)
        await self.at("sign-send").click()
        await expect(self.at("signed-in")).to_be_visible(timeout=SOON_MS)
        await expect(self.at("connection")).to_have_attribute("data-state", "live", timeout=SOON_MS)

    async def give(self, verb: str, note: str = "") -> None:
        """A verb by its button and its sheet."""
        button = self.at(f"verb-{verb}")
        if not await button.is_visible():
            await self.at("verbs-more").click()
        await button.click()
        if note:
            await self.at("field-note").fill(note)
        await self.at("order-send").click()

    async def api(self, person: str) -> httpx.AsyncClient:
        """Somebody else, by hand."""
        if person not in self.signed_in:
            client = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=SOON_MS / 1000)
            self.signed_in[person] = client
            body = {"account": person, "password": PASSWORD}
            (await client.post("/api/v1/session", json=body)).raise_for_status()
            client.headers["Origin"] = self.url
        return self.signed_in[person]

    async def look(self, name: str) -> None:
        """The page as it is now, in both languages and sizes, where somebody wants to see it."""
        if LOOK_AT is None:
            return
        for language in ("en", "zh"):
            for size in (PHONE, {"width": 1920, "height": 1080}):
                await self.page.set_viewport_size(size)  # type: ignore[arg-type]
                await self.page.wait_for_timeout(300)
                path = Path(LOOK_AT) / f"{name}-{language}-{size['width']}.png"
                await self.page.screenshot(path=path, full_page=size is PHONE and name != "photo-sheet")
            await self.at("lang-switch").dispatch_event("click")  # it may lie behind a sheet
        await self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def phone(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Phone]:
    await asyncio.to_thread(build.ensure, Path(build.__file__).parent)
    site = site_in(tmp_path / "site")
    clock = Clock.starting(START_MS, SPEED)
    for name, value in clock.to_environment().items():
        monkeypatch.setenv(name, value)
    database = f"sqlite:///{tmp_path / 't.sqlite'}"
    arguments = ("alerts", "run", str(tmp_path / "site"), "--broker", nats_broker.url, "--database", database)
    more = ("--ingest", "http://127.0.0.1:9", "--kernel", "plain", "--port")
    process = ServiceProcess(tmp_path / "alerts.log", free_port, "anlan", *arguments, *more)
    process.start(wait=False)
    try:
        await asyncio.to_thread(process.until_healthy)
        door = Door(connect(database), site, clock, tmp_path)
        for person in ("fire-a", "court-police", "supervisor-a"):
            first = await asyncio.to_thread(door.add_account, person, "test")
            await asyncio.to_thread(door.change_password, person, first, PASSWORD, "test")
        async with speaking(nats_broker, site, clock) as cabinet, async_chromium_page(tmp_path / "profile") as page:
            await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            found = Phone(page, cabinet, process.base_url, door)
            yield found
            for client in found.signed_in.values():
                await client.aclose()
    finally:
        await asyncio.to_thread(process.end)


async def test_a_ticket_goes_from_the_alarm_to_its_proven_end_on_a_phone(phone: Phone) -> None:
    """One browser and one process for all of it, because they are what it costs."""
    page = phone.page
    await page.goto(f"{phone.url}/?lang=en#/tickets/mine")
    await phone.sign_in("fire-a")
    await expect(phone.at("no-tickets")).to_have_text("Nothing is yours at the moment")
    ticket = await _received(phone)
    await _acknowledged(phone)
    await _photographed(phone, ticket)
    await _refused_in_the_sheet(phone, ticket)
    await _repaired_and_proven(phone)
    await _reported(phone)
    await _session_over_and_back(phone, ticket)
    await _without_the_right(phone, ticket)


async def _received(phone: Phone) -> str:
    """The alarm arrives by itself, on the board of the unit that the duty matrix names."""
    phone.cabinet.says["ch4"] = 14.0
    row = phone.page.locator('[data-testid^="ticket-"][data-state="dispatched"]')
    await expect(row).to_be_visible(timeout=SOON_MS)
    await expect(row).to_contain_text("Court micro fire station")
    ticket = str(await row.get_attribute("data-testid")).removeprefix("ticket-")
    await phone.look("board")
    for group in ("state", "owner", "sector", "deadline"):
        await phone.at(f"by-{group}").click()
        await expect(phone.page.locator('[data-testid^="group-"]')).to_have_count(1)
    await phone.at("filters").click()
    await phone.at("filter-place").select_option("north")
    await expect(phone.at("no-tickets")).to_have_text("No ticket fits this choice")
    await phone.at("filter-place").select_option("court")  # the community around it
    await _fits(phone)
    await row.click()
    await expect(phone.at("ticket-state")).to_have_text("Handed to the responsible unit")
    await expect(phone.at("owner")).to_have_text("Court micro fire station")
    return ticket


async def _acknowledged(phone: Phone) -> None:
    await expect(phone.at("actions").get_by_role("button").first).to_have_text("Acknowledge")
    box = await phone.at("verb-acknowledge").bounding_box()
    assert box is not None
    assert box["y"] > PHONE["height"] * 2 / 3, "where a thumb is"
    assert box["height"] >= 44
    await phone.give("acknowledge")
    await expect(phone.at("acked-by")).to_have_text("Micro fire station member A", timeout=SOON_MS)
    await expect(phone.at("limit-acknowledge")).to_contain_text("✓")
    await expect(phone.at("verb-acknowledge")).to_have_count(0)
    await expect(phone.at("line-page").first).to_be_attached(timeout=SOON_MS)
    await _fits(phone)


async def _photographed(phone: Phone, ticket: str) -> None:
    """What is too large or of a wrong kind is refused before it is sent; a photo is shown where it was added."""
    await phone.at("verb-attach").click()
    pick = phone.at("photo-take")
    heic = b"\0\0\0\x18ftypheic" + b"\0" * 64
    for name, kind, data, told in (
        ("valve.heic", "image/heic", heic, "HEIC"),
        ("film.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * (10 * 2**20), "at most 10.0\u202fMiB"),
        ("tool.exe", "application/octet-stream", b"MZ\x90\0", "neither a JPEG or PNG picture"),
    ):
        await pick.set_input_files({"name": name, "mimeType": kind, "buffer": data})
        await expect(phone.at("order-problem")).to_contain_text(told)
    await phone.at("order-send").click()
    await expect(phone.at("order-sheet")).to_be_visible(), "nothing was sent"
    await pick.set_input_files({"name": "阀门.png", "mimeType": "image/png", "buffer": png()})
    await expect(phone.at("photo-chosen")).to_contain_text("阀门.png")
    await phone.at("field-phase-before").check()
    await phone.at("field-note").fill("the valve before")
    await phone.look("photo-sheet")
    await phone.at("order-send").click()
    photo = phone.at("timeline").locator("img")
    await expect(photo).to_be_attached(timeout=SOON_MS)
    await photo.scroll_into_view_if_needed()
    await expect(photo).to_have_js_property("naturalWidth", 64, timeout=SOON_MS)
    await expect(phone.at("pair-1").locator("img")).to_have_count(1)
    await expect(phone.at("pair-1")).to_contain_text("not there yet")
    kept = (await (await phone.api("supervisor-a")).get(f"/api/v1/tickets/{ticket}/attachments")).json()
    assert [(each["by"], each["name"], each["note"]) for each in kept] == [("fire-a", "阀门.png", "the valve before")]


async def _refused_in_the_sheet(phone: Phone, ticket: str) -> None:
    """Somebody else was quicker: the machine's own words stand in the sheet, and the page offers what is left."""
    await phone.at("verb-begin").click()
    other = await phone.api("supervisor-a")
    begun = await other.post(f"/api/v1/tickets/{ticket}/begin", json={"person": "fire-a"})
    assert begun.status_code == 200, begun.text
    await phone.at("order-send").click()
    await expect(phone.at("order-problem")).to_have_text("begin: not possible while the ticket is “Being rectified”")
    await phone.at("order-cancel").click()
    await expect(phone.at("verb-begin")).to_have_count(0)
    await phone.give("interim", "Kitchen closed, windows open")
    await expect(phone.at("interim")).to_have_text("Kitchen closed, windows open", timeout=SOON_MS)
    await phone.look("ticket")


async def _repaired_and_proven(phone: Phone) -> None:
    phone.cabinet.says["ch4"] = 0.0
    await phone.give("repaired", "Hose replaced")
    await expect(phone.at("proof")).to_have_attribute("data-proof", "pending", timeout=SOON_MS)
    await phone.at("verbs-more").click()
    closed = phone.at("actions").locator("li").filter(has=phone.at("others-accept"))
    await expect(closed).to_contain_text("Your role does not include this (supervise).")
    await expect(phone.at("verb-accept")).to_have_count(0)
    await phone.look("proof")
    await phone.at("verbs-more").click()
    await expect(phone.at("ticket-state")).to_have_attribute("data-state", "written_off", timeout=2 * SOON_MS)
    await expect(phone.at("proof")).to_have_text("Closed, verified by the sensor")
    await expect(phone.at("line-step").and_(phone.page.locator('[data-verb="verified"]'))).to_be_attached(
        timeout=SOON_MS
    )
    verbs = [await line.get_attribute("data-verb") for line in await phone.at("line-step").all()]
    told = [verb for verb in verbs if verb != "overdue"]
    assert told[:7] == ["write_off", "verified", "repaired", "interim", "begin", "attach", "acknowledge"]
    await expect(phone.at("timeline")).to_contain_text("receipt after")
    await phone.look("closed")


async def _reported(phone: Phone) -> None:
    """What no sensor finds: told on the board, and it is a ticket of its sector, on the way to who answers for it."""
    here = phone.page.url
    await phone.page.goto(phone.url + "/#/tickets")
    await phone.at("report").click()
    await phone.at("report-send").click()
    await expect(phone.at("report-problem")).to_have_text("Please fill in: What is it about")
    await phone.at("report-what").select_option("food")
    await phone.at("report-grid").select_option("south")
    await phone.at("report-text").fill("Meat that smells, at the stall")
    await phone.look("report")
    await phone.at("report-send").click()
    await expect(phone.at("ticket-state")).to_have_text("Filed", timeout=SOON_MS)
    await expect(phone.at("sector")).to_have_text("Food")
    await expect(phone.at("owner")).to_have_text("Court residents' committee")
    await phone.page.goto(here)
    await expect(phone.at("proof")).to_have_text("Closed, verified by the sensor")


async def _session_over_and_back(phone: Phone, ticket: str) -> None:
    await asyncio.to_thread(phone.door.reset_password, "fire-a", "test", PASSWORD)
    await expect(phone.at("sign-in")).to_be_visible(timeout=SOON_MS)
    await expect(phone.at("sign-problem")).to_have_text("Your session is over: sign in again.")
    await phone.look("session-over")
    await phone.sign_in("court-police")
    assert phone.page.url.endswith(f"#/ticket/{ticket}")
    await expect(phone.at("ticket-state")).to_have_attribute("data-state", "written_off", timeout=SOON_MS)


async def _without_the_right(phone: Phone, ticket: str) -> None:
    """A community police officer looks on."""
    await expect(phone.at("no-verbs")).to_have_text("You may look at this ticket; its work is for others.")
    await phone.at("verbs-more").click()
    closed = phone.at("actions").locator("li").filter(has=phone.at("others-reopen"))
    await expect(closed).to_contain_text("Reopen: Your role does not include this (supervise).")
    await expect(phone.page.locator('[data-testid^="verb-"]')).to_have_count(0)
    await phone.look("looks-on")
    client = await phone.api("court-police")
    path = f"/api/v1/tickets/{ticket}"
    for verb, body in (("reopen", {"note": "x"}), ("note", {"note": "x"}), ("acknowledge", {})):
        refused = await client.post(f"{path}/{verb}", json=body)
        assert (refused.status_code, refused.json()["reason"]) == (403, "not_your_work")
        assert refused.json()["words"]["zh"].startswith("您的角色没有此权限")
    photo = await client.post(f"{path}/attachments", content=png(), headers={"content-type": "image/png"})
    assert photo.status_code == 403
    script = (
        f"fetch('api/v1/tickets/{ticket}/reopen', {{method: 'POST', headers: {{'content-type': 'application/json'}},"
    )
    assert await phone.page.evaluate(script + ' body: \'{"note": "x"}\'}).then((answer) => answer.status)') == 403


async def _fits(phone: Phone) -> None:
    """Nothing sticks out of a phone."""
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
