"""Shell. One reading a message, as battery devices send: through store and alarms, both at the same time.

Reference: two bare subscribers that only confirm and count, for there are two consumers of every message.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from anlan.bench.chain import running
from anlan.bench.frame import Options, Row
from anlan.bench.ingest import both
from anlan.bench.plant import POINTS as OF_A_MACHINE
from anlan.bench.sender import send
from anlan.bench.watchers import counted, watching
from anlan.places import LOOPBACK
from runtime.clock import Clock
from vocab import topics
from vocab.topics import Kind, Topic
from wire import frame as wire_frame
from wire.frame import VERSION, AssetColumns, Frame

SITE = "bench"
POINTS, EDGES = 10_000, 50
EVERY_MS = 50  # between two messages of a cabinet: each of its 200 points every ten seconds
COUNT, QUICK_COUNT = 400_000, 50_000
GOAL, GOAL_OF_BARE = 25_000.0, 0.6


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    count = QUICK_COUNT if options.quick else COUNT
    options.say("messages: two bare subscribers")
    bare_s = _bare(count)
    options.say("messages: the whole chain")
    stored_s, judged_s, cpu = _chain(count)
    return rows_of(count, bare_s, (stored_s, judged_s), cpu, options)


def rows_of(
    count: int, bare_s: float, took_s: tuple[float, float], cpu: dict[str, float], options: Options
) -> list[Row]:
    """Rows of `count` messages that took two counters `bare_s`, and store and alarms `took_s`."""
    rate, bare = count / max(took_s), count / bare_s
    goal = not options.quick
    spent = ", ".join(f"{name} {value / count * 1e6:,.0f}" for name, value in cpu.items())
    return [
        Row("messages", f"{count:,} messages of one reading: stored and judged", rate, "messages/s", bare, rate / bare,
            f"≥ {GOAL:,.0f}", rate >= GOAL if goal else None),
        Row("messages", "share of two bare subscribers", rate / bare, "", None, None, f"≥ {GOAL_OF_BARE:g}",
            rate / bare >= GOAL_OF_BARE if goal else None),
        Row("messages", "stored", count / took_s[0], "messages/s"),
        Row("messages", "judged, three rules a point", count / took_s[1], "messages/s"),
        Row("messages", f"processor time a message: {spent}", sum(cpu.values()) / count * 1e6, "µs"),
    ]  # fmt: skip


def made(count: int, begin_ms: int) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of each message; the cabinets take turns, and of each its points."""
    machines = POINTS // OF_A_MACHINE // EDGES
    width = machines * OF_A_MACHINE
    names = [str(Topic(SITE, f"e{edge}", Kind.TELE)) for edge in range(EDGES)]
    for number in range(count):
        turn, edge = divmod(number, EDGES)
        place = turn % width
        asset, point = f"m{edge * machines + place // OF_A_MACHINE}", f"p{place % OF_A_MACHINE}"
        value = 50 + (turn // width + place) % 7 / 10
        blocks = [AssetColumns(asset, [point], [value])]
        frame = Frame(VERSION, SITE, f"e{edge}", 1, turn + 1, begin_ms + turn * EVERY_MS, blocks)
        yield names[edge], wire_frame.encode(frame)


def _chain(count: int) -> tuple[float, float, dict[str, float]]:
    with (
        TemporaryDirectory(prefix="anlan-bench-") as place,
        running(Path(place), POINTS, EDGES, "ingest", "alerts") as chain,
        _process(1) as sender,
    ):
        sender.submit(prepared, count).result()
        before, started = chain.cpu_s(), time.perf_counter()
        sending = sender.submit(send_prepared, LOOPBACK, chain.broker)
        stored, judged = both(chain, count, started)
        sending.result()
        return stored, judged, {name: used - before[name] for name, used in chain.cpu_s().items()}


def _bare(count: int) -> float:
    """Seconds until two subscribers have counted everything."""
    topic = topics.subscription(SITE, Kind.TELE)
    with ExitStack() as stack:
        place = stack.enter_context(TemporaryDirectory(prefix="anlan-bench-"))
        chain = stack.enter_context(running(Path(place), POINTS, EDGES))
        counters = [
            stack.enter_context(watching(counted, chain.broker, topic, name, count))
            for name in (b"counter-1", b"counter-2")
        ]
        sender = stack.enter_context(_process(1))
        sender.submit(prepared, count).result()
        started = time.monotonic()
        sending = sender.submit(send_prepared, LOOPBACK, chain.broker)
        took = max(each.end() for each in counters) - started
        sending.result()
    return float(took)


_PREPARED: list[tuple[str, bytes]] = []  # of the sender's process: encoded before anything is measured


def prepared(count: int) -> int:
    """Encode everything, in the process that will send it."""
    _PREPARED[:] = made(count, Clock().now_ms() - count // EDGES * EVERY_MS)
    return len(_PREPARED)


def send_prepared(host: str, port: int) -> float:
    """Send it; in how many seconds."""
    return send(host, port, _PREPARED)[1]


def _process(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
