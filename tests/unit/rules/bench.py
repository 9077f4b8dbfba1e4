"""A book with a few points, fed in seconds, for tests that read like an incident log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rules.book import Book
from rules.codes import Input
from rules.functions import PLAIN, Functions
from rules.plan import Watched, plan
from rules.transition import Transition
from vocab.point import Point
from vocab.quality import Quality, Reason
from vocab.rule import Rule

_NAME = {"en": "x", "zh": "x"}
Sample = tuple[float, str, float | None] | tuple[float, str, float | None, Reason]


def point(name: str, **changes: Any) -> Point:
    return Point.model_validate({"id": name, "name": _NAME, "period_s": 10, "heartbeat_s": 60} | changes)


def rule(name: str, when: dict[str, Any], on: str = "temp", **changes: Any) -> Rule:
    row = {"id": name, "name": _NAME, "point": on, "when": when, "priority": 2, "hazard": "h", "category": "hazard"}
    return Rule.model_validate(row | changes)


class Bench:
    """One asset `a` on one edge (or its points on two: `sources`)."""

    def __init__(
        self,
        *rules: Rule,
        points: Iterable[Point] = (),
        sources: dict[str, int] | None = None,
        functions: Functions = PLAIN,
    ) -> None:
        self.points = tuple(points) or (point("temp"),)
        numbers = sources or {}
        watched = Watched("a", tuple((each, numbers.get(each.id, 0)) for each in self.points), rules)
        self.book = Book(plan([watched]), functions)
        for source in {0, *numbers.values()}:
            self.book.begin(source, 0)
        self.late = 0
        self.found: list[Transition] = []

    def feed(self, *samples: Sample) -> Bench:
        """Samples of one frame; a value of None is BAD, a reason makes it BAD (SLEW and CLOCK: UNCERTAIN)."""
        cells, values, qualities, reasons, ats = [], [], [], [], []
        for at_s, name, value, *why in samples:
            reason = why[0] if why else Reason.NONE if value is not None else Reason.COMM_TIMEOUT
            quality = Quality.GOOD if reason is Reason.NONE else Quality.BAD
            cells.append(self.book.cells[f"a/{name}"])
            values.append(np.nan if value is None else value)
            qualities.append(Quality.UNCERTAIN if reason in (Reason.SLEW, Reason.CLOCK) else quality)
            reasons.append(reason)
            ats.append(round(at_s * 1000))
        self.late += self.book.observe(
            np.array(cells, np.int32),
            np.array(values, np.float64),
            np.array(qualities, np.int8),
            np.array(reasons, np.int8),
            np.array(ats, np.int64),
        )
        return self

    def series(self, *values: float | None, every: float = 10, start: float = 0, on: str = "temp") -> Bench:
        """One frame per value."""
        for step, value in enumerate(values):
            self.feed((start + step * every, on, value))
        return self

    def until(self, at_s: float, source: int = 0) -> Bench:
        self.book.elapse(source, round(at_s * 1000))
        return self

    def order(self, name: str, what: Input, at_s: float = 0) -> bool:
        return self.book.command(self.book.rows[f"a.{name}"], what, round(at_s * 1000))

    def log(self) -> list[tuple[float, str, str]]:
        """Everything so far: when, which rule, and into which state."""
        self.found += self.book.take()
        return [(each.at_ms / 1000, each.alarm.removeprefix("a."), each.new.value) for each in self.found]

    def state(self, name: str = "r") -> str:
        from rules.codes import StateCode

        return StateCode(int(self.book.lives.state[self.book.rows[f"a.{name}"]])).word.value
