"""The office's screens in a browser of a phone's and of a wall's size, against a real alerts with a seeded site."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.brokers import RunningBroker
from tests.browser import async_chromium_page
from tests.integration.office import CHIEF, Office, open_office
from tests.unit.alerts.tickets.test_images import png
from wall import build

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]

PHONE, WALL = {"width": 360, "height": 740}, {"width": 1920, "height": 1080}
SLOW = 30_000  # ms: a machine that does other things too
DRAFT = """
[[rule]]
kind = "boiler"
id = "supply_temp_high"
name = { en = "Supply temperature high", zh = "供水温度高" }
point = "supply_temp"
variants = ["hot_water"]
when = { type = "high", limit = 65, deadband = 2 }
on_delay_s = 1
off_delay_s = 5
priority = 2
hazard = "overtemperature"
category = "hazard"
"""
SCREENS = {
    "roster": ("值班", "Roster"),
    "duties/today": ("任务", "Duties"),
    "duties/reports": ("待审核", "To be reviewed"),
    "duties/campaigns": ("重大事故隐患排查治理", "Screening for major accident hazards"),
    "duties/emergency": ("疫情应急状态", "Epidemic emergency"),
    "duties/areas": ("河畔村网格", "Riverside village"),
    "papers/files": ("隐患排查治理台账", "Ledger of hazards"),
    "papers/reports": ("值班日报告", "Daily duty report"),
    "papers/scores": ("河畔村村民委员会", "Riverside village committee"),
    "admin/accounts": ("社区督办员甲", "Community supervisor A"),
    "admin/tokens": ("程序令牌", "Token for a program"),
    "admin/audit": ("哈希链完整", "The chain holds"),
    "admin/channels": ("值班室钉钉机器人", "DingTalk robot of the duty room"),
    "admin/rules": ("现行规则指纹", "Fingerprint of the rules in force"),
}


@dataclass
class Browser:
    """One page, the office behind it, and what its console complained of."""

    page: Page
    office: Office
    said: list[str] = field(default_factory=list)

    async def sign_in(self, account: str) -> None:
        """Somebody else sits down."""
        await self.office.sign_in(self.page, account)
        await self.page.goto("about:blank")
        await self.at("overview")
        await expect(self.page.get_by_test_id("connection")).to_have_attribute("data-state", "live", timeout=SLOW)

    async def at(self, view: str, language: str = "zh") -> None:
        """One screen."""
        await self.page.goto(f"{self.office.url}/?lang={language}#/{view}")

    async def click(self, test_id: str) -> None:
        """As soon as it can be clicked."""
        await self.page.get_by_test_id(test_id).click(timeout=SLOW)

    async def fill(self, **values: str) -> None:
        """The open dialog, which is then sent and closes."""
        for name, value in values.items():
            await self.page.get_by_test_id(f"act-{name}").fill(value)
        await self.send()

    async def send(self) -> None:
        """The same with what stands there."""
        await self.click("act-send")
        await expect(self.page.get_by_test_id("act-dialog")).to_be_hidden(timeout=SLOW)

    async def told(self, test_id: str, text: str) -> None:
        """Something stands there."""
        await expect(self.page.get_by_test_id(test_id)).to_contain_text(text, timeout=SLOW)

    def refused(self, status: int) -> None:
        """Chromium reports a refusal as an error; there was this one, and no other."""
        assert len(self.said) == 1
        assert f"status of {status}" in self.said[0]
        self.said.clear()

    async def state(self, test_id: str, state: str) -> None:
        """The server has taken it."""
        await expect(self.page.get_by_test_id(test_id)).to_have_attribute("data-state", state, timeout=SLOW)


@pytest_asyncio.fixture
async def browser(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> AsyncIterator[Browser]:
    await asyncio.to_thread(build.ensure, Path(build.__file__).parent)
    async with (
        open_office(tmp_path, nats_broker.url, free_port) as office,
        async_chromium_page(tmp_path / "profile") as page,
    ):
        found = Browser(page, office)
        page.on("console", lambda line: found.said.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: found.said.append(str(error)))
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        yield found


async def test_every_screen_of_the_office_works_on_a_phone_and_on_a_wall_in_both_languages(browser: Browser) -> None:
    await browser.sign_in("duty-b")
    await _a_report_is_written_by_one(browser)
    await browser.sign_in("supervisor-a")
    await _and_reviewed_by_another(browser)
    await _somebody_takes_my_week(browser)
    await _a_duty_is_done_with_a_photo(browser)
    await _the_emergency_begins_and_an_area_is_graded(browser)
    await _a_sample_is_drawn_and_found_wrong(browser)
    await _a_ledger_comes_as_a_file(browser)
    await _no_right_is_a_clear_refusal(browser)
    await browser.sign_in(CHIEF)
    await _an_administrator_makes_accounts_and_links(browser)
    await _a_drafted_rule_is_listed(browser)
    await _everything_is_there_in_both_languages(browser)
    assert browser.said == []


async def _a_report_is_written_by_one(browser: Browser) -> None:
    page = browser.page
    await browser.at("duties/reports")
    await page.get_by_role("link", name="填写").click(timeout=SLOW)
    await page.get_by_test_id("text-text").fill("一切正常，锅炉房已巡查。", timeout=SLOW)
    await browser.click("report-send")
    await browser.told("to-review", "您编制的报告须由他人审核")
    await expect(page.get_by_role("button", name="审核通过")).to_have_count(0)


async def _and_reviewed_by_another(browser: Browser) -> None:
    await browser.at("duties/reports", "en")
    report = browser.page.get_by_test_id("to-review").locator('[data-state="submitted"]')
    await report.get_by_text("Read").click(timeout=SLOW)
    await expect(report).to_contain_text("锅炉房已巡查")
    await report.get_by_role("button", name="Approve").click()
    await browser.send()
    await browser.told("reports-before", "Reviewed by Community supervisor A")
    await browser.told("reports-before", "Demo sub-district office")  # where it goes, and waits for a receipt


async def _somebody_takes_my_week(browser: Browser) -> None:
    """The leader of next week orders a stand-in; the roster tells its gaps in red, and who is on duty."""
    await browser.at("roster")
    await browser.told("now-duty", "值班员")
    await browser.told("roster-duty", "无人可呼")
    gaps = browser.page.get_by_test_id("roster-duty").locator(".gap")
    assert await gaps.first.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(229, 72, 77)"
    await browser.told("my-shifts", "带班领导")
    await browser.click("override")
    await browser.page.get_by_test_id("act-roster").select_option("leader")
    await browser.page.get_by_test_id("act-person").select_option("duty-a")
    await browser.fill(note="督办员外出开会")
    await browser.told("roster-changes", "值班长甲")
    await browser.told("roster-leader", "值班长甲")


async def _a_duty_is_done_with_a_photo(browser: Browser) -> None:
    page = browser.page
    await browser.at("duties/today")
    unit = page.get_by_test_id("duty-unit")
    await unit.select_option("sanitation-station", timeout=SLOW)  # of all units there are more than one list shows
    await browser.told("group-overdue", "小区收集线路")
    await unit.select_option("riverside-committee")
    cleanup = page.locator('[data-schedule="thursday-cleanup"]')
    await cleanup.get_by_role("button", name="完成").click(timeout=SLOW)
    await browser.click("act-send")
    await browser.told("act-problem", "照片")  # the clean-up is done only with one
    photo = {"name": "square.png", "mimeType": "image/png", "buffer": png()}
    await page.get_by_test_id("act-photo").set_input_files(photo)  # type: ignore[arg-type]
    await expect(page.get_by_test_id("act-photo-kept")).to_be_visible(timeout=SLOW)
    await browser.fill(note="广场已清扫")
    await browser.told("group-done", "周四爱村卫生大扫除")


async def _the_emergency_begins_and_an_area_is_graded(browser: Browser) -> None:
    await browser.at("duties/emergency", "en")
    await browser.state("mode-epidemic", "asked")
    await browser.click("mode-agree")
    await browser.send()
    await browser.state("mode-epidemic", "on")
    await browser.told("mode-epidemic", "Head of the command office, Community supervisor A")

    await browser.at("duties/areas")
    await browser.told("area-village", "建议: 中风险")
    await browser.click("confirm-village")
    await browser.page.get_by_test_id("act-risk").select_option("high")
    await browser.click("act-send")
    await browser.told("act-problem", "说明理由")  # against the proposal only with a reason
    browser.refused(422)
    await browser.fill(note="邻村已有聚集")
    await browser.told("area-village", "社区督办员甲")


async def _a_sample_is_drawn_and_found_wrong(browser: Browser) -> None:
    """The board of the campaign; a hazard that is said to be repaired is drawn, looked at, and opened again."""
    page, api = browser.page, f"{browser.office.url}/api/v1/tickets"
    hazard = {"source": "campaign", "grid": "north", "category": "hazard", "text": "安全出口堵塞"}
    ticket = (await (await page.request.post(api, data=hazard)).json())["id"]
    for verb, told in (
        ("classify", {"category": "hazard"}), ("grade", {"grade": "general"}),
        ("dispatch", {"unit": "court-property", "approver": "safety-a", "note": "社区自查发现，同意交办"}),
        ("repaired", {"person": "court-worker"}),
    ):  # fmt: skip
        assert (await page.request.post(f"{api}/{ticket}/{verb}", data=told)).status == 200, verb
    await browser.at("duties/campaigns")
    await browser.told("campaign-basis", "示范社区发〔2026〕8号")
    await browser.told("phase-rectification", "苑里社区居民委员会")
    await browser.click("draw-sample")
    await browser.fill(note="第一次抽查")
    await browser.told("samples", "按种子重抽结果一致")
    await browser.at("duties/today")
    await page.get_by_test_id("duty-unit").select_option("community-office", timeout=SLOW)
    check = page.locator('[data-schedule="campaign-spot-check"]')
    await check.get_by_role("button", name="填写抽查结果").click(timeout=SLOW)
    await page.get_by_test_id("act-outcome").select_option("wrong")
    await browser.fill(note="仍被堵塞")
    await expect(check).to_have_attribute("data-state", "done", timeout=SLOW)
    await browser.at("duties/campaigns", "en")
    await browser.state(f"sampled-ticket-{ticket}", "wrong")
    await browser.told("consistent-court-committee", "0\u202f%")
    await browser.at(f"ticket/{ticket}")
    await browser.told("campaign", "2026年重大事故隐患排查治理")


async def _a_ledger_comes_as_a_file(browser: Browser) -> None:
    await browser.at("papers/files")
    await browser.click("period-year")
    async with browser.page.expect_download(timeout=SLOW) as coming:
        await browser.click("get-ledger-xlsx")
    found = await coming.value
    assert found.suggested_filename.startswith("隐患排查治理台账")
    assert (await found.path()).read_bytes().startswith(b"PK")
    await browser.at("papers/scores")
    await browser.told("score-riverside-committee", "河畔村村民委员会")


async def _no_right_is_a_clear_refusal(browser: Browser) -> None:
    await browser.at("admin/accounts", "en")
    await browser.told("refused", "Accounts and tokens are for administrators.")
    await browser.told("refused", "Signed in as Community supervisor A.")
    browser.refused(403)
    await browser.sign_in("village-a")
    await browser.at("duties/emergency")
    await browser.told("mode-epidemic", "须有督办权限")
    await expect(browser.page.get_by_test_id("mode-end")).to_have_count(0)


async def _an_administrator_makes_accounts_and_links(browser: Browser) -> None:
    page = browser.page
    await browser.at("admin/accounts")
    await browser.click("add-person")
    await page.get_by_test_id("act-account").select_option("duty-c")
    await browser.click("act-send")
    await expect(page.get_by_test_id("act-secret")).not_to_have_value("", timeout=SLOW)
    one_time = await page.get_by_test_id("act-secret").input_value()
    answer = await page.request.post(
        f"{browser.office.url}/api/v1/session", data={"account": "duty-c", "password": one_time}
    )
    assert (await answer.json())["must_change"] is True
    await browser.office.sign_in(page, CHIEF)
    await browser.click("act-close")
    await browser.click("right-duty-c")
    await page.get_by_test_id("act-access").select_option("auditor")
    await page.get_by_test_id("act-place").select_option("village")
    await browser.send()
    await browser.told("account-duty-c", "监督员 · 河畔村网格")

    await browser.at("admin/tokens", "en")
    await browser.click("add-viewer")
    await page.get_by_test_id("act-name").fill("Duty room wall")
    await browser.click("act-send")
    link = await page.get_by_test_id("act-secret").input_value(timeout=SLOW)
    assert link.startswith(f"{browser.office.url}/#viewer=anw_")
    await browser.click("act-close")
    await expect(page.get_by_text("Duty room wall")).to_be_visible(timeout=SLOW)


async def _a_drafted_rule_is_listed(browser: Browser) -> None:
    order = {"text": DRAFT, "reason": "burns more gas than it should", "by": CHIEF}
    answer = await browser.page.request.post(f"{browser.office.url}/api/v1/rules/versions", data=order)
    assert answer.status == 201, await answer.text()
    await browser.at("admin/rules")
    await browser.told("version-1", "boiler.supply_temp_high")
    await browser.click("backtest-1")
    await browser.told("backtest-of-1", "尚未回测")


async def _everything_is_there_in_both_languages(browser: Browser) -> None:
    page = browser.page
    for size, language, which in ((PHONE, "zh", 0), (WALL, "en", 1)):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        for view, words in SCREENS.items():
            await browser.at(view, language)
            await expect(page.locator("main")).to_contain_text(words[which], timeout=SLOW)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{view} sticks out: {wide}"
