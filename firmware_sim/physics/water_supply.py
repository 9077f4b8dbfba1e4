"""Pure. Secondary water supply: a tank that the town fills, two pumps that keep a pressure, and what the water is like.

Pumps follow demand by their speed. When hardly anybody draws, the leading pump goes to sleep and the pressure vessel
feeds the pipes until the pressure has fallen by a tenth; then it runs again.
"""

from __future__ import annotations

import math
from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.smooth import Wander, clamp, toward

DEMAND = (
    (0.0, 0.06), (2.0, 0.02), (5.0, 0.05), (6.5, 0.35), (8.0, 0.5), (10.0, 0.28), (12.0, 0.38), (14.0, 0.22),
    (17.0, 0.3), (19.5, 0.5), (22.0, 0.3), (24.0, 0.06),
)  # fmt: skip
FLOW_TAU_S = 10.0
PRESSURE_TAU_S = 4.0
SAG = 0.06  # of the set pressure, at full flow
SLEEPS_BELOW, WAKES_ABOVE = 0.035, 0.06  # of the largest flow
RUNS_AT_LEAST_S = 120.0
WAKES_AT = 0.9  # of the set pressure
EMPTIES_S = 600.0  # how long the vessel lasts from the set pressure to waking, at three hundredths of the largest flow
HELPS_ABOVE, RESTS_BELOW = 0.42, 0.33  # of the largest flow: when the second pump helps
DIP_S = 8.0  # while one pump hands over to the other
INLET_SHARE = 0.7  # of the largest flow, with the float valve wide open
VALVE_SHUT, VALVE_OPEN = 92.0, 80.0  # % of the tank
TANK_H = 1.0  # hours that a full tank lasts at the largest flow
OVERFLOW = 101.0
INLET_CHLORINE = 0.35  # mg/L
HALF_LIFE_S = 12 * 3600.0  # domain §2.7h: 6-24 h
CLEAR_NTU, NEUTRAL_PH = 0.25, 7.4
MENDED_TAU_S = 600.0


