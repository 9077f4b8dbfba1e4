"""Shell. GET /api/v1/score-cards: the numbers of the bulletin's table, for a screen."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from alerts.access.rights import Who, sight
from alerts.database import reading
from alerts.engine import Engine
from alerts.paper import make
from alerts.paper.api import Choice, asked
from alerts.paper.context import Context
from runtime.clock import Clock
from vocab.site import Site

_RATES = ("closure_rate", "on_time_rate", "repeat_rate", "inspection_rate", "consistent_rate")


def router(engine: Engine, clock: Clock) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get("/api/v1/score-cards")
    async def cards(request: Request, choice: Annotated[Choice, Depends()]) -> Response:
        """How each committee did in [from_ms, to_ms), the best first; equal ones have the same rank."""
        who: Who | None = getattr(request.state, "who", None)
        return JSONResponse(await run_in_threadpool(_cards, engine, clock.now_ms(), choice, who))

    return routes


def _cards(engine: Engine, now_ms: int, choice: Choice, who: Who | None) -> list[dict[str, Any]]:
    site = engine.site
    grids = frozenset(grid.id for grid in site.file.grid)
    context = Context(site, now_ms, seen=None if who is None else sight(who, grids, site.org))
    with reading(engine.database) as connection:
        ranked = make.the_scores(connection, context, asked(choice, context))
    return [
        {"rank": rank, "name": _name(site, score.unit)}
        | {name: value for name, value in asdict(score).items() if name != "points"}
        | {each: getattr(score, each) for each in _RATES}
        for rank, score in ranked
    ]


def _name(site: Site, unit: str) -> dict[str, str]:
    found = site.org.units.get(unit)
    name = site.file.name if found is None else found.name
    return {"en": name.en, "zh": name.zh}
