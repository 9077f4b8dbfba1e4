"""Shell. What alerts asks of ingest: counts for the wall's health page, and trends that it forwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import httpx

from runtime.disk import Disk

TIMEOUT_S = 10.0


class Readiness(NamedTuple):
    """Whether ingest does its work, else why not; site time."""

    is_ready: bool
    reasons: tuple[str, ...]
    lag_ms: int | None  # of the newest frame of the last batch, from its own time until it was stored
    stored_ms: int | None  # when that batch was
    disk: Disk | None


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

    async def readiness(self) -> Readiness | None:
        """What ingest says of itself; None if it does not answer in time."""
        try:
            told = (await self._client.get("/readyz", timeout=2)).json()
            disk = told["disk"]
            return Readiness(
                told["ready"] is True,
                tuple(map(str, told["reasons"])),
                told["lag_ms"],
                told["stored_ms"],
                None if disk is None else Disk(disk["name"], disk["free_mib"]),
            )
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
