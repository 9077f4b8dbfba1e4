"""Shell. Orders of people over HTTP: shelve, windows, out of service. docs/reference/api.md describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from alerts import people
from alerts.asked import Moment, Number
from alerts.board import Board
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import AlertsError
from alerts.hidings import all_windows, open_hidings
from alerts.ledger import Order as Given
from alerts.orders import Hiding, How
from alerts.views import Changes
from alerts.windows import Scope, Window
from alerts.writer import Writer
from rules.codes import NEVER
from runtime.clock import Clock
from vocab.instant import seconds_ms

_R = TypeVar("_R")
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=90)]
_Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_MOST = 200  # names in one list of a scope


class Signed(BaseModel):
    """Who, and if they like why."""

    by: _Name
    note: str = Field(default="", max_length=2000)


class Shelving(BaseModel):
    """Who, why, and for how long."""

    by: _Name
    note: _Why
    for_s: float = Field(gt=0, le=31_622_400, allow_inf_nan=False)  # no policy allows a year


class Removal(BaseModel):
    """Who, and under which permit."""

    by: _Name
    permit: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    note: str = Field(default="", max_length=2000)


class WindowOrder(BaseModel):
    """Who, why, what and when. Lists that are empty do not narrow it."""

    by: _Name
    reason: _Why
    assets: tuple[str, ...] = Field(default=(), max_length=_MOST)
    kinds: tuple[str, ...] = Field(default=(), max_length=_MOST)
    grids: tuple[str, ...] = Field(default=(), max_length=_MOST)
    rules: tuple[str, ...] = Field(default=(), max_length=_MOST)
    carve_outs: tuple[str, ...] = Field(default=(), max_length=_MOST)
    from_ms: Moment
    to_ms: Moment


@dataclass(frozen=True, slots=True)
class Desk:
    """Where orders are given: what changes is shown to everybody at once."""

    writer: Writer
    board: Board
    clock: Clock

    async def give(self, verb: Callable[..., tuple[_R, Changes]], *args: Any) -> _R:
        """The answer of `verb(engine, *args, now_ms)`. What was due by then is done first, as a replay would."""
        now_ms = self.clock.now_ms()

        def both(engine: Engine) -> tuple[Changes, tuple[_R, Changes] | AlertsError]:
            due = engine.tick(now_ms)
            try:
                return due, verb(engine, *args, now_ms)
            except AlertsError as error:
                return due, error

        due, found = await self.writer.call(both)
        self.board.absorb(due)
        if isinstance(found, AlertsError):
            raise found
        self.board.absorb(found[1])
        return found[0]


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    _shelves(routes, desk)
    _service(routes, engine, desk)
    _windows(routes, engine, desk)
    return routes


def _json(answer: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


def _shelves(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/api/v1/alarms/{alarm}/shelve")
    async def shelve(alarm: str, order: Shelving) -> Response:
        """Nobody is called by this alarm for `for_s`; again while it is shelved: renewed."""
        given = Given(order.by, order.note)
        return _json(await desk.give(people.shelve, alarm, given, seconds_ms(order.for_s)))

    @routes.post("/api/v1/alarms/{alarm}/unshelve")
    async def unshelve(alarm: str, order: Signed) -> Response:
        """It may call again."""
        return _json(await desk.give(people.unshelve, alarm, _given(order)))

    @routes.get("/api/v1/shelved")
    async def shelved() -> Response:
        """Every alarm on the shelf, the next to come back first."""
        found = [each for each in desk.board.alarms.values() if each.hidden and each.hidden.how == How.SHELVED]
        return _json(sorted(found, key=lambda each: (each.hidden and each.hidden.until_ms) or 0))


def _service(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    clock = desk.clock

    @routes.post("/api/v1/alarms/{alarm}/remove")
    async def remove(alarm: str, order: Removal) -> Response:
        """Out of service under a permit; 202 where it waits for a second person."""
        given = Given(order.by, order.note or None)
        hiding = await desk.give(people.remove, alarm, given, order.permit)
        return _json(_told(hiding, clock.now_ms()), 202 if hiding.waits else 200)

    @routes.post("/api/v1/alarms/{alarm}/confirm")
    async def confirm(alarm: str, order: Signed) -> Response:
        """A second person agrees, or somebody says that it still is out of service."""
        return _json(_told(await desk.give(people.confirm, alarm, _given(order)), clock.now_ms()))

    @routes.post("/api/v1/alarms/{alarm}/return")
    async def put_back(alarm: str, order: Signed) -> Response:
        """It is in service again."""
        return _json(await desk.give(people.put_back, alarm, _given(order)))

    @routes.get("/api/v1/out-of-service")
    async def out_of_service() -> Response:
        """Everything out of service or waiting for a second person, the next to be confirmed first."""

        def read() -> list[Hiding]:
            with reading(engine.database) as connection:
                return open_hidings(connection, engine.site.id, How.OUT_OF_SERVICE)

        found = sorted(await run_in_threadpool(read), key=lambda each: each.until_ms)
        return _json([_told(each, clock.now_ms()) for each in found])


def _windows(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    clock = desk.clock

    @routes.post("/api/v1/windows")
    async def order_window(order: WindowOrder) -> Response:
        """Suppress the alarms of named equipment for a time."""
        scope = Scope(order.assets, order.kinds, order.grids, order.rules, order.carve_outs)
        given, span = Given(order.by, order.reason), (order.from_ms, order.to_ms)
        window = await desk.give(people.order_window, given, scope, span)
        return _json(_window(engine, window, clock.now_ms()))

    @routes.post("/api/v1/windows/{window}/confirm")
    async def confirm_window(window: Number, order: Signed) -> Response:
        """A second person lets it cover the life safety that it names."""
        found = await desk.give(people.confirm_window, window, order.by)
        return _json(_window(engine, found, clock.now_ms()))

    @routes.post("/api/v1/windows/{window}/end")
    async def end_window(window: Number, order: Signed) -> Response:
        """It is over before its time."""
        found = await desk.give(people.end_window, window, order.by)
        return _json(_window(engine, found, clock.now_ms()))

    @routes.get("/api/v1/windows")
    async def windows(past: bool = False) -> Response:
        """Windows that run or are planned; with `past` every one."""
        now_ms = clock.now_ms()

        def read() -> list[Window]:
            with reading(engine.database) as connection:
                return all_windows(connection, engine.site.id, NEVER if past else now_ms)

        return _json([_window(engine, each, now_ms) for each in await run_in_threadpool(read)])


def _given(order: Signed) -> Given:
    return Given(order.by, order.note or None)


def _told(hiding: Hiding, now_ms: int) -> dict[str, Any]:
    return {
        "alarm": hiding.alarm,
        "by": hiding.by,
        "why": hiding.why,
        "permit": hiding.permit,
        "second": hiding.second,
        "asked_ms": hiding.asked_ms,
        "from_ms": hiding.from_ms,
        "confirm_by_ms": hiding.until_ms,
        "waits": hiding.waits,
        "overdue": not hiding.waits and hiding.until_ms < now_ms,
    }


def _window(engine: Engine, window: Window, now_ms: int) -> dict[str, Any]:
    watches, protected = engine.judge.layout.watches, engine.judge.agenda.protected
    asks_for = window.asks_for(watches.values(), protected)
    scope = window.scope
    state = "planned" if now_ms < window.start_ms else "running" if now_ms < window.end_ms else "over"
    held = [name for name, watch in watches.items() if window.scope.holds(watch)]
    return {
        "id": window.id,
        "state": state,
        "by": window.by,
        "reason": window.reason,
        "assets": scope.assets,
        "kinds": scope.kinds,
        "grids": scope.grids,
        "rules": scope.rules,
        "carve_outs": scope.carve_outs,
        "created_ms": window.created_ms,
        "from_ms": window.start_ms,
        "to_ms": window.end_ms,
        "confirmed_by": window.confirmed_by,
        "confirmed_ms": window.confirmed_ms,
        "ended_by": window.ended_by,
        "alarms": [name for name in held if name not in protected or (name in asks_for and window.confirmed_ms)],
        "waits_for": [] if window.confirmed_ms is not None else asks_for,
        "never": [name for name in held if name in protected and name not in asks_for],
    }
