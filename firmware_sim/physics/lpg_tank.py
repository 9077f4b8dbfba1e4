"""Pure. A tank of liquefied petroleum gas: it boils, so its pressure follows its temperature (domain §2.2).

Drawing vapour cools the liquid, heat from outside lifts it, and the liquid grows as it warms. The vapour pressure is
that of propane and butane (Antoine equation, constants of the NIST WebBook), mixed by Raoult's law so that it is the
asset's own `vapour_at_20` at 20 °C.
"""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Model, Setting, Values
from firmware_sim.physics.relief import ReliefValve
from firmware_sim.physics.smooth import Wander, clamp

ATMOSPHERE = 0.1013  # MPa
ZERO_K = 273.15
PROPANE = (4.53678, 1149.36, 24.906)  # Antoine: log10 of bar, kelvin
BUTANE = (4.35576, 1175.581, -2.071)
BAR = 0.1  # MPa
LATENT_KJ_KG = 350.0
HEAT_KJ_KG_K = 2.6
DENSITY_15 = 540.0  # kg/m3 at 15 °C
SWELLS_PER_K = 0.0025
LOSS_KW_PER_K = 0.12  # between a tank of 5 m3 and the air
DRAW_KG_H = 8.0  # at most, of a kitchen
DRAW_SHARE = (
    (0.0, 0.02), (5.5, 0.05), (7.0, 0.4), (9.0, 0.15), (11.5, 0.9), (13.5, 0.3), (17.0, 0.6), (19.0, 1.0), (21.5, 0.2),
    (24.0, 0.02),
)  # fmt: skip
RELIEF_KG_S = 0.8  # full lift
SEAT_LEAK_KG_S = 0.35  # a valve that hangs
OUTDOORS = ((0.0, 11.0), (6.0, 9.0), (14.0, 19.0), (19.0, 15.0), (24.0, 11.0))
SEASON_K = 12.0  # half of what lies between January and July
SEASON_AT = -0.33  # OUTDOORS is for the end of March
FILLS = {"overfill": (3.0, 94.0), "delivery": (2.0, 80.0)}  # %/min, up to %
HEATS = {"fire_exposure": 170.0, "hot_afternoon": 3.0}  # kW
SPRAY_KW_PER_K = 8.0  # of the water that put out a fire


def _antoine(kelvin: float, constants: tuple[float, float, float]) -> float:
    a, b, c = constants
    return float(10 ** (a - b / (kelvin + c))) * BAR


class LpgTank(Model):
    """Liquid, vapour, safety valve, and two gauges on the same vapour."""

    FAULTS = ReliefValve.FAULTS | {
        "overfill", "fire_exposure", "liquid_leak", "runs_empty", "air_in_tank", "valve_calibration_overdue",
        "delivery", "hot_afternoon", "unit_changed",
    }  # fmt: skip
    NOISE: ClassVar = {"pressure": 0.0015, "temperature": 0.1, "level_depth": 1.5, "gauge_pressure": 0.003}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.volume = setting.param("volume", 5.0)
        self.relief = ReliefValve(self, setting.param("relief_pressure", 1.5))
        at_20 = ZERO_K + 20.0
        propane, butane = _antoine(at_20, PROPANE), _antoine(at_20, BUTANE)
        wanted = setting.param("vapour_at_20", 0.55) + ATMOSPHERE
        self.propane = clamp((wanted - butane) / (propane - butane), 0.0, 1.0)
        self.temperature = self._outdoors()
        self.mass = setting.chance("start").uniform(42.0, 60.0) / 100 * self._full_kg()
        self.battery = setting.chance("battery").uniform(70.0, 98.0)
        self._wander = Wander(setting.chance("use"), 0.1, 600.0, self.GRID_MS / 1000)
        self._is_sprayed = False

    def _outdoors(self) -> float:
        season = self.setting.daytime.season(self.now_ms) - SEASON_AT
        return between(self.setting.daytime.hour(self.now_ms), OUTDOORS) + SEASON_K * season

    def _full_kg(self) -> float:
        return self.volume * DENSITY_15 * (1.0 - SWELLS_PER_K * (self.temperature - 15.0))

    def level(self) -> float:
        """Liquid, % of the volume."""
        return 100.0 * self.mass / self._full_kg()

    def pressure(self) -> float:
        """Above the atmosphere, MPa: vapour of both, and what air was filled in with it."""
        kelvin = self.temperature + ZERO_K
        vapour = self.propane * _antoine(kelvin, PROPANE) + (1.0 - self.propane) * _antoine(kelvin, BUTANE)
        air = self.faults.get("air_in_tank")
        return vapour - ATMOSPHERE + (0.0 if air is None else air.number("partial_mpa", 0.18))

    def clear(self, fault_id: str) -> None:
        """A fire is put out with water, which goes on until the tank is cold."""
        super().clear(fault_id)
        self._is_sprayed = self._is_sprayed or fault_id == "fire_exposure"

    def step(self, seconds: float) -> None:
        self.relief.step(self.pressure())
        vapour = self._vapour_kg_s()
        heat = LOSS_KW_PER_K * (self._outdoors() - self.temperature) - vapour * LATENT_KJ_KG
        for name, usual in HEATS.items():
            source = self.faults.get(name)
            if source is not None and source.since_s(self.now_ms) < source.number("duration_s", 5400.0):
                heat += source.number("heat_kw", usual)
        if self._is_sprayed:
            heat += SPRAY_KW_PER_K * (self._outdoors() - self.temperature)
            self._is_sprayed = self.temperature > self._outdoors() + 2.0
        self.temperature += heat * seconds / (max(self.mass, 100.0) * HEAT_KJ_KG_K)
        self.mass = max(1.0, self.mass - (vapour + self._spilt_kg_s() - self._filled_kg_s()) * seconds)

    def _vapour_kg_s(self) -> float:
        share = between(self.setting.daytime.hour(self.now_ms), DRAW_SHARE)
        drawn = DRAW_KG_H / 3600 * share * clamp(1.0 + 3 * self._wander.step(), 0.2, 1.8)
        if not self.relief.is_lifted:
            return drawn
        pressure = clamp(self.pressure() / 0.5, 0.0, 1.0)
        return drawn + pressure * (SEAT_LEAK_KG_S if "relief_stuck_open" in self.faults else RELIEF_KG_S)

    def _spilt_kg_s(self) -> float:
        """Liquid that leaves as a liquid: a leak, and in `runs_empty` the days of kitchens pressed into hours."""
        spilt = 0.0
        if (leak := self.faults.get("liquid_leak")) is not None:
            spilt += leak.number("rate_percent_per_min", 0.5) / 100 / 60 * self._full_kg()
        if (empty := self.faults.get("runs_empty")) is not None:
            spilt += DRAW_KG_H / 3600 * empty.number("draw_factor", 12.0)
        return spilt

    def _filled_kg_s(self) -> float:
        for name, (rate, most) in FILLS.items():
            fill = self.faults.get(name)
            if fill is not None and self.level() < fill.number("to_percent", most):
                return fill.number("rate_percent_per_min", rate) / 100 / 60 * self._full_kg()
        return 0.0

    def values(self) -> Values:
        pressure = self.pressure()
        return {
            "pressure": pressure,
            "gauge_pressure": pressure,
            "temperature": self.temperature,
            "level": self.level(),
            "relief_valve": self.relief.state,
            "battery": self.battery,
            "display_unit": "other" if "unit_changed" in self.faults else "kpa",
            "level_unit": "mm",
        }
