"""Shell. History over HTTP: what arrived, in the order of arrival, for those who replay it while ingest goes on.

Each chunk is one short question on the reading path, asked when the one before was taken, so that a slow or a dead
client holds neither a transaction nor memory, and nobody who writes waits for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from ingest import answers
from ingest.arrivals import ranges
from ingest.history import Stretch
from ingest.history_stream import MEDIA_TYPE, Encoder
from ingest.keeper import Keeper
from ingest.port import Store
from ingest.problem import StoreError

log = structlog.get_logger()

_FRAMES: dict[int | str, dict[str, Any]] = {200: {"description": "The frames.", "content": {MEDIA_TYPE: {}}}}
_MOMENT = Field(default=None, ge=-(2**53), le=2**53)


class StretchQuery(BaseModel):
    """Which time of which site."""

    site: str
    from_ms: Annotated[int | None, _MOMENT]
    to_ms: Annotated[int | None, _MOMENT]


class FramesQuery(BaseModel):
    """Which frames of which site, as the stretch named them."""

    site: str
    first: int = Field(ge=0, le=2**53)
    last: int = Field(ge=0, le=2**53)


def router(keeper: Keeper) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/api/v1/history")
    async def stretch(wanted: Annotated[StretchQuery, Query()]) -> Response:
        """The frames needed to know what happened in a time; null if there are none."""
        found = await keeper.read(lambda store: store.past.stretch(wanted.site, wanted.from_ms, wanted.to_ms))
        told = {"stretch": None if found is None else asdict(found)}
        return Response(answers.json_bytes(told), media_type="application/json")

    @routes.get("/api/v1/history/frames", response_class=StreamingResponse, responses=_FRAMES)
    async def frames(wanted: Annotated[FramesQuery, Query()]) -> StreamingResponse:
        """These frames as an Arrow stream. One that breaks off has fewer frames than the stretch said."""
        names = await keeper.read(lambda store: store.past.names(wanted.site))
        whole = await keeper.read(lambda store: store.past.stretch(wanted.site, None, None))
        # Whoever asks for more frames than there are must not keep the reading thread busy with nothing.
        last = -1 if whole is None else min(wanted.last, whole.last)
        first = wanted.first if whole is None else max(wanted.first, whole.first)
        openings: set[int] = set()
        stretch = None
        if first <= last:
            stretch = Stretch(wanted.site, first, last, 0, 0, 0, 0)
            openings = await keeper.read(lambda store: store.past.openings(first, last))
        return StreamingResponse(_told(keeper, stretch, openings, Encoder(names)), media_type=MEDIA_TYPE)

    return routes


async def _told(keeper: Keeper, stretch: Stretch | None, openings: set[int], encoder: Encoder) -> AsyncIterator[bytes]:
    is_opening, site = False, "" if stretch is None else stretch.site
    try:
        for first, last in () if stretch is None else ranges(stretch, openings):
            is_opening |= first in openings
            at = first
            while at <= last:
                made, at = await keeper.read(_chunk(site, at, last, encoder, is_opening))
                if made:
                    yield made
                    is_opening = False
    except StoreError as error:  # the client sees by the count that this is not all
        log.warning("the store went away while history was read", cause=str(error))
        return
    yield encoder.end()


def _chunk(
    site: str, first: int, last: int, encoder: Encoder, is_opening: bool
) -> Callable[[Store], tuple[bytes, int]]:
    """Reads and encodes on the reading thread; nothing where no frame of the site lies."""

    def read(store: Store) -> tuple[bytes, int]:
        found, following = store.past.arrivals(site, first, last)
        return encoder.chunk(found, is_opening=is_opening) if len(found) else b"", following

    return read
