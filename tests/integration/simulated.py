"""A running simulator on free ports, and a twin of its world that says what must come out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from firmware_sim.scenario import Injection
from firmware_sim.service import Settings, serve
from firmware_sim.world import World
from runtime.clock import Clock
from tests.conftest import take_port
from tests.unit.firmware_sim.places import START_MS, scenario, site
from vocab import site_load

NOW_MS = START_MS + 600_000
STANDING_STILL = 1e-9  # site seconds in a real one: what is read twice must be the same


@dataclass(frozen=True, slots=True)
class Running:
    """Where to find it."""

    port: int
    line: Path
    control: int
    twin: World

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.control}"


@contextlib.asynccontextmanager
async def simulator(
    folder: Path, *faults: Injection, speed: float = STANDING_STILL, settings: Settings | None = None
) -> AsyncIterator[Running]:
    """Ten minutes into a day, standing still unless told otherwise."""
    port, control, line = take_port(), take_port(), folder / "ttyS-sim"
    where: dict[str, dict[str, object]] = {
        "edge-a/bus": {"host": "127.0.0.1", "port": port},
        "edge-a/line": {"device": str(line)},
    }
    given = settings or Settings()
    asked = Settings(
        seed=1, start_ms=START_MS, control_port=control, truth=folder / "truth.jsonl",
        broker=given.broker, wan=given.wan, unknown_unit=given.unknown_unit,
    )  # fmt: skip
    clock = Clock.starting(NOW_MS, speed)
    task = asyncio.create_task(serve(site_load.placed(site(), where), scenario(*faults), asked, clock))
    twin = World(site(), scenario(*faults), 1, START_MS)
    twin.advance(NOW_MS)
    try:
        await _listening(task, port, control)
        yield Running(port, line, control, twin)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listening(task: asyncio.Task[None], *ports: int) -> None:
    for port in ports:
        for _ in range(400):
            if task.done():
                await task
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            await asyncio.sleep(0.05)
        else:
            raise TimeoutError(f"nobody listens on {port}")
        # A server that is closed in the very moment of accepting leaks the connection (CPython 3.11).
        await asyncio.sleep(0.05)
