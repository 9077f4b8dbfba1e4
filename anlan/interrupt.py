"""Shell. Ctrl-C and SIGTERM become one cancellation, and the coroutine still gets to return its result."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def cancelled_by_signals(work: Coroutine[Any, Any, T]) -> T:
    """Await `work`; a signal cancels it at its present await, once.

    Work that expects this catches the cancellation there and goes on to end cleanly.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task
