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

import structlog

from runtime.steady import Steady, wall_clock

log = structlog.get_logger()

VARIABLE = "ANLAN_CLOCK"
_DOUBT_MS = 5 * 60_000  # as much as the gate lets a frame be ahead
_BELIEVED_AFTER_S = 600.0  # real
_LOOK_EVERY_S = 0.5


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

    async def until_believable(self, known_ms: int | None) -> None:
        """Return when it is not much earlier than `known_ms`, a moment that was certainly reached before, or after ten
        minutes: perhaps it was that moment which was wrong.

        A machine that starts with its clock behind would take everything for the future. Whoever can wait, waits.
        """
        told, end = False, time.monotonic() + _BELIEVED_AFTER_S
        while known_ms is not None and self.now_ms() < known_ms - _DOUBT_MS and time.monotonic() < end:
            if not told:
                behind_s = round((known_ms - self.now_ms()) / 1000)
                log.error("this machine's clock is behind what is known already; waiting", behind_s=behind_s)
            told = True
            await asyncio.sleep(_LOOK_EVERY_S)

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
