"""Shell. The one clock. A demo runs faster than life, so nobody else may ask the operating system for the time.

`ANLAN_CLOCK="ORIGIN_REAL,ORIGIN_SITE,SPEED"` (seconds since 1970, twice, and a factor) hands the same clock to every
process of a demo; without it the clock is the real one. What the machine's own clock does, jumps included, is the
business of `runtime.steady`.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field

from runtime.steady import Steady, wall_clock

VARIABLE = "ANLAN_CLOCK"


@dataclass(frozen=True, slots=True)
class Clock:
    """Site time = origin_site + (real time - origin_real) * speed."""

    origin_real_s: float = 0.0
    origin_site_s: float = 0.0
    speed: float = 1.0
    steady: Steady = field(default_factory=lambda: Steady(wall_clock()), repr=False, compare=False)

    def now_ms(self) -> int:
        """Site time in milliseconds since 1970, UTC."""
        return round((self.origin_site_s + (self.steady.now_s() - self.origin_real_s) * self.speed) * 1000)

    def real_seconds(self, site_seconds: float) -> float:
        """How long a span of site time really takes."""
        return site_seconds / self.speed

    async def sleep(self, site_seconds: float) -> None:
        """Sleep a span of site time (at least one turn of the event loop)."""
        await asyncio.sleep(max(0.0, self.real_seconds(site_seconds)))

    async def sleep_until(self, moment_ms: int) -> None:
        """Sleep until site time `moment_ms`."""
        await self.sleep((moment_ms - self.now_ms()) / 1000)

    def to_environment(self) -> dict[str, str]:
        """What to add to a child's environment so that it has this clock."""
        return {VARIABLE: f"{self.origin_real_s!r},{self.origin_site_s!r},{self.speed!r}"}

    @classmethod
    def from_environment(cls) -> Clock:
        """The clock this process was started with."""
        text = os.environ.get(VARIABLE)
        if not text:
            return cls()
        try:
            real, site, speed = (float(part) for part in text.split(","))
        except ValueError as error:
            raise ValueError(f"{VARIABLE} must be ORIGIN_REAL,ORIGIN_SITE,SPEED, got {text!r}") from error
        if speed <= 0:
            raise ValueError(f"{VARIABLE}: the speed must be above 0, got {speed}")
        return cls(real, site, speed)

    @classmethod
    def starting(cls, site_ms: int | None, speed: float) -> Clock:
        """A clock that shows `site_ms` (default: the real time) now and runs at `speed`."""
        now = time.time()
        return cls(now, now if site_ms is None else site_ms / 1000, speed)
