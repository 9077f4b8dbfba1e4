"""Shell. Files of a ticket over HTTP: attachments in and out, and the bundle of evidence."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from alerts.database import reading
from alerts.engine import Engine
from alerts.ingest_link import IngestLink
from alerts.people_api import Desk
from alerts.tickets import attachments, bundle
from alerts.tickets.api import TicketId, json_of
from alerts.tickets.attachments import Cellar, Given
from alerts.tickets.images import PDF
from alerts.tickets.pairs import MOST_PAIRS

Number = TicketId
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
}


def router(engine: Engine, desk: Desk, cellar: Cellar, ingest: IngestLink) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    _files(routes, engine, desk, cellar)

    @routes.get("/api/v1/tickets/{ticket}/bundle")
    async def evidence(ticket: TicketId) -> Response:
        """Everything that speaks for a ticket, as a zip with a manifest of hashes."""
        made, signals = await run_in_threadpool(bundle.collect, engine, cellar, ticket, desk.clock.now_ms())
        await bundle.add_history(made, signals, ingest, ZoneInfo(engine.site.file.timezone))
        data = await run_in_threadpool(made.zipped)
        headers = {"Content-Disposition": f'attachment; filename="ticket-{ticket}.zip"', **SAFE}
        return Response(data, media_type="application/zip", headers=headers | {"Cache-Control": "no-store"})

    return routes


def _files(routes: APIRouter, engine: Engine, desk: Desk, cellar: Cellar) -> None:
    @routes.post("/api/v1/tickets/{ticket}/attachments", status_code=201)
    async def attach(  # noqa: PLR0913, PLR0917 - what is said of a file stands in the query, its body are the bytes
        request: Request,
        ticket: TicketId,
        by: Annotated[str, Query(max_length=100)] = "",
        name: Annotated[str, Query(max_length=300)] = "",
        note: Annotated[str, Query(max_length=2000)] = "",
        phase: Annotated[str, Query(pattern="^(before|after)?$")] = "",
        pair: Annotated[int | None, Query(ge=1, le=MOST_PAIRS)] = None,
    ) -> Response:
        """A photo (JPEG, PNG), a PDF or a plain text, as the body itself; of a pair of photos from before and after."""
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > cellar.most_bytes:
                raise HTTPException(413, f"at most {cellar.most_bytes // 2**20} MiB")
        given = Given(signed(request, by), name, note, bytes(data), phase, pair)
        return json_of(await desk.give(_attach(cellar), ticket, given), 201)

    @routes.get("/api/v1/tickets/{ticket}/attachments")
    async def listed(ticket: TicketId) -> Response:
        """What was attached, oldest first."""

        def read() -> Any:
            with reading(engine.database) as connection:
                return attachments.listed(connection, engine.site.id, ticket)

        return json_of(await run_in_threadpool(read))

    @routes.get("/api/v1/tickets/{ticket}/attachments/{attachment}")
    async def one(ticket: TicketId, attachment: Number) -> Response:
        """The bytes."""
        found = await run_in_threadpool(attachments.one, engine, ticket, attachment)
        data = await run_in_threadpool(cellar.get, found.sha256)
        how = "attachment" if found.media_type == PDF else "inline"
        named = f"{how}; filename*=UTF-8''{quote(found.name or f'{ticket}-{attachment}')}"
        return Response(data, media_type=found.media_type, headers={"Content-Disposition": named, **SAFE})


def _attach(cellar: Cellar) -> Any:
    def give(engine: Engine, ticket: int, given: Given, now_ms: int) -> Any:
        return attachments.attach(engine, cellar, ticket, given, now_ms)

    return give


def signed(request: Request, by: str) -> str:
    """Who brings it: whoever is signed in; another name only where the door lets it."""
    who = getattr(request.state, "who", None)
    if who is not None and who.id and not (by and (who.act_as or who.kind == "local")):
        return str(who.id)
    if not by.strip():
        raise HTTPException(422, "by: who brings it?")
    return by.strip()
