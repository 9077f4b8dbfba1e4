"""Shell. An event loop whose short waits are as long as asked for.

epoll counts whole milliseconds, rounded up. On a serial line of 115 200 baud there is a silence of 1.75 ms before every
question, so half a millisecond too long costs a twentieth of the line.
"""

from __future__ import annotations

import asyncio
import select
import selectors
from typing import Any

_SHORT_S = 0.01


class ExactSelector(selectors.EpollSelector):
    """epoll, behind a select that counts microseconds where the wait is short."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As `selectors` has it."""
        if timeout is not None and 0 < timeout < _SHORT_S:
            number: Any = self.fileno()
            select.select([number], [], [], timeout)
            timeout = 0
        return super().select(timeout)


def exact_loop() -> asyncio.AbstractEventLoop:
    """A new loop with it."""
    return asyncio.SelectorEventLoop(ExactSelector())
