"""Pure. How long somebody has to wait who tried a wrong password: by account and by address, longer each time."""

from __future__ import annotations

from dataclasses import dataclass

_MOST = 10_000  # names remembered; beyond that the oldest are forgotten


@dataclass(frozen=True, slots=True)
class Patience:
    """What an operator may decide about failed attempts."""

    free: int = 5  # failures without a wait
    first_s: float = 2.0  # then a wait, doubled by each further failure
    longest_s: float = 900.0
    forget_s: float = 3600.0  # after the last failure


class Limiter:
    """Counts failures by key; in memory, so that a restart forgives."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._failed: dict[str, tuple[int, int]] = {}  # count, moment of the last in ms

    def wait_ms(self, keys: tuple[str, ...], now_ms: int) -> int:
        """How long the next attempt has to wait; 0: it may be made."""
        return max((self._wait_ms(key, now_ms) for key in keys), default=0)

    def begun(self, keys: tuple[str, ...], now_ms: int) -> None:
        """An attempt counts as failed from its start, so that many at once gain nothing."""
        for key in keys:
            count, last_ms = self._failed.pop(key, (0, now_ms))
            if now_ms - last_ms > self._patience.forget_s * 1000:
                count = 0
            self._failed[key] = (count + 1, now_ms)
        while len(self._failed) > _MOST:
            del self._failed[next(iter(self._failed))]

    def succeeded(self, mine: str, shared: str) -> None:
        """An attempt was right. What is `mine` is forgiven whole; of what is `shared` with others (an address), only
        this attempt: one right password does not buy free attempts at other accounts."""
        self._failed.pop(mine, None)
        count, last_ms = self._failed.get(shared, (0, 0))
        if count > 1:
            self._failed[shared] = (count - 1, last_ms)
        else:
            self._failed.pop(shared, None)

    def _wait_ms(self, key: str, now_ms: int) -> int:
        count, last_ms = self._failed.get(key, (0, now_ms))
        patience = self._patience
        if count < patience.free or now_ms - last_ms > patience.forget_s * 1000:
            return 0
        doublings = min(count - patience.free, 30)
        wait_s = min(patience.first_s * float(2**doublings), patience.longest_s)
        return max(0, last_ms + round(wait_s * 1000) - now_ms)
