"""Pure. How a lift car travels: a trapezoid of speed, exact at every moment."""

from __future__ import annotations

import math
from dataclasses import dataclass

ACCELERATION = 0.8  # m/s2; domain §2.3: 0.6-1.0


@dataclass(frozen=True, slots=True)
class Run:
    """From one height to another, starting at `start_ms`, never faster than `most` m/s."""

    start_ms: int
    origin: float
    goal: float
    most: float

    @property
    def sign(self) -> float:
        """+1 up, -1 down."""
        return 1.0 if self.goal >= self.origin else -1.0

    @property
    def peak(self) -> float:
        """The speed really reached: short runs never get to the rated one."""
        return min(self.most, math.sqrt(abs(self.goal - self.origin) * ACCELERATION))

    @property
    def ramp_s(self) -> float:
        """How long it takes to reach the peak."""
        return self.peak / ACCELERATION

    @property
    def cruise_s(self) -> float:
        """How long the peak is held."""
        if self.peak <= 0.0:
            return 0.0
        return max(0.0, abs(self.goal - self.origin) / self.peak - self.ramp_s)

    @property
    def total_s(self) -> float:
        """From start to stop."""
        return 2 * self.ramp_s + self.cruise_s

    def speed(self, now_ms: int) -> float:
        """Signed speed, m/s."""
        age = (now_ms - self.start_ms) / 1000
        left = self.total_s - age
        return self.sign * max(0.0, min(self.peak, age * ACCELERATION, left * ACCELERATION))

    def height(self, now_ms: int) -> float:
        """Where the car is, m."""
        age = min(max(0.0, (now_ms - self.start_ms) / 1000), self.total_s)
        ramp, cruise = self.ramp_s, self.cruise_s
        way = 0.5 * ACCELERATION * min(age, ramp) ** 2
        way += self.peak * min(max(0.0, age - ramp), cruise)
        braking = max(0.0, age - ramp - cruise)
        way += self.peak * braking - 0.5 * ACCELERATION * braking**2
        return self.origin + self.sign * way
