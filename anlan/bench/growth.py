"""Shell. What a point costs as a site grows: its memory, laying it out, the time of a reading; three rules a point.

A site grows by cabinets of a thousand points, each of which sends all of them in one frame.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil

from alerts.kernel import compiled_kernel
from anlan.bench.cargo import Cargo, cargo
from anlan.bench.chain import Chain, finish, running
from anlan.bench.frame import Options, Row, alone, peak_bytes
from anlan.bench.rules import CASES, PERIOD_MS, made
from anlan.bench.sender import send
from anlan.places import LOOPBACK
from rules.book import Book
from runtime.clock import Clock

GOAL = 1024.0  # bytes a point
GOAL_RATIO = 1.2  # of a reading, against the smallest site
GOAL_MB = 500.0  # the whole process of alerts at SERVER points
CABINET = 1_000  # points
SERVER = 100_000
ROUNDS = 5  # of frames of all cabinets, for the server
_READINGS = 1_000_000  # at least, for the cost of one
_PARTS = 5  # of them; the quickest part counts, since others only make a part slower
_RULES = CASES["high, low, no data"]


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    rows = []
    for points in (10_000, 100_000) if options.quick else (10_000, 100_000, 1_000_000):
        options.say(f"a book of {points:,} points")
        resident, columns, peak, laid_out_s = alone(_book, points)
        case = f"book of {points:,} points × 3"
        rows += [
            Row("growth", f"{case}: resident", resident, "B/point", columns, resident / columns, f"≤ {GOAL:,.0f}",
                resident <= GOAL),
            Row("growth", f"{case}: peak while it is laid out", peak, "B/point"),
            Row("growth", f"{case}: laid out", laid_out_s, "s of processor time"),
        ]  # fmt: skip
    smallest = None
    for points in (1_000, 10_000, 100_000) if options.quick else (1_000, 10_000, 100_000, 1_000_000):
        options.say(f"readings of {points:,} points")
        cost = alone(_reading, points)
        smallest = cost if smallest is None else smallest
        rows.append(
            Row("growth", f"a reading judged, of {points:,} points × 3", cost, "ns", smallest, cost / smallest,
                f"≤ {GOAL_RATIO:g} of it", cost <= GOAL_RATIO * smallest)
        )  # fmt: skip
    return [*rows, *_server(options)]


def _book(points: int) -> tuple[float, float, float, float]:
    """Bytes a point: of the process that holds the book, of its columns alone, and at the worst moment; and seconds."""
    fast = compiled_kernel()
    Book(made(100, _RULES), fast)
    before, used = psutil.Process().memory_info().rss, time.process_time()
    book = Book(made(points, _RULES), fast)
    used = time.process_time() - used
    cells, good = np.arange(points, dtype=np.int32), np.zeros(points, np.int8)
    book.begin(0, 0)
    book.observe(cells, np.full(points, 50.0), good, good, np.full(points, PERIOD_MS, np.int64))
    book.elapse(0, PERIOD_MS)
    resident = psutil.Process().memory_info().rss - before
    parts = [part if isinstance(part, tuple) else (part,) for part in book.tables if part is not book.tables.log]
    columns = sum(array.nbytes for part in parts for array in part)
    peak = peak_bytes() - before
    return resident / points, columns / points, peak / points, used


def _reading(points: int) -> float:
    """Nanoseconds of processor time that a reading takes: every cabinet in its turn, a frame of all its points."""
    book = Book(made(points, _RULES, CABINET), compiled_kernel())
    cabinets, chance = points // CABINET, np.random.default_rng(1)
    level, noise = 20 + 60 * chance.random(points), chance.standard_normal(CABINET)
    good, ats = np.zeros(CABINET, np.int8), np.zeros(CABINET, np.int64)
    for cabinet in range(cabinets):
        book.begin(cabinet, 0)

    def round_of_all(number: int) -> float:
        used = 0.0
        for cabinet in range(cabinets):
            cells = np.arange(cabinet * CABINET, (cabinet + 1) * CABINET, dtype=np.int32)
            values = level[cells] + np.roll(noise, number)
            ats[:] = number * PERIOD_MS
            begun = time.thread_time()
            book.observe(cells, values, good, good, ats)
            book.elapse(cabinet, number * PERIOD_MS)
            used += time.thread_time() - begun
        return used

    rounds = max(1, _READINGS // points // _PARTS)
    round_of_all(1)  # only makes everything known
    used = [sum(round_of_all(2 + part * rounds + number) for number in range(rounds)) for part in range(_PARTS)]
    return min(used) / (rounds * points) * 1e9


def _server(options: Options) -> list[Row]:
    """Alerts as it runs, with the store of its tickets, after it has judged some rounds of frames."""
    points = SERVER // 10 if options.quick else SERVER
    options.say(f"alerts with {points:,} points")
    load = cargo(points, points // CABINET, epoch=1, begin_ms=Clock().now_ms() - ROUNDS * PERIOD_MS)
    with (
        tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch,
        running(Path(scratch), points, points // CABINET, "alerts") as chain,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as sender,
    ):
        sending = sender.submit(_send, chain, load)
        finish(chain.judged, ROUNDS * points, time.perf_counter())
        sending.result()
        resident = psutil.Process(chain.processes["alerts"]).memory_info().rss / 2**20
        peak = chain.peak_mb()["alerts"]
    case = f"alerts with {points:,} points × 3 on {points // CABINET} cabinets"
    return [
        Row("growth", f"{case}: resident", resident, "MB", None, None, f"< {GOAL_MB:g}",
            None if options.quick else resident < GOAL_MB),
        Row("growth", f"{case}: peak", peak, "MB"),
    ]  # fmt: skip


def _send(chain: Chain, load: Cargo) -> int:
    return send(LOOPBACK, chain.broker, load.messages(ROUNDS))[0]
