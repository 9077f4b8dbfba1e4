"""Shell. Looking at everything that could grow: processes, files, tables, what the server sends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from anlan.places import RunDir
from anlan.soak.growth import Kind, Series
from anlan.whole import BROKER
from edge.room import Room
from vocab.site import Site

MIB = 1024 * 1024
_Judged = tuple[Kind, float | None]
_WAL: _Judged = (Kind.MEMORY, None)
_DUCKDB_WAL: _Judged = (Kind.HISTORY, 32.0)  # it goes into the file when it has 16 MiB, and begins anew
_SEGMENTS = 2.5  # the one that is written, one that still waits, and the lists of what arrived

# Rows that have a bound of their own, with the question that counts them. What is not here is a history.
BOUNDED: Mapping[str, str] = {
    "cabinets": "edges",
    "marks": "marks",
    "layouts of books": "layouts",
    "books": "books",
    "catch-ups": "catch_ups",
    "frames that wait": "waiting",
    "alarms": "alarms",
    "open tickets": "tickets WHERE closed_ms IS NULL",
    "open calls": "calls WHERE ended_ms IS NULL",
    "pages to be sent": "pages WHERE state IN ('due', 'digest', 'sending')",
    "channel states": "channel_states",
    "sessions and tokens": "access_keys",
    "link keys": "link_keys",
    "open hidings": "hidings WHERE ended_ms IS NULL",
    "open outages": "outages WHERE closed_ms IS NULL",
    "open duties": "duty_instances WHERE state = 'open'",
    "duty clocks": "duty_clocks",
    "failed sign-ins": "sign_in_failures",
    "places of sign-ins": "sign_in_places",
}
HISTORY = (
    "transitions", "tickets", "evidence", "ticket_events", "calls", "pages", "deliveries", "audit", "duty_events",
    "edge_events", "outages",
)  # fmt: skip


@dataclass(slots=True)
class Samples:
    """What was measured so far, by name."""

    days: dict[str, list[float]] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)
    kinds: dict[str, _Judged] = field(default_factory=dict)

    def add(self, day: float, name: str, value: float, kind: Kind, most: float | None = None) -> None:
        """One more."""
        self.kinds[name] = (kind, most)
        self.days.setdefault(name, []).append(day)
        self.values.setdefault(name, []).append(value)

    def series(self) -> Iterator[Series]:
        """All of them."""
        for name, (kind, most) in self.kinds.items():
            yield Series(name, kind, self.days[name], self.values[name], most)


def look_at_processes(samples: Samples, day: float, pids: Mapping[str, int | None]) -> None:
    """Memory, open files and threads of each living part."""
    for name, pid in pids.items():
        if pid is None:
            continue
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            memory = process.memory_info()
            samples.add(day, f"{name}: memory, MB", memory.rss / MIB, Kind.MEMORY)
            samples.add(day, f"{name}: open files", process.num_fds(), Kind.COUNT)
            samples.add(day, f"{name}: threads", process.num_threads(), Kind.COUNT)


def look_at_files(samples: Samples, day: float, run: RunDir, site: Site) -> None:
    """The broker's data and write-ahead logs are flat, spools below what their cabinet allows; the rest is history."""
    samples.add(day, "broker, MB on disk", _size(run.root / BROKER) / MIB, Kind.MEMORY)
    for edge in site.file.edge:
        # It fills on purpose: frames that have arrived stay for a broker that forgets, up to a share of the spool.
        room = Room.of(edge.spool_mib)
        most = (room.memory_of_arrived_bytes + _SEGMENTS * room.segment_bytes) / MIB
        samples.add(
            day, f"{edge.id}: spool and journal, MB on disk", _size(run.edge(edge.id)) / MIB, Kind.HISTORY, most
        )
    for path, suffix, (kind, bound) in ((run.tickets, "-wal", _WAL), (run.store, ".wal", _DUCKDB_WAL)):
        wal = path.with_name(path.name + suffix)
        samples.add(day, f"{path.name}: write-ahead log, MB", _size(wal) / MIB, kind, bound)
        samples.add(day, f"{path.name}, MB", _size(path) / MIB, Kind.HISTORY)
    samples.add(day, "logs, MB", _size(run.root / "logs") / MIB, Kind.HISTORY)


def look_at_tables(samples: Samples, day: float, database: Path) -> None:
    """Rows of the ticket database."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as db:
        for name, rows in BOUNDED.items():
            samples.add(day, f"rows: {name}", _count(db, rows), Kind.COUNT)
        for table in HISTORY:
            samples.add(day, f"rows: {table}", _count(db, table), Kind.HISTORY)


def _count(db: sqlite3.Connection, rows: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])  # noqa: S608 - the words stand above


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):  # it is gone meanwhile
                total += (Path(folder) / name).stat().st_size
    return total
