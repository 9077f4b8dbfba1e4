"""Shell. What alerts asks of ingest: counts for the wall's health page, and trends that it forwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx

TIMEOUT_S = 10.0


class IngestLink:
    """A client of ingest's own API. It being away is a normal answer."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S, trust_env=False)

    async def series(self, query: Iterable[tuple[str, str]]) -> httpx.Response | None:
        """The answer of /api/v1/series, whatever it is; None if ingest is away."""
        try:
            return await self._client.get("/api/v1/series", params=list(query))
        except httpx.HTTPError:
            return None

    async def counts(self) -> dict[str, Any] | None:
        """What the wall shows of ingest; None if it is away."""
        try:
            answer = await self._client.get("/api/v1/counts", timeout=2)
            answer.raise_for_status()
            told = answer.json()
        except (httpx.HTTPError, ValueError):
            return None
        return {
            "reachable": True,
            "readings": told["readings"],
            "rejected": told["rejected"],
            "lag_ms": told["lag_ms"],
        }

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
