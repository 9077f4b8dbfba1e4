"""Twenty-one hazards in a minute at robots that block whoever sends more than they bear."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts.database import reading
from alerts.outbox.tables import pages
from tests.carrier import Carrier, Quota
from tests.unit.alerts.oncall.people import CHANNELS, ONCALL, staffed
from tests.unit.alerts.outbox.desk import Room, room
from tests.unit.alerts.plant import Cabinet, at, plant
from wire.gate import Gate

pytestmark = pytest.mark.usefixtures("database")  # on SQLite, and on PostgreSQL

ROBOT = """
[[channel]]
id = "robot"
name = {en = "Robot", zh = "机器人"}
type = "dingtalk"
url = "URL/robot/send"
token = "TEST_TOKEN"
secret = "TEST_SECRET"
limit = [{ count = 18, per_s = 60, reserve = 3 }]
error = [{ codes = [130101], means = "wait", wait_s = 600 }]
"""
FEISHU_LIMIT = "limit = [{ count = 90, per_s = 60 }, { count = 4, per_s = 1, reserve = 1 }]"


@dataclass(frozen=True)
class Kind:
    """How one sort of robot limits us, as documented, and where a message's text is."""

    type: str
    refusal: dict[str, Any]
    quota: tuple[int, int]  # so many in so many milliseconds
    text: str

    @property
    def toml(self) -> str:
        code = next(code for name, code in self.refusal.items() if name in ("errcode", "code"))
        text = ROBOT.replace("dingtalk", self.type).replace("130101", str(code))
        usual = next(line for line in ROBOT.splitlines() if line.startswith("limit"))
        return text.replace(usual, FEISHU_LIMIT) if self.type == "feishu" else text


DINGTALK = Kind(
    "dingtalk", {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, (20, 60_000), "text"
)
WECOM = Kind("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, (20, 60_000), "text")
FEISHU = Kind("feishu", {"code": 11232, "msg": "frequency limited psm"}, (5, 1000), "content")
TWENTY_ONE = 21


def channels(kind: Kind = DINGTALK, limit: bool = True) -> str:
    lines = kind.toml.splitlines()
    robot = "\n".join(line for line in lines if limit or not line.startswith("limit")) + "\n"
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


@pytest.mark.parametrize("kind", [DINGTALK, WECOM, FEISHU], ids=lambda kind: kind.type)
async def test_twenty_one_messages_in_a_minute_become_a_digest_rather_than_a_ban(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "token")
    monkeypatch.setenv("TEST_SECRET", "SECx")
    oncall = ONCALL.replace("repeat_s = 120\ntimes = 2\n", "").replace("after_s = 300", "after_s = 3000")
    with Carrier() as carrier:
        site = staffed(plant(boilers=TWENTY_ONE), oncall=oncall, channels=channels(kind), url=carrier.url)
        night = room(site, tmp_path)
        count, per_ms = kind.quota
        robot = Quota(night.clock.now_ms, kind.refusal, count=count, per_ms=per_ms)
        carrier.behave = robot

        await flood(night)
        within_a_minute = len(carrier.taken)
        await night.through(20, 90, 5)
        found = states(night)
        await night.close()

    assert robot.bans == 0
    assert within_a_minute <= 18
    assert found == {"robot sent": TWENTY_ONE, "robot digest": 1}, "the cabinet's silence waits for its digest"
    texts = [json.dumps(taken.body[kind.text], ensure_ascii=False) for taken in carrier.taken]
    assert "条呼叫合并发送" in "".join(texts)
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
        found = states(night)
        await night.close()

    assert len(at_robot) == 21, "the twenty-first was refused, and none was sent after it"
    assert found["hook sent"] >= 1
    assert "robot due" not in found


@pytest.mark.parametrize(
    ("kind", "refused", "told"),
    [
        (DINGTALK, {"errcode": 310000, "errmsg": "sign not match"}, "310000 sign not match"),
        (WECOM, {"errcode": 93000, "errmsg": "invalid webhook url"}, "93000 invalid webhook url"),
        (FEISHU, {"code": 19021, "msg": "sign match fail"}, "19021 sign match fail"),
    ],
    ids=lambda each: getattr(each, "type", ""),
)
async def test_a_refusal_inside_http_200_ends_the_channel_and_the_next_way_is_taken_and_the_ticket_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, refused: dict[str, Any], told: str
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "token")
    monkeypatch.setenv("TEST_SECRET", "SECx")
    code = next(code for name, code in refused.items() if name in ("errcode", "code"))
    ways = channels(kind).replace("error = [", f'error = [{{ codes = [{code}], means = "permanent" }}, ')
    with Carrier(lambda taken: (200, refused if taken.path.startswith("/robot") else {}, {})) as carrier:
        night = room(staffed(channels=ways, url=carrier.url), tmp_path)
        await night.hot(Cabinet(Gate([night.engine.site])), 0, 30)
        at_robot = [taken for taken in carrier.taken if taken.path.startswith("/robot")]
        lines, off = night.lines(), night.office.health()["off"]
        found = states(night)
        await night.close()

    assert len(at_robot) == 1, "it is not asked again"
    assert off == {"robot": told}
    assert found["robot failed"] >= 1
    assert found["hook sent"] >= 1
    assert [line for line in lines if line.endswith(f": {told}; falling back to Web hook")]
