"""Pure. Small pieces of dynamics that the models share."""

from __future__ import annotations

import math
import random


def toward(value: float, target: float, seconds: float, tau_s: float) -> float:
    """`value` after `seconds` of first-order lag towards `target`; exact for any length of step."""
    return target + (value - target) * math.exp(-seconds / tau_s)


def clamp(value: float, low: float, high: float) -> float:
    """`value` kept between the ends."""
    return low if value < low else high if value > high else value


class Wander:
    """A quantity that strays slowly around 0 with a given spread: people opening taps, gusts, other loads."""

    __slots__ = ("_chance", "_keep", "_kick", "value")

    def __init__(self, chance: random.Random, spread: float, tau_s: float, step_s: float) -> None:
        self._chance = chance
        self._keep = math.exp(-step_s / tau_s)
        self._kick = spread * math.sqrt(1.0 - self._keep * self._keep)
        self.value = chance.gauss(0.0, spread)

    def step(self) -> float:
        """One grid step on."""
        self.value = self.value * self._keep + self._chance.gauss(0.0, self._kick)
        return self.value
