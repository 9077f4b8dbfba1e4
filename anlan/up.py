"""Shell. `anlan up`: broker, ingest and alerts on one machine, kept running until somebody ends them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anlan import watch
from anlan.commands import System
from anlan.places import LOOPBACK, Ports, RunDir, address_of
from anlan.supervisor import Supervisor
from anlan.whole import broker_part


@dataclass(frozen=True, slots=True)
class Options:
    """What an operator may choose."""

    site: Path
    data: Path
    host: str
    port: int
    broker_host: str
    broker_port: int
    broker: str | None
    database: str | None = None


async def up(options: Options, say: Callable[[str], None]) -> None:
    """Run until cancelled, then end in order: nothing that was received is left unsaved."""
    options.data.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(options.data)
    ports = Ports()
    broker = options.broker or f"mqtt://{LOOPBACK}:{options.broker_port}"
    address = address_of(broker)
    system = System(options.site, RunDir(options.data), broker, ports.take(), options.port, {}, options.database)
    system.write_places()
    ports.release()
    try:
        with contextlib.suppress(asyncio.CancelledError):
            if options.broker is None:
                supervisor.start(broker_part(options.data / "broker", address, options.broker_host))
                await watch.until_it_answers(address, "the broker", supervisor.log_of("broker"))
            supervisor.start(system.ingest())
            supervisor.start(system.alerts(options.host))
            await watch.until_healthy(f"{system.ingest_url}/healthz", "ingest", supervisor.log_of("ingest"))
            await watch.until_healthy(f"{system.wall_url}/healthz", "alerts", supervisor.log_of("alerts"))
            say(f"wall    {system.wall_url}")
            say(f"broker  {broker}")
            say(f"data    {options.data}")
            first = options.data / "first-password.txt"
            if first.exists():
                say(f"first sign-in: the administrator's one-time password is in {first}")
            await asyncio.Event().wait()
    finally:
        await supervisor.stop("alerts", "ingest")
        await supervisor.stop("broker")
