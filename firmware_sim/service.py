"""Shell. The simulator as a process: the world, and a server for every bus of the site.

Scenario time 0 is the site time at which `serve` began, unless `start_ms` says otherwise: with the same `start_ms` and
seed a simulator that was killed comes back as if it had never been away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from firmware_sim import control, rtu, tcp
from firmware_sim.live import Live
from firmware_sim.mqtt import Radio
from firmware_sim.relays import boxes
from firmware_sim.scenario import Scenario
from firmware_sim.tcp import Gateway, UnknownUnit
from firmware_sim.wan import Proxy, Route
from firmware_sim.world import Wan, World
from runtime.clock import Clock
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Bus, EdgeNode, Site

log = structlog.get_logger()

LOOK_S = 0.1  # real seconds between two looks at the scenario, so that a fault sets in while nobody asks


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run of the simulator may choose."""

    seed: int = 1
    start_ms: int | None = None  # site time of scenario time 0; None: now
    truth: Path | None = None  # JSON lines; None: kept in memory only
    control_port: int | None = None  # None: no control
    broker: str | None = None  # mqtt://HOST:PORT for vendor devices; None: they stay silent
    wan: Mapping[str, Route] = field(default_factory=dict)  # by edge
    unknown_unit: UnknownUnit = UnknownUnit.SILENT


Part = tuple[str, Callable[[], Coroutine[Any, Any, None]]]


async def serve(site: Site, scenario: Scenario, settings: Settings, clock: Clock) -> None:
    """Be all devices of the site until cancelled."""
    _check_addresses(site)
    start_ms = clock.now_ms() if settings.start_ms is None else settings.start_ms
    live = Live(World(site, scenario, settings.seed, start_ms), clock, settings.truth)
    parts = [*_buses(site, live, settings.unknown_unit), ("sim-scenario", lambda: _keep_time(live))]
    if settings.broker is not None:
        parts.append(("sim-mqtt", Radio(live, settings.broker).run))
    else:
        parts.append(("sim-mute", lambda: _forget_messages(live)))
    for edge, route in settings.wan.items():
        parts.append((f"sim-wan-{edge}", Proxy(edge, route, _look(live, edge)).run))
    port = settings.control_port
    if port is not None:
        parts.append(("sim-control", lambda: control.serve(live, port)))
    log.info("simulating", site=site.id, scenario=scenario.name, seed=settings.seed, faults=len(scenario.inject))
    async with asyncio.TaskGroup() as tasks:
        for name, run in parts:
            tasks.create_task(run(), name=name)


def _look(live: Live, edge: str) -> Callable[[], Wan]:
    return lambda: live.now().wan(edge)


async def _keep_time(live: Live) -> None:
    while True:
        live.now()
        await asyncio.sleep(LOOK_S)


async def _forget_messages(live: Live) -> None:
    """Without a broker nobody hears the vendor devices, and what they say must not pile up."""
    while True:
        live.take_messages()
        await asyncio.sleep(LOOK_S)


def _buses(site: Site, live: Live, unknown: UnknownUnit) -> list[Part]:
    parts: list[Part] = []
    for edge in site.file.edge:
        for bus in edge.bus:
            units = {
                box.unit: box.id for _, box in site.devices_of(edge.id) if box.bus == bus.id and box.unit is not None
            }
            relays = boxes((each for each in edge.annunciator if each.bus == bus.id), live.clock.now_ms)
            live.relays[edge.id] = (*live.relays.get(edge.id, ()), *relays.values())
            gateway = Gateway(units, live.ask, unknown, relays)
            match bus.type:
                case "modbus-tcp":
                    parts.append((f"sim-{edge.id}-{bus.id}", _tcp(gateway, bus)))
                case "modbus-rtu":
                    parts.append((f"sim-{edge.id}-{bus.id}", _rtu(gateway, bus)))
                case "mqtt":
                    pass  # the vendor devices come to the broker, nobody asks them
    return parts


def _tcp(gateway: Gateway, bus: Bus) -> Callable[[], Coroutine[Any, Any, None]]:
    return lambda: tcp.serve(gateway, bus.host, bus.port)


def _rtu(gateway: Gateway, bus: Bus) -> Callable[[], Coroutine[Any, Any, None]]:
    return lambda: rtu.serve(gateway, bus.device)


def _check_addresses(site: Site) -> None:
    problems = [_homeless(edge, bus) for edge in site.file.edge for bus in edge.bus if _is_homeless(bus)]
    if problems:
        raise ConfigurationError(tuple(problems))


def _is_homeless(bus: Bus) -> bool:
    return (bus.type == "modbus-tcp" and bus.port == 0) or (bus.type == "modbus-rtu" and not bus.device)


def _homeless(edge: EdgeNode, bus: Bus) -> Problem:
    what = "port" if bus.type == "modbus-tcp" else "device"
    hint = "put it into site.toml, or give --endpoints as `anlan demo` does"
    return Problem("site.toml", 1, Code.MISSING_KEY, f"{edge.id}/{bus.id}.{what}", "the bus has no address", hint)
