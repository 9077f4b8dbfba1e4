"""Shell. Rosters over HTTP: who is on call, stand-ins and swaps, hand-overs. docs/reference/on-call.md describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

from alerts.asked import Name, Number, Reasoned, Signed
from alerts.database import reading
from alerts.engine import Engine
from alerts.oncall import changes, handing_over, views
from alerts.oncall.bodies import (
    HandoverOrder,
    Moment,
    OverrideOrder,
    SwapOrder,
    answers,
)
from alerts.oncall.changes import Said
from alerts.people_api import Desk
from vocab.instant import seconds_ms

_R = TypeVar("_R")
_LONGEST_S = 400 * 86_400.0
_WEEK_S = 7 * 86_400.0
_MOST = 1000
_BASE = "/api/v1/roster-changes"


def answer(found: Any, status: int = 200) -> Response:
    """As JSON."""
    return Response(msgspec.json.encode(found), status, media_type="application/json")


async def read(engine: Engine, ask: Callable[[Connection], _R]) -> _R:
    """What a question finds in the database."""

    def look() -> _R:
        with reading(engine.database) as connection:
            return ask(connection)

    return await run_in_threadpool(look)


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    _rosters(routes, engine, desk)
    _changes(routes, engine, desk)
    _handovers(routes, engine, desk)
    return routes


def _rosters(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.get("/api/v1/rosters", responses=answers())
    async def rosters(
        from_ms: Moment | None = None, for_s: Annotated[float, Query(gt=0, le=_LONGEST_S)] = _WEEK_S
    ) -> Response:
        """Every roster from `from_ms` (now) on: who has it, who comes next, and what nobody covers."""
        now_ms = desk.clock.now_ms()
        begin = now_ms if from_ms is None else from_ms
        span = (begin, begin + seconds_ms(for_s))
        return answer(await read(engine, lambda connection: views.rosters(engine, connection, span, now_ms)))


def _changes(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.get(_BASE, responses=answers())
    async def listed(
        since_ms: Moment | None = None,
        state: Name | None = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 200,
    ) -> Response:
        """Stand-ins and swaps that reach beyond `since_ms` (now), the newest first."""
        since = desk.clock.now_ms() if since_ms is None else since_ms
        site = engine.site.id
        return answer(await read(engine, lambda connection: views.changes(connection, site, since, state, limit)))

    @routes.post(_BASE, status_code=201, responses=answers(404, 409, 422))
    async def ask(order: SwapOrder) -> Response:
        """One of two people asks the other to stand in, or to swap; it holds when the other agrees."""
        return answer(await desk.give(changes.ask, order.change(), Said(order.by, order.note)), 201)

    @routes.post("/api/v1/roster-overrides", status_code=201, responses=answers(404, 409, 422))
    async def override(order: OverrideOrder) -> Response:
        """Somebody above orders who has it; it holds at once. `doubts`: what two people could not have agreed on."""
        found, doubts = await desk.give(changes.order, order.change(), Said(order.by, order.note))
        return answer({"change": found, "doubts": doubts}, 201)

    @routes.post(_BASE + "/{change}/agree", responses=answers(404, 409, 422))
    async def agree(change: Number, order: Signed) -> Response:
        """The other one agrees: it holds from now on."""
        return answer(await desk.give(changes.agree, change, Said(order.by, order.note)))

    @routes.post(_BASE + "/{change}/decline", responses=answers(404, 409, 422))
    async def decline(change: Number, order: Signed) -> Response:
        """The other one does not agree."""
        return answer(await desk.give(changes.decline, change, Said(order.by, order.note)))

    @routes.post(_BASE + "/{change}/withdraw", responses=answers(404, 409, 422))
    async def withdraw(change: Number, order: Signed) -> Response:
        """Whoever asked takes it back before the other has answered."""
        return answer(await desk.give(changes.withdraw, change, Said(order.by, order.note)))

    @routes.post(_BASE + "/{change}/end", responses=answers(404, 409, 422))
    async def end(change: Number, order: Reasoned) -> Response:
        """Somebody above ends it: what is still to come is as the roster says."""
        return answer(await desk.give(changes.end, change, Said(order.by, order.note)))


def _handovers(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.get("/api/v1/handovers", responses=answers())
    async def listed(roster: Name | None = None, limit: Annotated[int, Query(ge=1, le=_MOST)] = 50) -> Response:
        """Hand-overs, the newest first."""
        site = engine.site.id
        return answer(await read(engine, lambda connection: views.handed_over(connection, site, roster, limit)))

    @routes.post("/api/v1/handovers", status_code=201, responses=answers(404, 409, 422))
    async def hand_over(order: HandoverOrder) -> Response:
        """Who leaves a shift tells who comes; the open tickets are kept with it."""
        said = Said(order.by, order.note)
        return answer(await desk.give(handing_over.hand_over, order.roster, order.to, said), 201)

    @routes.post("/api/v1/handovers/{handover}/confirm", responses=answers(404, 409, 422))
    async def confirm(handover: Number, order: Signed) -> Response:
        """Who comes has read it."""
        return answer(await desk.give(handing_over.confirm, handover, Said(order.by, order.note)))
