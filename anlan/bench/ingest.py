"""Shell. Readings from the broker into the store and through the alarms, both at the same time.

References of the same run: the same rows inserted into DuckDB directly, a commit a batch; and a bare subscriber that
only counts messages.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from anlan.bench.cargo import SITE, Cargo, cargo
from anlan.bench.chain import Chain, finish, running
from anlan.bench.counter import count_messages
from anlan.bench.frame import Options, Row, Spent, alone, measured
from anlan.bench.sender import send
from anlan.places import LOOPBACK
from runtime.clock import Clock
from vocab import topics
from vocab.topics import Kind

POINTS, EDGES = 10_000, 50  # 200 readings a frame
ROUNDS, QUICK_ROUNDS = 1_500, 150
BATCH = 500  # frames of a transaction, as ingest gathers them
GOAL, GOAL_OF_DIRECT, GOAL_MB = 1_500_000.0, 0.5, 800.0


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    load = cargo(POINTS, EDGES, epoch=1, begin_ms=Clock().now_ms() - rounds * 10_000)
    readings = rounds * POINTS
    options.say("inserting directly")
    direct = alone(_direct, rounds)
    options.say("a bare subscriber")
    bare = _bare(load, rounds)
    options.say("the whole chain")
    stored, judged, chain_mb, cpu = through_the_chain(load, (POINTS, EDGES), rounds, readings, options)
    took = max(stored, judged)
    rate, direct_rate, bare_rate = readings / took, readings / direct.wall_s, readings / bare
    total_mb = sum(chain_mb.values())
    told = ", ".join(f"{name} {value:,.0f}" for name, value in chain_mb.items())
    spent = ", ".join(f"{name} {value / readings * 1e9:,.0f}" for name, value in cpu.items())
    goal = not options.quick
    return [
        Row("ingest", f"{readings:,} readings, {rounds * EDGES:,} frames: stored and judged", rate, "readings/s",
            direct_rate, rate / direct_rate, f"≥ {GOAL:,.0f}", rate >= GOAL if goal else None),
        Row("ingest", "share of the direct insert", rate / direct_rate, "", None, None, f"≥ {GOAL_OF_DIRECT}",
            rate / direct_rate >= GOAL_OF_DIRECT if goal else None),
        Row("ingest", "against a bare subscriber that counts", rate, "readings/s", bare_rate, rate / bare_rate),
        Row("ingest", "stored", readings / stored, "readings/s"),
        Row("ingest", "judged, three rules a point", readings / judged, "readings/s"),
        Row("ingest", f"processor time a reading: {spent}", sum(cpu.values()) / readings * 1e9, "ns"),
        Row("ingest", f"peak memory: {told}", total_mb, "MB", None, None, f"< {GOAL_MB:g}",
            total_mb < GOAL_MB if goal else None),
    ]  # fmt: skip


def through_the_chain(
    load: Cargo, size: tuple[int, int], rounds: int, readings: int, options: Options
) -> tuple[float, float, dict[str, float], dict[str, float]]:
    """Seconds until all was stored and until all was judged, then peak memory and processor time of each part."""
    with _place() as place, running(place, *size, "ingest", "alerts") as chain, _process() as sender:
        before = chain.cpu_s()
        started = time.perf_counter()
        sending = sender.submit(_send, chain, load, rounds)
        stored, judged = both(chain, readings, started)
        options.say(f"sent in {sending.result():.1f} s, stored in {stored:.1f} s, judged in {judged:.1f} s")
        cpu = {name: used - before[name] for name, used in chain.cpu_s().items()}
        return stored, judged, chain.peak_mb(), cpu


def both(chain: Chain, readings: int, started: float) -> tuple[float, float]:
    """Seconds until so many readings were stored, and until they were judged."""
    took = {"stored": 0.0, "judged": 0.0}

    def pending() -> int:
        done = 0
        for name, count in (("stored", chain.stored), ("judged", chain.judged)):
            if not took[name]:
                counted = count()
                if counted >= readings:
                    took[name] = time.perf_counter() - started
                done += min(counted, readings)
            else:
                done += readings
        return done

    finish(pending, 2 * readings, started)
    return took["stored"], took["judged"]


def _bare(load: Cargo, rounds: int) -> float:
    """Seconds until one subscriber has counted everything."""
    with _place() as place, running(place, POINTS, EDGES) as chain, _process() as sender, _process() as counter:
        counting = counter.submit(
            count_messages, LOOPBACK, chain.broker, topics.subscription(SITE, Kind.TELE), rounds * EDGES
        )
        time.sleep(2.0)  # it subscribes; what is sent before would not be kept for it
        started = time.perf_counter()
        sending = sender.submit(_send, chain, load, rounds)
        counting.result()
        took = time.perf_counter() - started
        sending.result()
    return took


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        yield Path(scratch)


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _send(chain: Chain, load: Cargo, rounds: int) -> float:
    return send(LOOPBACK, chain.broker, load.messages(rounds))[1]


def _direct(rounds: int) -> Spent:
    """The same rows, without anything of ours: an arrow table a batch, committed."""
    width = POINTS // EDGES
    frames = rounds * EDGES
    with _place() as place:
        db = duckdb.connect(str(place / "direct.duckdb"), config={"threads": 2, "memory_limit": "256MiB"})
        db.execute(
            "CREATE TABLE readings (frame BIGINT, series INTEGER, measured_ms BIGINT, value DOUBLE, "
            "quality UTINYINT, reason UTINYINT)"
        )
        chance = np.random.default_rng(1)
        series = np.tile(np.arange(POINTS, dtype=np.int32), BATCH // EDGES)
        values = np.round(20 + 60 * chance.random(len(series)), 1)
        zeros = np.zeros(len(series), np.uint8)

        def insert() -> None:
            for first in range(0, frames, BATCH):
                count = min(BATCH, frames - first)
                rows = count * width
                frame = np.repeat(np.arange(first, first + count), width)
                batch = pa.table({
                    "frame": frame, "series": series[:rows], "measured_ms": frame * 10_000, "value": values[:rows],
                    "quality": zeros[:rows], "reason": zeros[:rows],
                })  # fmt: skip
                db.register("batch", batch)
                db.begin()
                db.execute("INSERT INTO readings SELECT * FROM batch")
                db.commit()
                db.unregister("batch")

        spent = measured(insert)[1]
        db.close()
    return spent
