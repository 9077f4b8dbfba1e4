"""Shell. REST for rule versions. docs/reference/rule-versions.md describes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from alerts.asked import Number
from alerts.errors import FaultyDraftError, IllegalStepError, NoSuchVersionError
from alerts.version_desk import Desk
from alerts.versions import Order

MOST_VERSIONS = 1000
MOST_TEXT = 256 * 1024

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_MOMENT = Field(default=None, ge=0, le=2**53)


class Draft(BaseModel):
    """A change of rules, in the form of a pack's rules.toml with the kind in each row."""

    text: str = Field(max_length=MOST_TEXT)
    file: str = Field(default="draft.toml", min_length=1, max_length=200)  # how it is called in the list of faults
    by: Name
    reason: Why


class Move(BaseModel):
    """Who moves a version, and why."""

    by: Name
    why: Why


class Period(BaseModel):
    """Who wants a backtest, and of which time; without it, of everything stored."""

    by: Name
    from_ms: Annotated[int | None, _MOMENT]
    to_ms: Annotated[int | None, _MOMENT]


def add_versions(app: FastAPI, desk: Desk) -> None:
    """The routes, and what their errors mean."""
    app.add_exception_handler(NoSuchVersionError, _answer(404))
    app.add_exception_handler(IllegalStepError, _answer(409))
    app.add_exception_handler(FaultyDraftError, _faulty)
    app.include_router(_reading(desk))
    app.include_router(_orders(desk))


def _answer(status: int) -> Any:
    async def handle(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status)

    return handle


async def _faulty(_request: Request, error: Exception) -> JSONResponse:
    problems = error.problems if isinstance(error, FaultyDraftError) else ()
    count = f"{len(problems)} fault{'s' if len(problems) != 1 else ''}, nothing was changed"
    return JSONResponse({"detail": count, "problems": [asdict(problem) for problem in problems]}, 422)


def _json(answer: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


def _reading(desk: Desk) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/rules/versions")

    @routes.get("")
    async def versions(limit: Annotated[int, Query(ge=1, le=MOST_VERSIONS)] = 100) -> Response:
        """The rules in force, and the versions, newest first."""
        return _json(await desk.show_all(limit))

    @routes.get("/{version}")
    async def version(version: Number) -> Response:
        """One version whole."""
        return _json(await desk.show(version))

    @routes.get("/{version}/backtest")
    async def backtest(version: Number) -> Response:
        """Its newest backtest: how far it is, then what it found."""
        return _json(await desk.show_backtest(version))

    @routes.get("/{version}/shadow")
    async def shadow(version: Number) -> Response:
        """Its alarms in shadow against the live ones."""
        return _json(await desk.show_shadow(version))

    return routes


def _orders(desk: Desk) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/rules/versions")

    @routes.post("", status_code=201)
    async def draft(draft: Draft) -> Response:
        """Keep a draft, or tell every fault of it."""
        return _json(await desk.draft(draft.text, draft.file, desk.order(draft.by, draft.reason)), 201)

    @routes.post("/{version}/backtest", status_code=202)
    async def backtest(version: Number, period: Period) -> Response:
        """Start a backtest; ask for it with GET."""
        return _json(await desk.backtest(version, period.by, period.from_ms, period.to_ms), 202)

    def moving(name: str, verb: Callable[[int, Order], Awaitable[dict[str, Any]]]) -> None:
        @routes.post(f"/{{version}}/{name}", name=name, description=verb.__doc__)
        async def move(version: Number, move: Move) -> Response:
            return _json(await verb(version, desk.order(move.by, move.why)))

    moving("shadow", desk.shadow)
    moving("live", desk.live)
    moving("retire", desk.retire)
    moving("reject", desk.reject)
    return routes
