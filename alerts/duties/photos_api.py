"""Shell. Photos of duties over HTTP: kept under their SHA-256, which is what `done` is told with."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from alerts.asked import Number
from alerts.duties import views
from alerts.duties.api import answer
from alerts.engine import Engine
from alerts.errors import NotThereError, WrongOrderError
from alerts.people_api import Desk
from alerts.tickets.attachments import Cellar
from alerts.tickets.files_api import SAFE
from alerts.tickets.images import JPEG, PNG, NotTakenError, cleaned

_NOT_THERE = {"description": "there is no such duty, or no photo of it"}
_KEPT: dict[int | str, dict[str, Any]] = {404: _NOT_THERE, 413: {"description": "the photo is too large"}}
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "the photo", "content": {JPEG: {}, PNG: {}}},
    404: _NOT_THERE,
}


def router(engine: Engine, desk: Desk, cellar: Cellar) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def told(instance: int) -> dict[str, Any]:
        return await run_in_threadpool(views.one, engine, instance, desk.clock.now_ms())

    @routes.post("/api/v1/duties/{instance}/photo", status_code=201, responses=_KEPT)
    async def keep(request: Request, instance: Number) -> Response:
        """Keep a photo (JPEG or PNG, as the body itself), without what tells where and by whom it was taken."""
        await told(instance)
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > cellar.most_bytes:
                raise HTTPException(413, f"at most {cellar.most_bytes // 2**20} MiB")
        return answer({"sha256": await run_in_threadpool(_kept, cellar, bytes(data))}, 201)

    @routes.get("/api/v1/duties/{instance}/photo", response_class=Response, responses=_SHOWN)
    async def show(instance: Number) -> Response:
        """The photo that proves a duty, if it was kept here."""
        sha256 = (await told(instance))["photo"]
        if not sha256:
            raise NotThereError(f"duty {instance} has no photo")
        data = await run_in_threadpool(cellar.get, sha256)
        return Response(data, media_type=PNG if data.startswith(b"\x89PNG") else JPEG, headers=SAFE)

    return routes


def _kept(cellar: Cellar, data: bytes) -> str:
    try:
        found = cleaned(data)
    except NotTakenError as error:
        raise WrongOrderError("wrong_type", str(error)) from error
    if found.media_type not in {JPEG, PNG}:
        raise WrongOrderError("wrong_type", "neither a JPEG nor a PNG picture")
    return cellar.put(found.data)