class WaterSupply(Model):
    """Tank, pumps, pressure, flow, quality and the hatch."""

    FAULTS = frozenset({
        "pumps_tripped", "suction_blocked", "pressure_sags", "pressure_runs_away", "pump_failed", "vessel_waterlogged",
        "main_burst", "inlet_cut", "float_valve_stuck", "dosing_stopped", "turbid_inflow", "ph_shift", "hatch_opened",
        "cleaning_overdue", "demand_peak", "pump_changeover", "stirred_up",
    })  # fmt: skip
    NOISE: ClassVar = {
        "outlet_pressure": 0.001, "level": 0.004, "flow": 0.03, "chlorine": 0.002, "turbidity": 0.01, "ph": 0.01,
    }  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.most = setting.param("max_flow", 60.0)
        self.set_point = setting.param("set_pressure", 0.35)
        self._people = Wander(setting.chance("people"), 0.07, 300.0, self.GRID_MS / 1000)
        self.share = self._usual_share()
        self.pressure = self.set_point
        self.fill = 85.0
        self.chlorine, self.turbidity, self.ph = 0.28, CLEAR_NTU, NEUTRAL_PH
        self._asleep = False
        self._helps = False
        self._turned_s = RUNS_AT_LEAST_S  # since the leading pump last started or stopped
        self._dip_s = DIP_S

    def _usual_share(self) -> float:
        return clamp(between(self.setting.daytime.hour(self.now_ms), DEMAND) * (1 + self._people.value), 0.012, 0.68)

    @property
    def _is_still(self) -> bool:
        """Nothing is pumped."""
        return not self.faults.keys().isdisjoint({"pumps_tripped", "suction_blocked"})

    def step(self, seconds: float) -> None:
        self._people.step()
        self.share = toward(self.share, self._wanted_share(), seconds, FLOW_TAU_S)
        self._turned_s += seconds
        self._dip_s += seconds
        self._pumps()
        self._pressure(seconds)
        self._tank(seconds)
        self._quality(seconds)

    def _wanted_share(self) -> float:
        if self._is_still:
            return 0.0
        if (burst := self.faults.get("main_burst")) is not None:
            return burst.number("factor", 1.35)
        peak = self.faults.get("demand_peak")
        usual = self._usual_share()
        return usual if peak is None else max(usual, peak.number("share", 0.75))

    def _pumps(self) -> None:
        """Who sleeps, who helps."""
        self._helps = self.share > (RESTS_BELOW if self._helps else HELPS_ABOVE)
        if (flat := self.faults.get("vessel_waterlogged")) is not None:
            cycle_s = flat.number("cycle_s", 60.0)
            self._turn(flat.since_s(self.now_ms) % cycle_s >= cycle_s / 2)
        elif self._asleep:
            self._turn(not (self.share > WAKES_ABOVE or self.pressure <= WAKES_AT * self.set_point))
        else:
            self._turn(self.share < SLEEPS_BELOW and self._turned_s >= RUNS_AT_LEAST_S)

    def _turn(self, asleep: bool) -> None:
        if asleep != self._asleep:
            self._asleep, self._turned_s = asleep, 0.0

    def _pressure(self, seconds: float) -> None:
        target, tau_s = self.set_point * (1.0 - SAG * self.share), PRESSURE_TAU_S
        if self._is_still:
            fault = self.faults.get("pumps_tripped") or self.faults["suction_blocked"]
            target, tau_s = 0.02, fault.number("decay_tau_s", 90.0)
        elif "vessel_waterlogged" in self.faults:
            target = (0.86 if self._asleep else 1.0) * self.set_point
        elif self._asleep:
            falls = (1.0 - WAKES_AT) * self.set_point / EMPTIES_S * self.share / 0.03
            self.pressure -= falls * seconds
            return
        for name in ("pressure_sags", "pressure_runs_away"):
            if (falsely := self.faults.get(name)) is not None:
                target = self.set_point * falsely.number("factor", 1.0)
        if self._dip_s < DIP_S:
            target = min(target, 0.88 * self.set_point)
        self.pressure = toward(self.pressure, target, seconds, tau_s)

    def _tank(self, seconds: float) -> None:
        cut, stuck = self.faults.get("inlet_cut"), self.faults.get("float_valve_stuck")
        if cut is not None:
            falls = cut.number("percent_per_min", 5.0) / 60 * seconds
            self.fill = max(min(self.fill, cut.number("to_percent", 8.0)), self.fill - falls)
        elif stuck is not None:
            self.fill = min(OVERFLOW, self.fill + stuck.number("percent_per_min", 2.0) / 60 * seconds)
        else:
            gained = (self._inflow() - self.share) / TANK_H * 100 * seconds / 3600
            self.fill = clamp(self.fill + gained, 0.0, OVERFLOW)

    def _inflow(self) -> float:
        """What the float valve lets in, as a share of the largest flow."""
        return INLET_SHARE * clamp((VALVE_SHUT - self.fill) / (VALVE_SHUT - VALVE_OPEN), 0.0, 1.0)

    def _quality(self, seconds: float) -> None:
        if (stopped := self.faults.get("dosing_stopped")) is not None:
            to, tau_s = stopped.number("to_mg_l", 0.03), stopped.number("tau_s", 300.0)
            self.chlorine = toward(self.chlorine, to, seconds, tau_s)
        elif self.chlorine < 0.1:
            self.chlorine = toward(self.chlorine, 0.3, seconds, MENDED_TAU_S)  # a dose by hand
        else:
            fresh = self._inflow() / (TANK_H * max(self.fill, 5.0) / 100) * seconds / 3600
            self.chlorine += fresh * (INLET_CHLORINE - self.chlorine)
            self.chlorine *= math.exp(-math.log(2) * seconds / HALF_LIFE_S)
        self.turbidity = self._settled("turbid_inflow", "to_ntu", self.turbidity, CLEAR_NTU, seconds)
        self.ph = self._settled("ph_shift", "to_ph", self.ph, NEUTRAL_PH, seconds)

    def _settled(self, name: str, key: str, value: float, usual: float, seconds: float) -> float:
        """A value on its way to what a fault makes of it, or back to the usual one."""
        fault, stirred = self.faults.get(name), self.faults.get("stirred_up")
        if fault is not None:
            return toward(value, fault.number(key, usual), seconds, fault.number("tau_s", 120.0))
        return toward(value, usual, seconds, MENDED_TAU_S if stirred is None else stirred.number("tau_s", 300.0))

    def strike(self, fault: Active) -> None:
        super().strike(fault)
        if fault.fault in {"pump_failed", "pump_changeover"}:
            self._dip_s = 0.0
        if fault.fault == "stirred_up":
            self.turbidity += fault.number("ntu", 8.0)

    def clear(self, fault_id: str) -> None:
        super().clear(fault_id)
        if fault_id == "pump_changeover":
            self._dip_s = 0.0

    def _pump_states(self) -> tuple[str, str]:
        if "pumps_tripped" in self.faults:
            return "stopped", "stopped"
        lead = "stopped" if self._asleep and "suction_blocked" not in self.faults else "running"
        if "pump_failed" in self.faults:
            return "fault", lead
        helper = "running" if self._helps else "stopped"
        return (helper, lead) if "pump_changeover" in self.faults else (lead, helper)

    def values(self) -> Values:
        pump_1, pump_2 = self._pump_states()
        return {
            "outlet_pressure": self.pressure,
            "tank_fill": self.fill,
            "flow": self.share * self.most,
            "pump_1": pump_1,
            "pump_2": pump_2,
            "chlorine": self.chlorine,
            "turbidity": self.turbidity,
            "ph": self.ph,
            "hatch": "open" if "hatch_opened" in self.faults else "closed",
        }
