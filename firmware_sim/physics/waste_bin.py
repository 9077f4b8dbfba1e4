"""Pure. A garbage bin: people fill it, a lorry empties it, and its sensor sleeps between reports.

The sensor speaks at its interval, and at once when the level, the temperature or the position changed much, as such
battery devices do.
"""

from __future__ import annotations

from typing import ClassVar

from firmware_sim.chance import share
from firmware_sim.daytime import between
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.smooth import clamp, toward

FILL_PER_H = ((0.0, 0.3), (6.0, 2.0), (8.0, 5.0), (12.0, 4.0), (17.0, 5.0), (20.0, 4.0), (22.0, 1.0), (24.0, 0.3))
THURSDAY = 3
THURSDAY_FACTOR = 1.6  # the weekly clean-up, without the extra that a scenario may add
ROUNDS_H = ((6.6, 8.9), (15.6, 17.9))  # the lorry comes twice a day, each day at another moment of its window
WORTH_EMPTYING = 8.0  # %: a round empties every bin that holds anything
CREW_COMES_AT = 72.0  # %: the crew empties a bin that will not last until the next round
AFTER_EMPTYING = 4.0
SURPRISES = frozenset({"dumped_full", "overflow", "fast_filling"})  # nobody calls the crew for what nobody expects
TILT_S = 60.0
FULLEST = 88.0  # people carry the rest elsewhere
REPORT_FILL = 5.0  # %; domain §2.5: on change > 5 %
REPORT_K = 5.0
AIR = ((0.0, 16.0), (6.0, 14.0), (14.0, 26.0), (19.0, 22.0), (24.0, 16.0))
AIR_SEASON_K = 13.0  # half of what lies between January and July
AIR_SEASON_AT = -0.33  # AIR is for the end of March
BATTERY_PER_DAY = 0.03
COLD_BATTERY_TAU_S = 300.0


