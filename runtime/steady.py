"""Shell. The machine's clock, kept from jumping: somebody sets it eight hours wrong, and nobody of ours notices.

The law of this file
1. Between two looks time passes as the monotonic clock says; the wall clock only corrects it.
2. A small difference is worked off, at most a tenth of the time that passes, so that time never goes back.
3. A step of more than `STEP_S` is not believed at first. If the wall clock comes back, it never was. If it stays,
   `stepped_s` tells for how long, and the process ends to begin anew with the time as it then is (`runtime.process`):
   a start is what every part of ours is tried in, and whatever was planned in the old time is planned anew.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

STEP_S = 2.0  # real; NTP steps what is more than 0.128 s wrong, a leap second is one
SLEW = 0.1  # of the time that passes
SHIFT = "ANLAN_CLOCK_SHIFT"  # a file with one little-endian double: seconds to add to this machine's clock, for tests
_DOUBLE = struct.Struct("<d")


class Steady:
    """Seconds since 1970 that do not jump."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._passing = wall, passing
        self._lock = Lock()
        self._at = passing()
        self._shown = wall()
        self._stepped_at: float | None = None

    def now_s(self) -> float:
        """The time to work with."""
        with self._lock:
            wall, at = self._wall(), self._passing()
            passed, self._at = max(0.0, at - self._at), at
            off = wall - (self._shown + passed)
            if abs(off) > STEP_S:
                if self._stepped_at is None:
                    self._stepped_at = at
                off = 0.0
            else:
                self._stepped_at = None
            most = SLEW * passed
            self._shown += passed + max(-most, min(most, off))
            return self._shown

    def stepped_s(self) -> float:
        """For how long the wall clock has been elsewhere; 0 while it is not."""
        self.now_s()
        return 0.0 if self._stepped_at is None else self._passing() - self._stepped_at


def wall_clock() -> Callable[[], float]:
    """This machine's clock, shifted where a test asks for it; a file that cannot be read shifts nothing."""
    name = os.environ.get(SHIFT)
    real = time.time
    if not name:
        return real
    path = Path(name)

    def shifted() -> float:
        try:
            return real() + float(_DOUBLE.unpack(path.read_bytes())[0])
        except (OSError, struct.error):
            return real()

    return shifted


def shift(path: Path, seconds: float) -> None:
    """Set the clock of whoever was started with this file."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(_DOUBLE.pack(seconds))
    fresh.replace(path)
