"""Pure. How many questions may be out on one connection: as many as the other side proves to bear.

It begins with one and grows with success. Trouble (a slave that had answered fell silent, or the connection broke,
while several were out) halves it and lowers the ceiling; twice as many answers as the last time raise it again.
"""

from __future__ import annotations

_STEP = 8  # answers in a row for one more
_TRUST = 500  # answers until the ceiling is tried again


class Window:
    """The number of questions that may be out at once."""

    def __init__(self, limit: int) -> None:
        self.size = 1
        self._limit = self._ceiling = max(1, limit)
        self._answers = 0
        self._calm = 0
        self._trust = _TRUST

    def answered(self, count: int) -> None:
        """So many answers came as they should."""
        self._answers += count
        self._calm += count
        if self._calm >= self._trust and self._ceiling < self._limit:
            self._ceiling += 1
            self._calm = 0
        if self._answers >= _STEP * self.size and self.size < self._ceiling:
            self.size += 1
            self._answers = 0

    def trouble(self) -> None:
        """With several questions out, something went wrong that goes well with one."""
        if self.size > 1:
            self._ceiling = self.size - 1
            self._trust = min(self._trust * 2, 1_000_000)
        self.size = max(1, self.size // 2)
        self._answers = self._calm = 0
