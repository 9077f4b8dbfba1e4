"""Shell. What cabinets judged by themselves, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from alerts.access.seen import Seen
from alerts.edge_events import views
from alerts.engine import Engine

MOST = 1000


def router(engine: Engine) -> APIRouter:
    """GET /api/v1/edge-events."""
    found = APIRouter()

    @found.get("/api/v1/edge-events")
    async def edge_events(
        seen: Seen,
        state: Annotated[Literal["pending", "confirmed", "otherwise", "unconfirmed"] | None, Query()] = None,
        asset: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    ) -> Response:
        """The newest first; `unconfirmed` are those that the server's own rules do not say."""
        rows = await run_in_threadpool(views, engine, state, asset, limit, seen)
        return Response(msgspec.json.encode(rows), media_type="application/json")

    return found
