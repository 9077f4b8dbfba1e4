"""The ingest process as its users see it: over MQTT in, over HTTP out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from ingest.service import Settings, serve
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.samples import frame, level, tiny_site
from wire.address import Address
from wire.frame import MAX_BYTES, AssetColumns
from wire.publisher import Publisher

TOPIC = "anlan/v1/tiny/e1/tele"


class Running:
    """A service under test and what one can do to it."""

    def __init__(self, broker: RunningBroker, client: httpx.AsyncClient) -> None:
        self._broker = broker
        self.client = client

    async def publish(self, *payloads: bytes, topic: str = TOPIC) -> None:
        async with Publisher(Address(self._broker.host, self._broker.port), "edge") as publisher:
            for payload in payloads:
                await publisher.publish(topic, payload)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status(self, path: str, **params: Any) -> int:
        try:
            return (await self.client.get(path, params=params)).status_code
        except httpx.ConnectError:
            return 0

    async def until_healthy(self) -> None:
        await self.until_status(200)

    async def until_status(self, status: int) -> None:
        async with asyncio.timeout(20):
            while await self.status("/healthz") != status:  # noqa: ASYNC110 - a page has no event
                await asyncio.sleep(0.02)

    async def until_counted(self, **expected: int) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                counts: dict[str, Any] = await self.get("/api/v1/counts")
                if all(counts[name] >= number for name, number in expected.items()):
                    return counts
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(broker: RunningBroker, folder: Path, port: int, **more: Any) -> AsyncIterator[Running]:
    settings = Settings(broker=broker.url, database=str(folder / "readings.duckdb"), port=port, **more)
    task = asyncio.create_task(serve((tiny_site(),), settings, Clock()))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            service = Running(broker, client)
            await service.until_healthy()
            yield service
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_frame_becomes_history_that_can_be_asked_for(
    broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    now_ms = Clock().now_ms()
    async with running(broker, tmp_path, free_port) as service:
        await service.publish(
            frame(AssetColumns("p1", ["level", "temp"], [12.0, None], doubts=[(1, 2, "comm_timeout")]), ts=now_ms)
        )
        await service.publish(frame(level(11.0), seq=2, ts=now_ms - 60_000), topic="anlan/v1/tiny/e1/backfill")
        counts = await service.until_counted(frames=2)

        latest = await service.get("/api/v1/latest", asset="p1")
        series = await service.get(
            "/api/v1/series", asset="p1", point=["level", "temp"], from_ms=now_ms - 100_000, to_ms=now_ms + 1
        )

    assert (counts["readings"], counts["duplicates"], counts["rejected"]) == (3, 0, {})
    assert [row["lane"] for row in counts["edges"]] == ["backfill", "tele"]
    assert latest["latest"] == [
        {"site": "tiny", "asset": "p1", "point": "level", "value": 12.0, "measured_ms": now_ms, "quality": 0,
         "reason": "none"},
        {"site": "tiny", "asset": "p1", "point": "temp", "value": None, "measured_ms": now_ms, "quality": 2,
         "reason": "comm_timeout"},
    ]  # fmt: skip
    assert series == {
        "series": [
            {"asset": "p1", "point": "level", "unit": "mm", "t": [now_ms - 60_000, now_ms], "min": [11.0, 12.0],
             "max": [11.0, 12.0], "mean": [11.0, 12.0], "count": [1, 1], "bad": [0, 0]},
            {"asset": "p1", "point": "temp", "unit": "Cel", "t": [now_ms], "min": [None], "max": [None],
             "mean": [None], "count": [0], "bad": [1]},
        ],
        "bucket_ms": 0,
        "raw": True,
    }  # fmt: skip


async def test_bad_frames_are_kept_counted_and_harm_no_other(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    now_ms = Clock().now_ms()
    bad = {
        "oversized": b"x" * (MAX_BYTES + 1),
        "malformed": b'{"v":1,',
        "wrong_version": frame(v=2),
        "wrong_site": frame(site="other", ts=now_ms),
        "future": frame(level(1.0), ts=now_ms + 10 * 60_000),
    }
    async with running(nats_broker, tmp_path, free_port) as service:
        for seq, payload in enumerate(bad.values(), 1):
            await service.publish(payload, frame(level(float(seq)), seq=seq, ts=now_ms))
        counts = await service.until_counted(frames=5)
        rejects = (await service.get("/api/v1/rejects"))["rejects"]
        metrics = (await service.client.get("/metrics")).text

    assert counts["rejected"] == dict.fromkeys(bad, 1)
    assert counts["rejected_readings"] == {"future": 1}
    assert [reject["reason"] for reject in rejects] == list(reversed(bad))
    assert rejects[3]["payload"] == '{"v":1,'
    assert rejects[4]["bytes"] == MAX_BYTES
    assert 'anlan_ingest_rejected_total{reason="future"} 1.0' in metrics
    assert 'anlan_ingest_readings_total{lane="tele"} 5.0' in metrics


async def test_a_frame_that_comes_again_is_stored_once(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    payload = frame(level(5.0), seq=1, ts=Clock().now_ms())
    async with running(nats_broker, tmp_path, free_port) as service:
        await service.publish(payload, payload)
        await service.publish(payload, topic="anlan/v1/tiny/e1/backfill")
        counts = await service.until_counted(duplicates=2)

    assert (counts["frames"], counts["readings"]) == (1, 1)


async def test_series_come_as_arrow_too(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> None:
    now_ms = Clock().now_ms()
    async with running(nats_broker, tmp_path, free_port) as service:
        await service.publish(frame(level(5.0), level(None), ts=now_ms))
        await service.until_counted(frames=1)
        answer = await service.client.get(
            "/api/v1/series",
            params={"asset": "p1", "point": "level", "from_ms": now_ms, "to_ms": now_ms + 1, "format": "arrow"},
        )

    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.schema.metadata[b"unit.level"] == b"mm"
    assert table.to_pydict() == {
        "point": ["level", "level"], "t": [now_ms, now_ms], "min": [5.0, None], "max": [5.0, None],
        "mean": [5.0, None], "count": [1, 0], "bad": [0, 1],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"asset": "p1", "point": "level", "from_ms": 5, "to_ms": 5}, 422),
        ({"asset": "p1", "point": "level", "from_ms": 5, "to_ms": 9, "px": 0}, 422),
        ({"asset": "p1", "from_ms": 5, "to_ms": 9}, 422),
        ({"asset": "p1", "point": "colour", "from_ms": 5, "to_ms": 9}, 404),
        ({"asset": "nobody", "point": "level", "from_ms": 5, "to_ms": 9}, 404),
        ({"asset": "p1", "point": "level", "from_ms": 5, "to_ms": 9, "site": "other"}, 404),
        ({"asset": "p1", "point": "level", "from_ms": 5, "to_ms": 9}, 200),
    ],
)
async def test_a_question_that_makes_no_sense_is_told_so(
    params: dict[str, Any], status: int, nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path, free_port) as service:
        answer = await service.client.get("/api/v1/series", params=params)

    assert answer.status_code == status
    assert status == 200 or "detail" in answer.json()


async def test_health_says_when_the_broker_is_away_and_recovers(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path, free_port) as service:
        nats_broker.stop()
        await service.until_status(503)
        assert (await service.client.get("/healthz")).json() == {"ok": False, "subscribed": False, "store": "open"}
        ready = await service.client.get("/readyz")
        assert (ready.status_code, ready.json()["reasons"]) == (503, ["broker: not subscribed"])

        await asyncio.to_thread(nats_broker.start)
        await service.until_healthy()
        await service.publish(frame(level(5.0), ts=Clock().now_ms()))
        await service.until_counted(frames=1)


async def test_a_taken_port_is_waited_for(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", free_port)
    settings = Settings(broker=nats_broker.url, database=str(tmp_path / "readings.duckdb"), port=free_port)
    task = asyncio.create_task(serve((tiny_site(),), settings, Clock()))
    await asyncio.sleep(0.5)
    assert not task.done()
    taken.close()
    await taken.wait_closed()

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}", trust_env=False) as client:
        await Running(nats_broker, client).until_healthy()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_minutes_are_rolled_up_while_it_runs(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> None:
    now_ms = Clock().now_ms()
    hour_ms = 3_600_000
    async with running(nats_broker, tmp_path, free_port, tidy_every_s=0.05) as service:
        block = AssetColumns("p1", ["level"] * 3, [1.0, 9.0, 5.0], [-2, -1, 0])
        await service.publish(frame(block, ts=now_ms // hour_ms * hour_ms - 1000))
        await service.until_counted(frames=1)
        await asyncio.sleep(0.3)
        series = await service.get(
            "/api/v1/series", asset="p1", point="level", from_ms=now_ms - 800 * hour_ms, to_ms=now_ms, px=800
        )

    assert series["bucket_ms"] == hour_ms
    [found] = series["series"]
    assert (found["min"], found["max"], found["mean"], found["count"]) == ([1.0], [9.0], [5.0], [3])
