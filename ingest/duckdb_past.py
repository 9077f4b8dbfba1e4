"""Shell. What arrived, out of DuckDB: through whatever connection it is given, a chunk of frames at a time.

Frame ids rise in the order of arrival and the readings lie in the order of their frames, so a chunk is a range of ids
and DuckDB reads only the blocks of rows that hold it. What is closed comes out of its file; it is older than the rest.
"""

# ruff: noqa: S608 - every name in the statements is our own

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

import duckdb
import numpy as np

from ingest.arrivals import MOST_READINGS, Names
from ingest.duckdb_closed import Named, Shelf
from ingest.duckdb_readings import fitting, row
from ingest.history import Stretch
from wire.frames import Frames, bounds_of
from wire.verdict import Source

Reader = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


class DuckDbPast:
    """`ingest.port.Past` on a DuckDB file. `reader` gives a connection and tells its errors as ours; `shelf` is what is
    closed of the store, None where nothing can be."""

    def __init__(self, reader: Reader, shelf: Shelf | None) -> None:
        self._reader = reader
        self._shelf = shelf

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """See `Past`."""
        span = (-(2**62) if from_ms is None else from_ms, 2**62 if to_ms is None else to_ms)
        with self._moment() as db:
            parts = [_open_part(db, site, *span)]
            if self._shelf is not None:
                parts += _closed_parts(self._shelf, db, site, *span)
            found = [each for each in parts if each is not None]
            if not found:
                return None
            first, last = min(each.first for each in found), max(each.last for each in found)
            count = row(db, f"SELECT count(*) FROM {_OPEN} AND frames.id BETWEEN ? AND ?", [site, first, last])[0]
            heard = [row(db, f"SELECT max(received_ms) FROM {_OPEN}", [site])[0]]
            if self._shelf is not None:
                count += _closed_count(self._shelf, db, site, first, last)
                heard.append(row(db, "SELECT max(heard_ms) FROM closed_sites WHERE site = ?", [site])[0])
        from_ms, to_ms = min(each.min_ms for each in found), max(each.max_ms for each in found) + 1
        return Stretch(site, first, last, count, from_ms, to_ms, max(each for each in heard if each is not None))

    def openings(self, first: int, last: int) -> set[int]:
        """See `Past`. A store that was never written to by this build has no such table."""
        with self._reader() as db:
            if not db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'openings'").fetchall():
                return set()
            rows = db.execute("SELECT frame FROM openings WHERE frame BETWEEN ? AND ?", [first, last]).fetchall()
        return {row[0] for row in rows}

    def names(self, site: str) -> Names:
        """See `Past`."""
        with self._reader() as db:
            found = db.execute("SELECT id, asset, point FROM series WHERE site = ? ORDER BY id", [site]).fetchall()
        return [(row[0], row[1], row[2]) for row in found]

    def arrivals(self, site: str, first: int, last: int) -> tuple[Frames, int]:
        """See `Past`."""
        with self._moment() as db:
            sources = _sources(db, site)
            named = None if self._shelf is None else self._shelf.named(db, first)
            if self._shelf is not None and named is not None and named.first <= last:
                heads, readings, after = _of_closed(self._shelf, db, named, first, last)
            else:
                readings, last = fitting(db, first, last, MOST_READINGS)
                heads, after = _open_heads(db, site, first, last), last + 1
        return _frames(sources, heads, readings), after

    @contextmanager
    def _moment(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in a transaction: frames that are closed meanwhile are seen once, where they lay before."""
        with self._reader() as db:
            db.begin()
            try:
                yield db
            finally:
                db.rollback()


class _Part(NamedTuple):
    """Frames of a site: the first and last number, the earliest and latest watermark."""

    first: int
    last: int
    min_ms: int
    max_ms: int


_OPEN = "frames JOIN sources ON sources.id = frames.source WHERE sources.site = ?"


def _open_part(db: duckdb.DuckDBPyConnection, site: str, from_ms: int, to_ms: int) -> _Part | None:
    told = "min(frames.id), max(frames.id), min(ts_ms), max(ts_ms)"
    found = row(db, f"SELECT {told} FROM {_OPEN} AND ts_ms >= ? AND ts_ms < ?", [site, from_ms, to_ms])
    return None if found[0] is None else _Part(*found)


def _closed_parts(
    shelf: Shelf, db: duckdb.DuckDBPyConnection, site: str, from_ms: int, to_ms: int
) -> Iterator[_Part | None]:
    rows = db.execute(
        "SELECT number, first, last, min_ms, max_ms FROM closed_sites WHERE site = ? AND max_ms >= ? AND min_ms < ?",
        [site, from_ms, to_ms],
    ).fetchall()
    for number, *told in rows:
        part = _Part(*told)
        is_whole = from_ms <= part.min_ms and part.max_ms < to_ms
        yield part if is_whole else _cut_part(shelf, db, number, site, from_ms, to_ms)


def _cut_part(
    shelf: Shelf, db: duckdb.DuckDBPyConnection, number: int, site: str, from_ms: int, to_ms: int
) -> _Part | None:
    heads = shelf.heads(db, number)
    mine = np.isin(heads.source, list(_sources(db, site)))
    rows = np.flatnonzero(mine & (heads.ts_ms >= from_ms) & (heads.ts_ms < to_ms))
    if not len(rows):
        return None
    ts_ms = heads.ts_ms[rows]
    return _Part(int(heads.id[rows[0]]), int(heads.id[rows[-1]]), int(ts_ms.min()), int(ts_ms.max()))


def _closed_count(shelf: Shelf, db: duckdb.DuckDBPyConnection, site: str, first: int, last: int) -> int:
    """How many frames of the site lie in closed periods between these two."""
    count = 0
    rows = db.execute(
        "SELECT number, frames, first, last FROM closed_sites WHERE site = ? AND last >= ? AND first <= ?",
        [site, first, last],
    ).fetchall()
    for number, frames, begin, end in rows:
        if first <= begin and end <= last:
            count += frames
        else:
            heads = shelf.heads(db, number)
            mine = np.isin(heads.source, list(_sources(db, site)))
            count += int((mine & (heads.id >= first) & (heads.id <= last)).sum())
    return count


def _sources(db: duckdb.DuckDBPyConnection, site: str) -> dict[int, Source]:
    rows = db.execute("SELECT id, site, edge, epoch FROM sources WHERE site = ?", [site]).fetchall()
    return {each[0]: Source(*each[1:]) for each in rows}


def _open_heads(db: duckdb.DuckDBPyConnection, site: str, first: int, last: int) -> dict[str, Any]:
    return db.execute(
        f"SELECT frames.id, source, seq, lane, ts_ms, received_ms FROM {_OPEN} AND frames.id BETWEEN ? AND ? "
        "ORDER BY frames.id",
        [site, first, last],
    ).fetchnumpy()


def _of_closed(
    shelf: Shelf, db: duckdb.DuckDBPyConnection, named: Named, first: int, last: int
) -> tuple[dict[str, Any], dict[str, Any], int]:
    """Frames of a closed period (of all sites) as DuckDB would tell them, and the number to go on with."""
    heads, readings, lengths = shelf.arrived(db, named)
    start, stop = np.searchsorted(heads.id, [first, last + 1]).tolist()
    bounds = bounds_of(lengths)
    frames, mine = slice(start, stop), slice(int(bounds[start]), int(bounds[stop]))
    if last >= named.last:
        shelf.let_go()
    found = {
        "id": heads.id[frames], "source": heads.source[frames], "seq": heads.seq[frames],
        "lane": heads.lane[frames].astype(np.uint8), "ts_ms": heads.ts_ms[frames],
        "received_ms": heads.received_ms[frames],
    }  # fmt: skip
    return found, {
        "frame": np.repeat(heads.id[frames], lengths[frames]), "series": readings.series[mine],
        "measured_ms": readings.measured_ms[mine], "value": readings.values[mine], "quality": readings.quality[mine],
        "reason": readings.reason[mine],
    }, min(last, named.last) + 1  # fmt: skip


def _frames(sources: dict[int, Source], heads: dict[str, Any], readings: dict[str, Any]) -> Frames:
    mine = np.isin(heads["source"], list(sources))
    if not mine.all():
        heads = {name: column[mine] for name, column in heads.items()}
    ids = heads["id"]
    starts = np.searchsorted(readings["frame"], ids, "left")
    lengths = np.searchsorted(readings["frame"], ids, "right") - starts
    values = np.ma.filled(readings["value"].astype(np.float64, copy=False), np.nan)  # NULL is NaN
    told = [readings["series"], readings["measured_ms"], values, readings["quality"], readings["reason"]]
    if int(lengths.sum()) != len(values):  # frames of other sites lie between
        mine = np.isin(readings["frame"], ids)
        told = [column[mine] for column in told]
    series, measured_ms, values, quality, reason = told
    numbers, source = np.unique(heads["source"], return_inverse=True)
    return Frames(
        sources=tuple(sources[number] for number in numbers.tolist()),
        source=source.astype(np.int32),
        seq=heads["seq"],
        lane=heads["lane"],
        ts_ms=heads["ts_ms"],
        received_ms=heads["received_ms"],
        bounds=bounds_of(lengths),
        series=series.astype(np.int32, copy=False),
        measured_ms=measured_ms,
        values=values,
        quality=quality,
        reason=reason,
    )
