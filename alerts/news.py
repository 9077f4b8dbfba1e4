"""Shell. Something happened that cannot wait for the next look: whoever looks again and again is woken."""

from __future__ import annotations

import asyncio

REST_S = 0.02  # between two looks, so that a storm of news is told together and costs no more than fifty looks a second


class News:
    """Set by whoever has news, waited for by one who looks."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """There is news."""
        self._event.set()

    async def wait(self, at_most_s: float) -> bool:
        """Return when there is news, at the earliest after a short rest, or when the time is up; whether there is."""
        await asyncio.sleep(min(REST_S, at_most_s))
        try:
            async with asyncio.timeout(at_most_s - REST_S):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
