"""Shell. How many rules the kernel evaluates: one core, 100 000 points with three rules each, a frame of all of them.

An evaluation is one condition of one reading, with the life cycle of its alarm behind it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from alerts.kernel import compiled_kernel
from anlan.bench.frame import Options, Row
from rules.book import Book
from rules.functions import PLAIN, Functions
from rules.plan import Plan, Watched, plan
from vocab.point import Point
from vocab.rule import Rule

POINTS = 10  # of an asset
PERIOD_MS = 10_000
GOAL = 20.0

_HIGH = {"type": "high", "limit": 90, "deadband": 2}
_LOW = {"type": "low", "limit": 10, "deadband": 2}
_SILENT = {"type": "no_data", "periods": 3, "min_s": 60}
_RATE = {"type": "rate", "window_s": 60, "above_per_min": 50}
_STUCK = {"type": "stuck", "samples": 30, "min_s": 300}
_SPREAD = {"type": "spread", "window_s": 60, "above": 60}
CASES: dict[str, tuple[dict[str, Any], ...]] = {
    "high, low, no data": (_HIGH, _LOW, _SILENT),
    "rate, stuck, spread": (_RATE, _STUCK, _SPREAD),
}


def made(points: int, conditions: tuple[dict[str, Any], ...], cabinet: int | None = None) -> Plan:
    """A plan of so many points with these rules each, on one cabinet or on cabinets of so many points."""
    name = {"en": "-", "zh": "-"}
    told = {"name": name, "priority": 2, "hazard": "h", "category": "hazard", "on_delay_s": 20, "off_delay_s": 30}
    points_of, rules = [], []
    for number in range(POINTS):
        points_of.append(Point.model_validate({"id": f"p{number}", "name": name, "period_s": 10, "heartbeat_s": 10}))
        for place, when in enumerate(conditions):
            row = {"id": f"p{number}_{place}", "point": f"p{number}", "when": when}
            rules.append(Rule.model_validate(told | row))

    def watched(number: int) -> Watched:
        source = 0 if cabinet is None else number * POINTS // cabinet
        return Watched(f"m{number}", tuple((point, source) for point in points_of), tuple(rules))

    return plan(watched(number) for number in range(points // POINTS))


def sweeps(points: int, count: int, hot: float) -> Iterator[np.ndarray[Any, np.dtype[np.float64]]]:
    """Values of all points, again and again; `hot`: the share that is over the limit, for six sweeps each."""
    chance = np.random.default_rng(1)
    base = 20 + 60 * chance.random(points)
    for number in range(count):
        values = base + chance.standard_normal(points)
        if hot:
            values[int(number // 6 * hot * points) % points :][: int(hot * points)] = 95.0
        yield values


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    points = 20_000 if options.quick else 100_000
    count = 60
    options.say("compiling, or fetching what was compiled before")
    fast = compiled_kernel()
    rows = []
    for case, conditions in CASES.items():
        options.say(f"laying out {points:,} points: {case}")
        laid_out = made(points, conditions)
        for calm, hot in (("calm", 0.0), ("1 in 100 over the limit", 0.01)):
            options.say(f"{case}, {calm}")
            compiled = _million_per_s(laid_out, fast, list(sweeps(points, count, hot)))
            plain = _million_per_s(laid_out, PLAIN, list(sweeps(points, 6, hot)))
            name = f"{points:,} points × {len(conditions)}: {case}; {calm}"
            goal = f"≥ {GOAL:g}" if conditions is CASES["high, low, no data"] else ""
            met = compiled >= GOAL if goal else None
            rows.append(Row("rules", name, compiled, "M evaluations/s", plain, compiled / plain, goal, met))
    return rows


def _million_per_s(laid_out: Plan, functions: Functions, values: list[Any]) -> float:
    """Evaluations per second of one core's time, so that others on the machine do not count."""
    book = Book(laid_out, functions)
    points = len(laid_out.cell_names)
    cells, good = np.arange(points, dtype=np.int32), np.zeros(points, np.int8)
    book.begin(0, 0)
    used = 0.0
    for number, column in enumerate([values[0], *values], 1):  # the first only makes everything known
        ats = np.full(points, number * PERIOD_MS, np.int64)
        begun = time.thread_time()
        book.observe(cells, column, good, good, ats)
        book.elapse(0, number * PERIOD_MS)
        used += time.thread_time() - begun if number > 1 else 0.0
    book.take()
    return len(values) * len(laid_out.leaves.form) / used / 1e6
