"""Shell. Frames of several kinds of plants, as an ingest would store them, for benches of the store.

A batch is the columns of the tables `frames` and `readings`, in order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from anlan.bench.history import BEGIN_MS, Plant
from anlan.bench.plant import POINTS
from anlan.virtual import VirtualSite
from firmware_sim.files import load_scenario
from ingest.duckdb_store import DuckDbStore
from ingest.duckdb_tables import put
from ingest.intake import Intake
from runtime.files import load_site, shipped
from vocab.instant import to_ms
from vocab.site import Site
from wire.verdict import Accepted

Batch = tuple[dict[str, Any], dict[str, Any]]  # frames, readings

_HOUR_S = 3_600
_DAY_MS = 86_400_000
_NET_MS = 20
_STEP = 0.3  # of a walk; rounded to one decimal


def plant(points: int, edges: int, hours: int) -> Iterator[Batch]:
    """Machines polled every ten seconds, as the bench `backtest` has them."""
    made = Plant(points, edges)
    for hour in range(hours):
        yield made.block(hour * _HOUR_S)


def walk(series: int, seconds: int, per_frame: int = 200) -> Iterator[Batch]:
    """Series that wander by tenths, one reading a second each, in frames of 200, from one cabinet."""
    chance = np.random.default_rng(1)
    level = 20 + 60 * chance.random(series)
    frames_each = series // per_frame
    block = 1_000
    for begin in range(0, seconds, block):
        steps = np.cumsum(_STEP * chance.standard_normal((block, series)), axis=0)
        values = np.round(level + steps, 1)
        level = level + steps[-1]
        second = np.repeat(np.arange(begin, begin + block), frames_each)
        first = begin * frames_each + 1
        number = np.arange(first, first + len(second))
        ts_ms = BEGIN_MS + second * 1000
        count = block * series
        yield _heads(number, np.zeros(len(second), np.int32), number, ts_ms), {
            "frame": np.repeat(number, per_frame), "series": np.tile(np.arange(series, dtype=np.int32), block),
            "measured_ms": np.repeat(ts_ms, per_frame), "value": values.ravel(),
            "quality": np.zeros(count, np.uint8), "reason": np.zeros(count, np.uint8),
        }  # fmt: skip


def five_kinds(hours: int, days: int) -> Iterator[Batch]:
    """The demo's site on normal days, the first so many hours of each, every day simulated with a seed of its own."""
    demo = load_site(shipped("sites") / "demo")
    frames, seq = 0, 0
    for day in range(days):
        heads, readings = _simulated(demo, hours, day, (frames, seq))
        frames, seq = int(heads["id"][-1]), int(heads["seq"].max())
        yield heads, readings


def _simulated(demo: Site, hours: int, day: int, before: tuple[int, int]) -> Batch:
    """One day; `before` are the highest number of a frame, and of a frame of its cabinet, so far."""
    scenario = load_scenario(shipped("sites") / "demo" / "scenarios" / "normal-day.toml", demo)
    scenario = scenario.model_copy(update={"duration_s": hours * _HOUR_S})
    begin_ms = (BEGIN_MS if scenario.start is None else to_ms(scenario.start)) + day * _DAY_MS
    site, intake = VirtualSite(demo, scenario, day + 1, begin_ms), Intake([demo])
    frames: list[Accepted] = []
    for sent in site.run():
        judged = intake.judge([each.message for each in sent], site.now_ms + _NET_MS)
        frames += [each for each in judged if isinstance(each, Accepted)]
    sources = {name: place for place, name in enumerate(edge.id for edge in demo.file.edge)}
    number = np.arange(1, len(frames) + 1) + before[0]
    heads = _heads(
        number, np.array([sources[each.edge] for each in frames], np.int32),
        np.array([each.seq for each in frames], np.int64) + before[1],
        np.array([each.ts_ms for each in frames], np.int64),
    )  # fmt: skip
    heads["received_ms"] = np.array([each.received_ms for each in frames], np.int64)
    heads["stored_ms"] = heads["received_ms"] + _NET_MS
    columns = {
        name: np.concatenate([getattr(each, name) for each in frames])
        for name in ("series", "measured_ms", "values", "quality", "reason")
    }
    columns["value"] = pa.array(columns.pop("values"), from_pandas=True)
    return heads, {"frame": np.repeat(number, [len(each) for each in frames]), **columns}


def _heads(number: Any, source: Any, seq: Any, ts_ms: Any) -> dict[str, Any]:
    return {
        "id": number, "source": source, "seq": seq, "lane": np.zeros(len(number), np.uint8), "ts_ms": ts_ms,
        "received_ms": ts_ms + _NET_MS, "stored_ms": ts_ms + 2 * _NET_MS,
    }  # fmt: skip


def begin(place: Path, series: int, sources: int) -> None:
    """An empty store that knows so many series and cabinets of the site `bench`."""
    DuckDbStore(str(place)).close()
    with duckdb.connect(str(place)) as db:
        db.execute(
            "INSERT INTO series SELECT i, 'bench', 'm' || (i // $1), 'p' || (i % $1), 'Cel' FROM range($2) t(i)",
            [POINTS, series],
        )
        db.execute("INSERT INTO sources SELECT i, 'bench', 'e' || i, 1 FROM range(?) t(i)", [sources])


def add(place: Path, batches: list[Batch]) -> None:
    """Store them as they arrived."""
    with duckdb.connect(str(place), config={"memory_limit": "1GiB"}) as db:
        for frames, readings in batches:
            put(db, "frames", frames)
            put(db, "readings", readings)
