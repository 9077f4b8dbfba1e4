"""The door for people and tests, and the life of the process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from pathlib import Path

import httpx
import pytest

from firmware_sim.service import Settings, serve
from runtime.clock import Clock
from tests.conftest import take_port
from tests.integration.simulated import NOW_MS, simulator
from tests.unit.firmware_sim.places import START_MS, fault, scenario, site
from vocab import site_load
from vocab.problem import ConfigurationError


async def test_a_person_can_look_break_and_repair(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running, httpx.AsyncClient(base_url=running.control_url) as client:
        assert (await client.get("/healthz")).json()["state"] == "ok"
        devices = (await client.get("/devices")).json()
        assert {"hot-burner", "lift-roof", "bin-em400"} <= {each["device"] for each in devices}
        known = (await client.get("/faults", params={"asset": "steam"})).json()
        assert "low_water" in known[0]["faults"]
        assert "circulation_loss" not in known[0]["faults"]
        assert (await client.get("/truth")).json() == []

        order = {"asset": "hot", "fault": "sentinel", "point": "supply_temp"}
        done = await client.post("/inject", json=order)
        assert done.status_code == 201
        truth = done.json()
        assert truth["injected_ms"] == pytest.approx(NOW_MS, abs=100)
        expected = {"rule": "sensor_fault", "hazard": "sensor_fault", "category": "maintenance", "graver": []}
        assert truth["expects"] == expected
        assert [each["id"] for each in (await client.get("/truth")).json()] == [truth["id"]]

        cleared = await client.post(f"/clear/{truth['id']}")
        assert cleared.json()["ended_ms"] is not None
        lines = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
        assert [line["ended_ms"] is None for line in lines] == [True, False]


async def test_what_cannot_be_done_is_told_and_nothing_happens(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running, httpx.AsyncClient(base_url=running.control_url) as client:
        refused = await client.post("/inject", json={"asset": "hot", "fault": "low_water"})
        assert refused.status_code == 422
        assert "steam" in refused.json()["detail"][0]
        assert (await client.post("/inject", json={"asset": "hot", "fault": "A B"})).status_code == 422
        assert (await client.post("/inject", json={"asset": "hot", "fault": "soot", "typo": 1})).status_code == 422
        assert (await client.post("/clear/nothing")).status_code == 404
        assert (await client.get("/faults", params={"asset": "nobody"})).status_code == 404
        assert (await client.get("/truth")).json() == []


async def test_scenario_faults_set_in_while_nobody_asks(tmp_path: Path) -> None:
    async with simulator(tmp_path, fault("hot", "soot", 630.0), speed=60.0):
        for _ in range(100):
            if (tmp_path / "truth.jsonl").exists():
                break
            await asyncio.sleep(0.05)
        assert json.loads((tmp_path / "truth.jsonl").read_text())["injected_ms"] == START_MS + 630_000


async def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with simulator(tmp_path) as running:
        assert running.line.is_symlink()
    assert not running.line.is_symlink()
    for port in (running.port, running.control):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), 0.5)
    assert asyncio.all_tasks() <= before


async def test_a_port_that_is_taken_is_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        where: dict[str, dict[str, object]] = {
            "edge-a/bus": {"port": port},
            "edge-a/line": {"device": str(tmp_path / "tty")},
        }
        placed = site_load.placed(site(), where)
        task = asyncio.create_task(serve(placed, scenario(), Settings(), Clock.starting(START_MS, 1.0)))
        await asyncio.sleep(0.3)
        assert not task.done()
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("it never came")
        writer.write(bytes.fromhex("000500000006010300070001"))
        assert len(await asyncio.wait_for(reader.readexactly(11), 5)) == 11
        writer.transport.abort()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_bus_without_an_address_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    homeless = site_load.placed(site(), {"edge-a/bus": {"port": 0}, "edge-a/line": {"device": ""}})
    with pytest.raises(ConfigurationError) as found:
        await serve(homeless, scenario(), Settings(), Clock())
    assert {each.key for each in found.value.problems} == {"edge-a/bus.port", "edge-a/line.device"}


async def test_a_file_in_the_place_of_the_line_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "tty"
    file.write_text("mine")
    where: dict[str, dict[str, object]] = {"edge-a/bus": {"port": take_port()}, "edge-a/line": {"device": str(file)}}
    task = asyncio.create_task(
        serve(site_load.placed(site(), where), scenario(), Settings(), Clock.starting(START_MS, 1.0))
    )
    await asyncio.sleep(0.3)
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert file.read_text() == "mine"
