"""Shell. Bytes a reading after compaction, against VictoriaMetrics and sorted Parquet with the same rows.

Counted is everything on the disk, the DuckDB file with its roll-ups included, beyond what an empty store takes; with
the few readings of a quick run that is mostly room of the DuckDB file which is not used yet, and so proves nothing. The
references hold less: neither of them has the order of arrival, the frames with their three times, or why a reading is
doubted; VictoriaMetrics has no absent values either.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anlan.bench import arrived, victoria
from anlan.bench.frame import Options, Row
from ingest.closed_files import folder_of
from ingest.closing import compact
from ingest.duckdb_store import DuckDbStore

GOAL = 1.0
_LATER_MS = 2**52
_AT_ONCE = 2_000_000  # readings that are stored before they are closed


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    small = options.quick
    cases: dict[str, tuple[int, int, Callable[[], Iterator[arrived.Batch]]]] = {
        "1 000 points every 10 s": (1_000, 4, lambda: arrived.plant(1_000, 4, 3 if small else 28)),
        "800 series that wander, frames of 200": (800, 1, lambda: arrived.walk(800, 1_000 if small else 24_000)),
        "the five kinds, simulated": (2_000, 8, lambda: arrived.five_kinds(1 if small else 24, 1 if small else 3)),
    }
    rows: list[Row] = []
    if not victoria.is_there():
        options.say("*** VictoriaMetrics is NOT THERE (Debian: apt-get install victoria-metrics): NOT MEASURED ***")
    for name, (series, sources, batches) in cases.items():
        with tempfile.TemporaryDirectory(prefix="anlan-bench-", dir=options.folder) as scratch:
            rows += _measured(options, Path(scratch), name, (series, sources), batches())
    return rows


def _measured(
    options: Options, folder: Path, name: str, size: tuple[int, int], batches: Iterator[arrived.Batch]
) -> list[Row]:
    place, empty = folder / "readings.duckdb", folder / "empty.duckdb"
    arrived.begin(empty, *size)
    arrived.begin(place, *size)
    kept: list[Any] = []
    waiting: list[arrived.Batch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        kept.append(pa.table(batch[1]))
        count += len(kept[-1])
        if sum(len(readings["series"]) for _, readings in waiting) >= _AT_ONCE:
            options.say(f"{name}: {count:,} readings")
            _store(place, waiting)
            waiting = []
    _store(place, waiting)
    compact(place, _LATER_MS, lambda more: None)
    DuckDbStore(str(place)).close()
    files = folder_of(place)
    closed = victoria.size_of(files)
    whole = closed + place.stat().st_size - empty.stat().st_size
    options.say(f"{name}: Parquet and VictoriaMetrics")
    table = pa.concat_tables(kept).sort_by([("series", "ascending"), ("measured_ms", "ascending")])
    rival, parquet = victoria.bytes_taken(_series(table)), _parquet(folder / "sorted.parquet", table)
    case, each = f"{name}: {count:,} readings", whole / count
    told = None if rival is None else rival / (count - table["value"].null_count)
    against = "NOT MEASURED: there is no VictoriaMetrics" if told is None else "VictoriaMetrics"
    return [
        Row("storage", f"{case}, against {against}", each, "B/reading", told, None if told is None else each / told,
            f"≤ {GOAL:g}, ratio < 1", None if told is None or options.quick else each <= GOAL and each < told),
        Row("storage", f"{case}, against sorted zstd Parquet", each, "B/reading", parquet / count, whole / parquet),
        Row("storage", f"{case}: closed periods alone", closed / count, "B/reading"),
    ]  # fmt: skip


def _store(place: Path, batches: list[arrived.Batch]) -> None:
    arrived.add(place, batches)
    store = DuckDbStore(str(place))
    try:
        store.roll_up()
        while (packed := store.pack(_LATER_MS)) is not None:
            store.settle(packed)
    finally:
        store.close()


def _parquet(place: Path, table: Any) -> int:
    pq.write_table(table.drop_columns(["frame"]), place, compression="zstd")
    return place.stat().st_size


def _series(table: Any) -> Iterator[victoria.Points]:
    """What VictoriaMetrics can hold of a sorted table."""
    known = table.filter(table["value"].is_valid())
    series = known["series"].to_numpy()
    at_ms, values = known["measured_ms"].to_numpy(), known["value"].to_numpy()
    starts = np.flatnonzero(np.diff(series, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(series)], strict=True):
        yield int(series[start]), at_ms[start:stop], values[start:stop]
