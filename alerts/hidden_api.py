"""Shell. GET /api/v1/hidden: what was hidden, by whom, why, and what happened behind it."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException, Response
from fastapi.concurrency import run_in_threadpool

from alerts.asked import Moment
from alerts.database import reading
from alerts.engine import Engine
from alerts.hidden import DEFAULT_DAYS, MOST_DAYS, MS_PER_DAY, HiddenReport, hidden_report
from runtime.clock import Clock


def router(engine: Engine, clock: Clock) -> APIRouter:
    """The route, over the same database as everything else."""
    routes = APIRouter()

    @routes.get("/api/v1/hidden")
    async def hidden(from_ms: Moment | None = None, to_ms: Moment | None = None) -> Response:
        """Every time that an alarm was hidden in [from_ms, to_ms); default: the last 7 days."""
        end = clock.now_ms() if to_ms is None else to_ms
        start = end - DEFAULT_DAYS * MS_PER_DAY if from_ms is None else from_ms
        if not 0 < end - start <= MOST_DAYS * MS_PER_DAY:
            raise HTTPException(
                422, f"a period must end after it begins, and at most {MOST_DAYS} days are told at once"
            )

        def read() -> HiddenReport:
            with reading(engine.database) as connection:
                return hidden_report(connection, engine.site, start, end)

        return Response(msgspec.json.encode(as_json(await run_in_threadpool(read))), media_type="application/json")

    return routes


def as_json(report: HiddenReport) -> dict[str, Any]:
    """The report as the API and `anlan hidden --json` tell it."""
    return {
        "from_ms": report.from_ms,
        "to_ms": report.to_ms,
        "hidden": [
            {
                "alarm": each.stretch.alarm,
                "asset": each.asset,
                "name": each.name,
                "priority": each.priority,
                "protected": each.protected,
                "how": each.stretch.how,
                "by": each.stretch.by,
                "why": each.stretch.why,
                "from_ms": each.stretch.from_ms,
                "to_ms": each.stretch.to_ms,
                "until_ms": each.stretch.until_ms,
                "ended_by": each.stretch.ended_by,
                "renewals": each.stretch.renewals,
                "window": each.stretch.window,
                "raised": each.stretch.raised,
                "worst": each.stretch.worst,
                "unit": each.unit,
                "stood": each.stretch.stood,
            }
            for each in report.hidden
        ],
        "windows": [
            {
                "id": each.id,
                "by": each.by,
                "reason": each.reason,
                "from_ms": each.start_ms,
                "to_ms": each.end_ms,
                "confirmed_by": each.confirmed_by,
                "ended_by": each.ended_by,
            }
            for each in report.windows
        ],
    }
