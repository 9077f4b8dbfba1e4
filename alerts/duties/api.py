"""Shell. Duties and reports over HTTP. docs/reference/duties.md describes it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from alerts.access.seen import Seen
from alerts.asked import Moment, Name, Note, Number, Reasoned, Signed, Why
from alerts.database import reading
from alerts.duties import orders, reports, views
from alerts.duties.due import State
from alerts.engine import Engine
from alerts.errors import WrongOrderError
from alerts.people_api import Desk
from alerts.tickets.attachments import Cellar
from vocab.instant import seconds_ms

_BASE = "/api/v1/duties"


class DoneOrder(BaseModel):
    """Who did it, when (now, if not told), the SHA-256 of a photo, and of an inspection the points of each item."""

    by: Name
    at_ms: Moment | None = None
    note: Note = ""
    photo: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    points: dict[Name, Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]] = Field(default={}, max_length=50)


class TriggerOrder(BaseModel):
    """What starts deadlines: no name of a person, only what it is about."""

    by: Name
    trigger: Name
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    at_ms: Moment | None = None
    note: Note = ""


class ReportOrder(BaseModel):
    """A report for an instance; `zero`: nothing happened."""

    by: Name
    instance: Number
    zero: bool = False
    texts: dict[Name, Annotated[str, StringConstraints(max_length=20_000)]] = Field(default={}, max_length=20)
    note: Note = ""


class ReceiptOrder(BaseModel):
    """The unit above has it, and this proves it."""

    by: Name
    unit: Name
    receipt: Why


def answer(found: Any, status: int = 200) -> Response:
    """As JSON."""
    return Response(msgspec.json.encode(found), status, media_type="application/json")


def router(engine: Engine, desk: Desk, cellar: Cellar | None) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    _lists(routes, engine, desk)
    _orders(routes, engine, desk, cellar)
    _reports(routes, engine, desk)
    return routes


def _lists(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    clock = desk.clock

    @routes.get(_BASE)
    async def duties(
        seen: Seen,
        state: Annotated[list[State] | None, Query()] = None,
        unit: str | None = None,
        schedule: str | None = None,
        since_ms: Moment | None = None,
        limit: Annotated[int, Query(ge=1, le=views.MOST)] = 200,
    ) -> Response:
        """What is asked for and overdue, or what `state` says (repeat it for several)."""
        asked = views.Asked(tuple(state or ()), unit, schedule, since_ms, limit, seen)
        return answer(await run_in_threadpool(views.listed, engine, asked, clock.now_ms()))

    @routes.get(f"{_BASE}/coming")
    async def coming(
        seen: Seen, unit: str | None = None, for_s: Annotated[float, Query(gt=0, le=31_622_400)] = 86_400
    ) -> Response:
        """What the calendar will ask for within `for_s`."""
        now_ms, asked = clock.now_ms(), views.Asked(unit=unit, seen=seen)
        return answer(await run_in_threadpool(views.coming, engine, asked, now_ms + seconds_ms(for_s), now_ms))

    @routes.get("/api/v1/duty-triggers")
    async def triggers(seen: Seen) -> Response:
        """What started deadlines and is not over."""
        return answer(await run_in_threadpool(views.trigger_views, engine, seen))

    @routes.get(_BASE + "/{instance}")
    async def one(instance: Number) -> Response:
        """One, with everything that happened to it."""
        return answer(await run_in_threadpool(views.one, engine, instance, clock.now_ms()))


def _orders(routes: APIRouter, engine: Engine, desk: Desk, cellar: Cellar | None) -> None:
    async def told(instance: int) -> Response:
        return answer(await run_in_threadpool(views.one, engine, instance, desk.clock.now_ms()))

    @routes.post(_BASE + "/{instance}/begin")
    async def begin(instance: Number, order: Signed) -> Response:
        """The bell of a round: it has started."""
        return await told(await desk.give(orders.begin, instance, order.by, order.note))

    @routes.post(_BASE + "/{instance}/done")
    async def done(instance: Number, order: DoneOrder) -> Response:
        """It was done; after its time it is late, and the ticket of its miss is closed."""
        if order.photo and not (cellar is not None and await run_in_threadpool(cellar.has_picture, order.photo)):
            raise WrongOrderError("photo_unknown", "no such photo is kept here: send it first, then give its SHA-256")
        said = orders.Done(order.by, order.at_ms, order.note, order.photo, order.points)
        return await told(await desk.give(orders.done, instance, said))

    @routes.post(_BASE + "/{instance}/waive")
    async def waive(instance: Number, order: Reasoned) -> Response:
        """It is not needed this time."""
        return await told(await desk.give(orders.waive, instance, order.by, order.note))

    @routes.post("/api/v1/duty-triggers", status_code=201)
    async def trigger(order: TriggerOrder) -> Response:
        """Deadlines start to run."""
        start = orders.Trigger(order.trigger, order.label, order.by, order.at_ms, order.note)
        return answer({"id": await desk.give(orders.trigger, start)}, 201)

    @routes.post("/api/v1/duty-triggers/{trigger}/end")
    async def end(trigger: Number, order: Signed) -> Response:
        """Nothing more follows from it."""
        return answer({"id": await desk.give(orders.end_trigger, trigger, order.by, order.note)})


def _reports(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    async def told(report: int, status: int = 200) -> Response:
        return answer((await run_in_threadpool(views.report_views, engine, None, report))[0], status)

    @routes.get("/api/v1/reports")
    async def listed(seen: Seen, state: str | None = None) -> Response:
        """The newest first."""
        return answer(await run_in_threadpool(views.report_views, engine, state, None, seen))

    @routes.get("/api/v1/reports/template")
    async def template(instance: Annotated[int, Query(ge=1, le=2**53)]) -> Response:
        """The headings of a report that is due, with the numbers that are known."""

        def read() -> dict[str, Any]:
            with reading(engine.database) as connection:
                return reports.template(views.reader(connection, engine, desk.clock.now_ms()), instance)

        return answer(await run_in_threadpool(read))

    @routes.post("/api/v1/reports", status_code=201)
    async def submit(order: ReportOrder) -> Response:
        """Hand one in."""
        draft = reports.Draft(order.instance, order.by, order.zero, order.texts, order.note)
        return await told(await desk.give(reports.submit, draft), 201)

    @routes.get("/api/v1/reports/{report}")
    async def one(report: Number) -> Response:
        """One report."""
        return await told(report)

    @routes.post("/api/v1/reports/{report}/approve")
    async def approve(report: Number, order: Signed) -> Response:
        """Another person has reviewed it; it goes upward."""
        return await told(await desk.give(reports.approve, report, order.by, order.note))

    @routes.post("/api/v1/reports/{report}/return")
    async def give_back(report: Number, order: Reasoned) -> Response:
        """The reviewer is not content."""
        return await told(await desk.give(reports.give_back, report, order.by, order.note))

    @routes.post("/api/v1/reports/{report}/received")
    async def received(report: Number, order: ReceiptOrder) -> Response:
        """A unit above has it."""
        return await told(await desk.give(reports.received, report, order.unit, order.by, order.receipt))
