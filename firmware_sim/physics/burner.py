"""Pure. What hot-water and steam boilers share: the burner's sequence, the flue, the fuel and the air of the room.

Sequence of a gas burner: purge, ignite, fire; a lost flame is tried again and then locks out until somebody resets it.
"""

from __future__ import annotations

import math

from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.smooth import Wander, clamp, toward

PURGE_S = 15.0
IGNITION_S = 5.0
FLAME_TAU_S = 0.7  # domain §2.1: flame is gone in 1-3 s
FLAME_V = (2.6, 4.5)  # flame amplifier at no load, and what full load adds; domain §2.1: SOLA reports volts
FLAME_UA = (5.0, 8.0)
FLUE_TAU_S = 90.0
FLUE_BELOW_BASELINE_K = 26.0  # at no load; the baseline is for full load
FLUE_LOAD_K = 30.0
FLUE_COOLING_TAU_S = 1800.0
FLUE_COLD = 45.0
FUEL_KPA = 10.0
FUEL_SAG_KPA = 1.5  # at full load
FUEL_TAU_S = 5.0
GAS_STOP_KPA = 0.8  # the burner's own gas pressure switch
MIN_FIRE = 0.2  # turn-down 1:5
LOCKOUT_FLAME = 109.0  # the code a controller shows for a lost flame
VENT_TAU_S = 300.0  # air change of a boiler room; domain §2.4: V/Q is 2-20 min
CH4_BASE = 0.4  # %LEL
CO_BASE = 1.2  # mg/m3
SEASON_LOAD = -0.06  # more in winter
SEASON_AT = -0.33  # DAILY_LOAD is for the end of March
DAILY_LOAD = ((0.0, 0.45), (5.0, 0.55), (7.0, 0.7), (10.0, 0.55), (16.0, 0.5), (19.0, 0.65), (24.0, 0.45))

BOILER_NOISE = {
    "flue_temp": 0.6, "firing_rate": 0.4, "flame_signal": 0.04, "flame_current": 0.1, "fuel_pressure": 0.05,
    "room_ch4": 0.12, "room_co": 0.25,
}  # fmt: skip


