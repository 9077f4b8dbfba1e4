"""Shell. Looking at running parts from outside, as a user or an operator would: over HTTP."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from anlan.broker import answers
from anlan.commands import System
from anlan.places import session
from vocab import topics
from vocab.site import Site
from wire.address import Address
from wire.subscriber import Subscriber, SubscriptionError

START_WITHIN_S = 60.0
CATCH_UP_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
STILL_FOR_S = 5.0  # longer than the broker waits before it repeats what nobody acknowledged


class NotStartedError(Exception):
    """A part did not come up in time; its log says why."""

    def __init__(self, what: str, log: Path) -> None:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]) if log.exists() else ""
        super().__init__(f"{what} did not come up within {START_WITHIN_S:.0f} s\n{tail}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the API shows at the end of a run."""

    tickets: list[dict[str, Any]]
    transitions: list[dict[str, Any]]
    counts: dict[str, Any]
    duties: list[dict[str, Any]] = field(default_factory=list)  # those whose time is over


async def until_it_answers(address: tuple[str, int], what: str, log: Path) -> None:
    """Wait until an MQTT broker answers there; NotStartedError after a minute."""
    end = time.monotonic() + START_WITHIN_S
    while time.monotonic() < end:
        if await asyncio.to_thread(answers, *address):
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise NotStartedError(what, log)


async def until_healthy(url: str, what: str, log: Path) -> None:
    """Wait until the health page answers 200; NotStartedError after a minute."""
    end = time.monotonic() + START_WITHIN_S
    async with httpx.AsyncClient(timeout=5, trust_env=False, verify=False) as client:  # noqa: S501 - it is http://
        while time.monotonic() < end:
            try:
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(LOOK_EVERY_S)
    raise NotStartedError(what, log)


async def until_sessions_exist(site: Site, broker: Address, log: Path) -> None:
    """From then on the broker keeps for ingest and alerts what they read, even while they still start."""
    end = time.monotonic() + START_WITHIN_S
    for part, kinds in (("ingest", topics.KEPT_BY_INGEST), ("alerts", topics.HEARD_BY_ALERTS)):
        theirs = Subscriber(broker, session(part), [topics.subscription(site.id, kind) for kind in kinds])
        while True:
            try:
                await theirs.establish()
                break
            except SubscriptionError:
                if time.monotonic() > end:
                    raise NotStartedError("the broker", log) from None
                await asyncio.sleep(LOOK_EVERY_S)


async def until_caught_up(system: System, token: str) -> None:
    """Wait until ingest and alerts have taken everything that the broker holds: their counts stand still."""
    last: object = None
    still_since = time.monotonic()
    end = still_since + CATCH_UP_WITHIN_S
    async with httpx.AsyncClient(timeout=10, trust_env=False, headers=_bearer(token)) as client:
        while time.monotonic() < end:
            try:
                counts = (await client.get(f"{system.ingest_url}/api/v1/counts")).json()
                snapshot = (await client.get(f"{system.wall_url}/api/v1/snapshot")).json()
                now = (counts, snapshot["system"]["alerts"])
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                now = (object(), None)  # being restarted: not still
            if now != last:
                last, still_since = now, time.monotonic()
            elif time.monotonic() - still_since >= STILL_FOR_S:
                return
            await asyncio.sleep(LOOK_EVERY_S)


async def what_users_see(system: System, token: str) -> Seen:
    """Every ticket and every transition of an alarm, page by page."""
    async with httpx.AsyncClient(
        base_url=system.wall_url, timeout=30, trust_env=False, headers=_bearer(token)
    ) as client:
        tickets = (await client.get("/api/v1/tickets", params={"limit": 1000})).json()
        transitions = (await client.get("/api/v1/transitions", params={"limit": 100_000})).json()
        past = "state=done&state=late&state=missed&limit=1000"
        duties = (await client.get(f"/api/v1/duties?{past}")).json()
        counts = (await client.get(f"{system.ingest_url}/api/v1/counts")).json()
    return Seen(tickets, transitions, counts, duties)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
