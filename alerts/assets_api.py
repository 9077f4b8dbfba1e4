"""Shell. GET /api/v1/assets, /latest and /outages: what is known now, of what nothing is known, and what was lost."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.concurrency import run_in_threadpool

from alerts.access.seen import Seen
from alerts.board import Board
from alerts.database import reading
from alerts.engine import Engine
from alerts.outages import listed

MOST_OUTAGES = 1000
JSON = "application/json"


def router(engine: Engine, board: Board) -> APIRouter:
    """The routes, over the board and the database."""
    routes = APIRouter()

    @routes.get("/api/v1/latest")
    async def latest() -> Response:
        """Every asset that was ever heard of, with the last word on each of its points."""
        found: dict[str, dict[str, Any]] = {}
        for name, told in board.values.items():
            asset, point = name.split("/")
            found.setdefault(asset, {})[point] = told
        return _json([_asset(board, name, points) for name, points in found.items()])

    @routes.get("/api/v1/assets/{asset}")
    async def one(asset: str) -> Response:
        """One asset: whether it is known, its points and its alarms, and which tickets have it watched more closely."""
        try:
            engine.site.asset(asset)
        except KeyError:
            raise HTTPException(404, f"no asset {asset!r}") from None
        mine = {name.split("/")[1]: told for name, told in board.values.items() if name.split("/")[0] == asset}
        alarms = [with_unknown(board, alarm) for alarm in board.alarms.values() if alarm.asset == asset]
        closer = engine.judge.agenda.closer.of(asset)
        return _json(_asset(board, asset, mine) | {"alarms": alarms, "closer": closer})

    @routes.get("/api/v1/outages")
    async def outages(
        seen: Seen, parent: str | None = None, limit: Annotated[int, Query(ge=1, le=MOST_OUTAGES)] = 100
    ) -> Response:
        """Cabinets and buses that were lost, newest first."""

        def read() -> Any:
            with reading(engine.database) as connection:
                return listed(connection, engine.site, parent, limit, seen)

        return _json(await run_in_threadpool(read))

    return routes


def with_unknown(board: Board, alarm: Any) -> dict[str, Any]:
    """An alarm and since when nothing is known of its equipment; such an alarm stands until somebody is heard."""
    unknown = board.unknown.get(alarm.asset)
    return msgspec.structs.asdict(alarm) | {"unknown_since_ms": None if unknown is None else unknown.since_ms}


def _asset(board: Board, asset: str, points: dict[str, Any]) -> dict[str, Any]:
    unknown = board.unknown.get(asset)
    told = {
        point: {"value": value, "measured_ms": measured, "quality": quality, "reason": reason}
        for point, (value, measured, quality, reason) in points.items()
    }
    return {"asset": asset, "state": "known" if unknown is None else "unknown", "unknown": unknown, "points": told}


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type=JSON)
