"""Pure. A regulator station: medium pressure in, household pressure out, and what a neighbourhood draws."""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Model, Setting, Values
from firmware_sim.physics.smooth import Wander, clamp, toward

SET_KPA = 2.2  # domain §2.4: about 2 kPa at the stove, 1.5-3.0
DROOP_KPA = 0.15  # at full flow
INLET_MPA = 0.2  # medium pressure A/B boundary
INLET_DROOP_MPA = 0.02
NEEDS_MPA = 0.03  # below this inlet the regulator cannot hold its outlet
USE_SHARE = (
    (0.0, 0.03), (5.0, 0.05), (7.0, 0.3), (9.0, 0.12), (11.5, 0.38), (13.0, 0.15), (17.0, 0.2), (18.5, 0.45),
    (21.0, 0.18), (24.0, 0.03),
)  # fmt: skip
ALONE_SHARE = 0.06  # below this, households rarely draw at the same moment, and in between nobody does
ALONE_S = (400.0, 700.0)  # how long one draws, and how long nobody does, on average
FLOW_TAU_S = 8.0
PRESSURE_TAU_S = 4.0
EASE_S = 30.0


class GasLine(Model):
    """Inlet, outlet, flow, volume and the cut-off valve."""

    FAULTS = frozenset({
        "regulator_creep", "regulator_sag", "hose_broken", "supply_interrupted", "valve_slammed", "small_line_leak",
        "inlet_overpressure", "unit_changed", "meal_peak",
    })  # fmt: skip
    NOISE: ClassVar = {"line_pressure": 0.012, "mp_pressure": 0.001, "flow": 0.03, "temperature": 0.1}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.most = setting.param("max_flow", 60.0)
        self._wander = Wander(setting.chance("use"), 0.02, 200.0, self.GRID_MS / 1000)
        self._alone = setting.chance("night")
        self._draws = True
        self._turns_ms = self.now_ms
        self.flow = self._use()
        self.strayed = 0.0  # kPa that the regulator is off
        self.outlet = SET_KPA
        self.inlet = INLET_MPA
        self.volume = setting.chance("age").uniform(10_000.0, 900_000.0)

    def _use(self) -> float:
        share = between(self.setting.daytime.hour(self.now_ms), USE_SHARE)
        if share < ALONE_SHARE and not self._somebody():
            return 0.0
        return self.most * clamp(share * (1.0 + self._wander.value * 5), 0.005, 0.6)

    def _somebody(self) -> bool:
        """At night one household draws hot water, then nobody does for a while."""
        while self.now_ms >= self._turns_ms:
            self._draws = not self._draws
            self._turns_ms += 1 + round(1000 * self._alone.expovariate(1.0 / ALONE_S[0 if self._draws else 1]))
        return self._draws

    def step(self, seconds: float) -> None:
        self._wander.step()
        self.flow = toward(self.flow, self._flow_target(), seconds, FLOW_TAU_S)
        self.volume += self.flow * seconds / 3600
        self._regulator(seconds)
        cut = self.faults.get("supply_interrupted")
        if cut is not None:
            self.inlet = max(0.0, self.inlet - cut.number("rate_mpa_per_min", 0.06) / 60 * seconds)
        elif (over := self.faults.get("inlet_overpressure")) is not None:
            rise = over.number("rate_mpa_per_min", 0.06) / 60 * seconds
            self.inlet = min(over.number("to_mpa", 0.46), self.inlet + rise)
        else:
            self.inlet = toward(self.inlet, INLET_MPA - INLET_DROOP_MPA * self.flow / self.most, seconds, EASE_S)
        slammed = self.faults.get("valve_slammed")
        if slammed is not None:
            self.outlet = toward(self.outlet, 0.0, seconds, slammed.number("decay_tau_s", 300.0))
        else:
            self.outlet = toward(self.outlet, self._outlet_target(), seconds, PRESSURE_TAU_S)

    def _flow_target(self) -> float:
        if "valve_slammed" in self.faults or self.inlet <= 0.005:
            return 0.0
        if (broken := self.faults.get("hose_broken")) is not None:
            # A broken pipe draws more than any kitchen could, whatever the site's kitchens are.
            return max(broken.number("flow_m3h", 95.0), 1.4 * self.most)
        use = self._use()
        if (peak := self.faults.get("meal_peak")) is not None:
            use = max(use, peak.number("flow_m3h", 35.0))
        if (leak := self.faults.get("small_line_leak")) is not None:
            use += leak.number("flow_m3h", 0.4)
        return use

    def _regulator(self, seconds: float) -> None:
        creep, sag = self.faults.get("regulator_creep"), self.faults.get("regulator_sag")
        if creep is not None:
            rise = creep.number("rate_kpa_per_min", 0.3) / 60 * seconds
            self.strayed = min(creep.number("to_kpa", 4.0) - SET_KPA, self.strayed + rise)
        elif sag is not None:
            fall = sag.number("rate_kpa_per_min", 0.3) / 60 * seconds
            self.strayed = max(sag.number("to_kpa", 1.0) - SET_KPA, self.strayed - fall)
        else:
            self.strayed = toward(self.strayed, 0.0, seconds, EASE_S)

    def _outlet_target(self) -> float:
        dip = 0.0
        for name, usual in (("hose_broken", 0.25), ("meal_peak", 0.2)):
            if (fault := self.faults.get(name)) is not None:
                dip = max(dip, fault.number("dip_kpa", usual))
        droop = dip if dip > 0 else DROOP_KPA * self.flow / self.most
        return max(0.0, (SET_KPA + self.strayed - droop) * clamp(self.inlet / NEEDS_MPA, 0.0, 1.0))

    def values(self) -> Values:
        return {
            "line_pressure": self.outlet,
            "mp_pressure": self.inlet,
            "flow": self.flow,
            "volume": self.volume,
            "valve": "closed" if "valve_slammed" in self.faults else "open",
            "display_unit": "other" if "unit_changed" in self.faults else "kpa",
            "temperature": 18.0,
        }
