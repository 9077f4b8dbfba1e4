"""Shell. GET /api/v1/paper/…: papers as files. docs/reference/paper.md describes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from alerts.access.numbers import SQL_MOST
from alerts.access.rights import Kind, Who, sight
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import WrongOrderError
from alerts.ingest_link import IngestLink
from alerts.paper import make
from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.errors import NoFontError
from alerts.paper.evidence import evidence
from alerts.paper.facts_evidence import evidence_files, evidence_of
from alerts.paper.make import Asked, Format, written
from alerts.paper.make_dossier import the_dossier
from alerts.paper.model import Document, Language, Names
from alerts.tickets.attachments import Cellar
from alerts.tickets.bundle import Bundle, add_history, collect
from alerts.tickets.model import Source
from runtime.clock import Clock
from vocab.rule import Grade

_R = TypeVar("_R")
_Name = Annotated[str, Query(max_length=90)]
_LAST_MS = 32_503_680_000_000  # the year 3000: no later day is on any paper
_Number = Annotated[int, Query(ge=0, le=_LAST_MS)]
_ZIP = "application/zip"
_FILES: dict[str, dict[str, str]] = {media: {} for media in (*(form.media_type.split(";")[0] for form in Format), _ZIP)}
_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "the file", "content": _FILES},
    404: {"description": "there is no such ticket or report"},
    409: {"description": "it cannot be put on this paper; `reason` says why"},
    501: {"description": "a PDF, but this machine has no font with Chinese signs; docx and xlsx need none"},
}


@dataclass(frozen=True, slots=True)
class Hands:
    """In which language, and whose names stand under it."""

    lang: Language = "zh"
    preparer: _Name = ""
    reviewer: _Name = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tickets."""

    from_ms: _Number
    to_ms: _Number
    unit: _Name = ""
    grade: Grade | None = None
    source: Source | None = None
    category: Literal["hazard", "sanitation", "maintenance", "all"] = "hazard"
    carried: bool = False
    campaign: _Name = ""
    sector: _Name = ""  # of public safety; empty: every one


@dataclass(frozen=True, slots=True)
class Counter:
    """Where papers are handed out; one at a time, since a PDF keeps a core busy for seconds."""

    engine: Engine
    clock: Clock
    turn: asyncio.Semaphore
    cellar: Cellar | None
    ingest: IngestLink

    async def give(
        self, request: Request, hands: Hands, build: Callable[[Connection, Context], tuple[Names, bytes]], media: str
    ) -> Response:
        """The file."""
        context = self.context(request, hands)
        async with self.turn:
            names, data = await self.read(lambda connection: build(connection, context))
        headers = {"Content-Disposition": disposition(names, request.url.path), "Cache-Control": "no-store"}
        return Response(data, media_type=media, headers=headers)

    async def read(self, work: Callable[[Connection], _R]) -> _R:
        """What a reader of the database finds, in a thread of its own."""

        def run() -> _R:
            with reading(self.engine.database) as connection:
                return work(connection)

        return await run_in_threadpool(run)

    async def bundle(self, ticket: int) -> Bundle:
        """Everything that speaks for a ticket, with its curves."""
        made, signals = await run_in_threadpool(collect, self.engine, self.cellar, ticket, self.clock.now_ms())
        await add_history(made, signals, self.ingest, ZoneInfo(self.engine.site.file.timezone))
        return made

    async def document(
        self, request: Request, hands: Hands, form: Format, build: Callable[[Connection, Context], Document]
    ) -> Response:
        """A document as a file of this format."""

        def both(connection: Connection, context: Context) -> tuple[Names, bytes]:
            document = build(connection, context)
            return document.names, written(document, form)

        return await self.give(request, hands, both, form.media_type)

    def context(self, request: Request, hands: Hands) -> Context:
        """Who is signed in prepares it; another name needs the right to act as others."""
        who: Who | None = getattr(request.state, "who", None)
        site = self.engine.site
        is_free = who is None or who.kind is Kind.LOCAL or who.act_as
        preparer = hands.preparer if is_free else who.id if who is not None and who.kind is Kind.PERSON else ""
        if preparer and preparer == hands.reviewer:
            raise WrongOrderError("same_person", "who prepares a paper does not review it / 填表人与审核人不能为同一人")
        grids = frozenset(grid.id for grid in site.file.grid)
        seen = None if who is None else sight(who, grids, site.org)
        return Context(site, self.clock.now_ms(), hands.lang, preparer, hands.reviewer, seen)


def asked(choice: Choice, context: Context) -> Asked:
    """The question, narrowed to what may be seen."""
    if choice.from_ms >= choice.to_ms:
        raise WrongOrderError("no_time", "from_ms is not before to_ms")
    if choice.sector and choice.sector not in context.site.taxonomy.ids:  # else it would be a zero report about nothing
        raise WrongOrderError("unknown_name", f"no sector {choice.sector!r}")
    return Asked(
        choice.from_ms, choice.to_ms, choice.unit, choice.grade, choice.source, choice.category, choice.carried,
        context.seen, choice.campaign, choice.sector,
    )  # fmt: skip


