"""Whoever dies in the middle of a commit: every frame is in the store, and none is there twice."""

from __future__ import annotations

import asyncio
import random
import resource
import signal
import time
from pathlib import Path

import duckdb
import pytest

from runtime import steady
from runtime.clock import Clock
from runtime.steady import Steady
from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.ingest_process import IngestProcess
from tests.patience import eventually
from tests.samples import frame
from wire.address import Address
from wire.frame import AssetColumns
from wire.publisher import BrokerAwayError, Publisher

FRAMES = 1500
READINGS_OF_ONE = 40
EPOCH = 7


class Sender:
    """Sends every frame until the broker has confirmed it, as an edge does from its spool."""

    def __init__(self, broker: RunningBroker) -> None:
        self._address = Address(broker.host, broker.port)
        self.confirmed = 0
        self.sent_again = 0

    async def run(self) -> None:
        waiting = list(range(1, FRAMES + 1))
        while waiting:
            try:
                async with Publisher(self._address, "edge-e1") as publisher:
                    while waiting:
                        part = waiting[:20]
                        await asyncio.gather(*(self._send(publisher, seq) for seq in part))
                        waiting = waiting[20:]
                        self.confirmed += len(part)
                        await asyncio.sleep(0.02)
            except BrokerAwayError:
                self.sent_again += 1
                await asyncio.sleep(0.1)

    async def _send(self, publisher: Publisher, seq: int) -> None:
        values: list[float | None] = [float(seq % 1000)] * READINGS_OF_ONE
        offsets = [-place for place in range(READINGS_OF_ONE)]
        # Live frames and frames out of the back-fill come mixed, as after a cut.
        kind = "backfill" if seq % 7 == 0 else "tele"
        payload = frame(AssetColumns("p1", ["level"] * READINGS_OF_ONE, values, offsets), seq=seq, ts=Clock().now_ms())
        await publisher.publish(f"anlan/v1/tiny/e1/{kind}", payload)


def stored(database: Path) -> tuple[int, int, int]:
    """Frames, different frames, readings."""
    with duckdb.connect(str(database), read_only=True) as store:
        row = store.execute(
            "SELECT count(DISTINCT (edge, epoch, seq)), count(*) FROM history WHERE value = seq % 1000"
        ).fetchone()
        frames = store.execute("SELECT count(*) FROM frames").fetchone()
    assert row is not None
    assert frames is not None
    return int(frames[0]), int(row[0]), int(row[1])


async def test_ingest_killed_in_the_middle_of_commits_loses_and_doubles_nothing(
    broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    database = tmp_path / "readings.duckdb"
    dice = random.Random(1)
    with IngestProcess(broker.url, database, free_port) as ingest:
        sender = Sender(broker)
        sending = asyncio.create_task(sender.run())
        for _ in range(4):
            await asyncio.sleep(dice.uniform(0.1, 0.5))
            await asyncio.to_thread(ingest.end, signal.SIGKILL)
            await asyncio.to_thread(ingest.start)
        await sending
        await asyncio.to_thread(ingest.until_frames, FRAMES)
        status = await asyncio.to_thread(ingest.end, signal.SIGTERM)

    assert status == 0
    assert stored(database) == (FRAMES, FRAMES, FRAMES * READINGS_OF_ONE)


async def test_a_broker_killed_under_load_loses_and_doubles_nothing(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    database = tmp_path / "readings.duckdb"
    with IngestProcess(nats_broker.url, database, free_port) as ingest:
        sender = Sender(nats_broker)
        sending = asyncio.create_task(sender.run())
        for _ in range(3):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(nats_broker.kill)
            await asyncio.to_thread(nats_broker.start)
        await sending
        await asyncio.to_thread(ingest.until_frames, FRAMES)
        await asyncio.to_thread(ingest.end)

    assert sender.sent_again >= 1
    assert stored(database) == (FRAMES, FRAMES, FRAMES * READINGS_OF_ONE)


async def test_a_locked_store_is_told_waited_for_and_loses_nothing(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    database = tmp_path / "readings.duckdb"
    with IngestProcess(nats_broker.url, database, free_port) as ingest:
        await asyncio.to_thread(ingest.end)
        other = duckdb.connect(str(database))
        ingest.start(wait=False)
        await asyncio.to_thread(_until_said, ingest, "store away")
        await Sender(nats_broker).run()
        other.close()
        await asyncio.to_thread(ingest.until_frames, FRAMES)
        await asyncio.to_thread(ingest.end)

    assert "Traceback" not in ingest.log.read_text()
    assert stored(database)[1:] == (FRAMES, FRAMES * READINGS_OF_ONE)


async def test_a_full_disk_is_told_waited_for_and_loses_nothing(
    broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    database = tmp_path / "readings.duckdb"
    with IngestProcess(broker.url, database, free_port) as ingest:
        _, hard = resource.prlimit(ingest.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(ingest.pid, resource.RLIMIT_FSIZE, (64 * 1024, hard))  # no file may grow beyond it
        await Sender(broker).run()
        await asyncio.to_thread(_until_said, ingest, "store away")
        resource.prlimit(ingest.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await asyncio.to_thread(ingest.until_frames, FRAMES)
        await asyncio.to_thread(ingest.end)

    assert "Traceback" not in ingest.log.read_text()
    assert stored(database)[1:] == (FRAMES, FRAMES * READINGS_OF_ONE)


def _until_said(ingest: IngestProcess, words: str) -> None:
    end = time.monotonic() + 20
    while words not in ingest.log.read_text():
        assert time.monotonic() < end, ingest.log.read_text()
        time.sleep(0.05)


async def test_started_on_a_machine_whose_clock_is_hours_behind_it_waits_and_refuses_nothing(
    nats_broker: RunningBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by `anlan torture`: everything was from the future for it, and was refused for as long as that lasted."""
    clock, database = tmp_path / "clock", tmp_path / "readings.duckdb"
    monkeypatch.setenv(steady.SHIFT, str(clock))

    async def send(seq: int) -> None:
        async with Publisher(Address(nats_broker.host, nats_broker.port), "edge-e1") as publisher:
            payload = frame(AssetColumns("p1", ["level"], [float(seq)]), seq=seq, ts=Clock(steady=Steady()).now_ms())
            await publisher.publish("anlan/v1/tiny/e1/tele", payload)

    with IngestProcess(nats_broker.url, database, take_port()) as ingest:
        await send(1)
        await asyncio.to_thread(ingest.until_frames, 1)
        ingest.end(signal.SIGKILL)
        steady.shift(clock, -28_800)
        ingest.start(wait=False)
        await send(2)
        await eventually(lambda: "behind what is known" in ingest.log.read_text(), timeout_s=60)
        assert ingest.counts()["frames"] == 1
        ingest.end(signal.SIGKILL)
        steady.shift(clock, 0)
        ingest.start()
        await asyncio.to_thread(ingest.until_frames, 2)
        assert ingest.get("/api/v1/counts")["rejected"] == {}
