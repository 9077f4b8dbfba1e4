"""Pure. Mains power at a main switch: three phases, what a building draws from them, and the way to a backup."""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.smooth import Wander, clamp, toward

PHASES = "abc"
OPEN_CIRCUIT = 1.03  # of the nominal voltage, at the transformer
DROP = 0.03  # of it, at full load
DEAD_V = 6.0  # what the neighbours couple into a phase that is lost
HERTZ = 50.0
POWER_FACTOR = 0.95
SKEW = (0.93, 1.0, 1.05)  # no three phases carry the same
LOAD = (
    (0.0, 0.25), (3.0, 0.17), (6.0, 0.22), (8.0, 0.45), (10.0, 0.38), (12.0, 0.48), (14.0, 0.38), (17.0, 0.5),
    (19.5, 0.68), (22.0, 0.5), (24.0, 0.25),
)  # fmt: skip
LOAD_TAU_S = 4.0


class MainsPower(Model):
    """Voltages, currents, frequency, power, energy, and where it comes from."""

    FAULTS = frozenset({
        "power_cut", "phase_lost", "brownout", "overvoltage", "neutral_lost", "overload", "stays_on_backup",
        "frequency_off", "voltage_dip", "motor_start", "transfer_test",
    })  # fmt: skip
    NOISE: ClassVar = {
        "voltage_a": 0.2, "voltage_b": 0.2, "voltage_c": 0.2, "current_a": 0.05, "current_b": 0.05, "current_c": 0.05,
        "frequency": 0.003, "active_power": 0.02,
    }  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.nominal = setting.param("nominal_voltage", 220.0)
        self.rated = setting.param("rated_current", 250.0)
        every_s = self.GRID_MS / 1000
        self._load = Wander(setting.chance("load"), 0.03, 240.0, every_s)
        self._grid = Wander(setting.chance("grid"), 0.005, 600.0, every_s)
        self._hertz = Wander(setting.chance("hertz"), 0.015, 120.0, every_s)
        self.share = self._usual_share()
        self.energy = setting.chance("age").uniform(5_000.0, 90_000.0)

    def _usual_share(self) -> float:
        share = between(self.setting.daytime.hour(self.now_ms), LOAD) * (1.0 + self._load.value)
        return clamp(share, 0.05, 0.85)

    def step(self, seconds: float) -> None:
        self._load.step()
        self._grid.step()
        self._hertz.step()
        self.share = toward(self.share, self._wanted_share(), seconds, LOAD_TAU_S)
        self.energy += max(0.0, self._power()) * seconds / 3600

    def _wanted_share(self) -> float:
        if (start := self._during("motor_start", 15.0)) is not None:
            return start.number("factor", 1.4)
        over = self.faults.get("overload")
        return self._usual_share() if over is None else over.number("factor", 1.3)

    def _during(self, name: str, usual_s: float) -> Active | None:
        """What passes by itself, while it lasts."""
        fault = self.faults.get(name)
        is_over = fault is None or fault.since_s(self.now_ms) >= fault.number("duration_s", usual_s)
        return None if is_over else fault

    def _voltages(self) -> tuple[float, ...]:
        if "power_cut" in self.faults:
            return (0.0, 0.0, 0.0)
        level = self.nominal * (OPEN_CIRCUIT + self._grid.value - DROP * self.share)
        for name in ("brownout", "overvoltage"):
            if (fault := self.faults.get(name)) is not None:
                level = self.nominal * (fault.number("factor", 1.0) + 0.4 * self._grid.value)
        if (dip := self._during("voltage_dip", 4.0)) is not None:
            level *= dip.number("factor", 0.7)
        phases = [level * (1.0 + 0.003 * (number - 1)) for number in range(3)]
        if (torn := self.faults.get("neutral_lost")) is not None:
            down = torn.number("down_factor", 0.75)
            phases = [self.nominal * factor for factor in (torn.number("up_factor", 1.32), down, down + 0.11)]
        if (lost := self._lost_phase()) is not None:
            phases[lost] = DEAD_V
        return tuple(phases)

    def _lost_phase(self) -> int | None:
        lost = self.faults.get("phase_lost")
        return None if lost is None else round(clamp(lost.number("phase", 2.0), 1.0, 3.0)) - 1

    def _currents(self) -> tuple[float, ...]:
        if "power_cut" in self.faults:
            return (0.0, 0.0, 0.0)
        lost = self._lost_phase()
        skew = SKEW if "overload" not in self.faults else (1.0, 1.0, 1.0)
        return tuple(0.0 if number == lost else self.rated * self.share * part for number, part in enumerate(skew))

    def _power(self) -> float:
        pairs = zip(self._voltages(), self._currents(), strict=True)
        return sum(volt * ampere for volt, ampere in pairs) * POWER_FACTOR / 1000

    def _source(self) -> str:
        if (cut := self.faults.get("power_cut")) is not None:
            return "none" if cut.since_s(self.now_ms) < cut.number("transfer_s", 10.0) else "backup"
        is_tested = self._during("transfer_test", 40.0) is not None
        return "backup" if is_tested or "stays_on_backup" in self.faults else "mains"

    def _frequency(self) -> float:
        if "power_cut" in self.faults:
            return 0.0
        off = self.faults.get("frequency_off")
        return (HERTZ if off is None else off.number("hertz", 49.2)) + self._hertz.value

    def values(self) -> Values:
        found: Values = {
            "frequency": self._frequency(), "active_power": self._power(), "energy": self.energy,
            "source": self._source(),
        }  # fmt: skip
        for phase, volt, ampere in zip(PHASES, self._voltages(), self._currents(), strict=True):
            found[f"voltage_{phase}"] = volt
            found[f"current_{phase}"] = ampere
        return found
