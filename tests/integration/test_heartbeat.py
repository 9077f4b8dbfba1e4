"""The dead man's switch: the real alerts process calls a real server outside, until a part of the way dies."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.carrier import Carrier
from tests.duty_room import CHANNELS, duty_room
from tests.processes import ServiceProcess
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import BrokerAwayError, Publisher

HEARTBEAT = """
[[heartbeat]]
id = "outside"
name = { en = "Outside", zh = "外部看守" }
url = "URL/beat/{token}"
fail_url = "URL/fail/{token}"
token = "TEST_HEARTBEAT"
method = "POST"
period_s = 0.25
timeout_s = 0.2
frames_s = 1.2
evaluation_s = 2
outbox_s = 1
database_s = 0.5
"""


class Cab:
    """The cabinet, as long as it is allowed to speak."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._seq = 0
        self.speaks = True
        self.dropped = 0.0

    async def run(self) -> None:
        with contextlib.suppress(BrokerAwayError):
            while True:
                if self.speaks:
                    self._seq += 1
                    blocks = [AssetColumns("cab", ["heartbeat", "frames_dropped"], [float(self._seq), self.dropped])]
                    frame = Frame(1, "room", "cab", 1, self._seq, Clock().now_ms(), blocks)
                    await self._publisher.publish(build("room", "cab", Kind.TELE), encode(frame))
                await asyncio.sleep(0.1)


class Watch:
    """What those outside see, and what the process says of itself."""

    def __init__(self, carrier: Carrier, client: httpx.AsyncClient) -> None:
        self.carrier, self.client = carrier, client

    def beats(self) -> int:
        return sum(taken.path == "/beat/a-secret-address" for taken in self.carrier.taken)

    def fails(self) -> list[str]:
        """The parts of which those outside were told."""
        found = [taken.body for taken in self.carrier.taken if taken.path == "/fail/a-secret-address"]
        return sorted({part["part"] for body in found for part in body["failing"]})

    async def beating(self) -> None:
        before = self.beats()
        await self._until(lambda: self.beats() >= before + 3, "no heartbeat")

    async def stopped(self, part: str) -> dict[str, str]:
        """Wait until it says that this part stops it, and see that it is silent; everything that it says."""
        said: dict[str, str] = {}

        async def says() -> bool:
            (beat,) = (await self.client.get("/api/v1/heartbeats")).json()
            said.clear()
            said.update({each["part"]: each["said"]["en"] for each in beat["failing"]})
            return part in said and not beat["alive"]

        await self._until(says, f"it does not say that {part} fails: {said}")
        before = self.beats()
        await asyncio.sleep(0.8)
        assert self.beats() == before, f"{part} fails, and the heart beats: {said}"
        return dict(said)

    async def answered(self, answer: str) -> None:
        """Wait until it says that those outside answered so, which is no receipt."""
        before = (await self.client.get("/api/v1/heartbeats")).json()[0]["sent_ms"]

        async def says() -> bool:
            (beat,) = (await self.client.get("/api/v1/heartbeats")).json()
            return bool(beat["answer"].startswith(answer) and beat["alive"] and beat["sent_ms"] >= before)

        await self._until(says, f"it does not say {answer}")

    async def _until(self, fits: Callable[[], Any], otherwise: str) -> None:
        try:
            async with asyncio.timeout(30):
                while True:
                    found = fits()
                    if await found if asyncio.iscoroutine(found) else found:
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(otherwise) from None


@contextlib.asynccontextmanager
async def speaking(broker: RunningBroker) -> AsyncIterator[Cab]:
    async with Publisher(Address(broker.host, broker.port), "cab") as publisher:
        cab = Cab(publisher)
        task = asyncio.create_task(cab.run())
        try:
            yield cab
        finally:
            task.cancel()
            await asyncio.wait([task])


async def heard_by_nobody(watch: Watch) -> None:
    """Those outside are out of order, or too slow: no receipt, and the heart goes on."""
    watch.carrier.behave = lambda taken: (500 if taken.path.startswith("/beat") else 200, {}, {})
    await watch.answered("HTTP 500")
    watch.carrier.behave, watch.carrier.slow_s = (lambda _: (200, {}, {})), 0.5
    await watch.answered("ReadTimeout")
    watch.carrier.slow_s = 0.0
    await watch.beating()
    refused = 'anlan_alerts_heartbeats_refused_total{heartbeat="outside"} '
    counted = (await watch.client.get("/metrics")).text.partition(refused)[2]
    assert float(counted.split()[0]) >= 2


def process(site: Path, broker: RunningBroker, folder: Path, port: int) -> ServiceProcess:
    return ServiceProcess(
        folder / "alerts.log", port, "anlan", "alerts", "run", str(site), "--broker", broker.url, "--database",
        f"sqlite:///{folder}/tickets.sqlite", "--ingest", "http://127.0.0.1:9", "--kernel", "plain",
        "--open-on-loopback", "--port",
    )  # fmt: skip


async def test_the_heart_beats_only_while_the_whole_way_lives_and_says_which_part_does_not(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HEARTBEAT", "a-secret-address")
    with Carrier() as carrier:
        site = duty_room(tmp_path / "site", carrier.url, nats_broker.port, channels=CHANNELS + HEARTBEAT)
        alerts = process(site, nats_broker, tmp_path, free_port)
        async with httpx.AsyncClient(base_url=alerts.base_url, trust_env=False, timeout=20) as client:
            watch = Watch(carrier, client)
            with alerts:
                said = await watch.stopped("frames")
                assert said["frames"] == "cab: no frame yet"
                assert watch.beats() == 0, "what was never seen does not live"

                async with speaking(nats_broker) as cab:
                    await watch.beating()
                    await heard_by_nobody(watch)

                    cab.speaks = False
                    said = await watch.stopped("frames")
                    assert re.fullmatch(r"cab: no frame for \d+ s", said["frames"])
                    health = (await client.get("/healthz")).json()["heartbeat"]["outside"]
                    assert (health["alive"], list(health["failing"])) == (False, ["frames"])
                    metrics = (await client.get("/metrics")).text
                    assert 'anlan_alerts_heartbeat_stopped_by{heartbeat="outside",part="frames"} 1.0' in metrics
                    assert 'anlan_alerts_heartbeat_alive{heartbeat="outside"} 0.0' in metrics
                    assert "frames" in watch.fails()
                    cab.speaks = True
                    await watch.beating()

                    carrier.behave = lambda taken: (503 if taken.path == "/page" else 200, {}, {})
                    cab.dropped = 1.0  # a hazard whose page does not get out
                    said = await watch.stopped("outbox")
                    assert said["outbox"].startswith("a page has waited for")
                    carrier.behave = lambda _: (200, {}, {})
                    await watch.beating()

                    holder = sqlite3.connect(tmp_path / "tickets.sqlite", isolation_level=None)
                    holder.execute("BEGIN EXCLUSIVE")
                    said = await watch.stopped("database")
                    assert said["database"] == "no write was durable within 0.5 s"
                    holder.execute("ROLLBACK")
                    holder.close()
                    await watch.beating()

                    nats_broker.kill()
                    said = await watch.stopped("broker")
                    assert "not subscribed" in said["broker"]
                    assert set(watch.fails()) >= {"broker", "database", "frames", "outbox"}
    log = (tmp_path / "alerts.log").read_text()
    assert "the heartbeat stops" in log
    assert "a-secret-address" not in log
    assert "Traceback" not in log