def disposition(names: Names, path: str) -> str:
    """The name in Chinese for those who know RFC 6266, in ASCII for all others."""
    suffix = path.rsplit(".", 1)[-1]
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in names.ascii)
    shown = quote(f"{names.shown}.{suffix}", safe="")
    return f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{shown}"


def add_paper(app: FastAPI, engine: Engine, clock: Clock, cellar: Cellar | None, ingest: IngestLink) -> None:
    """The routes, and how a missing font is told."""

    async def no_font(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error), "reason": "no_font"}, 501)

    app.add_exception_handler(NoFontError, no_font)
    counter = Counter(engine, clock, asyncio.Semaphore(1), cellar, ingest)
    app.include_router(router(counter))


def router(counter: Counter) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/paper", responses=_RESPONSES)
    _single(routes, counter)
    _lists(routes, counter)
    return routes


_Hands = Annotated[Hands, Depends()]
_Choice = Annotated[Choice, Depends()]


def _single(routes: APIRouter, counter: Counter) -> None:
    @routes.get("/major-hazard/{ticket}.{form}", response_class=Response)
    async def major_hazard(
        request: Request, ticket: int, form: Literal["docx", "xlsx", "pdf"], hands: _Hands
    ) -> Response:
        """《重大事故隐患登记表》 of one major hazard."""

        def build(connection: Connection, context: Context) -> Document:
            return make.major_hazard(connection, context, min(ticket, SQL_MOST))

        return await counter.document(request, hands, Format(form), build)

    @routes.get("/evidence/{ticket}.{form}", response_class=Response)
    async def evidence_sheet(request: Request, ticket: int, form: Literal["docx", "pdf"], hands: _Hands) -> Response:
        """What speaks for one ticket: curves, rules, calls with receipts, steps, photos."""
        bundle = await counter.bundle(min(ticket, SQL_MOST))

        def build(connection: Connection, context: Context) -> Document:
            case = make.one_case(connection, context, min(ticket, SQL_MOST))
            return evidence(context, case, evidence_of(context, bundle))

        return await counter.document(request, hands, Format(form), build)

    @routes.get("/report/{report}.{form}", response_class=Response)
    async def report(request: Request, report: int, form: Literal["docx", "pdf"], hands: _Hands) -> Response:
        """A report that was submitted, with its headings."""

        def build(connection: Connection, context: Context) -> Document:
            return make.the_report(connection, context, min(report, SQL_MOST))

        return await counter.document(request, hands, Format(form), build)


def _lists(routes: APIRouter, counter: Counter) -> None:
    @routes.get("/ledger.{form}", response_class=Response)
    async def ledger(
        request: Request, form: Literal["xlsx", "csv", "docx", "pdf"], choice: _Choice, hands: _Hands
    ) -> Response:
        """《隐患排查治理台账》 of [from_ms, to_ms)."""

        def build(connection: Connection, context: Context) -> Document:
            return make.the_ledger(connection, context, asked(choice, context))

        return await counter.document(request, hands, Format(form), build)

    @routes.get("/bulletin.{form}", response_class=Response)
    async def bulletin(
        request: Request, form: Literal["docx", "xlsx", "pdf"], choice: _Choice, hands: _Hands
    ) -> Response:
        """The bulletin with the score card of each committee."""

        def build(connection: Connection, context: Context) -> Document:
            return make.the_bulletin(connection, context, asked(choice, context))

        return await counter.document(request, hands, Format(form), build)

    @routes.get("/handover.{form}", response_class=Response)
    async def handover(request: Request, form: Literal["docx", "pdf"], choice: _Choice, hands: _Hands) -> Response:
        """The brief of the shift [from_ms, to_ms)."""

        def build(connection: Connection, context: Context) -> Document:
            return make.the_handover(connection, context, asked(choice, context))

        return await counter.document(request, hands, Format(form), build)

    @routes.get("/dossier.zip", response_class=Response)
    async def dossier(request: Request, choice: _Choice, hands: _Hands) -> Response:
        """The acceptance dossier of [from_ms, to_ms), with the evidence of each major hazard."""
        context = counter.context(request, hands)
        wanted = asked(choice, context)
        cases = await counter.read(lambda connection: make.selected(connection, context, wanted))
        bundles = {case.id: await counter.bundle(case.id) for case in cases if case.work.is_major}

        def build(connection: Connection, context: Context) -> tuple[Names, bytes]:
            def evidence_in(case: Case) -> Mapping[str, bytes]:
                return evidence_files(context, case, bundles.get(case.id))

            return the_dossier(connection, context, wanted, evidence_in)

        return await counter.give(request, hands, build, _ZIP)
