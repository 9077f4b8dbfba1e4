"""Shell. Pages and channels over HTTP. docs/reference/on-call.md describes it."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from alerts.asked import Number
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import NoSuchTicketError, NotThereError
from alerts.outbox import store, views
from alerts.people_api import Desk, Signed
from alerts.views import Changes


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/api/v1/tickets/{ticket}/pages")
    async def pages(ticket: Number) -> Response:
        """Who was called about a ticket: when it was due, when it was sent, the receipt, the answer."""

        def read() -> Any:
            with reading(engine.database) as connection:
                if not engine.queries.some(connection, [ticket]):
                    raise NoSuchTicketError(f"no ticket {ticket}")
                return views.time_line(connection, engine.site, ticket)

        return _json(await run_in_threadpool(read))

    @routes.get("/api/v1/channels")
    async def channels() -> Response:
        """Every way to people, and which are off."""

        def read() -> Any:
            with reading(engine.database) as connection:
                return views.channels(connection, engine.site)

        return _json(await run_in_threadpool(read))

    @routes.post("/api/v1/channels/{channel}/enable")
    async def enable(channel: str, order: Signed) -> Response:
        """Somebody has mended it: it may be tried again."""
        if channel not in engine.site.channels.by_id:
            raise NotThereError(f"no channel {channel!r}")

        def put(engine: Engine, _now_ms: int) -> tuple[None, Changes]:
            store.enable(engine, channel)
            return None, Changes()

        await desk.give(put)
        return _json({"id": channel, "by": order.by})

    return routes


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
