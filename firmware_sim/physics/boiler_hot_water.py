"""Pure. A hot-water boiler: two lumps of water, a circulation pump, an expansion vessel, a make-up valve.

All heat is in shares of the boiler's full power, which lifts the water by RISE_K at rated flow (domain §2.1: the
difference between supply and return is 10-25 K).
"""

from __future__ import annotations

import math
from typing import ClassVar

from firmware_sim.physics.burner import BOILER_NOISE, Boiler
from firmware_sim.physics.model import Setting, Values
from firmware_sim.physics.smooth import clamp, toward

RISE_K = 25.0
SET_SUPPLY = 75.0  # Cel
SWING_K = 2.5  # the weather compensation hunts by this much
SWING_S = 1500.0
BOILER_TAU_S = 360.0  # one turnover of the boiler's water at rated flow
NETWORK_TAU_S = 900.0
GAIN = 0.04  # firing share per kelvin
RESET_S = 600.0
BOILING = 104.0  # Cel; the outlet cannot get hotter than the steam it makes
ROOM = 25.0
STILL_TAU_S = 1500.0  # return pipe cooling without flow
STANDING_TAU_S = 10_800.0  # the insulated boiler without flame and flow
FILL_SHARE = 0.45  # filling pressure as a share of the permitted one
EXPANSION_MPA_PER_K = 0.002  # with a healthy vessel
PUMP_SHARE = 0.76  # of rated current, domain §2.1: 60-90 %
PUMP_TAU_S = 3.0
THROTTLED_KEEPS = 0.6  # a centrifugal pump against a half-closed valve draws less, but not much less
RELIEF_FALL = 0.02  # of permitted pressure, per second
RELIEF_SHARE = 1.06
MAKEUP_MOST = 1.2  # m3/h, the size of the make-up valve
EASE_S = 60.0  # how a pressure comes back once a fault was repaired


