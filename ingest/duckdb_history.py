"""Shell. History out of a DuckDB file, a chunk of frames at a time, without writing to the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest import schema
from ingest.arrivals import numbers_of, ranges, settled
from ingest.duckdb_closed import shelf_of
from ingest.duckdb_errors import told_as_ours
from ingest.duckdb_past import DuckDbPast
from ingest.history import Chunk, Stretch
from ingest.problem import StoreBrokenError
from wire.catalogue import Catalogue


class DuckDbHistory:
    """`ingest.history.History` on a DuckDB file that no other process has open."""

    def __init__(self, place: str, *, threads: int = 2, memory_mib: int = 256) -> None:
        self.place = place
        with told_as_ours(place):
            self._db = duckdb.connect(
                place, read_only=True, config={"threads": threads, "memory_limit": f"{memory_mib}MiB"}
            )
            row = self._db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        if row is None or row[0] not in schema.READABLE:
            self.close()
            raise StoreBrokenError(f"{place}: made by another version of the store, this is {schema.VERSION}")
        shelf = shelf_of(self._db, Path(place)) if row[0] > 1 else None
        self._past = DuckDbPast(self._reader, shelf)

    @contextmanager
    def _reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with told_as_ours(self.place):
            yield self._db

    def close(self) -> None:
        """See `History`."""
        self._db.close()

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """See `History`."""
        return self._past.stretch(site, from_ms, to_ms)

    def frames(self, stretch: Stretch, catalogue: Catalogue) -> Iterator[Chunk]:
        """See `History`."""
        numbers = numbers_of(self._past.names(stretch.site), stretch.site, catalogue)
        openings = self._past.openings(stretch.first, stretch.last)
        is_opening = False
        for first, last in ranges(stretch, openings):
            is_opening |= first in openings
            while first <= last:
                found, first = self._past.arrivals(stretch.site, first, last)  # noqa: PLW2901 - it goes on from there
                frames = settled(found, catalogue, numbers)
                if len(frames):
                    yield Chunk(frames, is_opening)
                    is_opening = False
