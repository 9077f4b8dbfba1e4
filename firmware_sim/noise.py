"""Pure. What a sensor adds to the truth: Ornstein-Uhlenbeck noise on the point's own sampling grid (domain §2.0).

The grid starts at the start of the scenario, so the noise at a moment does not depend on how often it was asked for.
Quantisation is not here: it happens where a value is put into a register of finite scale.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

SAMPLES_TAU = 5.0  # correlation time in samples; domain §2.0 gives 3-10
_KEEP = math.exp(-1.0 / SAMPLES_TAU)
_FRESH = math.sqrt(1.0 - _KEEP * _KEEP)


class Noise:
    """A standard OU sequence, one draw per grid step, read forward only."""

    __slots__ = ("_at", "_gauss", "_start_ms", "_step_ms", "_value")

    def __init__(self, chance: random.Random, start_ms: int, step_ms: int) -> None:
        self._gauss: Callable[[float, float], float] = chance.gauss
        self._start_ms = start_ms
        self._step_ms = max(1, step_ms)
        self._at = 0
        self._value = chance.gauss(0.0, 1.0)

    def at(self, moment_ms: int) -> float:
        """The noise of the grid step that holds `moment_ms`, in standard deviations."""
        index = (moment_ms - self._start_ms) // self._step_ms
        value, gauss = self._value, self._gauss
        for _ in range(index - self._at):
            value = value * _KEEP + gauss(0.0, _FRESH)
        self._at = max(self._at, index)
        self._value = value
        return value
