"""The alerts process over real HTTP: REST, the event stream, what is refused, and the wall's files."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.service import Settings, serve
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.unit.alerts.plant import plant
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import Publisher

Json = dict[str, Any]


class Uplink:
    """An edge's connection, in real time."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._seq = 0

    async def send(self, **values: float) -> None:
        self._seq += 1
        blocks = [
            AssetColumns("e1", ["heartbeat"], [float(self._seq)]),
            AssetColumns("b1", list(values), [*values.values()]),
        ]
        await self.bytes_(encode(Frame(1, "plant", "e1", 1, self._seq, Clock().now_ms(), blocks)))

    async def bytes_(self, payload: bytes, kind: Kind = Kind.TELE) -> None:
        await self._publisher.publish(build("plant", "e1", kind), payload)


class Events:
    """An open stream, event by event."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self, timeout_s: float = 10.0) -> tuple[str, int, Json]:
        found: dict[str, str] = {}
        async with asyncio.timeout(timeout_s):
            async for line in self._lines:
                if not line:
                    return found["event"], int(found["id"]), json.loads(found["data"])
                name, _, value = line.partition(": ")
                found[name] = value
        raise AssertionError("the stream ended")

    async def until(self, key: str, timeout_s: float = 10.0) -> Json:
        """The first delta with `key`."""
        async with asyncio.timeout(timeout_s):
            while True:
                name, _, body = await self.next(timeout_s)
                if name == "delta" and key in body:
                    return body


@contextlib.asynccontextmanager
async def running(broker: RunningBroker, database: Path, port: int) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(broker=broker.url, database=f"sqlite:///{database}", port=port, ingest="http://127.0.0.1:9")
    task = asyncio.create_task(serve(plant(), settings, Clock()))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
        try:
            await until_healthy(client, task)
            yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def until_healthy(client: httpx.AsyncClient, task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(30):
        while not task.done():
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get("/healthz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    await task


async def answer(client: httpx.AsyncClient, path: str, fits: Callable[[Any], bool]) -> Any:
    """What `path` answers as soon as it fits."""
    async with asyncio.timeout(10):
        while not fits(found := (await client.get(path)).json()):  # noqa: ASYNC110 - the other side has no event
            await asyncio.sleep(0.05)
    return found


@contextlib.asynccontextmanager
async def uplink(broker: RunningBroker) -> AsyncIterator[Uplink]:
    async with Publisher(Address(broker.host, broker.port), "edge-e1") as publisher:
        yield Uplink(publisher)


@contextlib.asynccontextmanager
async def stream(client: httpx.AsyncClient, last_id: int | None = None) -> AsyncIterator[Events]:
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    async with client.stream("GET", "/api/v1/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Events(answer.aiter_lines())


@pytest.mark.alone  # it counts real seconds
async def test_an_alarm_reaches_an_open_page_within_a_second(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client, uplink(nats_broker) as edge:
        async with stream(client) as events:
            name, _, snapshot = await events.next()
            assert name == "snapshot"
            assert {"seq", "now_ms", "boot", "alarms", "tickets", "latest", "edges", "unknown", "system"} == set(
                snapshot
            )
            assert snapshot["alarms"] == []

            await edge.send(burner=3.0, temp=50.0)
            delta = await events.until("tickets", timeout_s=1.0)
            values = (
                delta if "latest" in delta else await events.until("latest", timeout_s=1.0)
            )  # no alarm waits for them

        assert delta["tickets"][0]["title"]["zh"] == "1号锅炉：燃烧器锁定"
        assert delta["alarms"][0]["state"] == "unacked"
        assert values["latest"]["b1/temp"][0] == 50.0
        assert delta["edges"][0]["state"] == "online"


async def test_a_page_that_comes_back_gets_what_it_missed_and_after_a_restart_a_snapshot(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    database = tmp_path / "t.sqlite"
    async with running(nats_broker, database, free_port) as client, uplink(nats_broker) as edge:
        async with stream(client) as events:
            _, _, snapshot = await events.next()
            await edge.send(temp=50.0)
            await events.until("latest")
            _, last, _ = await events.next()
        await edge.send(burner=3.0)
        await asyncio.sleep(0.6)
        async with stream(client, last) as events:
            name, seq, delta = await events.next()
            assert (name, seq > last) == ("delta", True)
            assert "tickets" in delta or "tickets" in await events.until("tickets")

    async with running(nats_broker, database, free_port) as client, stream(client, seq) as events:
        name, _, again = await events.next()
        assert name == "snapshot"
        assert again["boot"] != snapshot["boot"]
        assert [alarm["id"] for alarm in again["alarms"]] == ["b1.lockout"], "a restart forgets nothing"


async def test_ticks_come_even_when_nothing_happens(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client, stream(client) as events:
        names = [(await events.next())[0] for _ in range(4)]

    assert "tick" in names


async def test_orders_are_carried_out_or_refused_with_a_reason(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client, uplink(nats_broker) as edge:
        await edge.send(burner=3.0)
        ticket = (await answer(client, "/api/v1/tickets", lambda found: found != []))[0]["id"]
        order = {"by": "duty room", "note": "crew sent"}

        acked = await client.post(f"/api/v1/tickets/{ticket}/acknowledge", json=order)
        assert (acked.status_code, acked.json()["state"], acked.json()["acked_by"]) == (
            200,
            "dispatched",
            "duty room",
        )
        again = await client.post(f"/api/v1/tickets/{ticket}/acknowledge", json=order)
        assert (again.status_code, "detail" in again.json()) == (409, True)
        alarm = await client.post("/api/v1/alarms/b1.lockout/acknowledge", json=order)
        assert (alarm.status_code, alarm.json()["state"]) == (200, "acked")
        assert (await client.post("/api/v1/alarms/b1.lockout/reset", json=order)).status_code == 409
        for path in ("/api/v1/tickets/99/acknowledge", "/api/v1/alarms/b1.flood/acknowledge"):
            assert (await client.post(path, json=order)).status_code == 404
        assert (await client.post(f"/api/v1/tickets/{ticket}/acknowledge", json={"by": " "})).status_code == 422

        assert (await client.get(f"/api/v1/tickets/{ticket}")).json()["evidence"][-1]["text"][
            "en"
        ] == "duty room: crew sent"
        assert (await client.get("/api/v1/tickets", params={"state": "filed"})).json() == []
        assert (await client.get("/api/v1/tickets", params={"category": "hazard"})).json()[0]["id"] == ticket
        assert (await client.get("/api/v1/tickets", params={"before": ticket})).json() == []
        assert (await client.get("/api/v1/alarms", params={"state": "acked"})).json()[0]["id"] == "b1.lockout"
        log = (await client.get("/api/v1/transitions", params={"asset": "b1"})).json()
        assert [(each["because"], each["by"]) for each in log] == [("raised", None), ("acknowledged", "duty room")]


async def test_what_makes_no_sense_is_counted_and_disturbs_nobody(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client, uplink(nats_broker) as edge:
        await edge.bytes_(b"{")
        await edge.bytes_(b"not a status", Kind.STATUS)
        await edge.bytes_(json.dumps({"state": "lost", "epoch": 1, "ts": 1}).encode(), Kind.STATUS)
        await edge.send(temp=50.0, pressure=3.0)
        told = await answer(client, "/api/v1/snapshot", lambda found: found["system"]["alerts"].get("frames") == 1)
        assert told["system"]["alerts"]["rejected"] == {"malformed": 1, "malformed_status": 1, "unknown_point": 1}
        assert told["latest"]["b1/temp"][0] == 50.0
        assert told["edges"][0]["state"] in ("lost", "online")
        page = (await client.get("/metrics")).text
        assert 'anlan_alerts_rejected_total{reason="malformed"} 1.0' in page
        assert "anlan_alerts_frames_total 1.0" in page


async def test_each_asset_says_whether_it_is_known(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client, uplink(nats_broker) as edge:
        await edge.send(burner=3.0, temp=50.0)
        told = await answer(client, "/api/v1/assets/b1", lambda found: found["points"] != {})
        assert (told["state"], told["unknown"]) == ("known", None)
        assert told["points"]["temp"]["value"] == 50.0
        assert [alarm["unknown_since_ms"] for alarm in told["alarms"]] == [None]
        assert (await client.get("/api/v1/assets/nobody")).status_code == 404
        assert [each["asset"] for each in (await client.get("/api/v1/latest")).json()] == ["b1", "e1"]
        assert (await client.get("/api/v1/outages")).json() == []


async def test_the_site_is_told_once_with_its_limits(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client:
        site = (await client.get("/api/v1/site")).json()
        assert (await client.get("/api/v1/trend", params={"asset": "b1", "point": "temp"})).status_code == 503
        assert (await client.get("/api/v1/nonsense")).status_code == 404
        assert "text/html" in (await client.get("/anything/else")).headers["content-type"]
        assert (await client.get("/..%2f..%2fpyproject.toml")).headers["content-type"].startswith("text/html")

    assert [asset["id"] for asset in site["assets"]] == ["b1", "b2", "e1"]
    temp = site["assets"][0]["points"][0]
    assert [(limit["rule"], limit["limit"]) for limit in temp["limits"]] == [
        ("temp_high", 90),
        ("temp_very_high", 95.25),
    ]
    assert site["clock"]["speed"] == 1.0


@pytest.mark.parametrize("taken", ["broker", "database"])
async def test_what_is_away_at_the_start_is_waited_for(
    taken: str, nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    database = tmp_path / "folder" / "t.sqlite"
    if taken == "broker":
        nats_broker.stop()
    else:
        (tmp_path / "folder").write_text("in the way")
    settings = Settings(broker=nats_broker.url, database=f"sqlite:///{database}", port=free_port)
    task = asyncio.create_task(serve(plant(), settings, Clock()))
    await asyncio.sleep(1.0)
    assert not task.done()
    if taken == "broker":
        nats_broker.start()
    else:
        (tmp_path / "folder").unlink()

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}", trust_env=False, timeout=20) as client:
        await until_healthy(client, task)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
