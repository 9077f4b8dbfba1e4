"""Shell. The people of a soak: they take note, reset what is latched, repair, accept and close, so that work ends too.

Each is signed in as themselves. Whatever is over at the sensor is repaired and written off once it is verified; what a
rule proposes as major is discarded with a second person's approval, which is the shortest way that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx

WORKER, SUPERVISOR, APPROVER = "duty-a", "supervisor-a", "supervisor-b"
_LOOK_EVERY_S = 3.0
_MOST = 25  # acts of one look: they are people
_ALARMS = {
    "unacked": "acknowledge",
    "rtn_unacked": "acknowledge",
    "latched_unacked": "acknowledge",
    "latched_acked": "reset",
}
_NOTE = "soak"
_STEPS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {  # by state: who, which verb, with what
    "classified": (SUPERVISOR, "discard", {"approver": APPROVER, "note": _NOTE}),
    "dispatched": (WORKER, "begin", {}),
    "rectifying": (WORKER, "repaired", {}),
    "feedback": (SUPERVISOR, "accept", {}),
    "accepted": (SUPERVISOR, "write_off", {"note": _NOTE}),
}


@asynccontextmanager
async def operating(url: str, passwords: Mapping[str, str]) -> AsyncIterator[None]:
    """They work as long as this is open; a site without these people has none."""
    if not {WORKER, SUPERVISOR} <= passwords.keys():
        yield
        return
    work = asyncio.create_task(_work(url, passwords), name="people of the soak")
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def _work(url: str, passwords: Mapping[str, str]) -> None:
    own = {"base_url": url, "timeout": 30, "trust_env": False, "headers": {"Origin": url}}
    async with httpx.AsyncClient(**own) as worker, httpx.AsyncClient(**own) as supervisor:  # type: ignore[arg-type]
        clients = {WORKER: worker, SUPERVISOR: supervisor}
        for name, client in clients.items():
            told = {"account": name, "password": passwords[name]}
            (await client.post("/api/v1/session", json=told)).raise_for_status()
        while True:
            with contextlib.suppress(httpx.HTTPError, ValueError):  # a refusal is an answer
                await look(clients)
            await asyncio.sleep(_LOOK_EVERY_S)


async def look(clients: Mapping[str, httpx.AsyncClient]) -> None:
    """One look at what stands."""
    worker = clients[WORKER]
    alarms = (await worker.get("/api/v1/alarms")).raise_for_status().json()
    for alarm in [each for each in alarms if each["state"] in _ALARMS][:_MOST]:
        address = f"/api/v1/alarms/{quote(alarm['id'], safe='')}/{_ALARMS[alarm['state']]}"
        await worker.post(address, json={"by": WORKER})
    asked = await worker.get("/api/v1/tickets", params={"open": "true", "limit": 500})
    ended: list[Any] = [each for each in asked.raise_for_status().json() if not each["alarm_active"]]
    for ticket in ended[-_MOST:]:  # the newest stand first
        step = _STEPS.get(ticket["state"])
        if step is not None:
            who, verb, besides = step
            await clients[who].post(f"/api/v1/tickets/{ticket['id']}/{verb}", json={"by": who, **besides})
