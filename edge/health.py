"""Pure. The edge's own health as readings of the asset that bears its name. Which points exist is the pack's word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge.batch import Batch
from edge.report import Habit, Reporter
from vocab.instant import seconds_ms
from vocab.point import Point


@dataclass(slots=True)
class Vitals:
    """What only the shell knows. The defaults are those of an edge whose frames go out as they are made."""

    uplink: bool = True
    spool_frames: int = 0
    spool_bytes: int = 0
    spool_age_s: float = 0.0
    spool_room_h: float = 0.0
    frames_dropped: int = 0
    rss_mib: float = 0.0
    safety_rules: int = 0
    safety_active: int = 0
    annunciators_on: int = 0
    annunciators_failed: int = 0
    drill: bool = False


@dataclass(slots=True)
class Tally:
    """What polling counted: totals, and what happened since the last health reading."""

    asked: int = 0
    answered: int = 0
    rejects: Counter[str] = field(default_factory=Counter)  # messages that made no sense, by why
    duplicates: int = 0  # messages that came twice
    reported: int = 0  # readings
    lag_ms: int = 0  # the worst since the last health reading
    asked_before: int = 0
    answered_before: int = 0

    @property
    def rejected(self) -> int:
        """Messages that made no sense."""
        return self.rejects.total()

    def ok_percent(self) -> float:
        """Share of answered requests since the last call; 100 when nothing was asked."""
        asked, answered = self.asked - self.asked_before, self.answered - self.answered_before
        self.asked_before, self.answered_before = self.asked, self.answered
        return 100 * answered / asked if asked else 100.0

    def worst_lag_s(self) -> float:
        """The longest any block waited beyond its slot since the last call."""
        worst, self.lag_ms = self.lag_ms, 0
        return worst / 1000


@dataclass(frozen=True, slots=True)
class _Pulse:
    vitals: Vitals
    tally: Tally
    slaves_down: int
    beats: int


_SOURCES: Mapping[str, Callable[[_Pulse], float]] = {
    "heartbeat": lambda pulse: float(pulse.beats),
    "uplink": lambda pulse: float(pulse.vitals.uplink),
    "spool_frames": lambda pulse: float(pulse.vitals.spool_frames),
    "spool_bytes": lambda pulse: float(pulse.vitals.spool_bytes),
    "spool_age_s": lambda pulse: pulse.vitals.spool_age_s,
    "spool_room_h": lambda pulse: pulse.vitals.spool_room_h,
    "frames_dropped": lambda pulse: float(pulse.vitals.frames_dropped),
    "rss": lambda pulse: pulse.vitals.rss_mib,
    "poll_ok_percent": lambda pulse: pulse.tally.ok_percent(),
    "slaves_down": lambda pulse: float(pulse.slaves_down),
    "cycle_lag_s": lambda pulse: pulse.tally.worst_lag_s(),
    "safety_rules": lambda pulse: float(pulse.vitals.safety_rules),
    "safety_active": lambda pulse: float(pulse.vitals.safety_active),
    "annunciators_on": lambda pulse: float(pulse.vitals.annunciators_on),
    "annunciators_failed": lambda pulse: float(pulse.vitals.annunciators_failed),
    "drill": lambda pulse: float(pulse.vitals.drill),
    "rejected_messages": lambda pulse: float(pulse.tally.rejected),
}
KNOWN = frozenset(_SOURCES)


class Health:
    """Takes the edge's pulse every period."""

    def __init__(self, edge_id: str, points: tuple[Point, ...]) -> None:
        told = [point for point in points if point.id in KNOWN]
        self._asset = edge_id
        self._points = [point.id for point in told]
        self.period_ms = min((seconds_ms(point.period_s) for point in told), default=10_000)
        self._reporter = Reporter([Habit.of(point, self.period_ms, is_message=False) for point in told])
        self._due_ms: int | None = None
        self._beats = 0

    def pulse(self, vitals: Vitals, tally: Tally, slaves_down: int, now_ms: int) -> Batch | None:
        """The health readings that are due and news; None if there are none."""
        if self._due_ms is not None and self._due_ms - self.period_ms <= now_ms < self._due_ms:
            return None
        self._due_ms = now_ms + self.period_ms
        self._beats += 1
        pulse = _Pulse(vitals, tally, slaves_down, self._beats)
        values = [_SOURCES[name](pulse) for name in self._points]
        chosen = self._reporter.news(values, [0] * len(values), now_ms)
        if not chosen:
            return None
        points = [self._points[i] for i in chosen]
        return Batch(self._asset, now_ms, now_ms, points, [values[i] for i in chosen])
