"""Shell. A stand-in for alerts' HTTP side, so that the wall can be tested in a browser against a scripted site.

It keeps to the wall's contract (docs/reference/wall.md) and holds no rule: a test says what is read and what is raised.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

from tests.integration.wall_site import SITE
from tests.patience import eventually

Json = dict[str, Any]
START_MS = 1_774_484_100_000  # 2026-03-26 08:15:00 in Shanghai


WORK: Json = {
    "source": "sensor", "hazard_word": {"en": "Written off", "zh": "已销号"}, "city_step": {"en": "", "zh": ""},
    "lead_unit": "u", "lead_name": None, "assist_units": [], "rectifier": "", "ack_due_ms": None,
    "arrive_due_ms": None, "due_ms": None, "due_assumed": False, "overdue": [], "begun_ms": None, "repaired_ms": None,
    "verification": "none", "good_since_ms": None, "verify_s": 60.0, "plan": None, "upward": None, "accepted": [],
    "interim": "", "merged_into": None, "reopened": 0, "text": "", "address": "",
}  # fmt: skip


class By(BaseModel):
    """Who acknowledges."""

    by: str
    note: str = ""


class Shelf(By):
    """For how long."""

    for_s: float


class Script:
    """The scripted truth, and the streams that tell it."""

    def __init__(self, site: Json = SITE, speed: float = 1.0) -> None:
        self.site, self.speed = site, speed
        self.began = time.monotonic()
        self.version = "0.1.0"
        self.boot = "boot-1"
        self.seq = 0
        self.alarms: dict[str, Json] = {}
        self.tickets: dict[str, Json] = {}
        self.latest: dict[str, list[Any]] = {}
        self.series: dict[str, Json] = {}
        self.edges: dict[str, Json] = {}
        self.unknown: dict[str, Json] = {}
        self.outages: list[Json] = []
        self.paths: Json = {"at_most_s": None, "paths": []}
        self.heartbeats: list[Json] = []
        self.system: Json = {
            "ingest": {"reachable": True, "readings": 120_345, "rejected": {"future": 2}, "lag_ms": 180},
            "alerts": {"frames": 4_210, "readings": 120_340, "rejected": {"malformed": 1}, "duplicates": 7},
        }
        self.refusals: dict[str, str] = {}  # why an alarm may not be shelved
        self.muted = False  # open and silent: the connection that only a watchdog notices
        self.open_streams = 0
        self._queues: set[asyncio.Queue[tuple[str, Json]]] = set()

    def now_ms(self) -> int:
        """Site time."""
        return START_MS + round((time.monotonic() - self.began) * 1000 * self.speed)

    def read(self, key: str, value: float | None, quality: int = 0, reason: str = "none", age_ms: int = 0) -> None:
        """A reading of `asset/point` arrives."""
        self.latest[key] = [value, self.now_ms() - age_ms, quality, reason]
        self.tell(latest={key: self.latest[key]})

    def raise_alarm(self, ident: str, asset: str, rule: str, **more: Any) -> Json:
        """An alarm is raised and becomes a ticket of the same number."""
        now = self.now_ms()
        alarm: Json = {
            "id": ident, "asset": asset, "rule": rule, "point": None, "hazard": rule, "category": "hazard",
            "grade": "general", "priority": 2, "state": "unacked", "value": None, "limit": None, "unit": None,
            "name": {"en": rule, "zh": rule}, "raised_ms": now, "cleared_ms": None, "acked_ms": None,
            "acked_by": None, "ticket": f"t-{ident}", **more,
        }  # fmt: skip
        self.alarms[ident] = alarm
        ticket = self._ticket_for(alarm)
        self.tell(alarms=[alarm], tickets=[ticket])
        return alarm

    def hide(self, ident: str, state: str, **why: Any) -> Json:
        """An alarm calls nobody any more."""
        hidden = {"by": None, "why": None, "since_ms": self.now_ms(), "until_ms": None, "permit": None, "second": None}
        how = {"suppressed": "window"}.get(state, state)
        self.alarms[ident] |= {"state": state, "active": True, "hidden": hidden | {"how": how, "renewals": 0} | why}
        self.tell(alarms=[self.alarms[ident]])
        return self.alarms[ident]

    def _ticket_for(self, alarm: Json) -> Json:
        asset = next(one for one in self.site["assets"] if one["id"] == alarm["asset"])
        grid = next(one for one in self.site["grids"] if one["id"] == asset["grid"])
        ticket: Json = {
            "id": alarm["ticket"], "number": f"DEMO-20260326-{len(self.tickets) + 1:04d}", "asset": alarm["asset"],
            "kind": asset["kind"], "hazard": alarm["hazard"], "category": alarm["category"],
            "grade": alarm["grade"], "priority": alarm["priority"], "state": "filed", "title": alarm["name"],
            "grid": grid["id"], "grid_name": grid["name"], "location": asset["location"],
            "opened_ms": alarm["raised_ms"], "raised_ms": alarm["raised_ms"], "acked_ms": None, "acked_by": None,
            "alarm_active": True, "late": False,
            "procedure": {"en": "1. Go there.\n2. Look.", "zh": "1. 到现场。\n2. 查看。"},
            "evidence": [{"at_ms": alarm["raised_ms"], "text": {"en": "The limit was passed", "zh": "越过限值"},
                          "point": alarm["point"], "value": alarm["value"], "unit": alarm["unit"]}],
        }  # fmt: skip
        return self.tickets.setdefault(ticket["id"], ticket)

    def snapshot(self) -> Json:
        """Everything, as the first event of a stream and as GET /api/v1/snapshot."""
        return {
            "seq": self.seq, "now_ms": self.now_ms(), "boot": self.boot, "alarms": list(self.alarms.values()),
            "tickets": list(self.tickets.values()), "latest": self.latest, "edges": list(self.edges.values()),
            "unknown": self.unknown, "system": self.system,
        }  # fmt: skip

    def tell(self, **change: Any) -> None:
        """Send a delta to every open stream."""
        self.seq += 1
        for queue in self._queues:
            queue.put_nowait(("delta", {"seq": self.seq, "now_ms": self.now_ms(), **change}))

    async def stream(self) -> AsyncIterator[str]:
        """One client's events."""
        queue: asyncio.Queue[tuple[str, Json]] = asyncio.Queue()
        self._queues.add(queue)
        self.open_streams += 1
        try:
            told = False
            while True:
                if not told and not self.muted:
                    told = True
                    yield _event("snapshot", self.snapshot())
                try:
                    name, body = await asyncio.wait_for(queue.get(), 1.0)
                except TimeoutError:
                    name, body = "tick", {"seq": self.seq, "now_ms": self.now_ms()}
                if name == "stop":
                    return
                if told and not self.muted:
                    yield _event(name, body)
        finally:
            self._queues.discard(queue)
            self.open_streams -= 1

    def hang_up(self) -> None:
        """End every stream, as a server that stops does."""
        for queue in self._queues:
            queue.put_nowait(("stop", {}))


