"""Roll-calls and the watch over rosters in virtual time: asked, present, late, missed, not held; minutes left open."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.errors import DatabaseError
from alerts.oncall import watch
from alerts.oncall.moments import moments
from alerts.views import TicketView
from tests.carrier import Carrier
from tests.unit.alerts.asking import tickets
from tests.unit.alerts.oncall.house import LEAD, House, house
from tests.unit.alerts.oncall.people import CHANNELS, ONCALL, staffed
from tests.unit.alerts.plant import T0, at
from vocab.site import Site

HOUR = 3600.0
DAY_MS = 86_400_000
ROLL = """
[[roll_call]]
id = "night"
name = {en = "Night roll-call", zh = "夜间查岗"}
roster = "duty"
at = ["22:00"]
answer_s = 600
miss = {category = "hazard", hazard = "duty_unattended", priority = 2}
"""
DRAWN = ROLL.replace('at = ["22:00"]', 'window = {hours = "22:00-05:00", days = ["thu", "sat"]}\nseed = 3')
COVERAGE = """
[coverage]
days = 3
miss = {category = "maintenance", hazard = "roster_open", priority = 3}
"""
TEN = 14 * HOUR  # 22:00, when d has the night


def site(more: str = ROLL, url: str = "http://127.0.0.1:9", channels: str = CHANNELS) -> Site:
    return staffed(oncall=ONCALL + more, url=url, channels=channels)


def work(here: House) -> list[TicketView]:
    """What became of misses; the silence of the cabinet is another matter."""
    return [each for each in tickets(here.room.engine) if each.kind == "duty"]


async def held(here: House) -> None:
    """The first look is before the moment, since nobody misses what was not asked of them."""
    here.look(TEN - 60)
    await here.room.go(TEN - 60)
    here.look(TEN + 5)
    await here.room.go(TEN + 5)


async def test_who_is_on_call_is_asked_once_and_is_present_by_link(tmp_path: Path) -> None:
    with Carrier() as carrier:
        async with house(site(url=carrier.url), tmp_path) as here, here.client() as phone:
            await held(here)
            here.look(TEN + 10)
            (message,) = [each.body for each in carrier.taken]
            assert message["people"] == ["d"]
            assert "【查岗】夜间查岗：请于2026-03-26 22:10:05前应答" in message["text"]
            link = message["links"][0].removeprefix("http://phone")
            assert "<button>在岗</button>" in (await phone.get(link)).text
            here.room.clock.set(TEN + 300)
            assert "已于2026-03-26 22:05:00应答" in (await phone.post(link)).text
            here.look(TEN + 3600)
            (told,) = await here.get("roll-calls")
            assert [(each["person"], each["state"], each["how"]) for each in told["people"]] == [
                ("d", "present", "link")
            ]
            assert (told["due_ms"], told["deadline_ms"], told["held"]) == (at(TEN), at(TEN + 605), True)
            assert work(here) == []


async def test_who_does_not_answer_becomes_the_work_of_the_data_and_a_late_answer_settles_it(tmp_path: Path) -> None:
    async with house(site(), tmp_path) as here:
        await held(here)
        here.look(TEN + 605)
        assert work(here) == [], "up to the last moment it is in time"
        here.look(TEN + 606)
        (ticket,) = work(here)
        assert (ticket.hazard, ticket.priority, ticket.title.zh) == (
            "duty_unattended",
            2,
            "查岗无应答：夜间查岗（值班员D）",
        )
        assert ticket.evidence[0].text.en == (
            "Night roll-call: Officer D, asked at 2026-03-26 22:00:05, did not answer by 2026-03-26 22:10:05"
        )
        (told,) = await here.get("roll-calls")
        (asked,) = told["people"]
        assert asked["state"] == "missed"
        path = f"roll-calls/{asked['call']}/answer"
        here.room.clock.set(TEN + 900)
        assert (await here.post(here.as_("e"), path))[1]["reason"] == "not_yours"
        assert (await here.post(here.as_("d"), "roll-calls/99/answer"))[0] == 404
        assert (await here.post(here.as_("d"), path))[1]["state"] == "late"
        assert (await here.post(here.as_("d"), path))[0] == 409
        (ticket,) = work(here)
        assert ticket.closed_ms == at(TEN + 900)


async def test_a_restart_asks_nobody_twice_and_a_moment_that_went_by_unseen_is_kept_as_not_held(tmp_path: Path) -> None:
    with Carrier() as carrier:
        async with house(site(url=carrier.url), tmp_path) as here:
            await held(here)
            here.watch = type(here.watch)()
            here.look(TEN + 20)
            await here.room.go(TEN + 20)
            assert len(carrier.taken) == 1
            here.watch = type(here.watch)()
            here.look(TEN + 25 * HOUR)
            told = await here.get("roll-calls")
            assert [(each["due_ms"], each["held"]) for each in told] == [(at(TEN + 24 * HOUR), False), (at(TEN), True)]
            assert len(work(here)) == 1, "of the one who was asked; nobody misses what they were not asked"


def test_a_moment_is_drawn_once_in_each_window_and_is_another_one_each_day() -> None:
    roll = site(DRAWN).oncall.roll_calls["night"]
    zone = ZoneInfo("Asia/Shanghai")
    found = moments(roll, zone, T0, T0 + 28 * DAY_MS)
    again = [each for day in range(28) for each in moments(roll, zone, T0 + day * DAY_MS, T0 + (day + 1) * DAY_MS)]

    assert len(found) == 8, "two days of each week"
    assert again == found
    assert all(each.until_ms - 7 * HOUR * 1000 <= each.at_ms < each.until_ms for each in found)
    assert len({each.until_ms - each.at_ms for each in found}) == 8


@pytest.mark.parametrize("both", ["", 'at = ["22:00"]\nwindow = {hours = "22:00-05:00"}'])
def test_a_roll_call_has_either_times_or_a_window(both: str) -> None:
    with pytest.raises(AssertionError, match="either `at` or `window`"):
        site(ROLL.replace('at = ["22:00"]', both))


async def test_a_minute_ahead_in_which_nobody_can_be_reached_is_measured_told_and_becomes_work_until_it_is_covered(
    tmp_path: Path,
) -> None:
    """Nobody is away by an order: the channels of everybody but f are switched off because they cannot work."""
    channels = CHANNELS.replace('id = "hook"', 'id = "hook"\nenabled = false')
    async with house(site(COVERAGE, channels=channels), tmp_path) as here:
        metric = 'anlan_alerts_roster_uncovered_seconds{roster="duty"} '
        here.look(0)
        assert metric + "0.0" in (await here.as_("reader", ("see",)).get("/metrics")).text
        assert (here.watch.uncovered(), work(here)) == ({}, [])

        with here.room.engine.database.begin() as connection:
            from alerts.outbox.tables import channel_states

            off = {"site": "plant", "channel": "robot", "config": "x", "disabled_ms": at(10), "reason": "refused"}
            connection.execute(channel_states.insert().values(**off))
        here.look(1200)
        text = (await here.as_("reader").get("/metrics")).text
        assert metric + f"{3 * 86_400.0}" in text
        assert here.watch.uncovered()["duty"] == [(at(1200), at(1200 + 3 * 86_400))]
        duty, deputy = sorted(work(here), key=lambda each: each.title.en, reverse=True)
        assert (duty.hazard, duty.title.zh, deputy.title.zh) == (
            "roster_open",
            "值班表有空档：值班",
            "值班表有空档：备勤",
        )
        here.look(1801)
        assert len(work(here)) == 2

        await here.as_("admin", (*LEAD, "administer")).post("/api/v1/channels/robot/enable", json={})
        here.look(2500)
        assert {each.closed_ms for each in work(here)} == {at(2500)}


def _refused(*_: object) -> None:
    raise DatabaseError("disk full")


async def test_what_the_database_refused_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(site(), tmp_path) as here:
        here.look(TEN - 60)
        with monkeypatch.context() as broken:
            broken.setattr(watch, "holes", _refused)
            with pytest.raises(DatabaseError):
                here.look(TEN + 5)
        assert await here.get("roll-calls") == []
        here.look(TEN + 6)
        (told,) = await here.get("roll-calls")
        assert (told["at_ms"], told["held"]) == (at(TEN + 6), True)