class Boiler(Model):
    """A fired boiler without its water: subclasses say what the heat does."""

    FAULTS = frozenset({
        "flame_out", "soot", "back_draught", "room_gas_leak", "fuel_supply_lost", "fuel_overpressure", "switched_off",
        "inspection_overdue", "load_step", "light_off_puff",
    })  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.wander = Wander(setting.chance("load"), 0.03, 300.0, self.GRID_MS / 1000)
        self.load = self.daily_load()
        self.fire = self.load  # firing rate, share of full
        self.flame = 1.0
        self.state = "firing"
        self._state_s = 0.0
        self._tries = 0
        self.baseline = setting.param("flue_baseline", 140.0)
        self.flue = self._flue_target()
        self.fuel = FUEL_KPA
        self.ch4 = CH4_BASE
        self.co = CO_BASE
        self._started_hours = setting.chance("age").uniform(2000, 20000)
        self._run_s = 0.0
        self.cycles = round(self._started_hours * 1.5)

    def daily_load(self) -> float:
        """The heat that people want, share of full."""
        step = self.faults.get("load_step")
        extra = 0.0 if step is None else step.number("firing_percent", 30.0) / 100
        season = self.setting.daytime.season(self.now_ms) - SEASON_AT
        return between(self.setting.daytime.hour(self.now_ms), DAILY_LOAD) + SEASON_LOAD * season + extra

    def burn(self, wanted: float, seconds: float) -> float:
        """One step of the burner; the heat it really gives, share of full."""
        self._sequence(seconds)
        self.fire = clamp(wanted, MIN_FIRE, 1.0) if self.state == "firing" else MIN_FIRE
        self.flame = toward(self.flame, 1.0 if self.state == "firing" else 0.0, seconds, FLAME_TAU_S)
        if self.state == "firing":
            self._run_s += seconds
        self._flue(seconds)
        self._fuel(seconds)
        self._room(seconds)
        return self.fire * self.flame

    def _sequence(self, seconds: float) -> None:
        self._state_s += seconds
        failing = self.faults.get("flame_out")
        match self.state:
            case "firing" if failing is not None:
                self.enter("purge")
            case "firing" if (rest := self.resting()) is not None:
                self.enter(rest)
            case "purge" if self._state_s >= (PURGE_S if failing is None else failing.number("retry_s", 45.0)):
                self.enter("ignition")
            case "ignition" if self._state_s >= IGNITION_S:
                self._ignite(failing)
            case "locked_out" if failing is None:
                self._tries = 0
                self.enter("purge")
            case "hold" | "standby" | "off" if self.resting() is None:
                self.enter("purge")

    def _ignite(self, failing: Active | None) -> None:
        if failing is None:
            self._tries = 0
            self.cycles += 1
            self.enter("firing")
            return
        self._tries += 1
        self.enter("locked_out" if self._tries >= failing.number("retries", 1.0) else "purge")

    def resting(self) -> str | None:
        """The state in which the burner waits without a flame, or None while it may burn."""
        if "switched_off" in self.faults:
            return "off"
        return "hold" if self.fuel < GAS_STOP_KPA else None

    def enter(self, state: str) -> None:
        """Go to the next state of the burner's sequence."""
        self.state = state
        self._state_s = 0.0

    def _flue_target(self) -> float:
        return self.baseline - FLUE_BELOW_BASELINE_K + FLUE_LOAD_K * self.fire

    def _flue(self, seconds: float) -> None:
        if self.flame < 0.5:
            self.flue = toward(self.flue, FLUE_COLD, seconds, FLUE_COOLING_TAU_S)
        else:
            self.flue = toward(self.flue, self._flue_target(), seconds, FLUE_TAU_S)

    def flue_temp(self) -> float:
        """The gas behind the boiler; soot keeps heat in it."""
        soot = self.faults.get("soot")
        if soot is None or self.flame < 0.5:
            return self.flue
        return self.flue + soot.number("rise_k", 60.0) * min(
            1.0, soot.since_s(self.now_ms) / soot.number("over_s", 240.0)
        )

    def _fuel(self, seconds: float) -> None:
        lost, high = self.faults.get("fuel_supply_lost"), self.faults.get("fuel_overpressure")
        if lost is not None:
            self.fuel = toward(self.fuel, lost.number("to_kpa", 0.3), seconds, lost.number("over_s", 20.0) / 4)
        elif high is not None:
            self.fuel = toward(self.fuel, high.number("to_kpa", 24.5), seconds, high.number("over_s", 60.0) / 4)
        else:
            self.fuel = toward(self.fuel, FUEL_KPA - FUEL_SAG_KPA * self.fire * self.flame, seconds, FUEL_TAU_S)

    def _room(self, seconds: float) -> None:
        leak = self.faults.get("room_gas_leak")
        if leak is not None:
            self.ch4 = toward(self.ch4, leak.number("cmax_lel", 35.0), seconds, leak.number("tau_s", VENT_TAU_S))
        else:
            self.ch4 = toward(self.ch4, CH4_BASE, seconds, VENT_TAU_S)
        draught = self.faults.get("back_draught")
        if draught is not None and self.flame > 0.5:  # only a burning flame makes carbon monoxide
            self.co = toward(self.co, draught.number("target_mg_m3", 90.0), seconds, draught.number("tau_s", 180.0))
        else:
            self.co = toward(self.co, CO_BASE, seconds, VENT_TAU_S)

    def _puff(self) -> float:
        """Gas that escapes while the burner lights, gone in half a minute."""
        puff = self.faults.get("light_off_puff")
        if puff is None:
            return 0.0
        share = puff.since_s(self.now_ms) / puff.number("duration_s", 25.0)
        return puff.number("peak_lel", 4.0) * math.sin(math.pi * share) if share < 1.0 else 0.0

    def restart(self, reboot: Active) -> None:
        """A controller forgets the count since power-on, not the hours."""
        self.cycles = 0

    def fired_values(self) -> Values:
        """The points that both kinds of boiler have."""
        locked = self.state == "locked_out"
        failing = self.faults.get("flame_out")
        code = LOCKOUT_FLAME if failing is None else failing.number("lockout_code", LOCKOUT_FLAME)
        return {
            "flue_temp": self.flue_temp(),
            "firing_rate": 100.0 * self.fire if self.state == "firing" else 0.0,
            "flame_signal": self.flame * (FLAME_V[0] + FLAME_V[1] * self.fire),
            "flame_current": self.flame * (FLAME_UA[0] + FLAME_UA[1] * self.fire),
            "burner_state": self.state,
            "lockout": "locked" if locked else "none",
            "lockout_code": code if locked else 0.0,
            "fuel_pressure": self.fuel,
            "room_ch4": self.ch4 + self._puff(),
            "room_co": self.co,
            "run_hours": self._started_hours + self._run_s / 3600,
            "cycles": float(self.cycles),
        }
