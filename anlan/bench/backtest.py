"""Shell. A backtest over a year of 1 000 points, against merely reading the same rows from the same store."""

from __future__ import annotations

import tempfile
from datetime import time
from pathlib import Path

from alerts.kernel import compiled_kernel
from alerts.ledger import Options as Judging
from anlan.backtest import Asked, Sides, backtest
from anlan.bench.frame import Options, Row, Spent, alone, measured
from anlan.bench.history import build
from anlan.bench.plant import PERIOD_MS, plant
from ingest.duckdb_history import DuckDbHistory
from rules.rota import Duty, shifts
from wire.catalogue import Catalogue

GOAL_S = 600.0
YEAR = 365.0
QUICK_DAYS = 7.0
_DAY_MS = 86_400_000


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    days = min(options.days, QUICK_DAYS) if options.quick else options.days
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        place = (
            options.folder or Path(scratch)
        ) / f"{options.points}-points-{options.edges}-edges-{days:g}-days.duckdb"
        if not place.exists():
            _build(place, options, days)
        compiled_kernel()  # so that it is kept: compiling is no part of a backtest
        options.say("reading the rows")
        rows_read, reading = alone(_read, place, options.points, options.edges)
        options.say("backtest")
        (readings, frames, events), spent = alone(_backtest, place, options.points, options.edges)
        size = place.stat().st_size
    if rows_read != readings or readings != round(days * _DAY_MS / PERIOD_MS * options.points):
        raise RuntimeError(f"{rows_read} rows were read and {readings} were judged")
    name = f"{options.points:,} points every {PERIOD_MS // 1000} s on {options.edges} cabinets, {days:g} days"
    goal = f"< {GOAL_S:g}"
    rows = [
        Row("backtest", f"{name}: {readings:,} readings, {frames:,} frames, {events:,} events", spent.wall_s, "s",
            reading.wall_s, spent.wall_s / reading.wall_s, goal if days >= YEAR else "",
            spent.wall_s < GOAL_S if days >= YEAR else None),
        Row("backtest", "readings judged", readings / spent.wall_s / 1e6, "M/s", readings / reading.wall_s / 1e6,
            reading.wall_s / spent.wall_s),
        Row("backtest", "processor time a reading", spent.cpu_s / readings * 1e9, "ns", reading.cpu_s / readings * 1e9,
            spent.cpu_s / reading.cpu_s),
        Row("backtest", "peak memory, one process", spent.peak_mb, "MB", reading.peak_mb,
            spent.peak_mb / reading.peak_mb),
        Row("backtest", "the store", size / readings, "B/reading"),
    ]  # fmt: skip
    if days < YEAR:
        rows.append(Row("backtest", f"a year, scaled from {days:g} days", spent.wall_s * YEAR / days, "s", goal=goal))
    return rows


def _build(place: Path, options: Options, days: float) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)

    def step(done: int, total: int) -> None:
        if done % 240 == 0 or done == total:
            options.say(f"building {place.name}: {done // 24} of {total // 24} days")

    build(unfinished, options.points, options.edges, days, step)
    unfinished.rename(place)


def _read(place: Path, points: int, edges: int) -> tuple[int, Spent]:
    catalogue = Catalogue([plant(points, edges)])

    def read() -> int:
        history = DuckDbHistory(str(place))
        stretch = history.stretch("bench", None, None)
        count = 0 if stretch is None else sum(len(each.frames.series) for each in history.frames(stretch, catalogue))
        history.close()
        return count

    return measured(read)


def _backtest(place: Path, points: int, edges: int) -> tuple[tuple[int, int, int], Spent]:
    site = plant(points, edges)
    duty = Duty(time(22), time(6))
    asked = Asked(None, None, 0, shifts([time(0), time(8), time(16)]), duty, Judging())

    def run_all() -> tuple[int, int, int]:
        history = DuckDbHistory(str(place))
        found = backtest(history, Sides(site), asked, lambda done, total: None)
        history.close()
        return found.counts["readings"], found.frames, len(found.events)

    return measured(run_all)