class HotWaterBoiler(Boiler):
    """Supply, return, pressure, pump and make-up."""

    FAULTS = Boiler.FAULTS | {
        "circulation_loss", "fill_valve_open", "expansion_tank_failed", "network_leak", "pipe_burst", "short_cycling",
        "overheating", "seeping_leak", "night_leak", "pump_throttled", "top_up",
    }  # fmt: skip
    NOISE: ClassVar = {
        **BOILER_NOISE, "supply_temp": 0.12, "return_temp": 0.12, "water_pressure": 0.0015, "pump_current": 0.08,
    }  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.permitted = setting.param("permitted_pressure", 1.0)
        self.pump_rated = setting.param("pump_rated", 15.0)
        self._phase = setting.chance("swing").uniform(0.0, 2 * math.pi)
        self.supply = SET_SUPPLY
        self.back = SET_SUPPLY - RISE_K * self.load
        self.flow = 1.0
        self.makeup = 0.0
        self._integral = self.load
        self._fill = FILL_SHARE * self.permitted
        self._strayed = 0.0  # MPa away from the filling pressure, by a fault
        self._is_relieving = False

    def step(self, seconds: float) -> None:
        self.load = clamp(self.daily_load() + self.wander.step(), 0.3, 0.95)
        self.flow = toward(self.flow, self._flow_wanted(), seconds, PUMP_TAU_S)
        heat = self.burn(self._wanted(seconds), seconds)
        self._water(0.0 if self.supply >= BOILING and self.flow < 0.5 else heat, seconds)
        self._pressure(seconds)
        self.makeup = toward(self.makeup, self._makeup_wanted(), seconds, 5.0)

    def _flow_wanted(self) -> float:
        if "circulation_loss" in self.faults or "switched_off" in self.faults:
            return 0.0
        throttled = self.faults.get("pump_throttled")
        return 1.0 if throttled is None else throttled.number("flow_percent", 40.0) / 100

    def resting(self) -> str | None:
        cycling = self.faults.get("short_cycling")
        if cycling is not None:
            on_s, off_s = cycling.number("on_s", 120.0), cycling.number("off_s", 180.0)
            if cycling.since_s(self.now_ms) % (on_s + off_s) < off_s:
                return "standby"
        return super().resting()

    def _wanted(self, seconds: float) -> float:
        lost = self.faults.get("circulation_loss")
        if lost is not None:
            # The sensor in the standing return tells the controller to go on firing.
            return lost.number("rise_k_per_min", 2.0) * BOILER_TAU_S / 60 / RISE_K
        if "overheating" in self.faults:
            return 1.0
        age_s = (self.now_ms - self.setting.start_ms) / 1000
        set_point = SET_SUPPLY + SWING_K * math.sin(2 * math.pi * age_s / SWING_S + self._phase)
        error = set_point - self.supply
        if self.state == "firing":
            self._integral = clamp(self._integral + GAIN * error * seconds / RESET_S, 0.0, 1.0)
        return self._integral + GAIN * error

    def _water(self, heat: float, seconds: float) -> None:
        across = self.flow * (self.supply - self.back)
        self.supply = min(BOILING, self.supply + (RISE_K * heat - across) * seconds / BOILER_TAU_S)
        if self.flow > 0.2:
            taken = RISE_K * self.load * clamp((self.back - ROOM) / 25.0, 0.0, 1.0)
            self.back += (across - taken) * seconds / NETWORK_TAU_S
        else:
            self.back = toward(self.back, ROOM, seconds, STILL_TAU_S)
            if heat < 0.01:
                self.supply = toward(self.supply, ROOM, seconds, STANDING_TAU_S)

    def _pressure(self, seconds: float) -> None:
        """What faults do to the filling pressure; the healthy system only breathes with temperature."""
        opened = self.faults.get("fill_valve_open")
        burst = self.faults.get("pipe_burst")
        if opened is not None:
            relief = opened.number("relief_factor", 1.1) * self.permitted
            self._saw(relief, relief * (1 - opened.number("blowdown", 0.07)))
            rate = -RELIEF_FALL * self.permitted if self._is_relieving else opened.number("rate_mpa_per_min", 0.08) / 60
            self._strayed += rate * seconds
        elif burst is not None:
            floor = burst.number("floor_mpa", 0.05)
            self._strayed -= min(
                burst.number("rate_mpa_per_min", 0.06) / 60 * seconds, max(0.0, self.pressure() - floor)
            )
        elif (leak := self.faults.get("night_leak")) is not None:
            self._strayed -= leak.number("rate_mpa_per_h", 0.005) / 3600 * seconds
        else:
            self._strayed = toward(self._strayed, 0.0, seconds, EASE_S)

    def _saw(self, opens: float, closes: float) -> None:
        """A relief valve lifts at its set pressure and closes again a blow-down below it."""
        if self.pressure() >= opens:
            self._is_relieving = True
        elif self.pressure() <= closes:
            self._is_relieving = False

    def _makeup_wanted(self) -> float:
        if "pipe_burst" in self.faults:
            return MAKEUP_MOST
        if (leak := self.faults.get("network_leak")) is not None:
            return leak.number("makeup_m3h", 0.6)
        if (seep := self.faults.get("seeping_leak")) is not None:
            within_s = seep.since_s(self.now_ms) % seep.number("every_s", 300.0)
            return seep.number("makeup_m3h", 0.5) if within_s < seep.number("for_s", 40.0) else 0.0
        top_up = self.faults.get("top_up")
        if top_up is not None and top_up.since_s(self.now_ms) < top_up.number("duration_s", 100.0):
            return top_up.number("makeup_m3h", 0.8)
        return 0.0

    def pressure(self) -> float:
        """Gauge pressure of the water, MPa."""
        mean = (self.supply + self.back) / 2 - SET_SUPPLY + RISE_K / 4
        return max(0.0, self._fill + self._strayed + EXPANSION_MPA_PER_K * mean + self._breath() + self._topped())

    def _breath(self) -> float:
        """A vessel without gas: every heating drives the stiff system to its relief valve, every cooling empties it."""
        failed = self.faults.get("expansion_tank_failed")
        if failed is None:
            return 0.0
        amplitude = failed.number("amplitude_mpa", 0.31)
        wave = math.sin(2 * math.pi * failed.since_s(self.now_ms) / failed.number("period_s", 900.0))
        up = max(amplitude, RELIEF_SHARE * self.permitted - self._fill)
        return wave * (up if wave > 0 else amplitude)

    def _topped(self) -> float:
        top_up = self.faults.get("top_up")
        if top_up is None:
            return 0.0
        return top_up.number("rise_mpa", 0.03) * min(
            1.0, top_up.since_s(self.now_ms) / top_up.number("duration_s", 100.0)
        )

    def values(self) -> Values:
        lost = self.faults.get("circulation_loss")
        drawn = self.flow * (1.0 - THROTTLED_KEEPS) + THROTTLED_KEEPS * min(1.0, self.flow / 0.2)
        idle = 0.0 if lost is None else lost.number("pump_current_a", 0.4)
        return {
            **self.fired_values(),
            "supply_temp": self.supply,
            "return_temp": self.back,
            "water_pressure": self.pressure(),
            "pump_current": idle + self.pump_rated * PUMP_SHARE * drawn,
            "makeup_flow": self.makeup,
            "pump": "on" if self.flow > 0.1 else "off",
        }
