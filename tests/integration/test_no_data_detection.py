"""Devices and cabinets die at random phases of their periods; the metric says how late each silence was found."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.detection_place import CABINET_PERIOD_S, PERIOD_S
from tests.processes import PartProcess, ServiceProcess
from wire.address import Address
from wire.publisher import Publisher

pytestmark = pytest.mark.timeout(150)

NAME = "anlan_no_data_detection_error_seconds"
DEVICES = 12
SPEED = 2.0


async def device(publisher: Publisher, number: int, clock: Clock, phase_s: float, dies_s: float) -> None:
    """Speak every period from `phase_s` on, and never after `dies_s`."""
    start_ms = clock.now_ms()
    await clock.sleep(phase_s)
    while clock.now_ms() - start_ms < dies_s * 1000:
        await publisher.publish(f"meter/s{number}", json.dumps({"l": 50}).encode())
        await clock.sleep(PERIOD_S)


async def metrics(alerts: ServiceProcess) -> dict[tuple[str, str], float]:
    """The numbers of what was found in the present, by name and whose clock judged."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        page = (await client.get(f"{alerts.base_url}/metrics")).text
    return {
        (sample.name, sample.labels["clock"]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name.startswith(NAME) and sample.labels["late"] == "no" and "le" not in sample.labels
    }


async def test_a_silence_is_found_within_one_period_and_a_second(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock.starting(None, SPEED)
    for name, value in clock.to_environment().items():
        monkeypatch.setenv(name, value)
    told = {"broker": nats_broker.url, "broker_port": nats_broker.port, "devices": DEVICES}
    (tmp_path / "settings.json").write_text(json.dumps(told))
    alerts = ServiceProcess(tmp_path / "alerts.log", free_port, "tests.detection_place", str(tmp_path), "alerts")
    agents = [
        PartProcess(tmp_path / f"{edge}.log", "tests.detection_place", str(tmp_path), "edge", edge)
        for edge in ("e1", "e2", "e3")
    ]
    rng = random.Random(20260326)
    with alerts, agents[0], agents[1], agents[2]:
        meters = Publisher(Address(nats_broker.host, nats_broker.port), "meters")
        async with meters as publisher, asyncio.TaskGroup() as tasks:
            for number in range(DEVICES):
                phase_s, dies_s = rng.uniform(0, PERIOD_S), rng.uniform(45, 60)
                tasks.create_task(device(publisher, number, clock, phase_s, dies_s))
            await clock.sleep(40)  # alerts trusts no silence before it listened for a while
            for agent in agents[1:]:
                await clock.sleep(rng.uniform(0, CABINET_PERIOD_S))
                agent.end(signal.SIGKILL)
        await clock.sleep(55)  # the last silence was due before
        found = await metrics(alerts)

    assert (found[f"{NAME}_count", "edge"], found[f"{NAME}_count", "server"]) == (DEVICES, 2)
    assert found[f"{NAME}_max", "edge"] <= PERIOD_S + 1
    assert found[f"{NAME}_max", "server"] <= CABINET_PERIOD_S + 1
    assert 0 < found[f"{NAME}_sum", "edge"] <= DEVICES * found[f"{NAME}_max", "edge"]
    print({key: round(value, 3) for key, value in found.items()})
