"""Shell. History out of a DuckDB store, a chunk of frames at a time, without writing to the file.

Frame ids rise in the order of arrival and the readings lie in the order of their frames, so a chunk is a range of ids
and DuckDB reads only the blocks of rows that hold it.
"""

# ruff: noqa: S608 - every name in the statements is our own

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ingest import schema
from ingest.duckdb_errors import told_as_ours
from ingest.history import Chunk, Stretch
from ingest.problem import StoreBrokenError
from vocab import topics
from wire.catalogue import Catalogue
from wire.verdict import Accepted, Source

CHUNK = 2_000  # frames

Columns = dict[str, NDArray[Any]]


class DuckDbHistory:
    """`ingest.history.History` on a DuckDB file that no other process has open."""

    def __init__(self, place: str, *, threads: int = 2, memory_mib: int = 256) -> None:
        self.place = place
        with told_as_ours(place):
            self._db = duckdb.connect(
                place, read_only=True, config={"threads": threads, "memory_limit": f"{memory_mib}MiB"}
            )
            row = self._db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        if row != (schema.VERSION,):
            self.close()
            raise StoreBrokenError(f"{place}: made by another version of the store, this is {schema.VERSION}")

    def close(self) -> None:
        """See `History`."""
        self._db.close()

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """See `History`."""
        frames = "frames JOIN sources ON sources.id = frames.source WHERE sources.site = ?"
        span = "(?::BIGINT IS NULL OR ts_ms >= ?) AND (?::BIGINT IS NULL OR ts_ms < ?)"
        limits = [site, from_ms, from_ms, to_ms, to_ms]
        with told_as_ours(self.place):
            found = self._row(
                f"SELECT min(frames.id), max(frames.id), min(ts_ms), max(ts_ms) FROM {frames} AND {span}", limits
            )
            if found[0] is None:
                return None
            count = self._row(f"SELECT count(*) FROM {frames} AND frames.id BETWEEN ? AND ?", [site, *found[:2]])
            heard = self._row(f"SELECT max(received_ms) FROM {frames}", [site])
        return Stretch(site, found[0], found[1], count[0], found[2], found[3] + 1, heard[0])

    def _row(self, query: str, limits: list[Any]) -> tuple[Any, ...]:
        return self._db.execute(query, limits).fetchall()[0]  # an aggregate has one row

    def frames(self, stretch: Stretch, catalogue: Catalogue) -> Iterator[Chunk]:
        """See `History`."""
        with told_as_ours(self.place):
            numbers = self._numbers(catalogue)
            openings = self._openings(stretch)
        is_opening = False
        for first, last in _ranges(stretch, openings):
            is_opening |= first in openings
            with told_as_ours(self.place):
                heads = self._heads(stretch.site, first, last)
                readings = self._readings(first, last)
            heads = [head for head in heads if (stretch.site, head[1]) in catalogue.assets_of]
            if heads:
                yield Chunk(_frames(stretch.site, heads, _known(readings, numbers)), is_opening)
                is_opening = False

    def _openings(self, stretch: Stretch) -> set[int]:
        """The first frame after each opening; a store that was never written to by this build has no such table."""
        if not self._db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'openings'").fetchall():
            return set()
        query = "SELECT frame FROM openings WHERE frame BETWEEN ? AND ?"
        return {row[0] for row in self._db.execute(query, [stretch.first, stretch.last]).fetchall()}

    def _numbers(self, catalogue: Catalogue) -> NDArray[np.int32]:
        """Series id -> catalogue number, -1 where the catalogue has none."""
        known = {series[:3]: number for number, series in enumerate(catalogue.series)}
        rows = self._db.execute("SELECT id, site, asset, point FROM series").fetchall()
        numbers = np.full(max((row[0] for row in rows), default=-1) + 1, -1, np.int32)
        for number, *name in rows:
            numbers[number] = known.get((name[0], name[1], name[2]), -1)
        return numbers

    def _heads(self, site: str, first: int, last: int) -> list[tuple[Any, ...]]:
        return self._db.execute(
            "SELECT frames.id, edge, epoch, seq, lane, ts_ms, received_ms FROM frames "
            "JOIN sources ON sources.id = frames.source "
            "WHERE sources.site = ? AND frames.id BETWEEN ? AND ? ORDER BY frames.id",
            [site, first, last],
        ).fetchall()

    def _readings(self, first: int, last: int) -> Columns:
        return self._db.execute(
            "SELECT frame, series, measured_ms, value, quality, reason FROM readings "
            "WHERE frame BETWEEN ? AND ? ORDER BY frame, rowid",
            [first, last],
        ).fetchnumpy()


def _ranges(stretch: Stretch, openings: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of frame ids, each of at most a chunk, none across an opening."""
    starts = sorted({*range(stretch.first, stretch.last + 1, CHUNK), *openings})
    yield from zip(starts, [*(start - 1 for start in starts[1:]), stretch.last], strict=True)


def _known(readings: Columns, numbers: NDArray[np.int32]) -> Columns:
    readings["value"] = np.ma.filled(readings["value"].astype(np.float64), np.nan)  # NULL is NaN
    readings["series"] = numbers[readings["series"]] if len(numbers) else readings["series"].astype(np.int32)
    keep = readings["series"] >= 0
    return readings if keep.all() else {name: column[keep] for name, column in readings.items()}


def _frames(site: str, heads: Sequence[tuple[Any, ...]], readings: Columns) -> list[Accepted]:
    ids = np.array([head[0] for head in heads], np.int64)
    starts = np.searchsorted(readings["frame"], ids, "left").tolist()
    ends = np.searchsorted(readings["frame"], ids, "right").tolist()
    found = []
    for (_, edge, epoch, seq, lane, ts_ms, received_ms), start, end in zip(heads, starts, ends, strict=True):
        rows = slice(start, end)
        kind = schema.LANES[lane]
        found.append(
            Accepted(
                source=Source(site, edge, epoch),
                seq=seq,
                ts_ms=ts_ms,
                lane=kind,
                received_ms=received_ms,
                series=readings["series"][rows],
                measured_ms=readings["measured_ms"][rows],
                values=readings["value"][rows],
                quality=readings["quality"][rows],
                reason=readings["reason"][rows],
                topic=topics.build(site, edge, kind),
            )
        )
    return found
