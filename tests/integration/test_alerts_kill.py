"""SIGKILL at any moment: the same transitions and the same tickets as without it."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path
from typing import Any

from tests.alerts_process import AlertsProcess
from tests.brokers import RunningBroker
from tests.conftest import take_port
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import Publisher

FRAMES = 400
STEP_MS = 5_000
T0 = 1_774_483_200_000
_TIMELESS = ("alarm", "old", "new", "at_ms", "because", "value", "late")


def payload(seq: int) -> bytes:
    """One boiler swings through its limits, the other locks out now and then, and one of its sensors drops out."""
    ts = T0 + seq * STEP_MS
    temp = 80.0 + 20.0 * ((seq % 40) > 20) - 8.0 * ((seq % 40) > 30)
    second: list[float | None] = [70.0, 3.0 if seq % 50 in (10, 11) else 1.0]
    doubts = [(0, 2, "comm_timeout")] if seq % 90 > 70 else []
    if doubts:
        second[0] = None
    blocks = [
        AssetColumns("e1", ["heartbeat", "spool_frames"], [float(seq), 0.0]),
        AssetColumns("b1", ["temp", "burner"], [temp, 1.0]),
        AssetColumns("b2", ["temp", "burner"], second, None, doubts),
    ]
    return encode(Frame(1, "plant", "e1", 1, seq, ts, blocks))


async def send(broker: RunningBroker, first: int, last: int, pause_s: float) -> None:
    async with Publisher(Address(broker.host, broker.port), "edge-e1") as publisher:
        for seq in range(first, last + 1):
            await publisher.publish(build("plant", "e1", Kind.TELE), payload(seq))
            await asyncio.sleep(pause_s)


def outcome(alerts: AlertsProcess) -> tuple[list[Any], list[Any], list[Any]]:
    """What must not depend on when we were killed: everything but the moments at which we got to know."""
    log = [[each[name] for name in _TIMELESS] for each in alerts.get("/api/v1/transitions?limit=100000")]
    tickets = [
        [each[name] for name in ("number", "asset", "hazard", "priority", "title", "raised_ms", "alarm_active")]
        + [[line["text"] for line in each["evidence"]], each["evidence_count"]]
        for each in alerts.get("/api/v1/tickets?limit=1000")
    ]
    alarms = sorted([each["id"], each["state"], each["value"], each["peak"]] for each in alerts.get("/api/v1/alarms"))
    return log, tickets, alarms


async def test_killed_again_and_again_it_tells_the_same_story(
    broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    dice = random.Random(7)
    calm = AlertsProcess(broker.url, tmp_path / "calm.sqlite", take_port())
    with AlertsProcess(broker.url, tmp_path / "killed.sqlite", free_port) as killed:
        sending = asyncio.create_task(send(broker, 1, FRAMES, 0.02))
        for _ in range(3):
            await asyncio.sleep(dice.uniform(0.3, 1.2))
            killed.end(signal.SIGKILL)
            await asyncio.to_thread(killed.start)
        await sending
        await asyncio.to_thread(killed.until_edge_seq, "e1", FRAMES)
        told = outcome(killed)
        assert killed.end() == 0, "asked to stop, it stops cleanly"

    # The same frames for a process that nobody kills. It is a new session, so they are sent again.
    with calm:
        await send(broker, 1, FRAMES, 0.0)
        await asyncio.to_thread(calm.until_edge_seq, "e1", FRAMES)
        expected = outcome(calm)

    assert len(expected[0]) > 20
    assert told == expected
