"""The edge against a real broker: killed, restarted, cut off. What the ledger says was polled must all arrive, once."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.edge_places import PLAIN, mqtt_bus, tcp_bus
from tests.edge_process import EdgeProcess, Key
from tests.modbus_peers import pymodbustcp_server
from tests.patience import eventually
from vocab import topics
from vocab.topics import Kind
from wire import frame as wire_frame
from wire.address import Address
from wire.message import Message
from wire.publisher import Publisher
from wire.subscriber import Subscriber

FAST = PLAIN.replace("address = ", "period_s = 0.05\naddress = ")
TRIP = """
[mqtt]
topic = "v/{serial}"
codec = "json"
interval_s = 10
[[mqtt.field]]
point = "passage"
path = "p"
"""


class Mailbox:
    """Everything that the broker delivered, however often."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, messages: Sequence[Message]) -> None:
        self.messages += messages

    def of(self, *kinds: Kind) -> list[Message]:
        return [each for each in self.messages if topics.parse(each.topic).kind in kinds]

    def states(self) -> list[str]:
        return [json.loads(each.payload)["state"] for each in self.of(Kind.STATUS) if each.payload]

    def frames(self) -> dict[tuple[int, int], bytes]:
        """By (epoch, seq). Two frames of one number would be told."""
        found: dict[tuple[int, int], bytes] = {}
        for each in self.of(Kind.TELE, Kind.BACKFILL):
            frame = wire_frame.decode(each.payload)
            assert found.setdefault((frame.epoch, frame.seq), each.payload) == each.payload, "one number, two frames"
        return found

    def readings(self) -> Counter[Key]:
        found: Counter[Key] = Counter()
        for payload in self.frames().values():
            for reading in wire_frame.readings(wire_frame.decode(payload)):
                found[reading.asset, reading.point, reading.measured_ms, reading.value] += 1
        return found

    def lost(self, edge: EdgeProcess) -> Counter[Key]:
        return edge.ledger() - self.readings()


@asynccontextmanager
async def mailbox(broker: RunningBroker, *kinds: Kind) -> AsyncIterator[Mailbox]:
    box = Mailbox()
    wanted = kinds or (Kind.TELE, Kind.BACKFILL, Kind.STATUS, Kind.BIRTH)
    filters = [topics.subscription("demo", kind) for kind in wanted]
    subscriber = Subscriber(Address(broker.host, broker.port), "mailbox", filters)
    task = asyncio.create_task(subscriber.run(box.take))
    await eventually(lambda: subscriber.subscribed)
    try:
        yield box
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def device() -> Iterator[int]:
    """A Modbus server whose values never rest; its port."""
    port = take_port()
    with pymodbustcp_server(port, [0, 0]) as server:
        server.data_bank.__class__ = _Restless
        yield port


def _restless() -> type:
    from pyModbusTCP.server import DataBank

    class Restless(DataBank):  # type: ignore[misc]
        def get_holding_registers(self, address: int, number: int = 1, srv_info: object = None) -> list[int]:
            return [random.randint(0, 1000) for _ in range(number)]

    return Restless


_Restless = _restless()


def polling_edge(
    folder: Path, broker: RunningBroker, device: int, live_for_s: float = 30, again_after_s: float = 30
) -> EdgeProcess:
    return EdgeProcess(
        folder / "edge", broker=broker.url, bus=tcp_bus(device), make=FAST, live_for_s=live_for_s, flush_s=0.2,
        again_after_s=again_after_s, devices=[f"unit = {i + 1}" for i in range(4)],
    )  # fmt: skip


async def test_it_says_what_it_will_send_and_that_it_stops(
    broker: RunningBroker, device: int, tmp_path: Path
) -> None:  # fmt: skip
    async with mailbox(broker) as box:
        with polling_edge(tmp_path, broker, device) as edge:
            await eventually(lambda: len(box.of(Kind.TELE)) >= 3)
            assert edge.end() == 0
            await eventually(lambda: box.states() == ["online", "stopped"])
            birth = json.loads(box.of(Kind.BIRTH)[0].payload)
            assert [each["asset"] for each in birth["assets"]] == ["m0", "m1", "m2", "m3", "e1", "e1-b"]
            assert birth["assets"][0]["points"][0] == {"id": "temperature", "unit": "Cel"}
            await eventually(lambda: not box.lost(edge))
            assert edge.tracebacks() == 0


async def test_its_last_will_says_that_it_is_lost(broker: RunningBroker, device: int, tmp_path: Path) -> None:
    async with mailbox(broker) as box:
        with polling_edge(tmp_path, broker, device) as edge:
            await eventually(lambda: box.states() == ["online"])
            edge.end(signal.SIGKILL)
            await eventually(lambda: box.states() == ["online", "lost"])


def take_away(broker: RunningBroker) -> None:
    """Kill it. Mosquitto is asked to end: it saves its state in snapshots, so a kill may cost what it confirmed."""
    if broker.name == "mosquitto":
        broker.stop()
    else:
        broker.kill()


