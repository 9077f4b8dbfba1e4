"""Shell. What a point costs in memory: a book with three rules a point."""

from __future__ import annotations

import numpy as np
import psutil

from anlan.bench.frame import Options, Row, alone, peak_bytes
from anlan.bench.rules import CASES, made
from rules.book import Book

GOAL = 1024.0


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    rows = []
    for points in (10_000, 100_000) if options.quick else (10_000, 100_000, 1_000_000):
        options.say(f"a book of {points:,} points")
        resident, columns, peak = alone(_book, points)
        case = f"book of {points:,} points × 3"
        rows += [
            Row("growth", f"{case}: resident", resident, "B/point", columns, resident / columns, f"≤ {GOAL:,.0f}",
                resident <= GOAL),
            Row("growth", f"{case}: peak while it is laid out", peak, "B/point"),
        ]  # fmt: skip
    return rows


def _book(points: int) -> tuple[float, float, float]:
    """Bytes a point: of the process that holds the book, of its columns alone, and at the worst moment."""
    Book(made(100, CASES["high, low, no data"]))
    before = psutil.Process().memory_info().rss
    book = Book(made(points, CASES["high, low, no data"]))
    cells, good = np.arange(points, dtype=np.int32), np.zeros(points, np.int8)
    book.begin(0, 0)
    book.observe(cells, np.full(points, 50.0), good, good, np.full(points, 10_000, np.int64))
    book.elapse(0, 10_000)
    resident = psutil.Process().memory_info().rss - before
    parts = [part if isinstance(part, tuple) else (part,) for part in book.tables if part is not book.tables.log]
    columns = sum(array.nbytes for part in parts for array in part)
    peak = peak_bytes() - before
    return resident / points, columns / points, peak / points
