"""Shell. The query API of ingest: latest, series, rejects, counts, health, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from ingest import answers, copy_api, history_api
from ingest.keeper import Keeper
from ingest.metrics import Metrics
from ingest.port import Span
from ingest.problem import StoreError
from ingest.ready import reasons
from runtime.disk import disk_of
from runtime.web import broke
from wire.catalogue import Catalogue

JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
MOST_POINTS = 64
_TOLD = {JSON: {"schema": {"type": "object", "required": ["detail"]}}}
_SERIES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The curve.", "content": {JSON: {}, ARROW: {}}},
    404: {"description": "No such equipment, or it has no such point.", "content": _TOLD},
    422: {"description": "The question makes no sense.", "content": _TOLD},
}


class Format(StrEnum):
    """How a series is answered."""

    JSON = "json"
    ARROW = "arrow"


class SeriesQuery(BaseModel):
    """Which stretch of which points, and how wide it will be drawn."""

    asset: str
    point: list[str] = Field(min_length=1, max_length=MOST_POINTS)
    from_ms: int = Field(ge=0, le=2**53)
    to_ms: int = Field(ge=1, le=2**53)
    px: int = Field(default=800, ge=1, le=10_000)
    site: str | None = None
    format: Format = Format.JSON


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the process knows of itself."""

    keeper: Keeper
    metrics: Metrics
    is_subscribed: Callable[[], bool]
    ready_within_s: float = 10.0  # real; a batch that takes longer, and we are not ready

    def not_ready(self) -> list[str]:
        """Every reason."""
        found = reasons(
            subscribed=self.is_subscribed(),
            trouble=self.keeper.trouble,
            committing_s=self.metrics.committing_s,
            within_s=self.ready_within_s,
        )
        return list(found)


def build(catalogue: Catalogue, pulse: Pulse) -> FastAPI:
    """The application."""
    keeper, metrics = pulse.keeper, pulse.metrics
    away: dict[int | str, dict[str, Any]] = {503: {"description": "The store is away.", "content": _TOLD}}
    app = FastAPI(title="Anlan ingest", docs_url="/docs", redoc_url=None, responses=away)
    _health(app, pulse)
    _lists(app, keeper, metrics)
    _series(app, catalogue, keeper)
    app.include_router(history_api.router(keeper))
    app.include_router(copy_api.router(keeper))

    @app.exception_handler(StoreError)
    async def store_away(request: Request, error: StoreError) -> JSONResponse:
        return JSONResponse({"detail": f"the store is away: {error}"}, 503)

    app.add_exception_handler(Exception, broke)
    return app


def _health(app: FastAPI, pulse: Pulse) -> None:
    keeper, metrics = pulse.keeper, pulse.metrics

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 when frames can be taken and stored, else 503 with what is missing."""
        subscribed = pulse.is_subscribed()
        well = subscribed and keeper.trouble is None
        return JSONResponse(
            {"ok": well, "subscribed": subscribed, "store": keeper.trouble or "open"}, 200 if well else 503
        )

    @app.get("/readyz", responses={503: {"description": "It does not do its work; `reasons` says why."}})
    async def readyz() -> JSONResponse:
        """200 while we do our work, else 503 with every reason why not; and what alerts watches of us."""
        found, folder = pulse.not_ready(), keeper.folder
        disk = None if folder is None else await asyncio.to_thread(disk_of, folder)
        body = {
            "ready": not found,
            "reasons": found,
            "lag_ms": metrics.lag_ms,
            "stored_ms": metrics.stored_ms,
            "disk": None if disk is None else disk._asdict(),
        }
        return JSONResponse(body, 503 if found else 200)

    @app.get("/metrics", response_class=PlainTextResponse)
    async def prometheus() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")


def _lists(app: FastAPI, keeper: Keeper, metrics: Metrics) -> None:
    @app.get("/api/v1/latest")
    async def latest(asset: str | None = None) -> Response:
        """The newest reading of every point, of one asset or of all."""
        rows = await keeper.read(lambda store: store.latest(asset))
        return Response(answers.json_bytes(answers.latest(rows)), media_type=JSON)

    @app.get("/api/v1/rejects")
    async def rejects(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """What did not pass the gate, newest first."""
        rows = await keeper.read(lambda store: store.rejects(limit))
        return Response(answers.json_bytes(answers.rejects(rows)), media_type=JSON)

    @app.get("/api/v1/counts")
    async def counts() -> Response:
        """How much arrived since the store was made, exactly."""
        found = await keeper.read(lambda store: store.counts())
        return Response(answers.json_bytes(answers.counts(found, metrics.lag_ms)), media_type=JSON)


def _series(app: FastAPI, catalogue: Catalogue, keeper: Keeper) -> None:
    @app.get("/api/v1/series", responses=_SERIES)
    async def series(wanted: Annotated[SeriesQuery, Query()]) -> Response:
        """A span of points of one asset, at most about `px` buckets wide, with minimum and maximum kept."""
        if wanted.from_ms >= wanted.to_ms:
            raise HTTPException(422, f"from_ms {wanted.from_ms} is not before to_ms {wanted.to_ms}")
        site = wanted.site if wanted.site is not None else _site_of(catalogue, wanted.asset)
        points = tuple(dict.fromkeys(wanted.point))
        try:
            units = answers.units_of(catalogue, site, wanted.asset, points)
        except KeyError as error:
            raise HTTPException(404, f"asset {wanted.asset!r} has no point {error}") from error
        span = Span(site, wanted.asset, points, wanted.from_ms, wanted.to_ms, wanted.px)
        trend = await keeper.read(lambda store: store.trend(span))
        match wanted.format:
            case Format.JSON:
                return Response(answers.series_json(trend, wanted.asset, units), media_type=JSON)
            case Format.ARROW:
                return Response(answers.series_arrow(trend, wanted.asset, units), media_type=ARROW)


def _site_of(catalogue: Catalogue, asset: str) -> str:
    for site, known in catalogue.points:
        if known == asset:
            return site
    raise HTTPException(404, f"no asset {asset!r}")