class WasteBin(Model):
    """Fill, temperature, position, smell and battery."""

    FAULTS = frozenset({
        "dumped_full", "overflow", "fire", "knocked_over", "stolen", "lid_open", "odour", "battery_dying",
        "round_missed", "fast_filling", "emptying", "thursday_surge", "multipath", "cold_battery",
    })  # fmt: skip
    NOISE: ClassVar = {
        "distance": 4.0, "temperature": 0.2, "battery_mv": 8.0, "humidity": 1.0, "nh3": 0.05, "h2s": 0.004,
    }  # fmt: skip
    GRID_MS = 10_000

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        chance = setting.chance("start")
        self.fill = chance.uniform(12.0, 50.0)
        self._pace = chance.uniform(0.8, 1.2)
        self._bag = round(chance.uniform(0.0, 1e9))
        self.temperature = self._air()
        self.battery = chance.uniform(70.0, 98.0)
        self.sag = 0.0
        self.nh3, self.h2s = 0.6, 0.03
        self._tilted_until_ms = 0
        self._last_round = self._round()
        self._told_fill = self.fill
        self._told_k = self.temperature
        self._told_position = "upright"

    def _air(self) -> float:
        season = self.setting.daytime.season(self.now_ms) - AIR_SEASON_AT
        return between(self.setting.daytime.hour(self.now_ms), AIR) + AIR_SEASON_K * season

    def _round(self) -> int:
        """The number of the collection round that came last; it goes on at midnight."""
        hour, day = self.setting.daytime.hour(self.now_ms), self.setting.daytime.day(self.now_ms)
        return day * len(ROUNDS_H) + sum(hour >= self._lorry_h(day, place) for place in range(len(ROUNDS_H)))

    def _lorry_h(self, day: int, place: int) -> float:
        first, last = ROUNDS_H[place]
        return first + (last - first) * share(self._bag, "lorry", str(day), str(place))

    def step(self, seconds: float) -> None:
        self._waste(seconds)
        self._warmth(seconds)
        self._smell(seconds)
        self._charge(seconds)
        self._report()

    def _waste(self, seconds: float) -> None:
        if (target := self._dumped(seconds)) is not None:
            self.fill = target
            return
        rate = between(self.setting.daytime.hour(self.now_ms), FILL_PER_H) * self._pace
        if self.setting.daytime.weekday(self.now_ms) == THURSDAY:
            rate *= THURSDAY_FACTOR
        if (surge := self.faults.get("thursday_surge")) is not None:
            rate *= surge.number("factor", 2.0)
        if (fast := self.faults.get("fast_filling")) is not None:
            rate += fast.number("percent_per_h", 30.0)
        rate *= 1.3 - 0.6 * self.fill / 100  # what lies at the bottom is pressed together: concave
        fullest = 100.0 if fast is not None else FULLEST
        self.fill = min(max(self.fill, fullest), self.fill + rate * seconds / 3600)
        this_round = self._round()
        is_due = this_round != self._last_round and self.fill > WORTH_EMPTYING
        self._last_round = this_round
        is_called = self.fill > CREW_COMES_AT and self.faults.keys().isdisjoint(SURPRISES)
        if (is_due or is_called) and "round_missed" not in self.faults:
            self._empty(AFTER_EMPTYING, TILT_S)

    def _dumped(self, seconds: float) -> float | None:
        for name, percent, usual_s in (("dumped_full", 94.0, 180.0), ("overflow", 104.0, 300.0)):
            if (fault := self.faults.get(name)) is not None and self._still_dumping(fault, usual_s):
                target = fault.number("to_percent", percent)
                return min(max(target, self.fill), self.fill + target * seconds / fault.number("over_s", usual_s))
        return None

    def _still_dumping(self, fault: Active, usual_s: float) -> bool:
        """Until it lies there; then it waits for the next round."""
        return fault.since_s(self.now_ms) <= 1.2 * fault.number("over_s", usual_s)

    def _empty(self, to_percent: float, tilt_s: float) -> None:
        self.fill = min(self.fill, to_percent)
        self._tilted_until_ms = self.now_ms + round(tilt_s * 1000)

    def _warmth(self, seconds: float) -> None:
        fire = self.faults.get("fire")
        if fire is not None:
            rise = fire.number("k_per_min", 9.0) / 60 * seconds
            self.temperature = min(fire.number("to_cel", 95.0), self.temperature + rise)
        else:
            self.temperature = toward(self.temperature, self._air(), seconds, 1200.0)

    def _smell(self, seconds: float) -> None:
        odour = self.faults.get("odour")
        tau = 1800.0 if odour is None else odour.number("tau_s", 240.0)
        nh3 = 0.4 + self.fill * 0.008 if odour is None else odour.number("nh3_ppm", 22.0)
        h2s = 0.02 + self.fill * 0.0003 if odour is None else odour.number("h2s_ppm", 0.6)
        self.nh3 = toward(self.nh3, nh3, seconds, tau)
        self.h2s = toward(self.h2s, h2s, seconds, tau)

    def _charge(self, seconds: float) -> None:
        self.battery = max(0.0, self.battery - BATTERY_PER_DAY * seconds / 86_400)
        dying, cold = self.faults.get("battery_dying"), self.faults.get("cold_battery")
        if dying is not None:
            fall = (self.battery - dying.number("to_percent", 9.0)) * min(1.0, seconds / dying.number("over_s", 120.0))
            self.battery -= 3 * fall if self.battery - 3 * fall > dying.number("to_percent", 9.0) else fall
        target = 0.0 if cold is None else cold.number("sag_percent", 12.0)
        self.sag = toward(self.sag, target, seconds, COLD_BATTERY_TAU_S)

    def position(self) -> str:
        """Whether it stands."""
        down = "knocked_over" in self.faults or "stolen" in self.faults or self.now_ms < self._tilted_until_ms
        return "tilted" if down else "upright"

    def _report(self) -> None:
        """A sleeping sensor wakes up when something changed much."""
        position = self.position()
        moved = abs(self.fill - self._told_fill) >= REPORT_FILL or abs(self.temperature - self._told_k) >= REPORT_K
        if moved or position != self._told_position:
            self._told_fill, self._told_k, self._told_position = self.fill, self.temperature, position
            self.happen("distance", "temperature", "position")

    def strike(self, fault: Active) -> None:
        super().strike(fault)
        if fault.fault == "emptying":
            self._empty(fault.number("to_percent", AFTER_EMPTYING), fault.number("tilt_s", TILT_S))
        self._report()

    def clear(self, fault_id: str) -> None:
        super().clear(fault_id)
        if fault_id in {"dumped_full", "overflow", "round_missed", "fast_filling"}:
            self._empty(AFTER_EMPTYING, TILT_S)  # the crew that was called
        if fault_id == "battery_dying":
            self.battery = 100.0
        self._report()

    def _flicker(self) -> float:
        """A bag in the beam: some readings jump, both ways, but never so far that the bin looks full."""
        fault = self.faults.get("multipath")
        if fault is None:
            return 0.0
        draw = share(self._bag, str(self.now_ms))
        if draw > 0.25:
            return 0.0
        jump = fault.number("jump_percent", 15.0)
        return jump if self.fill + jump < FULLEST and draw < 0.125 else -min(jump, self.fill)

    def values(self) -> Values:
        values: Values = {
            "fill": self.fill + self._flicker(),
            "temperature": self.temperature,
            "position": self.position(),
            "battery": clamp(self.battery - self.sag, 0.0, 100.0),
            "battery_mv": 3000.0 + 6.0 * (self.battery - self.sag),
            "humidity": 62.0,
            "nh3": self.nh3,
            "h2s": self.h2s,
        }
        for name, usual in (("stolen", 3200.0), ("lid_open", 4400.0)):
            if (fault := self.faults.get(name)) is not None:
                values["distance"] = fault.number("distance_mm", usual)
                del values["fill"]
                break
        return values
