"""Shell. REST for people and programs, the event stream, and the wall's files. docs/reference/api.md describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from alerts import assets_api, edge_events_api, hidden_api, people_api, performance_api
from alerts.access.api import add_access
from alerts.access.door import Door
from alerts.access.gate import Gate
from alerts.access.places import Places
from alerts.access.seen import Seen
from alerts.asked import Moment, Number
from alerts.board import Board
from alerts.campaigns import api as campaigns_api
from alerts.database import reading
from alerts.described import told
from alerts.duties import api as duties_api
from alerts.duties import emergency_api, photos_api
from alerts.engine import Engine
from alerts.error_answers import add_errors
from alerts.errors import (
    NoSuchTicketError,
)
from alerts.heartbeat import api as heartbeat_api
from alerts.heartbeat.heart import Heart
from alerts.ingest_link import IngestLink
from alerts.itself.ready import reasons as not_ready
from alerts.metrics import Metrics
from alerts.oncall import api as oncall_api
from alerts.oncall import calendar_api, rolls_api
from alerts.outbox import api as outbox_api
from alerts.outbox import phone
from alerts.pages import add_pages
from alerts.paper import scores_api
from alerts.paper.api import add_paper
from alerts.queries import Wanted
from alerts.site_view import cached_view, our_version
from alerts.stream import Stream
from alerts.tickets import api as tickets_api
from alerts.tickets import files_api, offers_api, open311_api
from alerts.tickets.attachments import Cellar
from alerts.version_desk import Desk
from alerts.versions_api import add_versions
from alerts.writer import Writer
from rules.codes import AlarmState
from runtime.clock import Clock

JSON = "application/json"
MOST_TICKETS = 1000
MOST_TRANSITIONS = 100_000


class Order(BaseModel):
    """Who gives an order, and what they say about it."""

    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    note: str = Field(default="", max_length=2000)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API stands on."""

    engine: Engine
    writer: Writer
    board: Board
    stream: Stream
    ingest: IngestLink
    metrics: Metrics
    clock: Clock
    is_subscribed: Any  # () -> bool
    desk: Desk | None = None  # where rule versions are taken; without it rules cannot be changed here
    door: Door | None = None  # who may do what; without it everybody may do everything
    outbox: Any = None  # () -> what is wrong with the sending of pages, by name
    uncovered: Any = None  # () -> stretches ahead in which nobody on a roster can be reached, by roster
    base_url: str = ""  # how phones reach us
    cellar: Cellar | None = None  # where photos are kept; without it none are taken
    heart: Heart | None = None  # who beats for somebody outside
    ready_within_s: float = 10.0  # real; longer ago that the rules were gone through, and we are not ready


def build(parts: Parts) -> FastAPI:
    """The application."""
    app = FastAPI(title="Anlan alerts", version=our_version(), docs_url="/api/docs", openapi_url="/api/openapi.json")
    add_errors(app)
    _health(app, parts)
    _site(app, parts)
    _lists(app, parts)
    desk = people_api.Desk(parts.writer, parts.board, parts.clock)
    _orders(app, desk)
    app.include_router(people_api.router(parts.engine, desk))
    app.include_router(tickets_api.router(parts.engine, desk))
    app.include_router(offers_api.router(parts.engine, desk, parts.cellar))
    app.include_router(open311_api.router(parts.engine, desk))
    if parts.cellar is not None:
        app.include_router(files_api.router(parts.engine, desk, parts.cellar, parts.ingest))
        app.include_router(photos_api.router(parts.engine, desk, parts.cellar))
    app.include_router(assets_api.router(parts.engine, parts.board))
    app.include_router(edge_events_api.router(parts.engine))
    app.include_router(hidden_api.router(parts.engine, parts.clock))
    app.include_router(performance_api.router(parts.engine, parts.clock))
    app.include_router(duties_api.router(parts.engine, desk, parts.cellar))
    app.include_router(campaigns_api.router(parts.engine, desk))
    app.include_router(emergency_api.router(parts.engine, desk))
    app.include_router(oncall_api.router(parts.engine, desk))
    app.include_router(rolls_api.router(parts.engine, desk))
    app.include_router(outbox_api.router(parts.engine, desk))
    app.include_router(phone.router(parts.engine, desk, None if parts.door is None else parts.door.say))
    app.include_router(heartbeat_api.router(list if parts.heart is None else parts.heart.views))
    add_paper(app, parts.engine, parts.clock, parts.cellar, parts.ingest)
    app.include_router(scores_api.router(parts.engine, parts.clock))
    if parts.desk is not None:
        add_versions(app, parts.desk)
    if parts.door is not None:
        app.include_router(calendar_api.router(parts.engine, parts.door, parts.clock, parts.base_url))
        add_access(app, parts.door)
        app.add_middleware(Gate, door=parts.door, places=Places(parts.engine.database, parts.engine.site))
    add_pages(app)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    own = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = told(own())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type=JSON)


