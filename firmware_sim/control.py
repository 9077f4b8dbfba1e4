"""Shell. A door for people and tests: look at the devices, break them, repair them. Loopback only, never in production.

HTTP: GET /healthz /devices /annunciators /faults /truth, POST /inject, POST /clear/{id}.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Annotated, Any

import structlog
import uvicorn
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from firmware_sim.live import Live
from firmware_sim.relays import RelayBox
from firmware_sim.scenario import Injection
from firmware_sim.world import CannotInject, UnknownFault
from vocab.annunciator import Annunciator
from vocab.pack import fits
from vocab.site import BUS_KIND, EDGE_KIND, Site

log = structlog.get_logger()

LOOPBACK = "127.0.0.1"
RETRY_S = 2.0
SHUTDOWN_S = 3.0


class Order(BaseModel):
    """What to break."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = None  # default: made up
    asset: str | None = None
    edge: str | None = None
    fault: str
    device: str | None = None
    point: str | None = None
    params: dict[str, float] = Field(default_factory=dict)
    for_s: float | None = Field(default=None, gt=0)


def application(live: Live) -> FastAPI:
    """The HTTP interface of a running simulator."""
    app = FastAPI(title="Anlan simulator", docs_url="/docs")
    _looking(app, live)
    _breaking(app, live)
    return app


def _looking(app: FastAPI, live: Live) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, Any]:
        world = live.now()
        return {"state": "ok", "now_ms": world.now_ms, "start_ms": world.start_ms, "faults": len(world.truth)}

    @app.get("/devices")
    async def devices() -> list[dict[str, Any]]:
        return _devices(live.world.site)

    @app.get("/faults")
    async def faults(asset: Annotated[str | None, Query()] = None) -> list[dict[str, Any]]:
        """What can be done, to one asset or to each."""
        found = _faults(live.world.site, asset)
        if not found:
            raise HTTPException(404, f"no asset {asset!r}")
        return found

    @app.get("/annunciators")
    async def annunciators() -> list[dict[str, Any]]:
        """Sirens and lamps as they are heard, and everything that was ever written to them (the newest 1000)."""
        return [
            _heard(edge, box, each) for edge, found in live.relays.items() for box in found for each in box.annunciators
        ]

    @app.get("/truth")
    async def truth() -> list[dict[str, Any]]:
        return [each.plain() for each in live.now().truth]


def _breaking(app: FastAPI, live: Live) -> None:
    @app.post("/inject", status_code=201)
    async def inject(order: Order) -> dict[str, Any]:
        world = live.now()
        name = order.id or f"manual-{len(world.truth) + 1}"
        given = order.model_dump(exclude={"id"}, exclude_none=True)
        try:
            injection = Injection.model_validate({"id": name, "at_s": 0.0, **given})
            done = world.inject(injection)
        except CannotInject as error:
            raise HTTPException(422, list(error.reasons)) from error
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        live.now()
        return done.plain()

    @app.post("/clear/{fault_id}")
    async def clear(fault_id: str) -> dict[str, Any]:
        try:
            done = live.now().clear(fault_id)
        except UnknownFault as error:
            raise HTTPException(404, f"no fault {fault_id!r} is at work") from error
        live.now()
        return done.plain()


def _devices(site: Site) -> list[dict[str, Any]]:
    buses = {(edge.id, bus.id): bus for edge in site.file.edge for bus in edge.bus}
    return [
        {
            "device": box.id, "asset": asset.id, "kind": asset.kind, "variant": asset.variant, "make": box.make,
            "edge": box.edge, "bus": box.bus, "type": buses[box.edge, box.bus].type, "unit": box.unit,
            "serial": box.serial, "points": list(site.packs[asset.kind].makes[box.make].points),
        }
        for asset in site.file.asset
        for box in asset.device
    ]  # fmt: skip


def _heard(edge: str, box: RelayBox, each: Annunciator) -> dict[str, Any]:
    writes = [{"at_ms": write.at_ms, "value": write.value} for write in box.writes if write.coil == each.coil]
    return {"edge": edge, "annunciator": each.id, "sounds": box.sounds(each), "writes": writes}


def _faults(site: Site, asset: str | None) -> list[dict[str, Any]]:
    return [
        {
            "asset": each.id, "is_edge": each.kind == EDGE_KIND,
            "faults": [
                fault.id for fault in site.packs[each.kind].faults.values() if fits(fault.variants, each.variant)
            ],
        }
        for each in site.assets
        if asset in (None, each.id) and each.kind != BUS_KIND
    ]  # fmt: skip


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process has its own (`runtime.process`)."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(live: Live, port: int) -> None:
    """Answer on the loopback until cancelled; a port that is taken is tried again."""
    # Our own socket, since uvicorn ends the process where a port is taken.
    listener = await _bound(port)
    config = uvicorn.Config(application(live), log_config=None, access_log=False, lifespan="off")
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="sim-control-http")
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.wait([serving], timeout=SHUTDOWN_S)
        listener.close()


async def _bound(port: int) -> socket.socket:
    while True:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError as error:
            listener.close()
            log.error("the control port cannot be opened, trying again", port=port, why=error.strerror)
            await asyncio.sleep(RETRY_S)
        else:
            return listener
