"""Shell. From published to a person: alarm and ticket committed, page handed to the channel, event at a wall client.

Probes alarm at moments of chance while machines make a load and fifty walls read. Reference: what the same frame took
to a bare subscriber, under the same load.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from alerts.kernel import compiled_kernel
from anlan.bench import watchers
from anlan.bench.agent import lay_out
from anlan.bench.cargo import cargo
from anlan.bench.chain import DATABASE, Chain, commands, finish, running
from anlan.bench.duty import CABINETS, MACHINES_POINTS, PROBES_EDGE, SITE, WIDTH, Sending, files, schedule
from anlan.bench.frame import Options, Row, alone
from anlan.bench.ingest import through_the_chain
from anlan.bench.sender import connected, packets_of, send_paced
from anlan.places import LOOPBACK, Ports
from runtime.clock import Clock
from vocab.topics import Kind, Topic

WALLS = 50
RATES = (1_000.0, 300_000.0)
SHARE = 0.8  # of what the chain can take at all
GOALS_MS = (10.0, 40.0, 100.0)
STAGES = ("alarm and ticket committed", "page handed to the channel", f"event at one of {WALLS} walls")
PERCENTS = (("p50", 50.0), ("p99", 99.0), ("max", 100.0))
_PROBES = {False: 150, True: 50}  # at each rate, by --quick
_SECONDS = {False: 15.0, True: 5.0}
_LIMIT_ROUNDS = {False: 3_000, True: 600}
_HEAD_START_S = 1.0
_COMMITS = 300
_LATEST_S = 10.0  # after the last was sent


@dataclass(frozen=True, slots=True)
class Moments:
    """When each probe was where, by its asset; seconds of the steady clock."""

    sent: Mapping[str, float]
    heard: Mapping[str, float]
    committed: Mapping[str, float]
    paged: Mapping[str, float]
    walls: Sequence[Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Level:
    """One rate: what was asked for, and what came of it."""

    rate: float
    probes: tuple[str, ...]
    reached: float  # readings a second that really went
    goal_ms: float


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    compiled_kernel()  # so that it is kept
    options.say("latency: what the chain can take")
    limit = alone(_limit, _LIMIT_ROUNDS[options.quick])
    options.say(f"latency: {limit:,.0f} readings/s; now {SHARE:.0%} of it and less, with {WALLS} walls")
    levels, moments = _measure((*RATES, SHARE * limit), options)
    commits = _percentiles_of_commits()
    return [row for level in levels for row in rows_of(level, moments, options)] + commits


def rows_of(level: Level, moments: Moments, options: Options) -> list[Row]:
    """Rows of one rate: for each stage the middle, the ninety-ninth of a hundred, and the worst."""
    sent = {name: moments.sent[name] for name in level.probes}
    reference = _ms(sent, [moments.heard])
    stages = zip(STAGES, ([moments.committed], [moments.paged], moments.walls), strict=True)
    rows = []
    for stage, places in stages:
        took = _ms(sent, places)
        for name, percent in PERCENTS:
            figure, beside = _percentile(took, percent), _percentile(reference, percent)
            is_goal = name == "p99"
            rows.append(
                Row("latency", f"{level.rate:,.0f} readings/s: published to {stage}, {name}", figure, "ms", beside,
                    figure / beside, f"≤ {level.goal_ms:g}" if is_goal else "",
                    figure <= level.goal_ms if is_goal and not options.quick else None)
            )  # fmt: skip
    missing = sum(name not in place for name in sent for place in (moments.committed, moments.paged, *moments.walls))
    of = len(sent) * (2 + len(moments.walls))
    case = f"{level.rate:,.0f} readings/s: what never came, of {len(sent)} alarms at {2 + len(moments.walls)} places"
    rows.append(Row("latency", case, missing, "", of, missing / of, "= 0", missing == 0))
    case = f"{level.rate:,.0f} readings/s: really sent"
    rows.append(Row("latency", case, level.reached, "readings/s", level.rate, level.reached / level.rate))
    return rows


def _percentiles_of_commits() -> list[Row]:
    """What no figure above can be below: a ticket is one durable commit, its page the claim of a second."""
    took = []
    with (
        TemporaryDirectory(prefix="anlan-bench-") as place,
        closing(sqlite3.connect(f"{place}/one.sqlite")) as database,
    ):
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE one (number INTEGER)")
        for number in range(_COMMITS):
            time.sleep(0.005)  # as alarms come: not one behind the other
            begun = time.perf_counter()
            database.execute("INSERT INTO one VALUES (?)", (number,))
            database.commit()
            took.append((time.perf_counter() - begun) * 1000)
    return [Row("latency", f"a bare durable commit of SQLite, {name}", _percentile(took, percent), "ms")
            for name, percent in PERCENTS]  # fmt: skip


def _ms(sent: Mapping[str, float], places: Iterable[Mapping[str, float]]) -> list[float]:
    return [(place[name] - begun) * 1000 for place in places for name, begun in sent.items() if name in place]


def _percentile(found: Sequence[float], percent: float) -> float:
    return float(np.percentile(found, percent)) if found else float("inf")


def _measure(rates: Sequence[float], options: Options) -> tuple[list[Level], Moments]:
    count = _PROBES[options.quick]
    ports = Ports()
    hook = ports.take()
    ports.release()
    with TemporaryDirectory(prefix="anlan-bench-") as scratch, ExitStack() as stack:
        place = Path(scratch)
        lay_out(place / "site", files(count * len(rates), f"http://{LOOPBACK}:{hook}/"))
        chain = stack.enter_context(running(place, 0, 0))
        stack.enter_context(commands(chain, place / "site", "ingest", "alerts"))
        topic = str(Topic(SITE, PROBES_EDGE, Kind.TELE))
        hearing = stack.enter_context(watchers.watching(watchers.heard, chain.broker, topic))
        paging = stack.enter_context(watchers.watching(watchers.paged, hook))
        committing = stack.enter_context(watchers.watching(watchers.committed, place / DATABASE))
        watching = stack.enter_context(watchers.watching(watchers.walls, chain.alerts, WALLS))
        sent: dict[str, float] = {}
        seqs: dict[str, int] = {}
        levels = []
        for number, (rate, goal_ms) in enumerate(zip(rates, GOALS_MS, strict=True)):
            options.say(f"latency: {rate:,.0f} readings/s for {_SECONDS[options.quick]:g} s")
            probes = range(number * count, (number + 1) * count)
            went, reached, seqs = alone(_send, chain.broker, rate, _SECONDS[options.quick], probes, seqs)
            sent |= went
            levels.append(Level(rate, tuple(went), reached, goal_ms))
            _drained(chain, sum(seqs.values()), len(sent))
        time.sleep(_LATEST_S if not options.quick else _LATEST_S / 2)
        tickets = committing.found()
        pages = paging.found()
        return levels, Moments(
            sent, hearing.found(), {asset: moment for asset, (moment, _) in tickets.items()},
            {asset: pages[number] for asset, (_, number) in tickets.items() if number in pages}, watching.found(),
        )  # fmt: skip


def _send(
    port: int, rate: float, seconds: float, probes: Sequence[int], seqs: dict[str, int]
) -> tuple[dict[str, float], float, dict[str, int]]:
    """When each probe went, how many readings a second went, and the frame numbers reached."""
    lead_s = _HEAD_START_S + rate * seconds / WIDTH * 1e-4  # encoding takes less than 0.1 ms a frame
    begin_s, begin_ms = time.monotonic() + lead_s, Clock().now_ms() + round(lead_s * 1000)
    seqs = dict(seqs)
    planned: list[Sending] = list(schedule(rate, seconds, probes, begin_ms, seqs))
    packets = list(packets_of((each.topic, each.payload) for each in planned))
    with connected(LOOPBACK, port) as link:
        time.sleep(max(0.0, begin_s - time.monotonic()))
        went = send_paced(link, packets, [each.at_s for each in planned], begin_s)
    readings = sum(WIDTH for each in planned if not each.probe)
    by_probe = {each.probe: moment for each, moment in zip(planned, went, strict=True) if each.probe}
    return by_probe, readings / max(seconds, went[-1] - begin_s), seqs


def _drained(chain: Chain, frames: int, probes: int) -> None:
    """Wait until alerts has judged everything, so that one rate does not delay the next."""
    finish(chain.judged, (frames - probes) * WIDTH + probes, time.perf_counter())


def _limit(rounds: int) -> float:
    """Readings a second of the same machines, with nobody looking, as fast as the chain takes them."""
    load = cargo(MACHINES_POINTS, CABINETS, epoch=1, begin_ms=Clock().now_ms() - rounds * 10_000)
    readings = rounds * MACHINES_POINTS
    stored, judged, _, _ = through_the_chain(load, (MACHINES_POINTS, CABINETS), rounds, readings, Options())
    return readings / max(stored, judged)
