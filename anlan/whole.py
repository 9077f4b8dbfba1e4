"""Shell. The whole chain as processes, started in order and ended in order; the demo and the torture both stand on it.

Order of starting: the sessions of who receives exist before anybody sends, so all can start at once. Order of ending:
the edges first, so that their spools drain; then ingest and alerts once they have caught up; the broker last.
"""

from __future__ import annotations

from asyncio import gather, to_thread
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from anlan import watch
from anlan.broker import answers, broker_command
from anlan.commands import System
from anlan.demo_access import DemoAccess, open_demo
from anlan.places import LOOPBACK, Ports, RunDir, address_of, place_buses
from anlan.supervisor import Command, Supervisor
from runtime.clock import Clock
from vocab.site import Site
from wire.address import Address

BROKER = "broker"
PORT_OF_THE_WALL = 8765
# Times life. What waits at the broker while alerts still starts is judged a few seconds late; in a faster run that is
# minutes of its own time, and nobody would be called about it.
_AT_ONCE_UP_TO = 4.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person may choose about such a run."""

    site: Path
    scenario_file: Path
    run: RunDir
    clock: Clock
    broker: str | None = None  # None: the embedded one
    port: int = PORT_OF_THE_WALL
    seed: int = 1
    clocks: Path | None = None  # a folder in which each part's clock can be set wrong


@dataclass(frozen=True, slots=True)
class Whole:
    """A chain that runs."""

    site: Site
    run: RunDir
    clock: Clock
    supervisor: Supervisor
    system: System
    access: DemoAccess
    simulator: str  # the address of its control door
    uplinks: Mapping[str, int]  # port of the way out, by edge

    @property
    def edges(self) -> tuple[str, ...]:
        """The cabinets."""
        return tuple(edge.id for edge in self.site.file.edge)

    async def stop_edges(self, grace_s: float = 30.0) -> None:
        """Let them drain their spools; what comes after can then catch up."""
        await self.supervisor.stop(*self.edges, grace_s=grace_s)


def broker_part(folder: Path, address: tuple[str, int], host: str = LOOPBACK) -> Command:
    """The embedded broker, which is started again where it lives and takes no connection."""
    argv = tuple(broker_command(folder, address[1], host))
    return Command(BROKER, argv, answers=lambda: answers(*address, timeout_s=8.0))


@asynccontextmanager
async def running(site: Site, wishes: Wishes) -> AsyncIterator[Whole]:
    """Everything started and healthy; whatever happens inside, no process of ours is left behind."""
    supervisor = Supervisor(wishes.run.root)
    ports = Ports()
    broker = wishes.broker or f"mqtt://{LOOPBACK}:{ports.take()}"
    address = address_of(broker)
    wan = {edge.id: ports.take() for edge in site.file.edge}
    place_buses(site, ports, wishes.run, address)
    environment = wishes.clock.to_environment()
    system = System(
        wishes.site, wishes.run, broker, ports.take(), ports.take(wishes.port), environment, clocks=wishes.clocks
    )
    system.write_places()
    control = ports.take()
    ports.release()
    simulator = f"http://{LOOPBACK}:{control}"
    try:
        if wishes.broker is None:
            supervisor.start(broker_part(wishes.run.root / BROKER, address))
        access, _ = await gather(
            to_thread(open_demo, site, wishes.run, wishes.clock),
            watch.until_it_answers(address, "the broker", supervisor.log_of(BROKER)),
        )
        await watch.until_sessions_exist(site, Address.parse(broker), supervisor.log_of(BROKER))
        supervisor.start(system.alerts())
        supervisor.start(system.ingest())
        rising = gather(
            watch.until_healthy(f"{system.wall_url}/healthz", "alerts", supervisor.log_of("alerts")),
            watch.until_healthy(f"{system.ingest_url}/healthz", "ingest", supervisor.log_of("ingest")),
        )
        if wishes.clock.speed > _AT_ONCE_UP_TO:
            await rising
        start_ms = wishes.clock.now_ms()
        supervisor.start(
            system.simulator(wishes.scenario_file, start_ms=start_ms, control_port=control, seed=wishes.seed, wan=wan)
        )
        await watch.until_healthy(f"{simulator}/healthz", "the simulator", supervisor.log_of("sim"))
        for edge, port in wan.items():
            supervisor.start(system.edge(edge, f"mqtt://{LOOPBACK}:{port}", ledger=True, endpoints=True))
        await rising
        yield Whole(site, wishes.run, wishes.clock, supervisor, system, access, simulator, wan)
    finally:
        await supervisor.stop(*wan)
        await supervisor.stop("sim", "alerts", "ingest")
        await supervisor.stop(BROKER)
