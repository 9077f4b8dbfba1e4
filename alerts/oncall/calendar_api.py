"""Shell. Calendars over HTTP: made, listed, revoked, and read by a phone. docs/reference/on-call.md describes it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from alerts.access import store
from alerts.access.door import Door
from alerts.asked import Name, Signed
from alerts.engine import Engine
from alerts.oncall import calendars
from alerts.oncall.api import answer, read
from alerts.oncall.bodies import answers
from runtime.clock import Clock

_ICS = "text/calendar"
_HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


class CalendarOrder(BaseModel):
    """Of whom: `person:ID`, `unit:ID` (everybody in it) or `roster:ID`."""

    by: Name
    of: Annotated[str, Field(pattern=r"^(person|unit|roster):[a-z0-9_-]{1,64}$")]


def router(engine: Engine, door: Door, clock: Clock, base_url: str = "") -> APIRouter:
    """The routes. `base_url`: how phones reach us."""
    routes = APIRouter()

    @routes.get("/api/v1/calendars", responses=answers())
    async def listed() -> Response:
        """Calendars that are open; their tokens are not kept."""
        found = await read(engine, lambda connection: store.keys_of(connection, door.site, (store.CALENDAR,)))
        return answer(
            [{"id": each.id, "of": each.name, "by": each.created_by, "created_ms": each.created_ms} for each in found]
        )

    @routes.post("/api/v1/calendars", status_code=201, responses=answers(409, 422))
    async def make(order: CalendarOrder) -> Response:
        """A new one; its address is told here and never again."""
        ident, token = await run_in_threadpool(calendars.made, door, engine, order.of, order.by)
        path = f"/calendar/{token}.ics"
        return answer({"id": ident, "of": order.of, "path": path, "url": f"{base_url}{path}"}, 201)

    @routes.post("/api/v1/calendars/{calendar}/revoke", responses=answers(409, 422))
    async def revoke(calendar: Name, order: Signed) -> Response:
        """It shows nothing any more."""
        await run_in_threadpool(calendars.revoked, door, calendar, order.by)
        return answer({"id": calendar, "revoked": True})

    @routes.get(
        "/calendar/{token}.ics",
        response_class=Response,
        responses={
            200: {"description": "iCalendar", "content": {_ICS: {}}},
            404: {"description": "No such calendar, or no longer.", "content": {"text/plain": {}}},
            **answers(),
        },
    )
    async def show(token: str) -> Response:
        """What a phone subscribes to: a week back, and as far ahead as `calendar_days` says."""
        found = await run_in_threadpool(calendars.content, door, engine, token, clock.now_ms())
        if found is None:
            return PlainTextResponse("no such calendar", 404, headers=_HEADERS)
        return Response(found, headers=_HEADERS, media_type=f"{_ICS}; charset=utf-8")

    return routes
