"""The whole of it: the uplink is cut, the alarm is local; the uplink is back, and it is the same alarm, once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from alerts.service import Settings, serve
from firmware_sim.wan import Proxy, Route
from firmware_sim.world import Wan
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.edge_places import PLAIN, tcp_bus
from tests.edge_process import EdgeProcess, place_of
from tests.integration.test_alerts_service import answer, until_healthy
from tests.integration.test_edge_safety import ACTION, COOL, HOT, RULES, device, heat
from tests.modbus_peers import pymodbus_siren
from tests.patience import eventually
from wire import event as wire_event

__all__ = ["device"]  # a fixture


class Uplink:
    """A proxy between the cabinet and the broker that can be cut."""

    def __init__(self) -> None:
        self.port = take_port()
        self.is_up = True

    def look(self) -> Wan:
        return Wan(is_up=self.is_up, is_black_hole=False, delay_s=0.0)


@contextlib.asynccontextmanager
async def uplink(broker: RunningBroker) -> AsyncIterator[Uplink]:
    way = Uplink()
    task = asyncio.create_task(Proxy("e1", Route(way.port, broker.host, broker.port), way.look).run())
    try:
        yield way
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def alerts(broker: RunningBroker, folder: Path, told: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    port = take_port()
    settings = Settings(
        broker=broker.url, database=f"sqlite:///{folder / 't.sqlite'}", port=port, ingest="http://127.0.0.1:9",
        late_after_s=5, settle_real_s=0.5,
    )  # fmt: skip
    task = asyncio.create_task(serve(place_of(told), settings, Clock()))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
        try:
            await until_healthy(client, task)
            yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def told_by(edge: EdgeProcess) -> list[wire_event.EdgeEvent]:
    """The events that lie, or lay, in the cabinet."""
    from edge.segment import Segment

    found = []
    for path in sorted((edge.folder / "spool" / "events").glob("*.frames")):
        segment = Segment.opened(path, int(path.stem))
        found += [wire_event.decode(segment.read(index)) for index in range(len(segment.seqs))]
        segment.close()
    return found


async def test_what_the_cabinet_did_alone_is_one_ticket_with_one_episode_of_its_own_moments(
    nats_broker: RunningBroker, device: Any, tmp_path: Path
) -> None:
    siren_port = take_port()
    async with pymodbus_siren(siren_port) as siren, uplink(nats_broker) as way:
        told: dict[str, Any] = {
            "broker": f"mqtt://127.0.0.1:{way.port}", "make": PLAIN, "devices": ["unit = 1"], "flush_s": 0.2,
            "bus": tcp_bus(device.port) + ACTION.format(port=siren_port, until='"ack"'),
            "rules": RULES, "live_for_s": 1,
        }  # fmt: skip
        async with alerts(nats_broker, tmp_path, told) as client:
            with EdgeProcess(tmp_path / "edge", **told) as edge:
                await answer(client, "/api/v1/snapshot", lambda found: "m0/temperature" in found["latest"])
                way.is_up = False
                await eventually(lambda: "broker away" in edge.log.read_text())
                heat(device, HOT)
                await asyncio.sleep(1.2)
                edge.end(signal.SIGKILL)  # in the middle of the hold
                edge.start()
                await eventually(lambda: siren.is_on(3))
                heat(device, COOL)
                await eventually(lambda: "safety alarm cleared" in edge.log.read_text())
                assert siren.is_on(3)
                assert (await client.get("/api/v1/tickets")).json() == [], "nobody here knows of it"
                await asyncio.sleep(5)
                way.is_up = True

                events = await answer(
                    client, "/api/v1/edge-events", lambda found: [each["state"] for each in found] == ["confirmed"] * 2
                )
                (ticket,) = await hazards(client)
                log = [
                    (each["because"], each["at_ms"], each["late"])
                    for each in (await client.get("/api/v1/transitions", params={"asset": "m0"})).json()
                    if each["rule"] == "hot"
                ]
                raised, cleared = told_by(edge)
                assert log == [("raised", raised.at_ms, True), ("cleared", cleared.at_ms, True)]
                assert (ticket["raised_ms"], ticket["late"]) == (raised.at_ms, True)
                assert [each["at_ms"] for each in events] == [cleared.at_ms, raised.at_ms]
                lines = [line["text"] for line in ticket["evidence"] if "by itself" in line["text"]["en"]]
                assert len(lines) == 1
                assert lines[0]["en"].endswith(", Siren on")
                assert lines[0]["zh"].endswith("，警号已动作")

                order = {"by": "duty room"}
                assert (await client.post("/api/v1/alarms/m0.hot/acknowledge", json=order)).status_code == 200
                await eventually(lambda: not siren.is_on(3))  # the acknowledgement has reached the cabinet
                assert edge.tracebacks() == 0
                page = (await client.get("/metrics")).text
                assert "anlan_alerts_edge_events_confirmed_total 2.0" in page


async def hazards(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/v1/tickets", params={"category": "hazard"})).json()
    return found
