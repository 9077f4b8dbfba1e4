"""Three brokers, two sites, two workers of each kind: the leader dies under load, then a worker of each kind does."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import pytest

from anlan.broker import Cluster, broker_command, wait_until_it_answers
from tests.brokers import HOST, RunningBroker
from tests.conftest import take_port
from tests.patience import eventually
from tests.shard_process import Shard
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import BrokerAwayError, Publisher

SITES = ("north", "south")
FRAMES = 240
STEP_MS = 5_000
T0 = 1_774_483_200_000
_LEADS = re.compile(r"^\[\d+\] (\S+ \S+) .*new stream leader for '\$G > \$MQTT_msgs'", re.MULTILINE)
_TIMELESS = ("alarm", "old", "new", "at_ms", "because", "value", "late")


class Member(RunningBroker):
    """One server of the cluster."""

    def __init__(self, folder: Path, port: int, name: str, listen: int, peers: tuple[str, ...]) -> None:
        super().__init__(folder, port)
        self.name = name
        self._cluster = Cluster(name, f"{HOST}:{listen}", peers)

    def command(self) -> list[str]:
        return broker_command(self.folder, self.port, cluster=self._cluster)

    def start(self) -> None:
        """Alone it cannot answer: it waits for the others."""
        self.launch()

    def has_led_since(self) -> str:
        """When it last became leader of the messages, by its own log."""
        return max(_LEADS.findall((self.folder / "log").read_text()), default="")


@pytest.fixture
def cluster(tmp_path: Path) -> Any:
    listens = [take_port() for _ in range(3)]
    peers = tuple(f"{HOST}:{port}" for port in listens)
    with ExitStack() as stack:
        members = [
            Member(tmp_path / f"broker-{number}", take_port(), f"broker-{number}", listen, peers)
            for number, listen in enumerate(listens)
        ]
        for member in members:
            stack.callback(member.kill)
            member.start()
        assert all(wait_until_it_answers(HOST, member.port, 30) for member in members)
        yield members


def payload(site: str, seq: int) -> bytes:
    """A boiler swings through its limits."""
    temp = 80.0 + 20.0 * ((seq % 40) > 20) - 8.0 * ((seq % 40) > 30)
    blocks = [AssetColumns("e1", ["heartbeat"], [float(seq)]), AssetColumns("b1", ["temp", "burner"], [temp, 1.0])]
    return encode(Frame(1, site, "e1", 1, seq, T0 + seq * STEP_MS, blocks))


async def send(broker: str, site: str) -> None:
    """Every frame until the cluster has confirmed it, as an edge does from its spool."""
    address, seq = Address.parse(broker), 1
    while seq <= FRAMES:
        try:
            async with Publisher(address, f"edge-{site}", timeout_s=3.0) as publisher:
                while seq <= FRAMES:
                    await publisher.publish(build(site, "e1", Kind.TELE), payload(site, seq))
                    seq += 1
                    await asyncio.sleep(0.02)
        except BrokerAwayError:
            await asyncio.sleep(0.2)


def frames_of(shard: Shard) -> int:
    return int(shard.get("/api/v1/counts").get("frames", 0))


def stands_at(shard: Shard) -> int:
    return int(shard.get("/api/v1/snapshot")["edges"][0]["seq"] or 0)


def story(shard: Shard) -> list[Any]:
    return [[each[name] for name in _TIMELESS] for each in shard.get("/api/v1/transitions?limit=100000")]


async def test_the_leader_dies_and_workers_are_replaced_and_nothing_is_lost_or_doubled(
    cluster: list[Member], tmp_path: Path
) -> None:
    broker = "mqtt://" + ",".join(f"{HOST}:{member.port}" for member in cluster)
    with ExitStack() as stack:
        shards = {
            (part, site): stack.enter_context(Shard(part, site, broker, tmp_path, take_port()))
            for site in SITES
            for part in ("ingest", "alerts")
        }
        sending = [asyncio.create_task(send(broker, site)) for site in SITES]
        await eventually(lambda: frames_of(shards["ingest", "north"]) > FRAMES // 6, 60)
        leader = max(cluster, key=Member.has_led_since)
        assert leader.has_led_since(), "somebody leads the stream of messages"
        leader.kill()
        behind = frames_of(shards["ingest", "north"])
        await eventually(lambda: frames_of(shards["ingest", "north"]) > behind + FRAMES // 6, 60)
        for part, site in (("ingest", "south"), ("alerts", "north")):
            shards[part, site].end(signal.SIGKILL)
            await asyncio.to_thread(shards[part, site].start)
        await asyncio.gather(*sending)
        for site in SITES:
            await eventually(lambda site=site: frames_of(shards["ingest", site]) >= FRAMES, 60)  # type: ignore[misc]
            await eventually(lambda site=site: stands_at(shards["alerts", site]) >= FRAMES, 60)  # type: ignore[misc]
        stories = [story(shards["alerts", site]) for site in SITES]
        tickets = [len(shards["alerts", site].get("/api/v1/tickets?limit=1000")) for site in SITES]
    assert len(stories[0]) >= FRAMES // 40
    assert stories[0] == stories[1], "the same frames, and one of the two was killed"
    assert tickets[0] == tickets[1] > 0
    for site in SITES:
        with duckdb.connect(str(shards["ingest", site].database), read_only=True) as store:
            rows = store.execute("SELECT count(*), count(DISTINCT seq), count(DISTINCT site) FROM history").fetchone()
        assert rows == (FRAMES * 3, FRAMES, 1)
