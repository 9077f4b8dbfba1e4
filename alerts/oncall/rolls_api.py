"""Shell. Roll-calls over HTTP: who was asked, who answered, and to answer. docs/reference/on-call.md describes it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from alerts.asked import Number, Signed
from alerts.engine import Engine
from alerts.errors import NothingToDoError, NotThereError
from alerts.oncall import calls as rows
from alerts.oncall import rolls
from alerts.oncall.api import answer, read
from alerts.oncall.bodies import Moment, answers
from alerts.oncall.changes import Said
from alerts.oncall.swaps import RosterRefusedError
from alerts.outbox.tables import calls
from alerts.people_api import Desk
from alerts.views import Changes

_MOST = 1000


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/api/v1/roll-calls", responses=answers())
    async def listed(
        since_ms: Moment = 0, limit: Annotated[int, Query(ge=1, le=_MOST)] = 100
    ) -> Response:  # fmt: skip
        """Roll-calls, the newest first, with who was asked and who answered; at most `limit` people in all."""
        return answer(await read(engine, lambda connection: rolls.listed(connection, engine.site, since_ms, limit)))

    @routes.post("/api/v1/roll-calls/{call}/answer", responses=answers(404, 409, 422))
    async def present(call: Number, order: Signed) -> Response:
        """Whoever was asked says that they are there."""
        return answer(await desk.give(_answer, call, Said(order.by, order.note)))

    return routes


def _answer(engine: Engine, call: int, said: Said, now_ms: int) -> tuple[dict[str, Any], Changes]:
    with engine.changing(now_ms) as change:
        mine = (calls.c.site == engine.site.id, calls.c.id == call, calls.c.kind == rolls.KIND)
        row = change.connection.execute(select(calls).where(*mine)).mappings().one_or_none()
        if row is None or not row["person"]:
            raise NotThereError(f"no roll-call {call}")
        if row["person"] != said.by:
            raise RosterRefusedError("not_yours", "Whoever was asked answers.", "须由被查岗人本人应答。")
        if row["acked_ms"] is not None:
            raise NothingToDoError(f"roll-call {call} was answered before")
        rolls.answered(engine, change, row, rows.Answer(now_ms, said.by, "api"), now_ms)
        row = change.connection.execute(select(calls).where(*mine)).mappings().one()
        told = rolls.person_view(engine.site, row)
    return told, change.done
