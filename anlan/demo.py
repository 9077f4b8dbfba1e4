"""Shell. The whole chain in one command: simulators, edges, broker, ingest, alerts, wall; then the verdict.

Order of starting: who receives comes before who sends. Order of ending: the edges first, so that their spools drain;
then ingest and alerts once they have caught up; the broker last.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from anlan import watch
from anlan.broker import broker_command
from anlan.commands import System
from anlan.demo_access import open_demo
from anlan.judge import judge
from anlan.places import LOOPBACK, Ports, RunDir, address_of, place_buses
from anlan.supervisor import Command, Supervisor
from anlan.verdict import Verdict
from firmware_sim.scenario import Scenario
from runtime.clock import Clock
from vocab.instant import to_ms
from vocab.site import Site

Say = Callable[[str], None]
PORT_OF_THE_WALL = 8765


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose about a demo."""

    site: Path
    scenario_file: Path
    run: RunDir
    seconds: float | None = None  # real; None: until interrupted
    speed: float | None = None  # None: the scenario's
    broker: str | None = None  # None: the embedded one
    port: int = PORT_OF_THE_WALL
    seed: int = 1


async def demo(site: Site, scenario: Scenario, options: Options, say: Say) -> Verdict:
    """Run everything for `options.seconds` or until cancelled, end it cleanly, and judge it."""
    supervisor = Supervisor(options.run.root)
    ports = Ports()
    clock = Clock.starting(to_ms(scenario.start) if scenario.start else None, options.speed or scenario.speed)
    embedded = options.broker is None
    broker = options.broker or f"mqtt://{LOOPBACK}:{ports.take()}"
    address = address_of(broker)
    wan = {edge.id: ports.take() for edge in site.file.edge}
    place_buses(site, ports, options.run, address)
    system = System(
        options.site, options.run, broker, ports.take(), ports.take(options.port), dict(clock.to_environment())
    )
    system.write_places()
    control = ports.take()
    ports.release()
    async with _ending(supervisor, site, system):
        if embedded:
            supervisor.start(Command("broker", tuple(broker_command(options.run.root / "broker", address[1]))))
        await watch.until_it_answers(address, "the broker", supervisor.log_of("broker"))
        access = await asyncio.to_thread(open_demo, site, options.run, clock)
        supervisor.start(system.ingest())
        supervisor.start(system.alerts())
        await watch.until_healthy(f"{system.ingest_url}/healthz", "ingest", supervisor.log_of("ingest"))
        await watch.until_healthy(f"{system.wall_url}/healthz", "alerts", supervisor.log_of("alerts"))
        supervisor.start(
            system.simulator(
                options.scenario_file, start_ms=clock.now_ms(), control_port=control, seed=options.seed, wan=wan
            )
        )
        simulator = f"http://{LOOPBACK}:{control}"
        await watch.until_healthy(f"{simulator}/healthz", "the simulator", supervisor.log_of("sim"))
        for edge in site.file.edge:
            uplink = f"mqtt://{LOOPBACK}:{wan[edge.id]}"
            supervisor.start(system.edge(edge.id, uplink, ledger=True, endpoints=True))
        say(f"wall       {system.wall_url}/#viewer={access.viewer}")
        for account, password in access.accounts.items():
            say(f"sign in    {account}  {password}")
        say(f"simulator  {simulator}   (inject a fault by hand: docs/tutorial)")
        say(f"files      {options.run.root}   (logs/ holds what each process says)")
        interrupted_ms = None
        try:
            await _wait(options.seconds, say)
        except asyncio.CancelledError:
            interrupted_ms = clock.now_ms()
        say("ending: edges drain their spools, then the rest")
        await supervisor.stop(*(edge.id for edge in site.file.edge), grace_s=30)
        await watch.until_caught_up(system, access.token)
        seen = await watch.what_users_see(system, access.token)
    return judge(site, options.run, seen, supervisor, interrupted_ms)


@asynccontextmanager
async def _ending(supervisor: Supervisor, site: Site, system: System) -> AsyncIterator[None]:
    """Whatever happens inside, no process of ours is left behind."""
    try:
        yield
    finally:
        await supervisor.stop(*(edge.id for edge in site.file.edge))
        await supervisor.stop("sim", "alerts", "ingest")
        await supervisor.stop("broker")


async def _wait(seconds: float | None, say: Say) -> None:
    if seconds is None:
        say("running until you press Ctrl-C")
        await asyncio.Event().wait()
        return
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 30))
        if (left := end - time.monotonic()) > 1:
            say(f"{left:.0f} s to go")
