"""A night with gas at level 2 on the real process: the second on call answers by link, and SIGKILL at any point between
loses no page and repeats none that was acknowledged.

The clock runs 30 times as fast as life, so 22:00 to 22:02 takes four seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from typer.testing import CliRunner

from anlan.cli import app
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.carrier import Carrier
from tests.night_process import DETECTORS, LIFE, POINTS, NightProcess
from vocab.instant import to_ms
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import Publisher

SPEED = 30.0
TEN_AT_NIGHT = to_ms(datetime(2026, 3, 26, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
LEVEL_2 = 40.0  # %LEL; the rules of the pack say 25
Json = dict[str, Any]


@dataclass
class Night:
    """The process, what left it, and the hand of somebody with a phone."""

    alerts: NightProcess
    clock: Clock
    publisher: Publisher
    phone: httpx.AsyncClient
    carrier: Carrier
    seq: int = 0

    async def gas(self, *detectors: int) -> None:
        """Five samples beyond level 2, two seconds apart."""
        now_ms = self.clock.now_ms()
        for sample in range(5):
            self.seq += 1
            blocks = [AssetColumns("e1", ["heartbeat"], [float(self.seq)])]
            blocks += [AssetColumns(f"gas-{number}", ["ch4"], [LEVEL_2]) for number in detectors]
            frame = Frame(1, "plant", "e1", 1, self.seq, now_ms - 8000 + sample * 2000, blocks)
            await self.publisher.publish(build("plant", "e1", Kind.TELE), encode(frame))

    async def until(self, what: Callable[[], Any], why: str, timeout_s: float = 120.0) -> Any:
        """What it finds, as soon as it finds something."""
        end = time.monotonic() + timeout_s
        while not (found := what()):
            assert time.monotonic() < end, f"{why}\n{self.alerts.log.read_text()[-3000:]}"
            await asyncio.sleep(0.02)
        return found

    async def ask(self, method: str, path: str) -> httpx.Response:
        """An answer, also from the next life: who dies or is only rising may refuse, and is asked again."""
        last = "nothing"
        for _ in range(300):
            try:
                answer = await self.phone.request(method, path)
            except httpx.HTTPError:
                pass
            else:
                if answer.status_code < 500:
                    return answer
                last = f"{answer.status_code} {answer.text}"
            await asyncio.sleep(0.1)
        raise AssertionError(f"no answer to {path} but {last}\n{self.alerts.log.read_text()[-3000:]}")

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", f"/api/v1/{path}")
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def taken(self, ticket: str, person: str | None = None) -> list[Json]:
        """The messages about a ticket."""
        bodies = [each.body for each in list(self.carrier.taken)]
        return [each for each in bodies if int(ticket) in each["tickets"] and person in (None, *each["people"])]

    async def settled(self, ticket: str) -> list[Json]:
        """The calls of an answered ticket, once nothing of it is on its way any more."""
        while True:
            calls: list[Json] = await self.get(f"tickets/{ticket}/pages")
            states = {page["state"] for call in calls for page in call["pages"]}
            assert "due" not in states, "an answered call waits for nothing"
            if "sending" not in states:
                return calls
            await asyncio.sleep(0.05)

    async def tickets(self, count: int) -> dict[str, str]:
        """The tickets of the leaks by detector, as soon as there are so many."""
        while True:
            found = {each["asset"]: each["id"] for each in await self.get("tickets") if each["hazard"] == "gas_leak"}
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


@pytest.fixture
async def night(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Night]:
    clock = Clock.starting(TEN_AT_NIGHT, SPEED)
    for name, value in clock.to_environment().items():
        monkeypatch.setenv(name, value)
    with Carrier() as carrier, NightProcess(tmp_path, nats_broker.url, carrier.url, free_port) as alerts:
        address = Address(nats_broker.host, nats_broker.port)
        async with (
            Publisher(address, "edge-e1") as publisher,
            httpx.AsyncClient(base_url=alerts.base_url, trust_env=False, timeout=20) as phone,
        ):
            yield Night(alerts, clock, publisher, phone, carrier)


async def test_the_second_answers_by_link_and_sigkill_at_any_point_loses_no_page_and_repeats_none_that_was_answered(
    night: Night,
) -> None:
    await _nobody_dies(night)
    await _it_dies_everywhere(night)
    await _people_swap_from_a_terminal(night)
    assert night.alerts.end() == 0, "asked to stop, it stops cleanly"


async def _nobody_dies(night: Night) -> None:
    await night.gas(1)
    ticket = (await night.tickets(1))["gas-1"]
    await night.until(lambda: night.taken(ticket, "f"), "the second was not called")
    (message,) = night.taken(ticket, "f")
    link = message["links"][0].removeprefix(night.alerts.base_url)
    shown = await night.ask("GET", link)
    assert (shown.status_code, "Dangerous concentration of combustible gas" in shown.text) == (200, True)
    assert (await night.get(f"tickets/{ticket}"))["acked_ms"] is None, "to look at a link answers nothing"
    answered = await night.ask("POST", link)
    assert (answered.status_code, "Acknowledged by Officer F" in answered.text) == (200, True)
    (call,) = await night.settled(ticket)
    before = len(night.taken(ticket))

    assert (call["why"], call["acked_by"], call["acked_how"]) == ("opened", "f", "link")
    assert call["answer_ms"] >= 120_000
    first, second = ([page for page in call["pages"] if page["step"] == step] for step in (0, 1))
    assert {page["person"] for page in first} == {"d"}, "who has the night"
    rounds = [page["round"] for page in first]
    assert (rounds[0], rounds) == (0, sorted(set(rounds))), "each round once; of several missed ones only the last"
    assert [(page["person"], page["due_ms"] - call["at_ms"]) for page in second] == [("f", 120_000)]
    assert (first[0]["state"], second[0]["state"]) == ("acked", "acked")
    for page in call["pages"]:
        if page["state"] == "cancelled":  # due in the very moment of the answer, and not sent any more
            continue
        assert page["state"] == "acked"
        assert page["receipt"]["http"] == 200
        assert page["delay_ms"] == page["sent_ms"] - page["due_ms"] >= 0
    told = "\n".join(line["text"]["en"] for line in (await night.get(f"tickets/{ticket}"))["evidence"])
    for line in ("Paged Officer D by DingTalk", "receipt HTTP 200", "No answer in 2 min, calling Officer F"):
        assert line in told
    assert "Acknowledged from the phone by Officer F" in told
    again = await night.ask("POST", link)
    assert (again.status_code, len(night.taken(ticket))) == (200, before)


async def _it_dies_everywhere(night: Night) -> None:
    waiting = await _raised(night, range(2, DETECTORS + 1))
    answered: dict[str, int] = {}  # by ticket, how many messages about it had been taken when we knew
    for point in POINTS:
        life = night.alerts.life
        night.alerts.arm(point)
        if point.startswith("answer"):
            ticket = waiting.pop()
            answered[ticket] = await _answer(night, ticket)
        await night.until(lambda: night.alerts.has_died, f"never came to: {point}")
        await night.until(partial(_is_after, night, life), f"no next life after: {point}")
        await asyncio.to_thread(night.alerts.until_healthy)
    for ticket in waiting:
        answered[ticket] = await _answer(night, ticket)
    await asyncio.sleep(75 / SPEED)  # one more round, if anybody were still called

    assert night.alerts.life == 1 + len(POINTS)
    seen = Counter((page, each.headers[LIFE]) for each in night.carrier.taken for page in each.body["pages"])
    assert set(seen.values()) == {1}, "one life sends a page once"
    for ticket, before in answered.items():
        assert len(night.taken(ticket)) == before, "nothing is repeated after the answer"
        (call,) = await night.settled(ticket)
        arrived = {number for each in night.taken(ticket) for number in each["pages"]}
        assert {page["id"] for page in call["pages"] if page["state"] == "acked"} <= arrived, "every page arrived"
        assert {page["state"] for page in call["pages"]} <= {"acked", "cancelled"}
        left = [page for page in call["pages"] if page["state"] == "cancelled"]
        never = {page["id"] for page in left if page["reason"] is None}
        assert never.isdisjoint(arrived), "what is said not to have been sent was not"
        told = "\n".join(line["text"]["en"] for line in (await night.get(f"tickets/{ticket}"))["evidence"])
        assert not left or "call is over" in told, "and the ticket says so"
        assert (call["pages"][0]["person"], call["pages"][0]["round"], call["acked_how"]) == ("d", 0, "link")


async def _people_swap_from_a_terminal(night: Night) -> None:
    async def anlan(*words: str) -> tuple[int, str]:
        told = await asyncio.to_thread(
            CliRunner().invoke, app, ["oncall", *words], env={"ANLAN_URL": night.alerts.base_url}
        )
        return told.exit_code, " ".join(told.output.split())

    tomorrow = ("--from", "2026-03-27T20:00", "--to", "2026-03-28T08:00")
    assert await anlan("swap", "duty", "b", "e", *tomorrow, "--by", "e") == (
        0, "1: duty, b for e, 2026-03-27 20:00 to 2026-03-28 08:00: asked",
    )  # fmt: skip
    assert (await anlan("agree", "1", "--by", "e"))[0] == 1
    assert (await anlan("agree", "1", "--by", "b"))[1].endswith("agreed")
    status, shown = await anlan("show", "--days", "2")
    assert (status, "b (for e)" in shown, "nobody from" in shown) == (0, True, False)


def _is_after(night: Night, life: int) -> bool:
    return night.alerts.life > life


async def _raised(night: Night, detectors: range) -> list[str]:
    await night.gas(*detectors)
    found = await night.tickets(1 + len(detectors))
    tickets = [found[f"gas-{number}"] for number in detectors]
    for ticket in tickets:
        await night.until(partial(night.taken, ticket), "the first was not called")
    return tickets


async def _answer(night: Night, ticket: str) -> int:
    """Press the button of the last message, in the next life again, until the page says that it is done; how many
    messages about the ticket there were when nothing was on its way any more."""
    link = night.taken(ticket)[-1]["links"][0].removeprefix(night.alerts.base_url)
    answer = await night.ask("POST", link)
    assert (answer.status_code, "<button>" in answer.text) == (200, False)
    await night.settled(ticket)
    return len(night.taken(ticket))
