"""Pure. A lift: people call it, it comes, doors open and close, it carries them; and what can go wrong with that.

The car's life is a script: a generator that sets the scene and says how long it lasts. A fault replaces the script by
its own, so that every failure has a before and an after. Between scenes everything is exact (`motion.Run`), so no
grid limits the kinematics; only the machine room's temperature moves on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from firmware_sim.daytime import between
from firmware_sim.physics import elevator_faults
from firmware_sim.physics.model import Active, Model, Setting, Values
from firmware_sim.physics.motion import Run
from firmware_sim.physics.smooth import toward

Script = Iterator[float]  # yields how long each scene lasts, in seconds

FLOOR_M = 3.0  # domain §2.3: 2.8-3.0 m
DOOR_OPEN_S = 2.5
DOOR_CLOSE_S = 3.0
DWELL_S = (4.0, 6.0)
LONGEST_RUN_S = 70.0  # nobody is carried further in one go, however slow the lift
CALLS_PER_H = ((0.0, 4.0), (5.0, 6.0), (7.0, 55.0), (9.0, 60.0), (11.0, 30.0), (17.0, 45.0), (19.0, 60.0), (24.0, 5.0))
LEVEL_SIGMA_MM = 3.0  # levelling error, domain §2.3
VIBRATION = (0.05, 0.04)  # m/s2 RMS standing still and what rated speed adds
ROOM_GRID_MS = 10_000
ROOM_BASE = 24.0
ROOM_SWING = ((0.0, -3.0), (6.0, -4.0), (14.0, 4.0), (18.0, 2.0), (24.0, -3.0))
ROOM_SEASON_K = 4.0
ROOM_SEASON_AT = -0.33  # ROOM_BASE is for the end of March
ROOM_PER_TRIP_K = 0.03
ROOM_TAU_S = 1800.0
MOTOR_RPM = 1450.0  # at rated speed
MOTOR_A = (9.0, 6.0)  # running level, and extra for load
BATTERY_FALL_PER_H = 30.0  # domain §2.3: offline in 1-4 h


class Elevator(Model):
    """One car in one shaft, with a box on its roof and one in its machine room."""

    FAULTS = elevator_faults.ALL
    NOISE: ClassVar = {"machine_temp": 0.15, "car_roof_temp": 0.3, "signal": 3.0}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.rated = setting.param("rated_speed", 1.75)
        self.bottom = round(setting.param("bottom_floor", 1.0))
        self.top = round(setting.param("top_floor", 18.0))
        self.chance = setting.chance("calls")
        self.home = self.bottom
        self.height = self.height_of(self.bottom)
        self.run: Run | None = None
        self.door = "closed"
        self.person = False
        self.is_slipping = False
        # What the boxes tell about faults.
        self.mode = "normal"
        self.condition = "ok"
        self.event = "none"
        self.safety = "closed"
        self.lock = "closed"
        self.unintended = "no"
        self.power = "mains"
        self.drive_error = 0.0
        self.creep = 0.0  # m/s with the door open
        # What is measured.
        self.trips = setting.chance("age").randrange(50_000, 900_000)
        self.vibration = VIBRATION[0] + VIBRATION[1]
        self.stop_offset = 0.0
        self.battery = 100.0
        self.warmth = 0.0
        self.room = self._usual_room()
        self._script = self.service()
        self._until_ms = self.now_ms + 1000 + self.chance.randrange(20_000)
        self._room_ms = self.now_ms + ROOM_GRID_MS

    # --- time ---

    def advance(self, to_ms: int) -> None:
        while (next_ms := min(self._until_ms, self._room_ms)) <= to_ms:
            self.now_ms = max(self.now_ms, next_ms)
            if next_ms == self._room_ms:
                self.step(ROOM_GRID_MS / 1000)
                self._room_ms += ROOM_GRID_MS
            else:
                self._until_ms = self.now_ms + max(1, round(next(self._script) * 1000))
                self.happen("motion", "door", "event_code")
        self.now_ms = max(self.now_ms, to_ms)

    def step(self, seconds: float) -> None:
        hot = self.faults.get("machine_room_heat")
        self.warmth = toward(self.warmth, 0.0, seconds, ROOM_TAU_S)
        if hot is not None:
            rise = hot.number("rate_k_per_min", 3.0) / 60 * seconds
            self.room = min(hot.number("to_cel", 47.0), self.room + rise)
        else:
            self.room = toward(self.room, self._usual_room(), seconds, 600.0)
        if self.power == "battery":
            self.battery = max(5.0, self.battery - BATTERY_FALL_PER_H * seconds / 3600)
        else:
            self.battery = min(100.0, self.battery + 2 * BATTERY_FALL_PER_H * seconds / 3600)

    def _usual_room(self) -> float:
        season = self.setting.daytime.season(self.now_ms) - ROOM_SEASON_AT
        swing = between(self.setting.daytime.hour(self.now_ms), ROOM_SWING)
        return ROOM_BASE + swing + ROOM_SEASON_K * season + self.warmth

    # --- scenes ---

    def service(self) -> Script:
        """Wait for a call, fetch somebody, bring them where they want to go."""
        while True:
            yield self._wait_s()
            yield from self.carry(self.some_floor(), self.some_floor())

    def _wait_s(self) -> float:
        rate = between(self.setting.daytime.hour(self.now_ms), CALLS_PER_H)
        if (rush := self.faults.get("rush_hour")) is not None:
            rate = rush.number("trips_per_h", 120.0)
        wait = self.chance.expovariate(rate / 3600)
        # Somebody who noticed how it rides rides it again.
        return min(wait, 90.0) if not elevator_faults.FELT_ON_RIDES.isdisjoint(self.faults) else wait

    def some_floor(self) -> int:
        """Where people are and want to go: half of all ways begin or end at the bottom."""
        return self.bottom if self.chance.random() < 0.5 else self.chance.randint(self.bottom, self.top)

    def carry(self, start: int, goal: int) -> Script:
        """Fetch a person at `start` and bring them to `goal`."""
        yield from self.drive(self.height_of(start))
        yield from self.open_door()
        self.person = True
        yield self.chance.uniform(*DWELL_S)
        yield from self.close_door()
        yield from self.drive(self.height_of(goal))
        yield from self.open_door()
        self.person = False
        yield self.chance.uniform(*DWELL_S)
        yield from self.close_door()

    def drive(self, goal: float, most: float | None = None) -> Script:
        """Travel to a height; the box notes start, full speed, braking and stop."""
        reach = LONGEST_RUN_S * self.rated
        goal = min(max(goal, self.height - reach), self.height + reach)
        goal = self.height_of(self.floor_at(goal)) if most is None else goal
        if abs(goal - self.height) < FLOOR_M / 2:
            return
        self.run = run = Run(self.now_ms, self.height, goal, self.rated if most is None else most)
        yield run.ramp_s
        if run.cruise_s > 0:
            yield run.cruise_s
        yield run.ramp_s
        self.stop(goal)

    def stop(self, height: float) -> None:
        """The car stands; a ride is over."""
        peak = self.run.peak if self.run is not None else 0.0
        self.run = None
        self.height = height
        self.trips += 1
        self.warmth += ROOM_PER_TRIP_K
        self._measure_ride(peak)

    def _measure_ride(self, peak: float) -> None:
        calm = VIBRATION[0] + VIBRATION[1] * peak / self.rated
        worn = self.faults.get("guide_wear")
        if worn is not None:
            calm = worn.number("rms_m_s2", 0.45) * (0.75 + 0.25 * peak / self.rated)
        self.vibration = max(0.01, calm * self.chance.uniform(0.9, 1.1))
        rolled = self.faults.get("brake_wear")
        missed = 0.0 if rolled is None else rolled.number("offset_mm", 24.0)
        self.stop_offset = missed + self.chance.gauss(0.0, LEVEL_SIGMA_MM / (1.0 if rolled is None else 2.0))

    def open_door(self) -> Script:
        self.door = self.lock = "open"
        yield DOOR_OPEN_S

    def close_door(self) -> Script:
        yield DOOR_CLOSE_S
        self.door = self.lock = "closed"

    def land(self) -> Script:
        """From whatever it is doing to an empty car at a landing with its doors closed."""
        if self.run is not None:
            run = self.run
            yield max(0.001, run.total_s - (self.now_ms - run.start_ms) / 1000)
            self.stop(run.goal)
        if self.person or self.door == "open":
            if self.door == "closed":
                yield from self.open_door()
            self.person = False
            yield DWELL_S[0]
            yield from self.close_door()

    # --- faults ---

    def strike(self, fault: Active) -> None:
        super().strike(fault)
        script = elevator_faults.script_of(self, fault)
        if script is not None:
            self._play(script)

    def clear(self, fault_id: str) -> None:
        had_script = fault_id in self.faults and elevator_faults.has_script(fault_id)
        super().clear(fault_id)
        if had_script:
            self._play(elevator_faults.back_to_service(self))

    def _play(self, script: Script) -> None:
        """The scene is over; the next one begins at once."""
        self._script = script
        self._until_ms = self.now_ms

    def restart(self, reboot: Active) -> None:
        """The box counts trips in memory."""
        self.trips = 0

    # --- geometry ---

    def height_of(self, floor: int) -> float:
        """Height of a landing, m; `bottom_floor` is 0. There is no floor 0 in this building."""
        return (floor - self.bottom) * FLOOR_M

    def floor_at(self, height: float) -> int:
        """The floor whose landing is nearest."""
        return self.bottom + round(height / FLOOR_M)

    def values(self) -> Values:
        run = self.run
        height = self.height if run is None else run.height(self.now_ms)
        speed = self.creep if run is None else run.speed(self.now_ms)
        is_running = run is not None or self.is_slipping
        is_level = run is None and abs(height / FLOOR_M - round(height / FLOOR_M)) * FLOOR_M < 0.3
        way = 0.0 if run is None else run.sign
        loaded = MOTOR_A[0] + (MOTOR_A[1] if self.person else 0.0)
        return {
            "service_mode": self.mode,
            "condition": self.condition,
            "motion": "running" if is_running else "stopped",
            "direction": "up" if way > 0 or self.is_slipping else "down" if way < 0 else "none",
            "levelling": "level" if is_level else "off_level",
            "floor": float(self.floor_at(height)),
            "door": self.door,
            "person": "present" if self.person else "absent",
            "speed": speed,
            "safety_chain": self.safety,
            "landing_chain": "closed" if self.lock == "closed" else "broken",
            "unintended": self.unintended,
            "power": self.power,
            "battery": self.battery,
            "signal": 72.0,
            "car_roof_temp": self.room - 1.0,
            "event_code": self.event,
            "machine_temp": self.room,
            "vibration": self.vibration,
            "stop_offset": self.stop_offset,
            "motor_current": loaded if is_running else 0.0,
            "motor_speed": MOTOR_RPM * speed / self.rated if run is not None else 0.0,
            "drive": "tripped" if self.drive_error > 0 else "ready",
            "drive_error": self.drive_error,
            "trips": float(self.trips),
        }
