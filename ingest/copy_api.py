"""Shell. A copy of the store over HTTP, for a backup while ingest runs: nobody else can open the file."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from ingest.keeper import Keeper

MEDIA_TYPE = "application/vnd.duckdb"


def router(keeper: Keeper) -> APIRouter:
    """Its one address."""
    routes = APIRouter()
    busy = asyncio.Lock()

    @routes.post("/api/v1/copy", response_class=FileResponse, responses={409: {}, 503: {}})
    async def copy() -> FileResponse:
        """The store as it is at this moment, as a DuckDB file. Frames are stored meanwhile; one copy at a time."""
        if busy.locked():
            raise HTTPException(409, "a copy is being made")
        async with busy:
            folder = tempfile.TemporaryDirectory(prefix=".copy-", dir=keeper.folder, ignore_cleanup_errors=True)
            place = Path(folder.name) / "readings.duckdb"
            try:
                await keeper.read(lambda store: store.copy(place))
            except BaseException:
                folder.cleanup()
                raise
        return FileResponse(place, media_type=MEDIA_TYPE, background=BackgroundTask(folder.cleanup))

    return routes
