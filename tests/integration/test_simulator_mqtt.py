"""Vendor devices and the WAN, seen from the other side of a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import aiomqtt
import pytest

from firmware_sim.mqtt import Radio
from firmware_sim.service import Settings
from firmware_sim.wan import Route
from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.integration.simulated import NOW_MS, simulator
from tests.unit.firmware_sim.places import fault

HOST = "127.0.0.1"
FAST = 60.0


async def heard(port: int, seconds: float, *topics: str) -> list[aiomqtt.Message]:
    """Everything under `topics` that arrives in some real seconds."""
    found: list[aiomqtt.Message] = []
    async with aiomqtt.Client(HOST, port) as client:
        for topic in topics:
            await client.subscribe(topic, qos=1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for message in client.messages:
                    found.append(message)  # noqa: PERF401 what came before the time-out counts
    return found


async def test_devices_send_what_the_twin_says_at_least_once_and_in_order(
    tmp_path: Path, broker: RunningBroker
) -> None:
    settings = Settings(broker=f"mqtt://{HOST}:{broker.port}")
    listening = asyncio.create_task(heard(broker.port, 6.0, "lift/#", "hik/#", "lora/#"))
    await asyncio.sleep(1.0)
    async with simulator(tmp_path, speed=FAST, settings=settings) as running:
        found = await listening
    assert len(found) > 20
    assert all(message.qos == 1 for message in found)
    running.twin.advance(NOW_MS + 3_600_000)
    expected = [(each.topic, each.payload) for each in running.twin.take_messages()]
    told = [(str(message.topic), message.payload) for message in found]
    assert set(told) <= set(expected)
    hik = [json.loads(message.payload)["dateTime"] for message in found if "hik" in str(message.topic)]
    assert hik == sorted(hik)


async def test_a_broker_that_comes_late_gets_everything_that_was_kept(
    tmp_path: Path, mosquitto_broker: RunningBroker
) -> None:
    mosquitto_broker.kill()
    settings = Settings(broker=f"mqtt://{HOST}:{mosquitto_broker.port}")
    async with simulator(tmp_path, speed=FAST, settings=settings) as running:
        await asyncio.sleep(1.5)
        mosquitto_broker.start()
        found = await heard(mosquitto_broker.port, 8.0, "#")
        assert len(found) > 10
        running.twin.advance(NOW_MS + 3_600_000)
        assert {message.payload for message in found} <= {each.payload for each in running.twin.take_messages()}


async def test_a_ghost_stays_in_the_broker_for_later_subscribers(
    tmp_path: Path, mosquitto_broker: RunningBroker
) -> None:
    settings = Settings(broker=f"mqtt://{HOST}:{mosquitto_broker.port}")
    async with simulator(tmp_path, fault("bin-hex", "retained_ghost", 605.0), speed=FAST, settings=settings):
        await asyncio.sleep(2.0)
    found = [message for message in await heard(mosquitto_broker.port, 1.5, "lora/#") if message.retain]
    assert len(found) == 1
    assert isinstance(found[0].payload, bytes)
    assert json.loads(found[0].payload)["ts"] == NOW_MS + 5_000 - 21_600_000


def test_a_broker_address_must_be_one() -> None:
    with contextlib.suppress(ValueError):
        Radio(None, "tcp://nowhere")  # type: ignore[arg-type]
        raise AssertionError("it was taken")


async def test_a_wan_that_is_cut_and_healed_is_the_edge_s_own(tmp_path: Path, mosquitto_broker: RunningBroker) -> None:
    """The edge's way leads through the proxy; the broker's other clients notice nothing."""
    way = take_port()
    settings = Settings(wan={"edge-a": Route(way, HOST, mosquitto_broker.port)})
    cut = fault("x", "wan_cut", 605.0, for_s=90.0).model_copy(update={"asset": None, "edge": "edge-a", "id": "cut"})
    running = simulator(tmp_path, cut, speed=30.0, settings=settings)
    async with running, aiomqtt.Client(HOST, mosquitto_broker.port) as aside:
        # 5 site seconds are a sixth of a real one: the cut comes while we wait.
        await asyncio.sleep(0.8)
        assert not await _gets_through(way)
        await aside.publish("still/here", b"1", qos=1)
        await asyncio.sleep(3.2)
        await _connects(way)


async def test_a_running_connection_is_dropped_when_the_wan_is_cut(
    tmp_path: Path, mosquitto_broker: RunningBroker
) -> None:
    way = take_port()
    settings = Settings(wan={"edge-a": Route(way, HOST, mosquitto_broker.port)})
    cut = fault("x", "wan_cut", 660.0).model_copy(update={"asset": None, "edge": "edge-a", "id": "cut"})
    async with simulator(tmp_path, cut, speed=30.0, settings=settings):
        reader, writer = await _opened(way)
        assert await asyncio.wait_for(reader.read(1), 5.0) == b"", "the far end hung up"
        writer.transport.abort()


async def test_a_black_hole_keeps_the_connection_and_swallows_the_bytes(
    tmp_path: Path, mosquitto_broker: RunningBroker
) -> None:
    way = take_port()
    settings = Settings(wan={"edge-a": Route(way, HOST, mosquitto_broker.port)})
    cut = fault("x", "wan_cut", 600.0, params={"black_hole": 1.0}).model_copy(
        update={"asset": None, "edge": "edge-a", "id": "cut"}
    )
    async with simulator(tmp_path, cut, settings=settings):
        reader, writer = await _opened(way)
        writer.write(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab")
        await writer.drain()
        with contextlib.suppress(TimeoutError):
            assert await asyncio.wait_for(reader.read(4), 1.0) == b"never"
        assert not reader.at_eof()
        writer.transport.abort()


async def test_a_half_open_way_carries_what_the_edge_says_and_swallows_the_answer(
    tmp_path: Path, mosquitto_broker: RunningBroker
) -> None:
    way = take_port()
    settings = Settings(wan={"edge-a": Route(way, HOST, mosquitto_broker.port)})
    cut = fault("x", "wan_cut", 600.0, params={"half_open": 1.0}).model_copy(
        update={"asset": None, "edge": "edge-a", "id": "cut"}
    )
    async with aiomqtt.Client(HOST, mosquitto_broker.port) as ear:
        await ear.subscribe("said", qos=1)
        async with simulator(tmp_path, cut, settings=settings):
            reader, writer = await _opened(way)
            writer.write(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab")  # CONNECT
            writer.write(b"\x30\x09\x00\x04saidyes")  # PUBLISH, QoS 0
            await writer.drain()
            async with asyncio.timeout(5):
                assert (await anext(ear.messages)).payload == b"yes"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(4), 1.0)
            writer.transport.abort()


async def test_a_lossy_way_is_late_and_loses_nothing(tmp_path: Path, mosquitto_broker: RunningBroker) -> None:
    way = take_port()
    settings = Settings(wan={"edge-a": Route(way, HOST, mosquitto_broker.port)})
    bad = fault("x", "wan_cut", 600.0, params={"loss_percent": 50.0}).model_copy(
        update={"asset": None, "edge": "edge-a", "id": "bad"}
    )
    async with aiomqtt.Client(HOST, mosquitto_broker.port) as ear:
        await ear.subscribe("said", qos=1)
        async with simulator(tmp_path, bad, settings=settings):
            async with aiomqtt.Client(HOST, way, timeout=20) as mouth:
                for number in range(5):
                    await mouth.publish("said", str(number), qos=1)
            heard = [(await anext(ear.messages)).payload for _ in range(5)]
            assert heard == [b"0", b"1", b"2", b"3", b"4"]


async def _opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(50):
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(HOST, port)
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}")


async def _gets_through(port: int) -> bool:
    try:
        async with asyncio.timeout(2.0), aiomqtt.Client(HOST, port, timeout=1):
            return True
    except (aiomqtt.MqttError, TimeoutError):
        return False


async def _connects(port: int) -> None:
    for _ in range(20):
        if await _gets_through(port):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no way to the broker")
