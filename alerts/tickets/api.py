"""Shell. The workflow of tickets over HTTP. docs/reference/tickets.md describes it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Response
from fastapi.concurrency import run_in_threadpool

from alerts.access.seen import Seen
from alerts.asked import MOST
from alerts.engine import Engine
from alerts.errors import WrongOrderError
from alerts.people_api import Desk
from alerts.tickets import desk as work
from alerts.tickets.bodies import BODIES, Filed, Noted, Said
from alerts.tickets.commands import Verb
from alerts.tickets.counts import ticket_counts
from alerts.tickets.desk import Report
from alerts.tickets.model import Source, State
from alerts.tickets.possible import POSSIBLE

TicketId = Annotated[int, Path(ge=1, le=MOST)]
_SUMMARIES = {verb: verb.value.replace("_", " ") for verb in BODIES}


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    for verb in BODIES:
        _verb(routes, desk, verb)
    _rest(routes, engine, desk)
    return routes


def json_of(answer: Any, status: int = 200) -> Response:
    """An answer as JSON."""
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


def _verb(routes: APIRouter, desk: Desk, verb: Verb) -> None:
    async def order(ticket: TicketId, body: Said) -> Response:
        return json_of(await desk.give(work.order, ticket, lambda now_ms: body.command(verb, now_ms)))

    order.__annotations__["body"] = BODIES[verb]  # each verb has a body of its own
    order.__annotations__["ticket"] = TicketId
    order.__name__ = f"ticket_{verb.value}"
    routes.post(f"/api/v1/tickets/{{ticket}}/{verb.value}", summary=f"Ticket: {_SUMMARIES[verb]}")(order)


def _rest(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.post("/api/v1/tickets", status_code=201)
    async def file(body: Filed) -> Response:
        """A ticket of a patrol, a campaign, a schedule or a resident; of known equipment it joins an open one."""
        if body.source is Source.SENSOR:
            raise WrongOrderError("only_the_sensor", "only a rule opens a sensor's ticket")
        title = (body.title or body.text.splitlines()[0][:80],) * 2
        report = Report(
            body.by, body.source, body.grid, body.category.value, body.hazard, body.text, title, body.asset,
            body.priority, body.grade, body.address, body.latitude, body.longitude, body.campaign, body.sector,
        )  # fmt: skip
        return json_of(await desk.give(work.file, report), 201)

    @routes.post("/api/v1/tickets/{ticket}/note", responses={404: {"description": "There is no such ticket."}})
    async def note(ticket: TicketId, body: Noted) -> Response:
        """A word about a ticket, kept with its steps; it moves nothing."""
        return json_of(await desk.give(work.note, ticket, body.by, body.note))

    @routes.get("/api/v1/tickets/{ticket}/events")
    async def events(ticket: TicketId) -> Response:
        """Every step of a ticket, oldest first."""
        return json_of(await run_in_threadpool(work.events, engine, ticket))

    @routes.get("/api/v1/ticket-counts")
    async def counts(seen: Seen, sector: Annotated[str | None, Query(max_length=64)] = None) -> Response:
        """How many tickets there are, by state, source, sector and proof; of one sector, if it is named."""
        return json_of(await run_in_threadpool(ticket_counts, engine, seen, sector))

    @routes.get("/api/v1/workflow")
    async def workflow() -> Response:
        """The states of a ticket in both vocabularies, and which verb is possible where."""
        return json_of(workflow_table())


def workflow_table() -> dict[str, Any]:
    """For people who read, and programs that draw."""
    states = [
        {
            "state": state.value, "open": state.is_open,
            "hazard_word": state.hazard_word.model_dump(), "city_step": state.city_step.model_dump(),
        }
        for state in State
    ]  # fmt: skip
    return {"states": states, "possible": {verb.value: [state.value for state in POSSIBLE[verb]] for verb in Verb}}
