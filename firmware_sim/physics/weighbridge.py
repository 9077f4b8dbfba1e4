"""Pure. A weighbridge: lorries come by day, stand for a minute, and leave a net weight behind."""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.smooth import clamp, toward

LORRIES_PER_H = (
    (0.0, 0.0), (5.5, 0.0), (7.0, 1.5), (10.0, 2.5), (13.0, 1.0), (16.0, 2.5), (19.0, 0.5), (20.0, 0.0), (24.0, 0.0),
)  # fmt: skip
LEAST_PER_H = 0.05
TARE_KG = (900.0, 1500.0)  # of walking tractors and small lorries
NET_KG = (300.0, 2400.0)
STANDS_S = 60.0
CROSSES_S = 40.0
AT_REST_V, AT_REST_SPREAD, AT_REST_RH = 10.0, 15.0, 45.0
SLOW_TAU_S = 60.0


class Weighbridge(Model):
    """What stands on it, what it counted, and how its cells are."""

    FAULTS = frozenset({
        "mud_on_platform", "overloaded_lorry", "lorry_stands", "cell_failed", "corner_sunk", "box_flooded",
        "supply_dying", "car_crosses", "gusts",
    })  # fmt: skip
    NOISE: ClassVar = {"gross": 4.0, "corner_spread": 2.0, "box_humidity": 0.3, "supply": 0.01}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._chance = setting.chance("lorries")
        self._wind = setting.chance("wind")
        self.capacity = setting.param("capacity", 30000.0)
        self.loads = 0
        self.on_it = 0.0
        self._leaves_ms = 0
        self._net: float | None = None  # of the lorry that stands there
        self.spread, self.humidity, self.supply = AT_REST_SPREAD, AT_REST_RH, AT_REST_V
        self._gust = 0.0
        self._next_ms = self.now_ms + round(self._gap_s() * 1000)

    def _gap_s(self) -> float:
        rate = max(LEAST_PER_H, between(self.setting.daytime.hour(self.now_ms), LORRIES_PER_H))
        return 2 * STANDS_S + self._chance.expovariate(rate / 3600)

    @property
    def _is_by_day(self) -> bool:
        return between(self.setting.daytime.hour(self.now_ms), LORRIES_PER_H) > LEAST_PER_H

    def step(self, seconds: float) -> None:
        if self.on_it and self.now_ms >= self._leaves_ms and "lorry_stands" not in self.faults:
            self.on_it, self._net = 0.0, None
        if self.now_ms >= self._next_ms:
            self._next_ms = self.now_ms + round(self._gap_s() * 1000)
            if not self.on_it and self._is_by_day and "cell_failed" not in self.faults:
                self._comes()
        gusts = self.faults.get("gusts")
        swing = 0.0 if gusts is None else gusts.number("swing_kg", 40.0)
        self._gust = clamp(self._gust + self._wind.gauss(0.0, swing / 3), -swing, swing) if swing else 0.0
        self._cells(seconds)

    def _comes(self) -> None:
        tare, net = self._chance.uniform(*TARE_KG), self._chance.uniform(*NET_KG)
        self._stand(tare + net, STANDS_S)
        self.loads += 1
        self.happen("load", load=round(net / 10) * 10.0)

    def _stand(self, weight: float, seconds: float) -> None:
        self.on_it, self._leaves_ms = weight, self.now_ms + round(seconds * 1000)

    def _cells(self, seconds: float) -> None:
        sunk, wet, dying = (self.faults.get(name) for name in ("corner_sunk", "box_flooded", "supply_dying"))
        wanted = AT_REST_SPREAD if sunk is None else sunk.number("spread_kg", 160.0)
        self.spread = toward(self.spread, wanted, seconds, SLOW_TAU_S)
        tau_s = SLOW_TAU_S if wet is None else wet.number("tau_s", 120.0)
        self.humidity = toward(self.humidity, AT_REST_RH if wet is None else 97.0, seconds, tau_s)
        self.supply = toward(
            self.supply, AT_REST_V if dying is None else dying.number("to_v", 8.6), seconds, SLOW_TAU_S
        )

    def strike(self, fault: Active) -> None:
        super().strike(fault)
        if fault.fault == "overloaded_lorry":
            self._stand(fault.number("factor", 1.1) * self.capacity, STANDS_S)
        if fault.fault == "lorry_stands":
            self._stand(fault.number("weight_kg", 4200.0), STANDS_S)
        if fault.fault == "car_crosses":
            self._stand(fault.number("weight_kg", 1500.0), CROSSES_S)

    def restart(self, reboot: Active) -> None:
        """It counts in memory."""
        self.loads = 0

    def values(self) -> Values:
        mud = self.faults.get("mud_on_platform")
        gross = self.on_it + self._gust + (0.0 if mud is None else mud.number("offset_kg", 180.0))
        state = "overload" if gross > self.capacity else "ok"
        return {
            "load": None,
            "gross": gross,
            "loads": float(self.loads),
            "indicator": "cell_fault" if "cell_failed" in self.faults else state,
            "corner_spread": self.spread,
            "box_humidity": self.humidity,
            "supply": self.supply,
        }
