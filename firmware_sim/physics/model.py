"""Pure. What every model of equipment has in common: its own time, active faults, values by point, happenings.

A model moves only on a grid of its own that starts with the scenario, so what it shows at a moment depends on the
moment, the seed and the faults, never on how often somebody looked.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from firmware_sim.daytime import Daytime

Value = float | str | None  # a number in the point's unit, a state id, or nothing to tell just now
Values = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a model is told about its asset."""

    params: Mapping[str, float]
    start_ms: int
    daytime: Daytime
    chance: Callable[[str], random.Random]  # a stream of its own for each name

    def param(self, name: str, default: float) -> float:
        """The asset's own number, or what a typical machine has."""
        return self.params.get(name, default)


@dataclass(frozen=True, slots=True)
class Active:
    """A fault at work."""

    fault: str
    began_ms: int
    params: Mapping[str, float] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """A strength or tempo: from the scenario, else from the pack, else the model's own."""
        return self.params.get(name, default)

    def since_s(self, now_ms: int) -> float:
        """How long it has been at work."""
        # A model's grid may lie a moment before the fault.
        return max(0, now_ms - self.began_ms) / 1000


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that makes a device speak unasked: a passage, a tilt, a trip that ended."""

    at_ms: int
    news: frozenset[str]  # the points whose news it is; a device that has none of them stays silent
    values: Mapping[str, Value]  # the whole picture at that moment


class Model(ABC):
    """The physics of one piece of equipment."""

    FAULTS: ClassVar[frozenset[str]] = frozenset()  # ids of pack faults that this model can show
    NOISE: ClassVar[Mapping[str, float]] = {}  # standard deviation by point, in the point's unit
    GRID_MS: ClassVar[int] = 1000

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.now_ms = setting.start_ms
        self.moment_ms = setting.start_ms  # how far it was moved, which may lie between two grid points
        self.faults: dict[str, Active] = {}
        self.happenings: list[Happening] = []

    def strike(self, fault: Active) -> None:
        """A fault sets in now."""
        self.faults[fault.fault] = fault

    def clear(self, fault_id: str) -> None:
        """It was repaired, or passed by itself."""
        self.faults.pop(fault_id, None)

    def restart(self, reboot: Active) -> None:  # noqa: B027 most equipment forgets nothing
        """The electronics restarted: counters that live in memory begin again, sensors warm up again."""

    def advance(self, to_ms: int) -> None:
        """Move to the last grid point at or before `to_ms`."""
        step, seconds = self.GRID_MS, self.GRID_MS / 1000
        while self.now_ms + step <= to_ms:
            self.now_ms += step
            self.step(seconds)
        self.moment_ms = max(self.moment_ms, to_ms)

    @abstractmethod
    def step(self, seconds: float) -> None:
        """Move the state by one grid step; `now_ms` is the end of the step already."""

    @abstractmethod
    def values(self) -> Values:
        """Every point of the kind as it truly is now, without any sensor's noise."""

    def happen(self, *news: str, **values: Value) -> None:
        """Note that something happened now, with values that hold for this moment only."""
        at_ms = max(self.now_ms, self.moment_ms)  # a fault sets in between two grid points, never before itself
        self.happenings.append(Happening(at_ms, frozenset(news), {**self.values(), **values}))

    def take_happenings(self) -> list[Happening]:
        """What happened since the last call."""
        taken, self.happenings = self.happenings, []
        return taken
