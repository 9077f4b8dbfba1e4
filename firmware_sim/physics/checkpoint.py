"""Pure. A checkpoint with a screening thermometer: people pass, the device measures foreheads.

Healthy traffic holds no fever: real prevalence is 0.05-0.5 % (domain §2.6), and a demo that raises a ticket of its own
accord could not be judged. Scenarios send feverish people.
"""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.smooth import clamp, toward

FOREHEAD = (36.4, 0.25)  # mean and standard deviation, domain §2.6
COLDEST, WARMEST = 35.8, 37.1  # of healthy people
DEVICE_FLAG = 37.3  # the terminal's own setting
PASSAGES_PER_H = (
    (0.0, 6.0),
    (5.0, 15.0),
    (7.0, 80.0),
    (9.0, 90.0),
    (11.0, 50.0),
    (17.0, 60.0),
    (19.0, 80.0),
    (24.0, 6.0),
)
APART_S = 4.0  # two people cannot stand before it at once
SOON_S = 15.0  # the first person whom a fault concerns
KEEP_COMING_S = 45.0  # while a fault is watched the stream of people does not dry up
AMBIENT = ((0.0, 20.0), (6.0, 19.0), (14.0, 25.0), (20.0, 22.0), (24.0, 20.0))
AMBIENT_SEASON_K = 2.5  # heated in winter, not cooled in summer
AMBIENT_SEASON_AT = -0.33  # AMBIENT is for the end of March
AMBIENT_TAU_S = 900.0
STEPS = ("certificates", "codes", "temperatures", "registrations")
SLIPS_BY = 0.002  # of all people, whoever is on duty
MASKS = ("worn", "worn", "worn", "missing", "unknown")
_OF_PEOPLE = frozenset({"fever", "fever_cluster", "cold_wind", "sun_heating", "cold_skin", "black_body_off"})


