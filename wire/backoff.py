"""Pure. How long to wait before the next attempt: doubling, bounded, and forgotten after a success."""

from __future__ import annotations

from dataclasses import dataclass, field

FIRST_S = 0.2
MOST_S = 5.0


@dataclass(slots=True)
class Backoff:
    """Real seconds, since it is about a network. Without jitter: a site has few clients, and tests want no dice."""

    first_s: float = FIRST_S
    most_s: float = MOST_S
    _upcoming_s: float | None = field(default=None, init=False)

    def next(self) -> float:
        """Seconds to wait now; the following wait is twice as long."""
        wait = self.first_s if self._upcoming_s is None else self._upcoming_s
        self._upcoming_s = min(self.most_s, wait * 2)
        return wait

    def reset(self) -> None:
        """It worked: the next failure starts over."""
        self._upcoming_s = None
