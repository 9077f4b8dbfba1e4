"""Shell. How long a person waits: a year of one point in 300 buckets, and the newest reading of 10 000 points.

Asked of the store in process, down to the bytes of the answer. References: the raw readings of the same point and time,
out of the same store; and the newest of each point out of the readings themselves.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from anlan.bench import arrived
from anlan.bench.frame import Options, Row, alone
from anlan.bench.history import BEGIN_MS
from anlan.bench.plant import PERIOD_MS, POINTS
from ingest import answers
from ingest.closing import close_all
from ingest.duckdb_store import DuckDbStore
from ingest.port import Span

BUCKETS = 300
TREND_MS, LATEST_MS = 50.0, 10.0
_DAY_MS = 86_400_000
_LATER_MS = 2**52
_AT_ONCE_H = 48
_ASKED = 60


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    days, points = (7, 100) if options.quick else (round(options.days), options.points)
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        folder = options.folder or Path(scratch)
        place = folder / f"query-{points}-points-{days}-days" / "readings.duckdb"
        if not place.exists():
            _build(options, place, points, days)
        options.say("asking")
        rows = _trend(place, points, days)
        rows += _latest(Path(scratch) / "latest.duckdb")
    return rows


def _build(options: Options, place: Path, points: int, days: int) -> None:
    unfinished = place.parent.with_suffix(".unfinished") / place.name
    if unfinished.parent.exists():
        for path in sorted(unfinished.parent.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    arrived.begin(unfinished, points, 1)
    waiting: list[arrived.Batch] = []
    for hour, batch in enumerate(arrived.plant(points, 1, days * 24), 1):
        waiting.append(batch)
        if hour % _AT_ONCE_H == 0 or hour == days * 24:
            options.say(f"building {place.parent.name}: {hour // 24} of {days} days")
            arrived.add(unfinished, waiting)
            waiting = []
            store = DuckDbStore(str(unfinished))
            close_all(store, _LATER_MS)
            store.close()
    unfinished.parent.rename(place.parent)


def _trend(place: Path, points: int, days: int) -> list[Row]:
    (rolled, raw), size = alone(_ask, place, points, days), _size(place)
    readings = points * days * _DAY_MS // PERIOD_MS
    name = f"one point, {days} days every {PERIOD_MS // 1000} s, {BUCKETS} buckets, of {readings:,} readings"
    p50, p95 = np.percentile(rolled, [50, 95]).tolist()
    reference = float(np.median(raw))
    met = p95 <= TREND_MS if points * days >= 316 * 365 else None
    return [
        Row("query", f"{name}: p95", p95, "ms", reference, p95 / reference, f"≤ {TREND_MS:g}", met),
        Row("query", f"{name}: p50", p50, "ms", reference, p50 / reference),
        Row("query", "the store", size / readings, "B/reading"),
    ]


def _ask(place: Path, points: int, days: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each question, and of the same from raw readings."""
    store, chance = DuckDbStore(str(place)), np.random.default_rng(1)

    def asked(px: int) -> float:
        number = int(chance.integers(0, points))
        asset, point = f"m{number // POINTS}", f"p{number % POINTS}"
        span = Span("bench", asset, (point,), BEGIN_MS, BEGIN_MS + days * _DAY_MS, px)
        return _ms(lambda: answers.series_json(store.trend(span), asset, {point: "Cel"}))

    try:
        for _ in range(3):
            asked(BUCKETS)
        return [asked(BUCKETS) for _ in range(_ASKED)], [asked(days * _DAY_MS) for _ in range(3)]
    finally:
        store.close()


def _latest(place: Path) -> list[Row]:
    points = 10_000
    arrived.begin(place, points, 50)
    arrived.add(place, list(arrived.plant(points, 50, 1)))
    store = DuckDbStore(str(place))
    store.roll_up()
    try:
        found = [_ms(lambda: answers.json_bytes(answers.latest(store.latest()))) for _ in range(_ASKED)]
    finally:
        store.close()
    with duckdb.connect(str(place), read_only=True) as db:
        query = "SELECT series, arg_max((value, quality, reason), measured_ms) FROM readings GROUP BY series"
        raw = float(np.median([_ms(lambda: db.execute(query).fetchall()) for _ in range(5)]))
    p95 = float(np.percentile(found, 95))
    name = f"latest of {points:,} points: p95"
    return [Row("query", name, p95, "ms", raw, p95 / raw, f"≤ {LATEST_MS:g}", p95 <= LATEST_MS)]


def _ms(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _size(place: Path) -> int:
    return sum(path.stat().st_size for path in place.parent.rglob("*") if path.is_file())