async def test_a_broker_that_goes_away_costs_nothing(broker: RunningBroker, device: int, tmp_path: Path) -> None:
    async with mailbox(broker) as box:
        with polling_edge(tmp_path, broker, device, live_for_s=1) as edge:
            await eventually(lambda: len(box.frames()) >= 5)
            for outage in range(1, 3):
                take_away(broker)
                polled = len(edge.ledger())
                await asyncio.sleep(2.5)
                assert len(edge.ledger()) > polled + 100, "polling stopped with the uplink"
                broker.start()
                await eventually(lambda: edge.connections() > outage)  # noqa: B023 - awaited in the loop
            assert edge.end() == 0
            await eventually(lambda: not box.lost(edge), timeout_s=30)
            assert max(box.readings().values()) == 1
            assert box.of(Kind.BACKFILL), "frames that waited go out as back-fill"
            numbers = sorted(seq for _, seq in box.frames())
            assert numbers == list(range(1, len(numbers) + 1))
            assert edge.tracebacks() == 0


async def test_after_an_outage_news_goes_first(mosquitto_broker: RunningBroker, device: int, tmp_path: Path) -> None:
    broker = mosquitto_broker
    async with mailbox(broker) as box:
        with polling_edge(tmp_path, broker, device, live_for_s=1) as edge:
            await eventually(lambda: len(box.frames()) >= 5)
            broker.kill()
            await asyncio.sleep(5)
            broker.start()
            await eventually(lambda: len(box.of(Kind.BACKFILL)) >= 10)
            lanes = [topics.parse(each.topic).kind for each in box.of(Kind.TELE, Kind.BACKFILL)]
            first = lanes.index(Kind.BACKFILL)
            assert Kind.TELE in lanes[first - 3 : first]
            before = [wire_frame.decode(each.payload).seq for each in box.of(Kind.TELE, Kind.BACKFILL)]
            assert before[first] < before[first - 1], "the backlog follows what is young"
            assert edge.end() == 0


async def test_killed_at_any_moment_it_loses_nothing_and_doubles_no_number(
    nats_broker: RunningBroker, device: int, tmp_path: Path
) -> None:
    rng = random.Random(7)
    async with mailbox(nats_broker) as box:
        with polling_edge(tmp_path, nats_broker, device) as edge:
            for _ in range(4):
                known = len(edge.ledger())
                await eventually(lambda: len(edge.ledger()) > known + 50)  # noqa: B023 - awaited in the loop
                await asyncio.sleep(rng.random() * 0.5)
                edge.end(signal.SIGKILL)
                edge.start()
            known = len(edge.ledger())
            await eventually(lambda: len(edge.ledger()) > known + 50)
            assert edge.end() == 0
            await eventually(lambda: not box.lost(edge), timeout_s=30)
            assert max(box.readings().values()) == 1
            assert len({epoch for epoch, _ in box.frames()}) == 1
            numbers = sorted(seq for _, seq in box.frames())
            assert numbers == list(range(1, len(numbers) + 1))


async def test_what_a_broker_confirmed_and_then_lost_with_its_data_is_sent_again(
    nats_broker: RunningBroker, device: int, tmp_path: Path
) -> None:
    """Nobody had taken it yet; whoever comes too late for the first frames gets them all the same."""
    with polling_edge(tmp_path, nats_broker, device, again_after_s=3) as edge:
        await eventually(lambda: len(edge.ledger()) > 100)
        nats_broker.kill()
        shutil.rmtree(nats_broker.folder)
        nats_broker.start()
        await eventually(lambda: edge.connections() == 2)
        async with mailbox(nats_broker) as box:
            known = len(edge.ledger())
            await eventually(lambda: len(edge.ledger()) > known + 50)
            assert edge.end() == 0
            await eventually(lambda: not box.lost(edge), timeout_s=30)
            assert max(box.readings().values()) == 1
        assert "lost its data" in edge.log.read_text()
        edge.start()
        await eventually(lambda: edge.connections() == 3)
        assert edge.log.read_text().count("lost its data") == 1, "it is remembered again"


async def test_a_broker_absent_at_the_start_is_told_once_and_waited_for(
    nats_broker: RunningBroker, device: int, tmp_path: Path
) -> None:
    nats_broker.kill()
    with polling_edge(tmp_path, nats_broker, device) as edge:
        await eventually(lambda: len(edge.ledger()) > 50)
        await asyncio.sleep(1)
        nats_broker.start()
        async with mailbox(nats_broker) as box:
            await eventually(lambda: box.states()[-1:] == ["online"] and bool(box.frames()))
            assert edge.end() == 0
            assert edge.log.read_text().count("broker away") == 1
            assert edge.tracebacks() == 0


async def test_messages_of_devices_outlive_the_edge_that_was_to_take_them(
    nats_broker: RunningBroker, tmp_path: Path
) -> None:
    """The field broker keeps them for the edge's session; each passage arrives, those sent while it was dead too."""
    broker = nats_broker
    edge = EdgeProcess(
        tmp_path / "edge", broker=broker.url, bus=mqtt_bus(broker.port), make=TRIP, flush_s=0.2,
        devices=['serial = "s1"'],
    )  # fmt: skip
    async with mailbox(broker) as box, Publisher(Address(broker.host, broker.port), "gate") as gate:
        with edge:
            await eventually(lambda: edge.log.exists() and "subscribed" in edge.log.read_text())
            for number in range(60):
                if number == 20:
                    edge.end(signal.SIGKILL)
                if number == 40:
                    edge.start()
                await gate.publish("v/s1", json.dumps({"p": 30 + number / 10}).encode())
            expected = {round(30 + number / 10, 1) for number in range(60)}

            def seen() -> set[float]:
                return {value for _, point, _, value in box.readings() if point == "passage" and value is not None}

            await eventually(lambda: seen() == expected, timeout_s=40)
            assert edge.end() == 0
            await eventually(lambda: not box.lost(edge))
