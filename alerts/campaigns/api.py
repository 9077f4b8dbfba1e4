"""Shell. Campaigns and spot checks over HTTP. docs/reference/campaigns.md describes it."""

from __future__ import annotations

import secrets
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from alerts.access.seen import Seen
from alerts.asked import Name, Note, Number, Signed
from alerts.campaigns import samples, views
from alerts.duties import views as duty_views
from alerts.duties.api import answer
from alerts.duties.emergency_api import changed
from alerts.engine import Engine
from alerts.people_api import Desk

_BASE = "/api/v1/campaigns"


class CheckOrder(BaseModel):
    """Who looked, and whether it is as the self-check said; what is wrong needs a note."""

    by: Name
    outcome: Literal["consistent", "wrong"]
    note: Note = ""


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    clock = desk.clock

    @routes.get(_BASE)
    async def listed() -> Response:
        """Every campaign of the data with its dates, the newest first."""
        return answer(views.listed(engine, clock.now_ms()))

    @routes.get(_BASE + "/{campaign}")
    async def one(campaign: Name, seen: Seen) -> Response:
        """One: of each phase and committee what was asked for, done and overdue; its tickets; its spot checks."""
        return answer(await run_in_threadpool(views.one, engine, campaign, seen, clock.now_ms()))

    @routes.post(_BASE + "/{campaign}/samples", status_code=201)
    async def draw(campaign: Name, order: Signed) -> Response:
        """Draw from what was self-checked; each item becomes an inspection. The seed is the server's."""
        seed = secrets.token_hex(8)
        number = await desk.give(changed, lambda book: samples.draw(book, campaign, order.by, order.note, seed))
        return answer(await run_in_threadpool(views.sample, engine, campaign, number), 201)

    @routes.get(_BASE + "/{campaign}/samples/{sample}")
    async def sample(campaign: Name, sample: Number) -> Response:
        """A sample with seed and population: whoever draws again gets the same items."""
        return answer(await run_in_threadpool(views.sample, engine, campaign, sample))

    @routes.post("/api/v1/duties/{instance}/checked")
    async def checked(instance: Number, order: CheckOrder) -> Response:
        """An item of a sample was inspected; what was found wrong becomes work again."""
        said = samples.Check(order.by, order.outcome, order.note)
        await desk.give(changed, lambda book: samples.check(book, instance, said))
        return answer(await run_in_threadpool(duty_views.one, engine, instance, clock.now_ms()))

    return routes