def _event(name: str, body: Json) -> str:
    return f"id: {body['seq']}\nevent: {name}\ndata: {json.dumps(body)}\n\n"


def application(script: Script, dist: Path) -> FastAPI:  # noqa: C901 - one line for each route
    """The part of the HTTP API that the wall reads."""
    app = FastAPI()

    @app.get("/api/v1/site")
    def site() -> Json:
        clock = {"now_ms": script.now_ms(), "speed": script.speed}
        return {**script.site, "clock": clock, "version": script.version}

    @app.get("/api/v1/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(script.stream(), media_type="text/event-stream")

    @app.get("/api/v1/tickets/{ident}")
    def ticket(ident: str) -> Json:
        if ident not in script.tickets:
            raise HTTPException(404, f"no ticket {ident}")
        return script.tickets[ident]

    @app.get("/api/v1/tickets/{ident}/verbs")
    def verbs(ident: str) -> Json:
        note = {"name": "note", "kind": "long", "required": False, "choices": [], "value": None, "only_if": None}
        free = [] if script.tickets[ident]["acked_ms"] else [{"verb": "acknowledge", "fields": [note], "refused": None}]
        return {"who": "", "offers": free, "others": [], "files": None}

    for part in ("events", "pages", "attachments"):
        app.add_api_route(f"/api/v1/tickets/{{ident}}/{part}", list, name=part)
    app.add_api_route("/api/v1/org", lambda: {"places": [], "units": [], "people": []})

    @app.post("/api/v1/alarms/{ident}/acknowledge")
    async def ack_alarm(ident: str, body: By) -> Json:
        return _acknowledged(script, script.alarms, ident, body, {"state": "acked"})

    @app.post("/api/v1/alarms/{ident}/reset")
    async def reset_alarm(ident: str, body: By) -> Json:
        if script.alarms[ident]["state"] != "latched_acked":
            raise HTTPException(409, "not to be reset")
        script.alarms[ident] |= {"state": "normal"}
        script.tell(alarms=[script.alarms[ident]])
        return script.alarms.pop(ident)

    @app.post("/api/v1/alarms/{ident}/shelve")
    async def shelve(ident: str, body: Shelf) -> Any:
        if ident in script.refusals:
            return JSONResponse({"detail": "no", "reason": script.refusals[ident]}, 409)
        return script.hide(ident, "shelved", by=body.by, why=body.note, until_ms=script.now_ms() + body.for_s * 1000)

    @app.post("/api/v1/alarms/{ident}/unshelve")
    @app.post("/api/v1/alarms/{ident}/return")
    async def show(ident: str, body: By) -> Json:
        script.alarms[ident] |= {"state": "unacked", "hidden": None}
        script.tell(alarms=[script.alarms[ident]])
        return script.alarms[ident]

    @app.post("/api/v1/tickets/{ident}/acknowledge")
    async def ack_ticket(ident: str, body: By) -> Json:
        return _acknowledged(script, script.tickets, ident, body, {"state": "acknowledged"})

    @app.get("/api/v1/trend")
    def trend(asset: str) -> Json:
        series = [one for key, one in script.series.items() if key.startswith(f"{asset}/")]
        return {"series": series, "bucket_ms": 1000, "raw": True}

    app.add_api_route("/api/v1/outages", lambda: script.outages)
    app.add_api_route("/api/v1/paths", lambda: script.paths)
    app.add_api_route("/api/v1/heartbeats", lambda: script.heartbeats)
    app.mount("/", StaticFiles(directory=dist, html=True))
    return app


def _acknowledged(script: Script, table: dict[str, Json], ident: str, body: By, change: Json) -> Json:
    if ident not in table:
        raise HTTPException(404, f"no {ident}")
    if table[ident]["acked_ms"] is not None:
        raise HTTPException(409, "already acknowledged")
    table[ident] = {**table[ident], **change, "acked_ms": script.now_ms(), "acked_by": body.by}
    script.tell(**{"alarms" if table is script.alarms else "tickets": [table[ident]]})
    return table[ident]


class WallServer:
    """The stand-in on a free port of loopback, which can be stopped and started again on the same port."""

    def __init__(self, script: Script, dist: Path) -> None:
        self.script, self.dist = script, dist
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Serve; returns when the port answers."""
        app = application(self.script, self.dist)
        config = uvicorn.Config(app, "127.0.0.1", self.port, log_level="error", timeout_graceful_shutdown=1, ws="none")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._task = asyncio.create_task(self._server.serve())
        server = self._server
        await eventually(lambda: server.started)

    async def stop(self) -> None:
        """End every stream and stop serving."""
        if self._server is not None and self._task is not None:
            self.script.hang_up()
            self._server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._server = self._task = None
