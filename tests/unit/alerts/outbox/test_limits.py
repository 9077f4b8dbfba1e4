"""Twenty-one hazards in a minute at a DingTalk robot that blocks whoever sends more than twenty."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.database import reading
from alerts.outbox.tables import pages
from tests.carrier import Carrier, Quota
from tests.unit.alerts.oncall.people import CHANNELS, ONCALL, staffed
from tests.unit.alerts.outbox.desk import Room, room
from tests.unit.alerts.plant import Cabinet, at, plant
from wire.gate import Gate

ROBOT = """
[[channel]]
id = "robot"
name = {en = "DingTalk", zh = "钉钉"}
type = "dingtalk"
url = "URL/robot/send"
token = "TEST_TOKEN"
secret = "TEST_SECRET"
limit = [{ count = 18, per_s = 60, reserve = 3 }]
error = [{ codes = [130101], means = "wait", wait_s = 600 }]
"""
TWENTY_ONE = 21


def channels(limit: bool = True) -> str:
    robot = ROBOT if limit else "\n".join(line for line in ROBOT.splitlines() if not line.startswith("limit")) + "\n"
    return robot + CHANNELS[CHANNELS.index('[[channel]]\nid = "hook"') :]


def states(night: Room) -> dict[str, int]:
    found: dict[str, int] = {}
    with reading(night.engine.database) as connection:
        for row in connection.execute(select(pages)):
            found[f"{row.channel} {row.state}"] = found.get(f"{row.channel} {row.state}", 0) + 1
    return found


async def flood(night: Room) -> None:
    """Twenty-one boilers, one after the other within half a minute."""
    cabinet = Cabinet(Gate([night.engine.site]))
    for second in (0.0, 5.0, 10.0, 15.0):
        for number in range(1, TWENTY_ONE + 1):
            night.engine.apply([cabinet.frame(second, f"b{number}", temp=97.0, burner=1.0)], at(second))
            if second >= 10.0:
                await night.go(second + number / 100)


async def test_twenty_one_messages_in_a_minute_become_a_digest_rather_than_a_ban(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "token")
    monkeypatch.setenv("TEST_SECRET", "SECx")
    oncall = ONCALL.replace("repeat_s = 120\ntimes = 2\n", "").replace("after_s = 300", "after_s = 3000")
    with Carrier() as carrier:
        site = staffed(plant(boilers=TWENTY_ONE), oncall=oncall, channels=channels(), url=carrier.url)
        night = room(site, tmp_path)
        robot = Quota(night.clock.now_ms, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})
        carrier.behave = robot

        await flood(night)
        within_a_minute = len(carrier.taken)
        await night.through(20, 90, 5)
        await night.close()

    assert robot.bans == 0
    assert within_a_minute <= 18
    assert states(night) == {"robot sent": TWENTY_ONE, "robot digest": 1}, "the cabinet's silence waits for its digest"
    last = carrier.taken[-1].body["text"]["content"]
    assert "条呼叫合并发送" in last
    assert len(carrier.taken) < TWENTY_ONE


async def test_a_robot_that_blocks_us_all_the_same_is_left_alone_and_urgent_pages_take_the_next_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "token")
    monkeypatch.setenv("TEST_SECRET", "SECx")
    with Carrier() as carrier:
        site = staffed(plant(boilers=TWENTY_ONE), channels=channels(limit=False), url=carrier.url)
        night = room(site, tmp_path)
        robot = Quota(night.clock.now_ms, {"errcode": 130101, "errmsg": "send too fast"})
        carrier.behave = lambda taken: robot(taken) if taken.path == "/robot/send" else (200, {}, {})

        await flood(night)
        await night.through(20, 60, 5)
        at_robot = [each for each in carrier.taken if each.path == "/robot/send"]
        await night.close()

    assert len(at_robot) == 21, "the twenty-first was refused, and none was sent after it"
    found = states(night)
    assert found["hook sent"] >= 1
    assert "robot due" not in found