class Checkpoint(Model):
    """Passages, the room they happen in, and the instrument's own reference."""

    FAULTS = _OF_PEOPLE | {
        "heater_failed", "unmanned", "self_check_failed", "ambient_drift", "gate_closed", "rush", "steps_skipped",
    }  # fmt: skip
    NOISE: ClassVar = {"ambient": 0.06, "black_body": 0.012}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._chance = setting.chance("people")
        self.ambient = self._usual_ambient()
        self.set_point = setting.param("black_body_set", 35.0)
        self.passages = 0
        self.steps = dict.fromkeys(STEPS, 0)
        self.incomplete = 0
        self._slips = setting.chance("steps")
        self._still_feverish = 0
        self._ten: list[bool] = []  # the next people while many are ill; the next one is last
        self._next_ms = self.now_ms + round(self._gap_s() * 1000)

    def _gap_s(self) -> float:
        rate = between(self.setting.daytime.hour(self.now_ms), PASSAGES_PER_H)
        if (rush := self.faults.get("rush")) is not None:
            rate *= rush.number("factor", 3.0)
        gap = APART_S + self._chance.expovariate(rate / 3600)
        watched = _OF_PEOPLE | {"steps_skipped"}
        return gap if self.faults.keys().isdisjoint(watched) else min(gap, KEEP_COMING_S)

    def _usual_ambient(self) -> float:
        season = self.setting.daytime.season(self.now_ms) - AMBIENT_SEASON_AT
        return between(self.setting.daytime.hour(self.now_ms), AMBIENT) + AMBIENT_SEASON_K * season

    def step(self, seconds: float) -> None:
        failed = self.faults.get("heater_failed")
        if failed is not None:
            fall = failed.number("rate_k_per_min", 2.0) / 60 * seconds
            self.ambient = max(failed.number("to_cel", 8.0), self.ambient - fall)
        else:
            self.ambient = toward(self.ambient, self._usual_ambient(), seconds, AMBIENT_TAU_S)
        if self.now_ms >= self._next_ms:
            self._next_ms = self.now_ms + round(self._gap_s() * 1000)
            if "gate_closed" not in self.faults:
                self._pass()

    def _pass(self) -> None:
        self.passages += 1
        self._count_steps()
        temperature = self._forehead()
        self.happen(
            "body_temp",
            body_temp=temperature,
            abnormal="yes" if temperature >= DEVICE_FLAG else "no",
            mask=self._chance.choice(MASKS),
        )

    def _count_steps(self) -> None:
        """Four steps for everybody, but for whom the shift waves through."""
        left_out, draw = None, self._slips.random()
        waved = self.faults.get("steps_skipped")
        if waved is not None and draw < waved.number("share_percent", 40.0) / 100:
            left_out = STEPS[round(waved.number("step", 4.0)) - 1]
        elif draw < SLIPS_BY:
            left_out = STEPS[self.passages % len(STEPS)]
        for step in STEPS:
            self.steps[step] += step != left_out
        self.incomplete += left_out is not None

    def _forehead(self) -> float:
        if self._still_feverish > 0:
            self._still_feverish -= 1
            return self._feverish("fever", 38.4)
        cluster = self.faults.get("fever_cluster")
        if cluster is not None and self._next_of(cluster):
            return self._feverish("fever_cluster", 38.2)
        body = clamp(self._chance.gauss(*FOREHEAD), COLDEST, WARMEST)
        drifted = self.faults.get("ambient_drift")
        if drifted is not None:
            body = min(WARMEST, body + drifted.number("shift_k", 0.35))
        for name, key, share in (("cold_wind", "drop_k", 100.0), ("cold_skin", "drop_k", 15.0)):
            if (cold := self.faults.get(name)) is not None and self._one_of(cold, share):
                body -= cold.number(key, 2.0)
        if (sun := self.faults.get("sun_heating")) is not None and self._one_of(sun, 60.0):
            body = max(36.2, body) + sun.number("rise_k", 1.4)
        if (reference := self.faults.get("black_body_off")) is not None:
            body += reference.number("shift_k", -0.4)
        return body

    def _feverish(self, name: str, usual: float) -> float:
        fault = self.faults.get(name)
        mean = usual if fault is None else fault.number("temp_cel", usual)
        return max(37.8, mean + clamp(self._chance.gauss(0.0, 0.1), -0.3, 0.3))

    def _next_of(self, cluster: Active) -> bool:
        if not self._ten:
            self._deal(cluster)
        return self._ten.pop()

    def _deal(self, cluster: Active) -> None:
        """Of ten people exactly so many are ill as the fault says, in any order."""
        ill = max(1, round(cluster.number("share_percent", 30.0) / 10))
        self._ten = [place < ill for place in range(10)]
        self._chance.shuffle(self._ten)

    def _one_of(self, fault: Active, usual: float) -> bool:
        return self._chance.random() < fault.number("share_percent", usual) / 100

    def strike(self, fault: Active) -> None:
        super().strike(fault)
        if fault.fault == "fever":
            self._still_feverish = max(1, round(fault.number("people", 1.0)))
        if fault.fault == "fever_cluster":
            self._deal(fault)
            self._ten.remove(True)
            self._ten.append(True)  # it begins when the first one comes
        if fault.fault in _OF_PEOPLE:
            self._next_ms = min(self._next_ms, self.now_ms + round(SOON_S * 1000))

    def restart(self, reboot: Active) -> None:
        """The gate counts in memory."""
        self.passages = 0
        self.steps = dict.fromkeys(STEPS, 0)
        self.incomplete = 0

    def values(self) -> Values:
        off = self.faults.get("black_body_off")
        return {
            "body_temp": None,
            "abnormal": None,
            "mask": None,
            "ambient": self.ambient,
            "black_body": self.set_point + (0.0 if off is None else off.number("offset_k", 0.8)),
            "self_check": "failed" if "self_check_failed" in self.faults else "ok",
            "passages": float(self.passages),
            **{step: float(count) for step, count in self.steps.items()},
            "incomplete": float(self.incomplete),
            "staff": "absent" if "unmanned" in self.faults else "present",
        }
