"""Pure. A safety valve: it pops at its set pressure and re-seats well below it (domain §2.2: a step of -10 %)."""

from __future__ import annotations

from firmware_sim.physics.model import Model

BLOWDOWN = 0.10  # of the set pressure


class ReliefValve:
    """Spring, seat, and what may jam them: the faults `relief_stuck_shut` and `relief_stuck_open`."""

    FAULTS = frozenset({"relief_stuck_open"})

    def __init__(self, model: Model, set_mpa: float) -> None:
        self._model = model
        self._set = set_mpa
        self.is_lifted = False

    def step(self, pressure: float) -> None:
        """Look at the gauge pressure, MPa, and move."""
        was = self.is_lifted
        if "relief_stuck_open" in self._model.faults:
            self.is_lifted = True
        elif "relief_stuck_shut" in self._model.faults:
            self.is_lifted = False
        elif pressure >= self._set:
            self.is_lifted = True
        elif pressure <= self._set * (1.0 - BLOWDOWN):
            self.is_lifted = False
        if self.is_lifted != was:
            self._model.happen("relief_valve")

    @property
    def state(self) -> str:
        """Its state point."""
        return "lifted" if self.is_lifted else "seated"
