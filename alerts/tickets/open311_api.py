"""Shell. Open311 GeoReport v2 over HTTP: docs/reference/open311.md describes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from alerts.asked import MOST
from alerts.engine import Engine
from alerts.errors import NoSuchTicketError
from alerts.people_api import Desk
from alerts.tickets import open311_desk as work
from alerts.tickets.api import TicketId, json_of
from alerts.tickets.bodies import Said
from alerts.tickets.open311 import Asked, Spot, sector_of, service_view
from alerts.tickets.open311_desk import Search
from vocab.instant import to_ms

_MOST_BODY, _MOST_TEXT = 65_536, 2000
_LANGUAGES = ("en", "zh")
Sector = Annotated[str | None, Query(max_length=64)]
Language = Annotated[str, Query(pattern="^(en|zh)$")]


class Rating(Said):
    """How content, from 1 to 5."""

    stars: int = Field(ge=1, le=5)


class _WrongError(Exception):
    """What the caller did wrong, as the standard wants it told."""


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    _services(routes, engine)
    _requests(routes, engine)
    _post(routes, engine, desk)

    @routes.post("/api/v1/tickets/{ticket}/rate")
    async def rate(ticket: TicketId, body: Rating) -> Response:
        """A resident's word on a ticket of theirs that is closed, once."""
        return json_of(await desk.give(work.rate, ticket, body.by, body.stars, body.note))

    return routes


def _services(routes: APIRouter, engine: Engine) -> None:
    @routes.get("/open311/v2/services.json")
    async def services(language: Language = "zh", sector: Sector = None) -> Response:
        """What a resident can report; of one sector, if it is named."""
        site = engine.site
        found = [each for each in site.sla.services() if sector is None or sector_of(site, each) == sector]
        return json_of([service_view(site, each, language) for each in found])


def _requests(routes: APIRouter, engine: Engine) -> None:
    @routes.get("/open311/v2/requests.json")
    async def requests(  # noqa: PLR0913, PLR0917 - the filters of a list are its parameters
        service_request_id: Annotated[str | None, Query(max_length=4000)] = None,
        service_code: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        status: Annotated[str | None, Query(max_length=20)] = None,
        sector: Sector = None,
        language: Language = "zh",
    ) -> Response:
        """Reports, newest first."""
        try:
            search = Search(
                _ids(service_request_id),
                service_code,
                _moment(start_date),
                _moment(end_date),
                _is_open(status),
                sector,
            )
        except _WrongError as error:
            return _wrong(400, str(error))
        return json_of(await run_in_threadpool(work.requests, engine, search, language))

    @routes.get("/open311/v2/requests/{service_request_id}.json")
    async def request(service_request_id: str, language: Language = "zh") -> Response:
        """One report."""
        try:
            (ticket,) = _ids(service_request_id) or (0,)
            return json_of(await run_in_threadpool(work.request, engine, ticket, language))
        except (_WrongError, NoSuchTicketError, ValueError):
            return _wrong(404, "service_request_id was not found")


def _post(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.post("/open311/v2/requests.json", status_code=201)
    async def report(request: Request) -> Response:
        """A resident's report, as a form or as JSON; of what has an open ticket near by, it joins that one."""
        raw = await request.body()
        try:
            asked = _asked(engine, _fields(raw, request.headers.get("content-type", "")))
        except _WrongError as error:
            return _wrong(400, str(error))
        who = getattr(request.state, "who", None)
        by = "resident" if who is None or not getattr(who, "id", "") else str(who.id)
        ticket = await desk.give(work.report, asked, by)
        return json_of([{"service_request_id": str(ticket), "service_notice": None, "account_id": None}], 201)


def _wrong(status: int, description: str) -> Response:
    return json_of([{"code": status, "description": description}], status)


def _fields(raw: bytes, content_type: str) -> dict[str, str]:
    if len(raw) > _MOST_BODY:
        raise _WrongError("the report is too long")
    try:
        if content_type.startswith("application/json"):
            body: Any = msgspec.json.decode(raw)
            if not isinstance(body, dict):
                raise _WrongError("an object is wanted")
            return {str(name): str(value) for name, value in body.items() if value is not None}
        return {name: values[0] for name, values in parse_qs(raw.decode("utf-8")).items()}
    except (UnicodeDecodeError, ValueError) as error:
        raise _WrongError("neither a form nor JSON") from error


def _asked(engine: Engine, fields: dict[str, str]) -> Asked:
    code = fields.get("service_code")
    if not code:
        raise _WrongError("service_code was not provided")
    service = next((each for each in engine.site.sla.services() if each.code == code), None)
    if service is None:
        raise _WrongError(f"service_code {code[:100]!r} is not one of services.json")
    spot = Spot(_degrees(fields, "lat", 90), _degrees(fields, "long", 180))
    address, address_id = fields.get("address_string", ""), fields.get("address_id", "")
    if not (address or address_id) and (spot.latitude is None or spot.longitude is None):
        raise _WrongError("lat and long, address_string or address_id is required")
    text = fields.get("description", "").strip() or service.name.zh
    if len(text) > _MOST_TEXT or len(address) > 300 or len(address_id) > 64:
        raise _WrongError("the report is too long")
    return Asked(service, spot, text, address, address_id)


def _degrees(fields: dict[str, str], name: str, most: float) -> float | None:
    if not fields.get(name):
        return None
    try:
        value = float(fields[name])
    except ValueError as error:
        raise _WrongError(f"{name} is no number") from error
    if not -most <= value <= most:
        raise _WrongError(f"{name} is not on this planet")
    return value


def _ids(text: str | None) -> list[int] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and int(word) <= MOST for word in words):
        raise _WrongError("service_request_id is no list of numbers")
    return [int(word) for word in words]


def _moment(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise _WrongError("a date needs its time zone, such as 2026-03-26T08:00:00+08:00")
        return to_ms(moment)
    except (ValueError, OverflowError) as error:
        raise _WrongError(f"{text[:100]!r} is no date") from error


def _is_open(status: str | None) -> bool | None:
    if status is None:
        return None
    words = {word.strip() for word in status.split(",")}
    if not words <= {"open", "closed"}:
        raise _WrongError("status is open, closed or both")
    return None if len(words) == 2 else words == {"open"}
