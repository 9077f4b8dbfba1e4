"""The store stands still, or is dead: alarms are raised and people are paged all the same, and its history is complete
as soon as it is back."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.carrier import Carrier
from tests.conftest import take_port
from tests.ingest_process import IngestProcess
from tests.night_process import NightProcess
from tests.patience import eventually
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import Publisher

CLEAN, LEVEL_2 = 1.0, 40.0  # %LEL; the rules of the pack say 25
DETECTORS = ("gas-1", "gas-2")
FRAMES_OF_A_PHASE = 30
PATIENCE_S = 60.0  # no promise of ours, only longer than a busy machine takes


@dataclass
class Cabinet:
    """It sends a sample of every detector, and knows what it sent."""

    publisher: Publisher
    seq: int = 0

    async def send(self, *leaking: str) -> None:
        """Some frames of a minute; the detectors of a leak show it all the time."""
        now_ms = Clock().now_ms()
        for number in range(FRAMES_OF_A_PHASE):
            self.seq += 1
            blocks = [AssetColumns("e1", ["heartbeat"], [float(self.seq)])]
            blocks += [AssetColumns(each, ["ch4"], [LEVEL_2 if each in leaking else CLEAN]) for each in DETECTORS]
            ts_ms = now_ms - 2000 * (FRAMES_OF_A_PHASE - number)
            frame = Frame(1, "plant", "e1", 1, self.seq, ts_ms, blocks)
            await self.publisher.publish(build("plant", "e1", Kind.TELE), encode(frame))


def stored(database: Path) -> list[tuple[Any, ...]]:
    """Per point of a detector: readings, different readings, the first and the last number, and leaking ones."""
    with duckdb.connect(str(database), read_only=True) as store:
        return store.execute(
            "SELECT asset, count(*), count(DISTINCT seq), min(seq), max(seq), count(*) FILTER (value > 25) "
            "FROM history WHERE point = 'ch4' GROUP BY asset ORDER BY asset"
        ).fetchall()


async def test_with_the_store_stopped_alarms_are_raised_and_paged_and_history_is_complete_after_it_returns(
    nats_broker: RunningBroker, tmp_path: Path
) -> None:
    database = tmp_path / "readings.duckdb"
    with (
        Carrier() as carrier,
        NightProcess(tmp_path, nats_broker.url, carrier.url, take_port()) as alerts,
        IngestProcess(nats_broker.url, database, take_port(), "cellar") as ingest,
    ):

        async def paged(detector: str) -> None:
            def is_paged() -> bool:
                """A ticket of this detector, and a message about it."""
                open_ = {each["id"] for each in alerts.get("/api/v1/tickets") if each["asset"] == detector}
                return any(str(ticket) in open_ for each in list(carrier.taken) for ticket in each.body["tickets"])

            await eventually(is_paged, PATIENCE_S)

        async with Publisher(Address(nats_broker.host, nats_broker.port), "edge-e1") as publisher:
            cabinet = Cabinet(publisher)
            await cabinet.send()
            await asyncio.to_thread(ingest.until_frames, cabinet.seq)

            os.kill(ingest.pid, signal.SIGSTOP)  # it neither answers nor refuses
            await cabinet.send("gas-1")
            await paged("gas-1")
            with pytest.raises(httpx.TimeoutException):
                await asyncio.to_thread(httpx.get, f"{ingest.base_url}/healthz", trust_env=False, timeout=0.3)
            assert alerts.get("/healthz")["ok"], "nothing of alerts waits for the store"
            os.kill(ingest.pid, signal.SIGCONT)
            await asyncio.to_thread(ingest.until_frames, cabinet.seq)

            await asyncio.to_thread(ingest.end, signal.SIGKILL)
            await cabinet.send("gas-1", "gas-2")
            await paged("gas-2")
            await asyncio.to_thread(ingest.start)
            await asyncio.to_thread(ingest.until_frames, cabinet.seq)
            assert await asyncio.to_thread(ingest.end) == 0

    sent = 3 * FRAMES_OF_A_PHASE
    assert cabinet.seq == sent
    assert stored(database) == [
        ("gas-1", sent, sent, 1, sent, 2 * FRAMES_OF_A_PHASE), ("gas-2", sent, sent, 1, sent, FRAMES_OF_A_PHASE),
    ]  # fmt: skip
