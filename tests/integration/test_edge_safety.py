"""A cabinet on its own: the uplink is cut, the gas leaks, the siren sounds. Real broker, real siren, real agent."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.edge_places import PLAIN, tcp_bus
from tests.edge_process import EdgeProcess
from tests.integration.test_edge_uplink import mailbox
from tests.modbus_peers import pymodbus_siren, pymodbustcp_server
from tests.patience import eventually
from vocab.topics import Kind, build
from wire import event as wire_event
from wire.address import Address
from wire.order import Order, encode
from wire.publisher import Publisher

RULES = """
[[rule]]
id = "hot"
name = { en = "Far too hot", zh = "过热" }
point = "temperature"
when = { type = "high", limit = 90, deadband = 5 }
on_delay_s = 2
off_delay_s = 1
priority = 1
safety = true
hazard = "overtemperature"
category = "hazard"
"""
ACTION = """
[[edge.bus]]
id = "signals"
type = "modbus-tcp"
port = {port}
timeout_s = 0.5
[[edge.annunciator]]
id = "siren"
name = {{ en = "Siren", zh = "警号" }}
bus = "signals"
unit = 1
coil = 3
check_s = 0.5
[[edge.action]]
when = "safety"
type = "relay"
annunciator = "siren"
latched_until = {until}
"""
COOL, HOT = [200, 0], [970, 0]


@pytest.fixture
def device() -> Iterator[Any]:
    """A real Modbus server for the meter; its `port`, and `set` for its registers."""
    port = take_port()
    with pymodbustcp_server(port, COOL) as server:
        server.data_bank.port = port
        yield server.data_bank


def heat(device: Any, registers: list[int]) -> None:
    device.set_holding_registers(0, registers)


def cabinet(folder: Path, device: Any, siren_port: int, broker: str, until: str = '"ack"') -> EdgeProcess:
    bus = tcp_bus(device.port) + ACTION.format(port=siren_port, until=until)
    return EdgeProcess(
        folder / "edge", broker=broker, bus=bus, make=PLAIN, devices=["unit = 1"], flush_s=0.2, rules=RULES
    )


def nowhere() -> str:
    return f"mqtt://127.0.0.1:{take_port()}"


async def polling(edge: EdgeProcess) -> None:
    await eventually(lambda: len(edge.ledger()) > 2)


@pytest.mark.alone  # it counts real seconds
async def test_with_the_uplink_cut_the_siren_sounds_within_the_rules_delay(device: Any, tmp_path: Path) -> None:
    port = take_port()
    async with pymodbus_siren(port) as siren:
        with cabinet(tmp_path, device, port, nowhere()) as edge:
            await polling(edge)
            assert not siren.is_on(3)
            began = time.monotonic()
            heat(device, HOT)
            await eventually(lambda: siren.is_on(3))
            took = time.monotonic() - began
            assert 2.0 <= took < 2.0 + 1.0 + 0.2 + 1.5, "on-delay, a poll period, a flush, and the write"
            assert await asyncio.to_thread(edge.end) == 0
            assert not siren.is_on(3), "a clean stop switches it off"
            assert (siren.others, {coil for coil, _ in siren.writes}) == ([], {3})
            assert edge.tracebacks() == 0


@pytest.mark.alone  # it counts real seconds
async def test_killed_in_the_middle_of_the_hold_it_goes_on_where_it_stood(device: Any, tmp_path: Path) -> None:
    port = take_port()
    async with pymodbus_siren(port) as siren:
        with cabinet(tmp_path, device, port, nowhere()) as edge:
            await polling(edge)
            heat(device, HOT)
            began = time.monotonic()
            await asyncio.sleep(1.4)
            edge.end(signal.SIGKILL)
            edge.start()
            await eventually(lambda: siren.is_on(3))
            assert time.monotonic() - began < 8, "no second hold from the beginning after a slow start"
            edge.end(signal.SIGKILL)
            edge.start()
            known = len(siren.writes)
            await eventually(lambda: siren.writes[known:] == [(3, True)])
            assert edge.log.read_text().count("safety alarm raised") == 1, "a restart does not raise it again"


async def test_the_state_of_the_siren_outlives_the_alarm_until_somebody_is_heard(device: Any, tmp_path: Path) -> None:
    port = take_port()
    async with pymodbus_siren(port) as siren:
        with cabinet(tmp_path, device, port, nowhere()) as edge:
            await polling(edge)
            heat(device, HOT)
            await eventually(lambda: siren.is_on(3))
            heat(device, COOL)
            await eventually(lambda: "safety alarm cleared" in edge.log.read_text())
            assert siren.is_on(3), "latched until somebody acknowledges"
            kept = edge.folder / "spool" / "safety"
            before_ns = kept.stat().st_mtime_ns if kept.exists() else 0
            (edge.folder / "spool" / "silence").touch()
            await eventually(lambda: not siren.is_on(3))
            await eventually(lambda: kept.exists() and kept.stat().st_mtime_ns > before_ns)
            edge.end(signal.SIGKILL)
            edge.start()
            known = len(siren.writes)
            await eventually(lambda: len(siren.writes) > known)
            assert siren.writes[known:] == [(3, False)], "silenced is silenced, also after a kill"


async def test_a_siren_that_follows_the_alarm_ends_with_it(device: Any, tmp_path: Path) -> None:
    port = take_port()
    async with pymodbus_siren(port) as siren:
        with cabinet(tmp_path, device, port, nowhere(), '"clear"') as edge:
            await polling(edge)
            heat(device, HOT)
            await eventually(lambda: siren.is_on(3))
            heat(device, COOL)
            await eventually(lambda: not siren.is_on(3))


async def test_a_dead_siren_costs_no_reading_and_obeys_when_it_is_back(device: Any, tmp_path: Path) -> None:
    port = take_port()
    with cabinet(tmp_path, device, port, nowhere()) as edge:
        await polling(edge)
        heat(device, HOT)
        await eventually(lambda: "safety alarm raised" in edge.log.read_text())
        known = len(edge.ledger())
        await eventually(lambda: edge.log.read_text().count("annunciator does not obey") == 1)
        for value in range(900, 960, 15):
            heat(device, [value, value])
            await asyncio.sleep(1.1)
        assert len(edge.ledger()) >= known + 4, "polling goes on"
        assert edge.log.read_text().count("annunciator does not obey") == 1, "told once, tried again and again"
        async with pymodbus_siren(port) as siren:
            await eventually(lambda: siren.is_on(3))
        async with pymodbus_siren(port) as siren:
            await eventually(lambda: siren.is_on(3))  # a box that has restarted has lost its coils
        assert edge.tracebacks() == 0


async def test_events_wait_for_the_uplink_and_arrive_once_with_the_moments_of_the_cabinet(
    nats_broker: RunningBroker, device: Any, tmp_path: Path
) -> None:
    port = take_port()
    async with pymodbus_siren(port) as siren, mailbox(nats_broker, Kind.EVENT) as box:
        nats_broker.kill()
        with cabinet(tmp_path, device, port, nats_broker.url) as edge:
            await polling(edge)
            heat(device, HOT)
            await eventually(lambda: siren.is_on(3))
            edge.end(signal.SIGKILL)
            edge.start()
            heat(device, COOL)
            await eventually(lambda: "safety alarm cleared" in edge.log.read_text())
            nats_broker.start()
            await eventually(lambda: len(box.of(Kind.EVENT)) >= 2)
            await asyncio.sleep(1)
            events = [wire_event.received(each) for each in box.of(Kind.EVENT)]
            assert [(each.because, each.seq, each.action) for each in events] == [
                ("raised", 1, ["siren"]), ("cleared", 2, []),
            ]  # fmt: skip
            assert events[0].at_ms < events[0].ts
            assert events[0].value == 97.0


async def test_an_order_from_afar_silences_what_was_raised_before_it(
    nats_broker: RunningBroker, device: Any, tmp_path: Path
) -> None:
    port = take_port()
    async with pymodbus_siren(port) as siren, Publisher(Address.parse(nats_broker.url), "duty-room") as duty:
        with cabinet(tmp_path, device, port, nats_broker.url) as edge:
            await eventually(lambda: "subscribed" in edge.log.read_text())
            heat(device, HOT)
            await eventually(lambda: siren.is_on(3))
            topic = build("demo", "e1", Kind.CMD)
            await duty.publish(topic, b"{")
            await duty.publish(topic, encode(Order(1, "silence", 1, "duty room")))
            await eventually(lambda: "order refused" in edge.log.read_text())
            await asyncio.sleep(0.5)
            assert siren.is_on(3), "an order older than the alarm silences nothing"
            await duty.publish(topic, encode(Order(1, "silence", 2**50, "duty room", "m0.hot")))
            await eventually(lambda: not siren.is_on(3))
