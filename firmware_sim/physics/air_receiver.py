"""Pure. An air receiver: a compressor between two pressures fills it, a workshop draws from it (domain §2.2).

What the vessel holds is counted as air at 20 °C, so the pressure follows from the mass and from the gas's temperature;
the compressor heats it, and an unused vessel loses a little through every joint.
"""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Model, Setting, Values
from firmware_sim.physics.relief import ReliefValve
from firmware_sim.physics.smooth import Wander, clamp, toward

ATMOSPHERE = 0.1013  # MPa
ZERO_K = 273.15
COUNTED_AT = 20.0  # Cel
DELIVERY_PER_M3 = 0.6  # free air, m3/min, for each cubic metre of vessel: a usual match
USE_SHARE = (
    (0.0, 0.0), (6.5, 0.0), (7.5, 0.3), (11.5, 0.42), (12.0, 0.12), (13.0, 0.15), (13.5, 0.4), (17.5, 0.35),
    (18.5, 0.08), (20.0, 0.0), (24.0, 0.0),
)  # fmt: skip
JOINTS_SHARE = 0.016  # of the delivery, for ever
RELIEF_M3MIN = 10.0
CHOKED_BELOW = 0.1  # MPa; below it nothing flows out as fast
HEAT_K = 18.0  # of the wall over the room while the compressor runs on, behind a good after-cooler
WALL_TAU_S = 300.0
GAS_SHARE = 0.5  # of the way from room to wall lies the gas
ROOM = ((0.0, 17.0), (6.0, 15.0), (14.0, 24.0), (19.0, 22.0), (24.0, 17.0))
ROOM_SEASON_K = 8.0  # half of what lies between January and July, indoors
ROOM_SEASON_AT = -0.33  # ROOM is for the end of March
OUTLETS = {"air_line_burst": 8.0, "creeping_leak": 0.14}  # m3/min that leave for good


class AirReceiver(Model):
    """Air, compressor, pressure switch, safety valve, wall."""

    FAULTS = ReliefValve.FAULTS | {
        "switch_welded", "relief_stuck_shut", "air_line_burst", "compressor_dead", "compressor_worn", "creeping_leak",
        "after_cooler_lost", "valve_calibration_overdue", "air_peak", "condensate_drain", "let_down",
    }  # fmt: skip
    NOISE: ClassVar = {"pressure": 0.0012, "temperature": 0.15}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.volume = setting.param("volume", 2.0)
        self.delivery = DELIVERY_PER_M3 * self.volume
        self.cut_in, self.cut_out = setting.param("cut_in", 0.62), setting.param("cut_out", 0.78)
        self._relief_set = setting.param("relief_pressure", 0.95)
        self.relief = ReliefValve(self, self._relief_set)
        self._wander = Wander(setting.chance("use"), 0.06, 300.0, self.GRID_MS / 1000)
        self.wall = self._room()
        start = setting.chance("start").uniform(self.cut_in, self.cut_out)
        self.air = (start + ATMOSPHERE) / self._expansion()  # MPa absolute, if it were at 20 °C
        self.wants_air = False  # what the pressure switch says
        self._has_tripped = False  # the motor protection

    def _room(self) -> float:
        season = self.setting.daytime.season(self.now_ms) - ROOM_SEASON_AT
        return between(self.setting.daytime.hour(self.now_ms), ROOM) + ROOM_SEASON_K * season

    def _expansion(self) -> float:
        room = self._room()
        return (room + GAS_SHARE * (self.wall - room) + ZERO_K) / (COUNTED_AT + ZERO_K)

    def pressure(self) -> float:
        """Above the atmosphere, MPa."""
        return self.air * self._expansion() - ATMOSPHERE

    def step(self, seconds: float) -> None:
        pressure = self.pressure()
        self.relief.step(pressure)
        self._switch(pressure)
        net = self._delivered() - self._drawn() * clamp(pressure / CHOKED_BELOW, 0.0, 1.0)
        self.air = max(ATMOSPHERE, self.air + ATMOSPHERE * net / self.volume / 60 * seconds)
        cooler = self.faults.get("after_cooler_lost")
        gain = HEAT_K if cooler is None else cooler.number("gain_k", 150.0)
        target = self._room() + (gain if self.state() == "running" else 0.0)
        self.wall = toward(self.wall, target, seconds, WALL_TAU_S)

    def _switch(self, pressure: float) -> None:
        if pressure <= self.cut_in:
            self.wants_air = True
        elif pressure >= self.cut_out:
            self.wants_air = False
        jammed = self.faults.get("relief_stuck_shut")
        if jammed is None:
            self._has_tripped = False
        elif pressure >= self._relief_set * jammed.number("motor_trips_at", 1.12):
            self._has_tripped = True

    def state(self) -> str:
        """What the compressor does."""
        if "let_down" in self.faults:
            return "off"
        is_welded = "switch_welded" in self.faults or "relief_stuck_shut" in self.faults
        is_dead = self._has_tripped or "compressor_dead" in self.faults
        return "running" if (self.wants_air or is_welded) and not is_dead else "standby"

    def _delivered(self) -> float:
        if self.state() != "running":
            return 0.0
        worn = self.faults.get("compressor_worn")
        return self.delivery * (1.0 if worn is None else worn.number("delivery_percent", 25.0) / 100)

    def _drawn(self) -> float:
        """Free air that leaves, m3/min."""
        share = between(self.setting.daytime.hour(self.now_ms), USE_SHARE)
        drawn = self.delivery * (JOINTS_SHARE + share * clamp(1.0 + self._wander.step() * 2, 0.5, 1.4))
        if "let_down" in self.faults:
            drawn = self.faults["let_down"].number("outflow_m3min", 1.5)
        for name, usual in OUTLETS.items():
            if (leak := self.faults.get(name)) is not None:
                drawn += leak.number("outflow_m3min", usual)
        peak = self.faults.get("air_peak")
        if peak is not None and peak.since_s(self.now_ms) < peak.number("duration_s", 600.0):
            drawn = max(drawn, peak.number("outflow_m3min", 1.3))
        drain = self.faults.get("condensate_drain")
        if drain is not None and drain.since_s(self.now_ms) < drain.number("duration_s", 15.0):
            drawn += drain.number("outflow_m3min", 3.0)
        return drawn + (RELIEF_M3MIN if self.relief.is_lifted else 0.0)

    def values(self) -> Values:
        return {
            "pressure": self.pressure(),
            "temperature": self.wall,
            "relief_valve": self.relief.state,
            "compressor": self.state(),
            "display_unit": "kpa",
        }
