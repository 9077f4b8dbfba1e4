"""Anlan notices its own troubles: a store that is really stopped, a cabinet's clock that is really wrong, no broker."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.carrier import Carrier
from tests.conftest import take_port
from tests.duty_room import duty_room
from tests.patience import eventually
from tests.processes import ServiceProcess
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import BrokerAwayError, Publisher

PATIENCE_S = 60.0  # no promise of ours, only longer than a busy machine takes
SELF = """
[[self]]
measure = "store_away_s"
limit = 3
for_s = 1.5
unit = "room"
miss = { category = "maintenance", hazard = "store_away", priority = 2 }
[[self]]
measure = "clock_skew_s"
limit = 60
for_s = 1.5
unit = "room"
miss = { category = "maintenance", hazard = "clock_skew", priority = 3 }
"""


@dataclass
class Cab:
    """A cabinet whose clock is wrong by `skew_ms`."""

    publisher: Publisher
    skew_ms: int = 0
    seq: int = 0

    async def run(self) -> None:
        while True:
            self.seq += 1
            blocks = [AssetColumns("cab", ["heartbeat"], [float(self.seq)])]
            frame = Frame(1, "room", "cab", 1, self.seq, Clock().now_ms() + self.skew_ms, blocks)
            try:
                await self.publisher.publish(build("room", "cab", Kind.TELE), encode(frame))
            except BrokerAwayError:
                return
            await asyncio.sleep(0.2)


@dataclass
class Seen:
    """What people get of it."""

    alerts: ServiceProcess
    carrier: Carrier

    def tickets(self) -> dict[str, dict[str, Any]]:
        return {each["asset"]: each for each in self.alerts.get("/api/v1/tickets")}

    async def opened_and_paged(self, about: str) -> dict[str, Any]:
        def is_paged() -> bool:
            ticket = self.tickets().get(about)
            sent = {str(number) for each in list(self.carrier.taken) for number in each.body["tickets"]}
            return ticket is not None and ticket["closed_ms"] is None and ticket["id"] in sent

        await eventually(is_paged, PATIENCE_S)
        return self.tickets()[about]

    async def settled(self, about: str) -> None:
        await eventually(lambda: self.tickets()[about]["closed_ms"] is not None, PATIENCE_S)


def _get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=20)


def is_not_ready(part: ServiceProcess) -> bool:
    answer = _get(f"{part.base_url}/readyz")
    return (answer.status_code, answer.json()["reasons"]) == (503, ["broker: not subscribed"])


async def test_troubles_of_anlan_itself_open_a_ticket_page_and_are_settled_when_the_measurement_agrees(
    nats_broker: RunningBroker, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        carrier = stack.enter_context(Carrier())
        site = str(duty_room(tmp_path / "site", carrier.url, nats_broker.port, duties=SELF))
        told = ("--broker", nats_broker.url)
        ingest = ServiceProcess(
            tmp_path / "ingest.log", take_port(), "anlan", "ingest", "run", site, *told, "--store",
            str(tmp_path / "readings.duckdb"), "--port",
        )  # fmt: skip
        alerts = ServiceProcess(
            tmp_path / "alerts.log", take_port(), "anlan", "alerts", "run", site, *told, "--database",
            f"sqlite:///{tmp_path}/tickets.sqlite", "--ingest", ingest.base_url, "--kernel", "plain",
            "--open-on-loopback", "--port",
        )  # fmt: skip
        for each in (ingest, alerts):
            stack.callback(each.end, signal.SIGKILL)
            each.start(wait=False)
        for each in (ingest, alerts):
            await asyncio.to_thread(each.until_healthy)
        seen = Seen(alerts, carrier)
        async with Publisher(Address(nats_broker.host, nats_broker.port), "cab") as publisher:
            cab = Cab(publisher)
            speaking = asyncio.create_task(cab.run())
            await eventually(lambda: ingest.get("/readyz")["lag_ms"] is not None, PATIENCE_S)
            assert ingest.get("/readyz") | {"disk": 0, "lag_ms": 0, "stored_ms": 0} == {
                "ready": True, "reasons": [], "disk": 0, "lag_ms": 0, "stored_ms": 0,
            }  # fmt: skip

            os.kill(ingest.pid, signal.SIGSTOP)
            ticket = await seen.opened_and_paged("self:store_away_s")
            assert ticket["title"] == {"en": "The store of readings stands still", "zh": "数据存储停止工作"}
            assert "it does not answer" in str(ticket["evidence"])
            assert alerts.get("/readyz") == {"ready": True, "reasons": []}, "alarms go on"
            os.kill(ingest.pid, signal.SIGCONT)
            await seen.settled("self:store_away_s")

            cab.skew_ms = 120_000
            ticket = await seen.opened_and_paged("self:clock_skew_s:cab")
            assert ticket["title"]["en"] == "Clocks of cabinet and server differ: Cabinet"
            cab.skew_ms = 0
            await seen.settled("self:clock_skew_s:cab")

            assert len(seen.tickets()) == 2, "one ticket a cause, and nothing else"
            speaking.cancel()
            await asyncio.wait([speaking])
        told_to_prometheus = await asyncio.to_thread(_get, f"{alerts.base_url}/metrics")
        assert 'anlan_alerts_self{measure="store_away_s",of=""}' in told_to_prometheus.text
        nats_broker.kill()
        for part in (alerts, ingest):
            await eventually(partial(is_not_ready, part), PATIENCE_S)
    log = (tmp_path / "alerts.log").read_text()
    assert "Anlan itself is past a limit" in log
    assert "Traceback" not in log
