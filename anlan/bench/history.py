"""Shell. A store as a year of a plant leaves it, made for a bench: the tables of ingest, filled a column at a time.

Frames are those that an agent makes: one a second and cabinet, with the readings of that second. Every point is polled
every ten seconds and every poll is stored, which is more than report by exception would keep. About once a day each
point is over its limit for five minutes, and one reading in ten thousand is bad.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from anlan.bench.plant import HIGH, PERIOD_MS, POINTS
from ingest.duckdb_store import DuckDbStore
from ingest.duckdb_tables import put
from vocab.quality import Quality, Reason

BEGIN_MS = 1_774_483_200_000  # 2026-03-26 08:00:00 in Shanghai
_BLOCK_S = 3_600
_HOT_S = 300
_DAY_S = 86_400
_BAD = 1e-4
_NET_MS = 20


def build(place: Path, points: int, edges: int, days: float, step: Callable[[int, int], None]) -> None:
    """Make the store; `step(done, total)` is called with hours."""
    DuckDbStore(str(place)).close()
    hours = max(1, round(days * 24))
    with duckdb.connect(str(place), config={"memory_limit": "1GiB"}) as db:
        db.execute(
            "INSERT INTO series SELECT i, 'bench', 'm' || (i // $1), 'p' || (i % $1), 'Cel' FROM range($2) t(i)",
            [POINTS, points],
        )
        db.execute("INSERT INTO sources SELECT i, 'bench', 'e' || i, 1 FROM range(?) t(i)", [edges])
        plant = Plant(points, edges)
        for hour in range(hours):
            frames, readings = plant.block(hour * _BLOCK_S)
            put(db, "frames", frames)
            put(db, "readings", readings)
            step(hour + 1, hours)


class Plant:
    """What its cabinets send."""

    def __init__(self, points: int, edges: int) -> None:
        self._chance = np.random.default_rng(1)
        self._edges = edges
        series = np.arange(points, dtype=np.int32)
        machines = points // POINTS
        edge_of = series // POINTS * edges // machines
        period_s = PERIOD_MS // 1000
        # In which second of the period a point is polled; in one second the frames come cabinet by cabinet.
        self._polled = [series[series % period_s == second] for second in range(period_s)]
        self._edge_of = [edge_of[each] for each in self._polled]
        self._level = 20 + 60 * self._chance.random(points)
        self._hot_at = self._chance.integers(0, _DAY_S - _HOT_S, points)

    def block(self, begin_s: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The frames and readings of an hour."""
        seconds = np.arange(begin_s, begin_s + _BLOCK_S)
        period_s = len(self._polled)
        series = np.concatenate([self._polled[second % period_s] for second in seconds])
        second = np.repeat(seconds, [len(self._polled[each % period_s]) for each in seconds])
        edge = np.concatenate([self._edge_of[each % period_s] for each in seconds])
        values = np.round(self._level[series] + 0.5 * self._chance.standard_normal(len(series)), 1)
        since_hot = (second - self._hot_at[series]) % _DAY_S
        values[since_hot < _HOT_S] += HIGH - self._level[series[since_hot < _HOT_S]] + 5.0
        bad = self._chance.random(len(series)) < _BAD
        frames = np.repeat(seconds, self._edges)
        ts_ms = BEGIN_MS + frames * 1000
        first = begin_s * self._edges + 1
        return {
            "id": np.arange(first, first + len(frames)),
            "source": np.tile(np.arange(self._edges, dtype=np.int32), _BLOCK_S),
            "seq": frames + 1,
            "lane": np.zeros(len(frames), np.uint8),
            "ts_ms": ts_ms,
            "received_ms": ts_ms + _NET_MS,
            "stored_ms": ts_ms + 2 * _NET_MS,
        }, {
            "frame": second * self._edges + edge + 1,
            "series": series,
            "measured_ms": BEGIN_MS + second * 1000 - series % 7 * 100,
            "value": pa.array(values, mask=bad),
            "quality": np.where(bad, np.uint8(Quality.BAD), np.uint8(Quality.GOOD)),
            "reason": np.where(bad, np.uint8(Reason.COMM_TIMEOUT), np.uint8(Reason.NONE)),
        }  # fmt: skip
