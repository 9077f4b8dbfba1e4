"""Pure. A room with a gas detector: what leaks in mixes with the air and is blown out again (domain §2.4)."""

from __future__ import annotations

import math
from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Value, Values
from firmware_sim.physics.smooth import Wander, clamp, toward

BASE_LEL = 0.8  # kitchens are never quite free of it
BASE_CO = 1.5  # mg/m3
VENT_TAU_S = 240.0
CONTACT_LEL = 8.0  # where a household alarm's own contact closes; GB 15322.2 allows 5-25 %LEL
CONTACT_OPENS_LEL = 5.0
LOW_LED_LEL = 20.0  # the instrument's own lamps, set at the factory; our limits are the pack's
HIGH_LED_LEL = 40.0
UNDER_RANGE = -10.0
RANGE_END = 105.0  # %LEL; also while a cloud that was beyond it thins out
LIFE_H = 43_800.0  # five years
HEALTH = {"bead_open": "failed", "element_expired": "expired"}  # what the instrument says of its element
TEMPERATURE = ((0.0, 19.0), (6.0, 18.0), (13.0, 25.0), (19.0, 24.0), (24.0, 19.0))


class GasDetector(Model):
    """Methane, carbon monoxide and the instrument that looks for them."""

    FAULTS = frozenset({
        "leak", "slow_leak", "household_leak", "gas_cloud", "carbon_monoxide", "bead_open", "element_expired",
        "life_ends", "calibration", "cooking", "zero_drift",
    })  # fmt: skip
    NOISE: ClassVar = {
        "ch4": 0.15, "co": 0.2, "temperature": 0.15, "humidity": 0.8, "supply_voltage": 0.03, "sample_flow": 0.004,
    }  # fmt: skip
    _LEAKS = {"leak": 45.0, "slow_leak": 16.0, "household_leak": 30.0, "gas_cloud": 130.0}  # noqa: RUF012 constant

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._wander = Wander(setting.chance("air"), 0.15, 900.0, self.GRID_MS / 1000)
        self.ch4 = BASE_LEL
        self.co = BASE_CO
        self.contact = "normal"
        self._age_h = setting.chance("age").uniform(1000.0, 9000.0)
        self._warm_ms = setting.start_ms  # warm from then on

    def step(self, seconds: float) -> None:
        self._wander.step()
        target, tau = 0.0, VENT_TAU_S
        for name, usual in self._LEAKS.items():
            if (leak := self.faults.get(name)) is not None:
                target, tau = leak.number("cmax_lel", usual), leak.number("tau_s", VENT_TAU_S)
        self.ch4 = toward(self.ch4, target + BASE_LEL, seconds, tau)
        burning = self.faults.get("carbon_monoxide")
        if burning is not None:
            target, tau = burning.number("target_mg_m3", 80.0), burning.number("tau_s", 180.0)
            self.co = toward(self.co, target, seconds, tau)
        else:
            self.co = toward(self.co, BASE_CO, seconds, VENT_TAU_S)
        self._switch()

    def _switch(self) -> None:
        """The household alarm's contact, with its own hysteresis; it closes the valve and reports at once."""
        limit = CONTACT_OPENS_LEL if self.contact == "alarm" else CONTACT_LEL
        contact = "alarm" if self.concentration() >= limit else "normal"
        if contact != self.contact:
            self.contact = contact
            self.happen("gas_alarm", "valve")

    def concentration(self) -> float:
        """What is really in the air at the detector, %LEL."""
        cooking = self.faults.get("cooking")
        whiff = 0.0
        if cooking is not None:
            part = cooking.since_s(self.now_ms) / cooking.number("duration_s", 80.0)
            whiff = (cooking.number("peak_lel", 7.0) - BASE_LEL) * math.sin(math.pi * part) if part < 1.0 else 0.0
        return max(0.0, self.ch4 + whiff + self._wander.value)

    def shown(self) -> float:
        """What the sensing element makes of it."""
        if "bead_open" in self.faults:
            return UNDER_RANGE
        if (test := self._test_gas()) is not None:
            return test
        drift = self.faults.get("zero_drift")
        zero = 0.0 if drift is None else drift.number("offset_lel", -1.8)
        cloud = self.faults.get("gas_cloud")
        top = RANGE_END if cloud is None else cloud.number("flat_at_lel", RANGE_END)
        return clamp(self.concentration() + zero, UNDER_RANGE, top)

    def _test_gas(self) -> float | None:
        """What a technician lets the head smell, in the middle of a calibration."""
        test = self.faults.get("calibration")
        if test is None or not 60.0 <= test.since_s(self.now_ms) < test.number("duration_s", 420.0) - 60.0:
            return None
        return test.number("test_gas_lel", 50.0)

    def state(self) -> str:
        """What the instrument says about itself."""
        test = self.faults.get("calibration")
        if test is not None and test.since_s(self.now_ms) < test.number("duration_s", 420.0):
            return "calibration"
        if "bead_open" in self.faults:
            return "fault"
        if self.now_ms < self._warm_ms:
            return "warmup"
        shown = self.shown()
        return "high_alarm" if shown >= HIGH_LED_LEL else "low_alarm" if shown >= LOW_LED_LEL else "monitoring"

    def strike(self, fault: Active) -> None:
        super().strike(fault)
        if fault.fault in HEALTH:
            self.happen("sensor_health", sensor_health=HEALTH[fault.fault])

    def clear(self, fault_id: str) -> None:
        super().clear(fault_id)
        if fault_id in HEALTH:
            self.happen("sensor_health", sensor_health="ok")

    def restart(self, reboot: Active) -> None:
        """Domain §2.4: invalid for 30-180 s after power-on."""
        wait_s = reboot.number("silent_s", 25.0) + reboot.number("warmup_s", 60.0)
        self._warm_ms = self.now_ms + round(wait_s * 1000)

    def values(self) -> Values:
        age_h = self._age_h + (self.now_ms - self.setting.start_ms) / 3_600_000
        ends = self.faults.get("life_ends")
        told: Value = None  # the element's health is told when it changes
        return {
            "ch4": self.shown(),
            "co": self.co,
            "detector_state": self.state(),
            "gas_alarm": self.contact,
            "sensor_health": told,
            "life_left": max(0.0, LIFE_H - age_h) if ends is None else ends.number("left_h", 200.0),
            "temperature": between(self.setting.daytime.hour(self.now_ms), TEMPERATURE),
            "humidity": 52.0,
            "supply_voltage": 24.0,
            "sample_flow": 0.52,
            "valve": "closed" if self.contact == "alarm" else "open",
        }
