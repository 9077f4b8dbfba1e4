"""The wall in a real browser against a scripted server: what it shows, and what it never shows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import async_chromium_page
from tests.integration.wall_server import WORK, Script, WallServer
from wall import build

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(120)]

WALL = Path(build.__file__).parent
LIVE = ("data-state", "live")


@pytest.fixture(scope="module")
def dist() -> Path:
    build.ensure(WALL)
    return WALL / "dist"


@pytest.fixture
def script() -> Script:
    script = Script()
    script.read("boiler-1/supply_temp", 72.5)
    script.read("boiler-1/water_pressure", 0.42)
    script.read("boiler-1/burner_state", 1)
    script.read("bin-1/fill", 0)
    script.read("gate-1/skin_temp", 36.4, age_ms=3_600_000)
    script.edges["edge-a"] = {
        "id": "edge-a", "state": "online", "last_frame_ms": script.now_ms(), "epoch": 1, "seq": 7,
        "spool_frames": 3, "spool_bytes": 2048, "lag_ms": 150,
    }  # fmt: skip
    return script


@pytest_asyncio.fixture
async def server(script: Script, dist: Path) -> AsyncIterator[WallServer]:
    server = WallServer(script, dist)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def page(server: WallServer, tmp_path: Path) -> AsyncIterator[Page]:
    async with async_chromium_page(tmp_path / "profile") as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{server.url}?lang=en")
        await expect(page.get_by_test_id("connection")).to_have_attribute(*LIVE, timeout=15_000)
        yield page
        assert problems == []


def raise_hot(script: Script) -> None:
    script.raise_alarm(
        "7", "boiler-1", "supply_high", point="supply_temp", priority=2, value=91.2, limit=90.0,
        name={"en": "Supply too hot", "zh": "供水温度高"},
    )  # fmt: skip


async def test_a_new_alarm_changes_the_tile_the_banner_and_the_tickets_without_a_reload(
    page: Page, script: Script
) -> None:
    await page.evaluate("window.neverReloaded = true")
    tile = page.get_by_test_id("tile-boiler-1")
    await expect(tile).to_have_attribute("data-abnormal", "0")
    await expect(page.get_by_test_id("no-alarms")).to_have_text("No alarms")

    raise_hot(script)

    await expect(tile).to_have_attribute("data-abnormal", "2")
    await expect(tile).to_contain_text("Supply too hot")
    await expect(page.get_by_test_id("alarm-7")).to_contain_text("91.2")
    await expect(page.get_by_test_id("news")).to_contain_text("Urgent, Boiler 1, Supply too hot")
    await page.get_by_test_id("nav-tickets").click()
    await expect(page.get_by_test_id("ticket-t-7")).to_contain_text("DEMO-20260326-0001")
    assert await page.evaluate("window.neverReloaded") is True


async def test_a_live_value_appears_and_zero_is_a_reading(page: Page, script: Script) -> None:
    await expect(page.get_by_test_id("tile-bin-1")).to_contain_text("0.0")
    script.read("boiler-1/supply_temp", 80.25)
    await expect(page.get_by_test_id("tile-boiler-1")).to_contain_text("80.3")


async def test_acknowledging_asks_who_and_remembers(page: Page, script: Script) -> None:
    raise_hot(script)
    await page.get_by_test_id("ack-7").click()
    await page.get_by_test_id("ack-send").click()
    await expect(page.get_by_test_id("ack-problem")).to_have_text("Please say who acknowledges.")
    await page.get_by_test_id("ack-who").fill("Night shift")
    await page.get_by_test_id("ack-send").click()

    await expect(page.get_by_test_id("alarm-7")).to_have_attribute("data-state", "acked")
    await expect(page.get_by_test_id("alarm-7")).to_contain_text("Night shift")
    await expect(page.get_by_test_id("ack-7")).to_have_count(0)
    assert script.alarms["7"]["acked_by"] == "Night shift"

    await page.goto(page.url.split("?")[0] + "#/ticket/t-7")
    await page.get_by_test_id("verb-acknowledge").click()
    await expect(page.get_by_test_id("order-by")).to_have_value("Night shift")
    await page.get_by_test_id("order-send").click()
    await expect(page.get_by_test_id("ticket-state")).to_have_attribute("data-state", "acknowledged")
    await expect(page.get_by_test_id("acked-by")).to_have_text("Night shift")


async def test_an_acknowledgement_that_came_second_says_so(page: Page, script: Script) -> None:
    raise_hot(script)
    await page.get_by_test_id("ack-7").click()
    script.alarms["7"]["acked_ms"] = 1
    await page.get_by_test_id("ack-who").fill("Late")
    await page.get_by_test_id("ack-send").click()
    await expect(page.get_by_test_id("ack-problem")).to_have_text("Somebody has already acknowledged this.")


async def test_a_latched_alarm_stays_until_somebody_resets_it(page: Page, script: Script) -> None:
    script.raise_alarm("5", "boiler-1", "lockout", state="latched_acked", acked_ms=1, acked_by="Day shift")
    await page.get_by_test_id("reset-5").click()
    await page.get_by_test_id("ack-who").fill("Day shift")
    await page.get_by_test_id("ack-send").click()
    await expect(page.get_by_test_id("alarm-5")).to_have_count(0)
    await expect(page.get_by_test_id("tile-boiler-1")).to_have_attribute("data-abnormal", "0")


async def test_the_language_is_switched_and_kept(page: Page) -> None:
    await page.get_by_test_id("lang-switch").click()
    await expect(page.get_by_test_id("tile-boiler-1")).to_contain_text("1号热水锅炉")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await page.goto(page.url.split("?")[0])
    await expect(page.get_by_test_id("connection")).to_have_text("实时")
    await page.get_by_test_id("theme-switch").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_bad_and_old_values_are_question_marks_and_an_event_point_is_neither(page: Page, script: Script) -> None:
    script.read("boiler-1/supply_temp", 70.0, age_ms=40_000)
    script.read("boiler-1/water_pressure", None, 2, "comm_timeout")
    await expect(page.get_by_test_id("tile-boiler-1")).to_have_attribute("data-quality", "partial")
    await expect(page.get_by_test_id("tile-boiler-1")).not_to_contain_text("70.0")
    await expect(page.get_by_test_id("tile-gate-1")).to_contain_text("36.4")

    await page.get_by_test_id("tile-boiler-1").click()
    await expect(page.get_by_test_id("point-supply_temp")).to_have_attribute("data-trust", "old")
    await expect(page.get_by_test_id("point-water_pressure")).to_contain_text("no answer from the device")
    await expect(page.get_by_test_id("point-burner_state")).to_contain_text("Running")


async def test_a_trend_shows_limits_and_breaks_where_nothing_is_known(page: Page, script: Script) -> None:
    now = script.now_ms()
    times = [now - 800_000 + i * 10_000 for i in range(80)]
    values = [None if 20 <= i < 30 else 70.0 + i / 10 for i in range(80)]
    kept = [(t, v) for i, (t, v) in enumerate(zip(times, values, strict=True)) if not 50 <= i < 60]
    script.series["boiler-1/supply_temp"] = {
        "asset": "boiler-1", "point": "supply_temp", "unit": "Cel", "t": [t for t, _ in kept],
        "min": [v for _, v in kept], "max": [v for _, v in kept], "mean": [v for _, v in kept],
        "count": [1] * len(kept), "bad": [int(v is None) for _, v in kept],
    }  # fmt: skip
    script.read("boiler-1/supply_temp", 78.0)
    await page.evaluate("location.hash = '#/asset/boiler-1'")
    trend = page.get_by_test_id("trend-supply_temp")
    await expect(trend).to_have_attribute("data-samples", "61")
    await expect(trend).to_have_attribute("data-gaps", re.compile("^3$"))  # before the first reading, bad, silent
    await expect(trend).to_have_attribute("data-limits", "2")
    await expect(trend.locator("canvas")).to_be_visible()
    script.read("boiler-1/supply_temp", 79.0)
    await expect(trend).to_have_attribute("data-samples", "62")


async def test_the_ticket_list_can_be_narrowed_and_marks_what_was_found_late(page: Page, script: Script) -> None:
    raise_hot(script)
    script.raise_alarm("8", "bin-1", "bin_full", category="sanitation", priority=3)
    script.tickets["t-8"]["late"] = True
    script.tell(tickets=[script.tickets["t-8"]])
    await page.get_by_test_id("nav-tickets").click()
    await expect(page.get_by_test_id("late-t-8")).to_be_visible()
    await page.get_by_test_id("filter-category-hazard").click()
    await expect(page.get_by_test_id("ticket-t-7")).to_be_visible()
    await expect(page.get_by_test_id("ticket-t-8")).to_have_count(0)

    script.tickets["t-7"]["work"] = WORK | {"ack_due_ms": script.now_ms() - 60_000}
    script.tell(tickets=[script.tickets["t-7"]])
    await expect(page.get_by_test_id("group-overdue").get_by_test_id("ticket-t-7")).to_contain_text(
        "take note: 1 min late"
    )
    await expect(page.get_by_test_id("overdue-count")).to_have_text("! 1 overdue")

    closed = {"state": "written_off", "closed_ms": script.now_ms(), "work": WORK | {"verification": "unverified"}}
    script.tickets["t-7"] |= closed
    script.tell(tickets=[script.tickets["t-7"]])
    await expect(page.get_by_test_id("ticket-t-7")).to_have_count(0)
    await page.goto(page.url.split("#")[0] + "#/ticket/t-7")
    await expect(page.get_by_test_id("due-t-7")).to_have_text("Closed, unverified")
    await expect(page.get_by_test_id("proof")).to_have_attribute("data-proof", "unverified")


async def test_system_health_tells_cabinets_spool_and_rejects(page: Page, script: Script) -> None:
    await page.get_by_test_id("nav-system").click()
    await expect(page.get_by_test_id("edge-edge-a")).to_have_attribute("data-state", "online")
    await expect(page.get_by_test_id("edge-edge-a")).to_contain_text("2.0\u202fKiB")
    await expect(page.get_by_test_id("system-ingest")).to_contain_text("dated in the future")
    script.edges["edge-a"] |= {"state": "lost"}
    script.tell(edges=[script.edges["edge-a"]])
    await expect(page.get_by_test_id("edge-edge-a")).to_contain_text("? Lost")


async def test_equipment_behind_a_lost_cabinet_is_a_question_mark_and_its_alarm_stands(
    page: Page, script: Script
) -> None:
    raise_hot(script)
    await expect(page.get_by_test_id("tile-bin-1")).to_have_attribute("data-quality", "good")
    lost = {"reason": "edge_lost", "parent": "edge-a", "alarm": "edge-a.edge_lost", "since_ms": script.now_ms()}
    script.unknown |= {"boiler-1": lost, "bin-1": lost, "gate-1": lost}
    script.tell(unknown=script.unknown)

    for asset in ("boiler-1", "bin-1", "gate-1"):
        await expect(page.get_by_test_id(f"tile-{asset}")).to_have_attribute("data-quality", "unknown")
    await expect(page.get_by_test_id("tile-bin-1")).to_contain_text("? its cabinet is lost")
    await expect(page.get_by_test_id("tile-gate-1")).not_to_contain_text("36.4")
    await expect(page.get_by_test_id("tile-boiler-1")).to_have_attribute("data-abnormal", "2")
    hatch = "getComputedStyle(document.querySelector('[data-testid=tile-bin-1]')).backgroundImage"
    assert "gradient" in await page.evaluate(hatch)
    await expect(page.get_by_test_id("unknown-7")).to_have_text(re.compile(r"\? unknown since \d\d:\d\d"))
    await page.get_by_test_id("lang-switch").click()
    await expect(page.get_by_test_id("tile-bin-1")).to_contain_text("所属采集柜失联")
    await expect(page.get_by_test_id("unknown-7")).to_contain_text("起情况不明")
    await page.get_by_test_id("tile-bin-1").click()
    await expect(page.get_by_test_id("asset-unknown")).to_contain_text("所属采集柜失联")
    await expect(page.get_by_test_id("point-fill")).to_have_attribute("data-trust", "unknown")

    script.unknown.clear()
    script.tell(unknown={"boiler-1": None, "bin-1": None, "gate-1": None})
    await expect(page.get_by_test_id("asset-unknown")).to_have_count(0)
    await expect(page.get_by_test_id("point-fill")).to_have_attribute("data-trust", "good")


async def test_an_alarm_that_is_suppressed_by_design_is_no_lamp(page: Page, script: Script) -> None:
    script.raise_alarm("9", "boiler-1", "device_offline", state="suppressed", priority=3)
    script.raise_alarm("8", "bin-1", "bin_full", priority=3)

    await expect(page.get_by_test_id("alarm-8")).to_be_visible()
    await expect(page.get_by_test_id("alarm-9")).to_have_count(0)
    await expect(page.get_by_test_id("tile-boiler-1")).to_have_attribute("data-abnormal", "0")


async def test_the_system_page_tells_what_was_lost_and_what_was_different_afterwards(
    page: Page, script: Script
) -> None:
    now = script.now_ms()
    difference = {
        "new": ["boiler-1.hot"], "cleared": [], "silent": ["gate-1"],
        "changed": [{"asset": "bin-1", "point": "fill", "before": 0.0, "after": 40.0}],
    }  # fmt: skip
    row = {"parent": "edge-a", "alarm": "edge-a.edge_lost", "began_ms": now - 900_000, "raised_ms": now - 600_000}
    script.outages = [
        {"id": "2", **row, "back_ms": None, "closed_ms": None, "children": 3, "difference": None},
        {"id": "1", **row, "back_ms": now - 300_000, "closed_ms": now, "children": 3, "difference": difference},
    ]
    await page.get_by_test_id("nav-system").click()

    await expect(page.get_by_test_id("outage-2")).to_have_attribute("data-state", "open")
    await expect(page.get_by_test_id("outage-2")).to_contain_text("? not all are back yet")
    await expect(page.get_by_test_id("outage-1")).to_contain_text(
        "1 alarm new, 0 cleared, 1 value changed, 1 unit still silent"
    )
    await expect(page.get_by_test_id("outage-1")).to_contain_text("10 min")


async def test_the_system_page_tells_which_way_to_people_a_drill_has_proven_and_what_stops_the_heartbeat(
    page: Page, script: Script
) -> None:
    now = script.now_ms()
    proven = {"proven_ms": now - 86_400_000, "edge": "edge-a", "person": "duty-b", "took_ms": 4000, "is_over": False}
    proven |= {"person_name": {"en": "Officer B", "zh": "值班员乙"}}
    never = {"proven_ms": None, "edge": None, "person": None, "took_ms": None, "is_over": True, "person_name": None}
    script.paths = {"at_most_s": 3_024_000, "paths": [
        {"channel": "robot", "name": {"en": "DingTalk", "zh": "钉钉"}, **proven},
        {"channel": "mail", "name": {"en": "Mail", "zh": "邮件"}, **never},
    ]}  # fmt: skip
    failing = [{"part": "frames", "said": {"en": "edge-a: no frame for 200 s", "zh": "edge-a：已200秒无数据帧"}}]
    script.heartbeats = [
        {"id": "outside", "name": {"en": "Outside", "zh": "外部"}, "alive": False, "failing": failing,
         "sent_ms": now - 200_000, "answer": "HTTP 200"},
    ]  # fmt: skip
    await page.get_by_test_id("nav-system").click()

    await expect(page.get_by_test_id("path-robot")).to_have_attribute("data-state", "proven")
    await expect(page.get_by_test_id("path-robot")).to_contain_text("Officer B")
    await expect(page.get_by_test_id("path-robot")).to_contain_text("35 d")
    await expect(page.get_by_test_id("path-mail")).to_have_attribute("data-state", "over")
    await expect(page.get_by_test_id("path-mail")).to_contain_text("! Too old")
    await expect(page.get_by_test_id("heartbeat-outside")).to_have_attribute("data-state", "stopped")
    await expect(page.get_by_test_id("heartbeat-outside")).to_contain_text("Frames: edge-a: no frame for 200 s")


async def test_everything_can_be_reached_by_keyboard(page: Page, script: Script) -> None:
    raise_hot(script)
    await page.get_by_test_id("ack-7").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("ack-who")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("ack-dialog")).to_be_hidden()
    await page.get_by_test_id("tile-bin-1").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("asset-page")).to_contain_text("Bins building 1")
    await expect(page.get_by_test_id("attribute-waste_class")).to_have_text("Class of waste Kitchen waste")


async def test_the_system_page_says_what_a_cabinet_judges_itself_and_whether_its_siren_sounds(
    page: Page, script: Script
) -> None:
    await page.get_by_test_id("nav-system").click()
    await expect(page.get_by_test_id("safety-edge-a")).to_have_count(0)
    for name, value in (("safety_rules", 53), ("safety_active", 2), ("annunciators_on", 1), ("annunciators_failed", 0)):
        script.read(f"edge-a/{name}", value)

    for words in ("Judges 53 safety alarms itself", "2 standing", "Siren on"):
        await expect(page.get_by_test_id("safety-edge-a")).to_contain_text(words)
    script.read("edge-a/annunciators_on", 0)
    script.read("edge-a/annunciators_failed", 1)
    await expect(page.get_by_test_id("siren-failed-edge-a")).to_have_text("Siren does not obey")
    await expect(page.get_by_test_id("siren-edge-a")).to_have_count(0)
    await page.get_by_test_id("lang-switch").click()
    await expect(page.get_by_test_id("siren-failed-edge-a")).to_have_text("警号无法控制")
    await page.get_by_test_id("lang-switch").click()

    script.edges["edge-a"] = script.edges["edge-a"] | {"state": "lost"}
    script.tell(edges=[script.edges["edge-a"]])
    await expect(page.get_by_test_id("safety-edge-a")).to_contain_text("siren not known")
