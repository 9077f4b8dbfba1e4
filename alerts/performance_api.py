"""Shell. GET /api/v1/performance: how the alarms themselves behave. docs/reference/performance.md describes it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.concurrency import run_in_threadpool

from alerts.access.seen import Seen
from alerts.asked import Moment
from alerts.database import reading
from alerts.engine import Engine
from alerts.performance import default_period, performance
from rules.performance.definitions import MS_PER_DAY
from runtime.clock import Clock

MOST_DAYS = 400  # a year and a month: a longer period is asked in parts


def router(engine: Engine, clock: Clock) -> APIRouter:
    """The route, over the same database as everything else."""
    routes = APIRouter()

    @routes.get("/api/v1/performance")
    async def report(
        seen: Seen,
        from_ms: Moment | None = None,
        to_ms: Moment | None = None,
        operators: Annotated[int, Query(ge=1, le=1000)] = 1,
    ) -> Response:
        """Load, floods, nuisance, priorities and answers of [from_ms, to_ms); default: the last 30 days.

        Of the equipment that whoever asks may see.
        """
        now_ms = clock.now_ms()

        def read() -> Any:
            with reading(engine.database) as connection:
                period = default_period(connection, engine.site.id, from_ms, to_ms, now_ms, operators)
                if period is None or period.to_ms - period.from_ms > MOST_DAYS * MS_PER_DAY:
                    raise ValueError(f"at most {MOST_DAYS} days at once")
                return performance(connection, engine.site, period, grids=seen)

        try:
            found = await run_in_threadpool(read)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return Response(msgspec.json.encode(found), media_type="application/json")

    return routes
