"""The agent's word on a field bus whose broker is stopped and started, by its own record."""

from __future__ import annotations

import asyncio
import contextlib
import csv
from pathlib import Path

import pytest

from edge.service import Settings, serve
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.edge_places import mqtt_bus, site
from tests.patience import eventually
from wire.address import Address
from wire.publisher import Publisher

pytestmark = pytest.mark.timeout(90)

SPEED = 20.0
SPOKEN = """
[mqtt]
topic = "v/{serial}"
codec = "json"
interval_s = 10
[[mqtt.field]]
point = "temperature"
path = "t"
"""


def told(ledger: Path, asset: str, point: str) -> list[tuple[str, str]]:
    """Value and reason of every reading, equal neighbours once."""
    found: list[tuple[str, str]] = []
    if ledger.exists():
        with ledger.open(newline="") as file:
            for row in csv.reader(file):
                if len(row) == 6 and row[1:3] == [asset, point] and (not found or found[-1] != (row[3], row[5])):
                    found.append((row[3], row[5]))
    return found


async def test_a_field_bus_is_lost_with_its_broker_and_what_did_not_speak_since_is_stale(
    nats_broker: RunningBroker, tmp_path: Path
) -> None:
    place = site({"one": SPOKEN}, [("one", f'serial = "s{i}"') for i in range(2)], mqtt_bus(nats_broker.port))
    ledger = tmp_path / "ledger.csv"
    settings = Settings(f"mqtt://127.0.0.1:{take_port()}", tmp_path / "spool", ledger=ledger)
    agent = asyncio.create_task(serve(place, "e1", settings, Clock.starting(None, SPEED)))
    try:
        await eventually(lambda: told(ledger, "e1-b", "state") == [("1.0", "none")], 20)
        async with Publisher(Address(nats_broker.host, nats_broker.port), "devices") as devices:
            for serial in ("s0", "s1"):
                await devices.publish(f"v/{serial}", b'{"t": 20}')
            await eventually(lambda: told(ledger, "m1", "temperature") == [("20.0", "none")], 10)
        nats_broker.stop()
        await eventually(lambda: told(ledger, "e1-b", "state")[-1] == ("0.0", "none"), 20)
        nats_broker.start()
        async with Publisher(Address(nats_broker.host, nats_broker.port), "devices") as devices:
            await devices.publish("v/s0", b'{"t": 21}')
        await eventually(lambda: told(ledger, "e1-b", "state")[-1] == ("1.0", "none"), 30)
        await eventually(lambda: told(ledger, "m1", "temperature")[-1] == ("", "stale"), 20)
        assert told(ledger, "m0", "temperature") == [("20.0", "none"), ("21.0", "none")]
    finally:
        agent.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await agent
