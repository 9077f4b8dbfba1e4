"""Pure. A steam boiler: pressure from the balance of heat and steam, drum level from the balance of water.

The level also swells when steam is drawn faster and shrinks when it is drawn slower, for 20-60 s and in the wrong
direction (domain §2.1): bubbles, not water.
"""

from __future__ import annotations

import math
from typing import ClassVar

from firmware_sim.physics.burner import BOILER_NOISE, Boiler
from firmware_sim.physics.model import Setting, Values
from firmware_sim.physics.smooth import clamp, toward

SET_SHARE = 0.70  # working pressure as a share of the permitted one
PRESSURE_RATE = 0.004  # share of permitted per second for a full mismatch of heat and steam
GAIN = 8.0  # firing share per share of permitted pressure
RESET_S = 240.0
LEVEL_RATE = 0.14  # mm/s for a full mismatch of feed and steam: 4-5 mm/min at usual load (domain §2.1: 2-8)
LEVEL_GAIN = 0.02  # feed share per mm
FEED_MOST = 1.3
FEED_T_PER_H = 4.0  # full load
SWELL_MM = 90.0  # per full load step
SWELL_TAU_S = 25.0
GLASS_MM = 150.0  # the sight glass ends here
RELIEF_FALL = 0.006  # of permitted, per second
FEED_TEMP = 88.0
FEED_TEMP_TAU_S = 600.0


class SteamBoiler(Boiler):
    """Steam pressure, drum level, feed water."""

    FAULTS = Boiler.FAULTS | {"low_water", "feed_valve_stuck_open", "steam_overpressure", "shrink_swell"}
    NOISE: ClassVar = {
        **BOILER_NOISE, "steam_pressure": 0.0015, "drum_level": 0.8, "feed_temp": 0.25, "feed_flow": 0.03,
    }  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.permitted = setting.param("permitted_pressure", 1.0)
        self.share = SET_SHARE  # pressure as a share of permitted
        self.steam = self.load
        self._steam_lag = self.load
        self.water = 0.0  # mm, without bubbles
        self.feed = self.load
        self.feed_temp = FEED_TEMP
        self._integral = self.load
        self._is_relieving = False

    def step(self, seconds: float) -> None:
        self.load = clamp(self.daily_load() + self.wander.step(), 0.2, 0.95)
        # A cold boiler gives less steam than people want.
        self.steam = toward(self.steam, self.load * clamp(self.share / 0.4, 0.0, 1.0), seconds, 3.0)
        self._steam_lag = toward(self._steam_lag, self.steam, seconds, SWELL_TAU_S)
        heat = self.burn(self._wanted(seconds), seconds)
        self._pressure(heat, seconds)
        self._level(seconds)
        self.feed_temp = toward(self.feed_temp, FEED_TEMP + 10.0 * (0.5 - self.feed), seconds, FEED_TEMP_TAU_S)

    def resting(self) -> str | None:
        low = self.faults.get("low_water")
        if low is not None and self.water <= low.number("floor_mm", -110.0):
            return "standby"  # the low-water cut-off; it locks nothing
        return super().resting()

    def _wanted(self, seconds: float) -> float:
        if "steam_overpressure" in self.faults:
            return 1.0
        error = SET_SHARE - self.share
        if self.state == "firing":
            self._integral = clamp(self._integral + GAIN * error * seconds / RESET_S, 0.0, 1.0)
        return self._integral + GAIN * error

    def _pressure(self, heat: float, seconds: float) -> None:
        over = self.faults.get("steam_overpressure")
        if over is None:
            self.share = max(0.02, self.share + (heat - self.steam) * PRESSURE_RATE * seconds)
            return
        relief = over.number("relief_factor", 1.05)
        if self.share >= relief:
            self._is_relieving = True
        elif self.share <= relief * (1 - over.number("blowdown", 0.06)):
            self._is_relieving = False
        rise = over.number("rate_mpa_per_min", 0.06) / 60 / self.permitted
        self.share += (-RELIEF_FALL if self._is_relieving else rise) * seconds

    def _level(self, seconds: float) -> None:
        low, high = self.faults.get("low_water"), self.faults.get("feed_valve_stuck_open")
        if low is not None:
            self.feed = toward(self.feed, 0.0, seconds, 2.0)
            fall = low.number("rate_mm_per_min", 8.0) / 60 * seconds
            self.water -= min(fall, max(0.0, self.water - low.number("floor_mm", -110.0)))
            return
        if high is not None:
            self.feed = toward(self.feed, FEED_MOST, seconds, 2.0)
            rise = high.number("rate_mm_per_min", 8.0) / 60 * seconds
            self.water += min(rise, max(0.0, high.number("ceiling_mm", 110.0) - self.water))
            return
        wanted = clamp(self._steam_lag - LEVEL_GAIN * self.water, 0.0, FEED_MOST)
        self.feed = toward(self.feed, wanted, seconds, 3.0)
        self.water = clamp(self.water + (self.feed - self.steam) * LEVEL_RATE * seconds, -GLASS_MM, GLASS_MM)

    def level(self) -> float:
        """What the level gauge sees: water and bubbles."""
        swell = SWELL_MM * (self.steam - self._steam_lag)
        shrink = self.faults.get("shrink_swell")
        if shrink is not None:
            part = shrink.since_s(self.now_ms) / shrink.number("duration_s", 40.0)
            if part < 1.0:
                swell -= shrink.number("amplitude_mm", 60.0) * math.sin(math.pi * part)
        return clamp(self.water + swell, -GLASS_MM, GLASS_MM)

    def values(self) -> Values:
        return {
            **self.fired_values(),
            "steam_pressure": self.share * self.permitted,
            "drum_level": self.level(),
            "feed_temp": self.feed_temp,
            "feed_flow": self.feed * FEED_T_PER_H,
            "pump": "on" if self.feed > 0.02 else "off",
        }
