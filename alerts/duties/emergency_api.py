"""Shell. The emergency over HTTP: modes, risk areas, supplies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, model_validator

from alerts.access.seen import Seen
from alerts.asked import Name, Note, Number, Signed, Why
from alerts.database import reading
from alerts.duties import areas, drills, modes, paths, stock, views
from alerts.duties.api import answer
from alerts.duties.book import Book
from alerts.duties.haul_views import HaulsWanted, haul_views
from alerts.duties.look import book_of, look_in
from alerts.duties.zone_views import zone_views
from alerts.engine import Engine
from alerts.people_api import Desk
from alerts.views import Changes

_R = TypeVar("_R")


class ModeOrder(BaseModel):
    """Who wants which mode on, at which level (1: the first of the file), and why."""

    by: Name
    mode: Name
    level: Annotated[int, Field(ge=1, le=20)]
    why: Why


class CountOrder(BaseModel):
    """Cases and clusters of an area on a day: counts, nobody's name."""

    by: Name
    day: date
    cases: Annotated[int, Field(ge=0, le=1_000_000)]
    clusters: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ConfirmOrder(BaseModel):
    """Of what risk an area is; against the proposal only with a note."""

    by: Name
    risk: Literal["low", "medium", "high"]
    note: Note = ""


class MoveOrder(BaseModel):
    """So much came or went, or so much was counted."""

    by: Name
    change: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)] | None = None
    counted: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _one(self) -> MoveOrder:
        if (self.change is None) == (self.counted is None):
            raise ValueError("give exactly one of change and counted")
        return self


def changed(engine: Engine, act: Callable[[Book], _R], now_ms: int) -> tuple[_R, Changes]:
    """One act inside a change, and what is due because of it."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        found = act(book)
        look_in(book)
    return found, change.done


def router(engine: Engine, desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    _modes(routes, engine, desk)
    _areas(routes, engine, desk)
    _stock(routes, engine, desk)

    @routes.get("/api/v1/hauls")
    async def hauled(
        seen: Seen, since_ms: int | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> Response:
        """Pools on their way to the plants, the newest first, and what each plant took in by day."""
        wanted = HaulsWanted(since_ms, limit, seen)
        return answer(await run_in_threadpool(haul_views, engine, wanted, desk.clock.now_ms()))

    @routes.get("/api/v1/drills")
    async def drilled(seen: Seen) -> Response:
        """Every drill with the moments and latencies of its hops, the newest first."""
        return answer(await run_in_threadpool(drills.listed, engine, seen))

    @routes.get("/api/v1/paths")
    async def proven() -> Response:
        """The last proven way from a cabinet to a person, by channel, and how old it may be."""
        return answer(await run_in_threadpool(paths.listed, engine, desk.clock.now_ms()))

    return routes


def _modes(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    async def told(seen: frozenset[str] | None) -> Response:
        return answer(await run_in_threadpool(views.mode_views, engine, seen))

    @routes.get("/api/v1/modes")
    async def listed(seen: Seen) -> Response:
        """Every mode of the data, with the last time that it was on."""
        return await told(seen)

    @routes.post("/api/v1/modes")
    async def ask(order: ModeOrder, seen: Seen) -> Response:
        """Somebody wants a mode on; it begins when enough persons agree."""
        await desk.give(changed, lambda book: modes.ask(book, order.mode, order.level, order.by, order.why))
        return await told(seen)

    @routes.post("/api/v1/modes/{number}/agree")
    async def agree(number: Number, order: Signed, seen: Seen) -> Response:
        """One more person agrees that it begins."""
        await desk.give(changed, lambda book: modes.agree(book, number, order.by))
        return await told(seen)

    @routes.post("/api/v1/modes/{number}/end")
    async def end(number: Number, order: Signed, seen: Seen) -> Response:
        """One more person agrees that it ends."""
        await desk.give(changed, lambda book: modes.end(book, number, order.by, order.note))
        return await told(seen)


def _areas(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.get("/api/v1/zones")
    async def listed(seen: Seen) -> Response:
        """Every proposal and who confirmed what, the newest first, with what it means for the area."""
        return answer(await run_in_threadpool(zone_views, engine, seen))

    @routes.post("/api/v1/zones/{place}/counts")
    async def count(place: Name, order: CountOrder, seen: Seen) -> Response:
        """What was counted on a day; a new count of the same day replaces the old one."""
        told = areas.Count(place, order.day, order.cases, order.clusters, order.by)
        await desk.give(changed, lambda book: areas.count(book, told))
        return await listed(seen)

    @routes.post("/api/v1/zones/{place}/confirm")
    async def confirm(place: Name, order: ConfirmOrder, seen: Seen) -> Response:
        """A named person says of what risk the area is."""
        await desk.give(changed, lambda book: areas.confirm(book, place, order.risk, order.by, order.note))
        return await listed(seen)


def _stock(routes: APIRouter, engine: Engine, desk: Desk) -> None:
    @routes.get("/api/v1/stock")
    async def listed(seen: Seen) -> Response:
        """Every item with its level (null: nobody has counted it yet)."""
        units = engine.site.org.units

        def read() -> list[dict[str, Any]]:
            with reading(engine.database) as connection:
                found = stock.levels(views.reader(connection, engine, desk.clock.now_ms()))
            return [
                {
                    "item": item.id,
                    "name": views.both(item.name),
                    "unit_text": views.both(item.unit_text),
                    "unit": item.unit,
                    "minimum": item.minimum,
                    "level": found.get(item.id),
                }
                for item in engine.site.duties.file.stock
                if views.is_seen(units[item.unit].place, seen)
            ]

        return answer(await run_in_threadpool(read))

    @routes.post("/api/v1/stock/{item}")
    async def move(item: Name, order: MoveOrder, seen: Seen) -> Response:
        """So much came or went, or so much was counted."""
        told = stock.Move(item, order.by, order.change, order.counted, order.note)
        await desk.give(changed, lambda book: stock.move(book, told))
        return await listed(seen)
