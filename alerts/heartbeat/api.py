"""Shell. Heartbeats over HTTP. docs/reference/heartbeat.md describes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, Response


def router(views: Callable[[], list[dict[str, Any]]]) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get("/api/v1/heartbeats")
    async def heartbeats() -> Response:
        """Every heartbeat that goes out, when the last was taken, and which part of the way stops it."""
        return Response(msgspec.json.encode(views()), media_type="application/json")

    return routes
