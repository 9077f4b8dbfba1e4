"""Pure. Sensors that lie: the generic sensor faults of domain §2.0, on one point of one box.

A healthy sensor adds noise. A faulty one is recognisable by its curve alone: dead flat, a straight slope, one step,
lone needles, a fat band, a flat top, 0 mA, a "no value" pattern, or halves the wrong way round.
"""

from __future__ import annotations

import random
from enum import StrEnum

from firmware_sim.chance import share
from firmware_sim.noise import Noise
from firmware_sim.physics.model import Active, Value
from firmware_sim.signal import Signal, Spoiled
from vocab.point import Point

HOUR_S = 3600.0
UNIFORM_SPREAD = 3.46  # width of a uniform distribution of variance 1
GROWTH_S = 60.0  # domain §2.0: over days; pressed into a minute


class SensorFault(StrEnum):
    """Ids that the packs use for what any sensor can suffer."""

    STUCK = "stuck"
    DRIFT = "drift"
    OFFSET = "offset"
    SPIKE = "spike"
    NOISE_GROWTH = "noise_growth"
    SATURATION = "saturation"
    LOOP_BREAK = "loop_break"
    SENTINEL = "sentinel"
    WORD_SWAP = "word_swap"
    PELLISTOR_POISONED = "pellistor_poisoned"  # of catalytic gas sensors: zero for ever
    LENS_FOULED = "lens_fouled"  # of range finders: the dirt in the blind zone is what they see


class Sensor:
    """One point as one box measures it."""

    def __init__(self, point: Point, sigma: float, chance: random.Random, start_ms: int, seed: int) -> None:
        self.point = point
        self._sigma = sigma
        self._period_ms = max(1, round(point.period_s * 1000))
        self._noise = Noise(chance, start_ms, self._period_ms) if sigma > 0 else None
        self._seed = seed
        self._faults: dict[str, Active] = {}
        self._held: Value = None

    def begin(self, fault: Active, truth: Value) -> None:
        """A fault sets in; what the sensor shows at this moment is what it is stuck at."""
        if fault.fault == SensorFault.STUCK:
            self._held = self.tell(truth, fault.began_ms).value
        self._faults[fault.fault] = fault

    def end(self, fault_id: str) -> None:
        """It was replaced or repaired."""
        self._faults.pop(fault_id, None)

    def tell(self, truth: Value, now_ms: int) -> Signal:
        """What the sensor says when the truth is `truth`."""
        value = truth
        if self._noise is not None and isinstance(truth, float | int):
            value = truth + self._noise.at(now_ms) * self._sigma
        signal = Signal(value)
        for fault in self._faults.values():
            signal = self._struck(fault, signal, now_ms)
        return signal

    def _struck(self, fault: Active, signal: Signal, now_ms: int) -> Signal:  # noqa: PLR0911 one row for each fault
        match SensorFault(fault.fault):
            case SensorFault.STUCK:
                return self._stuck(signal)
            case SensorFault.SENTINEL:
                return Signal(signal.value, Spoiled.SENTINEL)
            case SensorFault.WORD_SWAP:
                return Signal(signal.value, Spoiled.SWAPPED)
            case SensorFault.LOOP_BREAK:
                return Signal(self._loop(fault), Spoiled.BROKEN_LOOP)
            case SensorFault.SATURATION | SensorFault.LENS_FOULED | SensorFault.PELLISTOR_POISONED:
                return Signal(self._flat(fault))
            case _ if isinstance(signal.value, float | int):
                return Signal(signal.value + self._moved(fault, now_ms), signal.spoiled)
            case _:
                return signal  # a state has no number to move

    def _stuck(self, signal: Signal) -> Signal:
        """Where there is nothing to tell between events, the first event after the fault is told for ever."""
        if signal.value is None:
            return signal
        if self._held is None:
            self._held = signal.value
        return Signal(self._held)

    def _moved(self, fault: Active, now_ms: int) -> float:
        """What the fault adds to a number."""
        match SensorFault(fault.fault):
            case SensorFault.DRIFT:
                hours = fault.since_s(now_ms) / HOUR_S
                return self._span() / 100 * fault.number("percent_of_normal_per_h", 5.0) * hours
            case SensorFault.OFFSET:
                return self._span() / 100 * fault.number("percent_of_normal", 10.0)
            case SensorFault.SPIKE:
                return self._needle(fault, now_ms)
            case SensorFault.NOISE_GROWTH:
                growth = (fault.number("factor", 5.0) - 1.0) * min(1.0, fault.since_s(now_ms) / GROWTH_S)
                step = str(now_ms // self._period_ms)
                return growth * self._usual() * UNIFORM_SPREAD * (share(self._seed, self.point.id, step) - 0.5)
            case _:
                return 0.0

    def _needle(self, fault: Active, now_ms: int) -> float:
        """A spike of one or two samples, of either sign, once in `every_s`."""
        every_ms = round(fault.number("every_s", 120.0) * 1000)
        width_ms = round(1.5 * self._period_ms)
        index, within = divmod(now_ms - fault.began_ms, every_ms)
        start_ms = share(self._seed, self.point.id, "needle", str(index)) * max(0, every_ms - width_ms)
        if not start_ms <= within < start_ms + width_ms:
            return 0.0
        sign = 1.0 if share(self._seed, self.point.id, "sign", str(index)) < 0.5 else -1.0
        return sign * fault.number("sigmas", 10.0) * self._usual()

    def _loop(self, fault: Active) -> float:
        """What a broken 4-20 mA loop reads: 0 mA lies a quarter of the span below its lower end."""
        low, high = self._range()
        return low + ((fault.number("milliamp", 0.0) - 4.0) / 16.0) * (high - low)

    def _flat(self, fault: Active) -> float:
        """What a sensor shows that sees nothing of the world."""
        if fault.fault == SensorFault.PELLISTOR_POISONED:
            return 0.0
        if fault.fault == SensorFault.LENS_FOULED:
            return fault.number("distance_mm", 262.0)
        low, high = self._range()
        return high + fault.number("beyond_percent", 5.0) / 100 * (high - low)

    def _usual(self) -> float:
        """Standard deviation of the healthy noise; an ideal sensor is given a little, so that it can grow."""
        return self._sigma or self._span() / 1000

    def _span(self) -> float:
        low, high = self.point.normal or self.point.bounds or (0.0, 1.0)
        return (high - low) or 1.0

    def _range(self) -> tuple[float, float]:
        return self.point.bounds or self.point.normal or (0.0, 1.0)
