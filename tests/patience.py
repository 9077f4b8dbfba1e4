"""Waiting in tests: for a fact, not for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(fact: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Return as soon as `fact` holds; TimeoutError if it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not fact():  # noqa: ASYNC110 - what we wait for belongs to other processes and has no event
            await asyncio.sleep(0.01)
