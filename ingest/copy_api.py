"""Shell. A copy of the store over HTTP, for a backup while ingest runs: nobody else can open the file."""

from __future__ import annotations

import asyncio
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from ingest.keeper import Keeper

MEDIA_TYPE = "application/x-tar"
NAME = "readings.duckdb"
_BLOCK = 1 << 20


def router(keeper: Keeper) -> APIRouter:
    """Its one address."""
    routes = APIRouter()
    busy = asyncio.Lock()

    @routes.post("/api/v1/copy", response_class=StreamingResponse, responses={409: {}, 503: {}})
    async def copy() -> StreamingResponse:
        """The store as it is at this moment, as a tar archive: a DuckDB file and its closed periods. Frames are stored
        meanwhile; one copy at a time."""
        if busy.locked():
            raise HTTPException(409, "a copy is being made")
        async with busy:
            folder = tempfile.TemporaryDirectory(prefix=".copy-", dir=keeper.folder, ignore_cleanup_errors=True)
            try:
                await keeper.read(lambda store: store.copy(Path(folder.name) / NAME))
            except BaseException:
                folder.cleanup()
                raise
        told = archived(Path(folder.name))
        return StreamingResponse(told, media_type=MEDIA_TYPE, background=BackgroundTask(folder.cleanup))

    return routes


def archived(folder: Path) -> Iterator[bytes]:
    """A tar archive of the files below a folder, piece by piece."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        told = tarfile.TarInfo(str(path.relative_to(folder)))
        told.size = left = path.stat().st_size
        yield told.tobuf()
        with path.open("rb") as file:
            while left and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                yield block
        yield bytes(-told.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)