def _health(app: FastAPI, parts: Parts) -> None:
    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 when frames can be taken and tickets written, else 503 with what is missing."""
        subscribed, failing = parts.is_subscribed(), parts.writer.failing
        well = subscribed and not failing
        body = {"ok": well, "subscribed": subscribed, "database": "refuses" if failing else "open"}
        if parts.outbox is not None:  # it stays 200: to start us again would mend no robot
            body["outbox"] = parts.outbox()
        if parts.heart is not None and parts.heart.beats:
            body["heartbeat"] = parts.heart.health()
        if parts.uncovered is not None:
            body["uncovered"] = parts.uncovered()
        return JSONResponse(body, 200 if well else 503)

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 while we do our work, else 503 with every reason why not."""
        found = list(
            not_ready(
                subscribed=parts.is_subscribed(),
                failing=parts.writer.failing,
                caught_up=parts.heart is None or parts.heart.caught_up,
                judged_s=0.0 if parts.heart is None else parts.heart.judged_s_ago(),
                within_s=parts.ready_within_s,
            )
        )
        return JSONResponse({"ready": not found, "reasons": found}, 503 if found else 200)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(parts.metrics.text(), media_type="text/plain; version=0.0.4")


def _site(app: FastAPI, parts: Parts) -> None:
    view_of = cached_view()

    @app.get("/api/v1/site")
    async def site() -> Response:
        """The site, its equipment and the limits in force."""
        shown = await run_in_threadpool(view_of, parts.engine.site)
        return _json(shown | {"clock": {"now_ms": parts.clock.now_ms(), "speed": parts.clock.speed}})

    @app.get("/api/v1/snapshot")
    async def snapshot() -> Response:
        """What the stream begins with."""
        return Response(parts.stream.snapshot(), media_type=JSON)

    @app.get("/api/v1/events")
    async def events(request: Request) -> StreamingResponse:
        """Server-sent events: snapshot, delta, tick."""
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        stream = parts.stream.events(request.headers.get("last-event-id"))
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    @app.get("/api/v1/trend")
    async def trend(request: Request) -> Response:
        """A curve, asked of ingest."""
        answer = await parts.ingest.series(request.query_params.multi_items())
        if answer is None:
            raise HTTPException(503, "the history is not available: ingest does not answer")
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type", JSON))


def _lists(app: FastAPI, parts: Parts) -> None:
    engine = parts.engine

    @app.get("/api/v1/alarms")
    async def alarms(state: AlarmState | None = None) -> Response:
        """Every alarm that is not normal."""
        board = parts.board
        wanted = [alarm for alarm in board.alarms.values() if state is None or alarm.state == state]
        return _json([assets_api.with_unknown(board, alarm) for alarm in wanted])

    @app.get("/api/v1/tickets")
    async def tickets(  # noqa: PLR0913, PLR0917 - the filters of a list are its parameters
        seen: Seen,
        state: str | None = None,
        category: str | None = None,
        sector: str | None = None,
        asset: str | None = None,
        is_open: Annotated[bool | None, Query(alias="open")] = None,
        before: Moment | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_TICKETS)] = 100,
    ) -> Response:
        """Newest first; `before` is the id of the last ticket of the page before."""
        wanted = Wanted(state, category, sector, asset, is_open, before, limit, seen)

        def read() -> Any:
            with reading(engine.database) as connection:
                return engine.queries.tickets(connection, wanted)

        return _json(await run_in_threadpool(read))

    @app.get("/api/v1/tickets/{ticket}")
    async def one_ticket(ticket: Number) -> Response:
        """One ticket with all its evidence."""

        def read() -> Any:
            with reading(engine.database) as connection:
                return engine.queries.some(connection, [ticket], shown=1_000_000)

        found = await run_in_threadpool(read)
        if not found:
            raise NoSuchTicketError(f"no ticket {ticket}")
        return _json(found[0])

    @app.get("/api/v1/transitions")
    async def transitions(
        seen: Seen,
        asset: str | None = None,
        since_ms: Moment | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_TRANSITIONS)] = 1000,
    ) -> Response:
        """The newest changes of state, oldest of them first."""

        def read() -> Any:
            with reading(engine.database) as connection:
                return engine.queries.transitions(connection, asset, since_ms, limit, seen)

        return _json(await run_in_threadpool(read))


def _orders(app: FastAPI, desk: people_api.Desk) -> None:
    @app.post("/api/v1/tickets/{ticket}/acknowledge")
    async def acknowledge_ticket(ticket: Number, order: Order) -> Response:
        """Somebody takes note of a ticket."""
        return _json(await desk.give(Engine.acknowledge_ticket, ticket, order.by, order.note))

    @app.post("/api/v1/alarms/{alarm}/acknowledge")
    async def acknowledge_alarm(alarm: str, order: Order) -> Response:
        """Somebody has seen an alarm."""
        return _json(await desk.give(Engine.acknowledge_alarm, alarm, order.by, order.note))

    @app.post("/api/v1/alarms/{alarm}/reset")
    async def reset_alarm(alarm: str, order: Order) -> Response:
        """Somebody lets a latched alarm go."""
        return _json(await desk.give(Engine.reset_alarm, alarm, order.by, order.note))
