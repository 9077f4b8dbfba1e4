"""Shell. Everything of an installation into one file, while it runs.

Taken in this order, each at one moment of its own: the audit log's head, the ticket database (as our own dump, from
either kind), the readings (a DuckDB file and its closed periods: by ourselves if nobody has it open, else by the ingest
that has), the other files of the data folder (attachments, keys), the site's folder. Not taken: what waits at the
broker and in the cabinets' own spools; a cabinet hands over again what was not acknowledged.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from alerts.backups import LAST
from alerts.dump import Dumped, dump
from anlan.archive import files_below, pack, sha256_of
from anlan.places import RunDir
from ingest.closed_files import SUFFIX
from ingest.duckdb_copy import copy_file, readings_in, rows_of
from ingest.http_history import Body
from ingest.problem import StoreLockedError

FORMAT = 1
TICKETS, READINGS, FILES, SITE = "tickets", "readings", "data", "site"
# Of a run and not of an installation, or taken otherwise.
_LEFT = ("tickets.sqlite*", "readings.duckdb*", "*.log", "*.json", "truth.jsonl", ".*", "tty-*")
_FIRST = frozenset({"audit-head.json"})
_LEFT_FOLDERS = frozenset({f"readings.duckdb{SUFFIX}", "broker", "edges", "ledgers", "logs", "nats", SITE})

Step = Callable[[str, int], None]  # what is being done, and how much more of it is done


class BackupError(Exception):
    """It could not be made; nothing was written."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What to take; None: there is none."""

    database: str
    store: Path | None
    data: Path | None
    site: Path | None
    ingest: str | None


def back_up(sources: Sources, out: Path, now_ms: int, step: Step) -> dict[str, Any]:
    """Write `out`; its manifest. BackupError, DatabaseError or StoreError if that cannot be done."""
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=out.parent) as made:
        folder = Path(made)
        (folder / TICKETS).mkdir()
        # The audit log's head before its rows, since a head without its row looks as if somebody had cut the log;
        # attachments after the rows that name them.
        _copy_files(sources.data, folder / FILES, lambda name: name.name in _FIRST)
        dumped = dump(sources.database, folder / TICKETS, lambda _table, more: step("tickets", more))
        readings = None if sources.store is None else _readings(sources.store, sources.ingest, folder, step)
        _copy_files(sources.data, folder / FILES, lambda name: _is_kept(name) and name.name not in _FIRST)
        _copy_files(sources.site, folder / SITE, lambda name: "__pycache__" not in name.parts)
        manifest = {
            "format": FORMAT, "made_ms": now_ms, "anlan": importlib.metadata.version("anlan"),
            "tickets": asdict(dumped), "readings": readings,
            "files": {name: _told(path) for name, path in files_below(folder)},
        }  # fmt: skip
        pack(folder, manifest, out, lambda more: step("archive", more))
    where = sources.data or (sources.store.parent if sources.store else None)
    if where is not None:
        _note(where, out, now_ms)
    return manifest


def dumped_of(manifest: dict[str, Any]) -> Dumped:
    """What the manifest says of the tickets."""
    return Dumped(**manifest["tickets"])


def _readings(store: Path, ingest: str | None, folder: Path, step: Step) -> dict[str, Any]:
    place = folder / READINGS / "readings.duckdb"
    place.parent.mkdir()
    if not store.is_file():
        raise BackupError(f"{store}: no such file")
    try:
        copy_file(store, place)
        how = "read from the file, which nobody had open"
    except StoreLockedError:
        shutil.rmtree(place.parent)
        place.parent.mkdir()
        if ingest is None:
            raise BackupError(f"{store} is open in another process: say --ingest http://HOST:PORT of it") from None
        _ask(ingest, place, step)
        how = "copied by ingest, while it ran"
    return {"how": how, "counts": dict(rows_of(place)), "stored": readings_in(place)}


def _ask(ingest: str, place: Path, step: Step) -> None:
    timeout = httpx.Timeout(30.0, read=3600.0)  # it answers when the copy is whole
    try:
        with httpx.stream("POST", f"{ingest}/api/v1/copy", timeout=timeout, trust_env=False) as answer:
            if answer.status_code != 200:
                answer.read()
                raise BackupError(f"{ingest} refused a copy of its store: {answer.status_code} {answer.text[:300]}")
            _unpack(answer.iter_bytes(), place.parent, lambda more: step("readings", more))
    except httpx.HTTPError as error:
        raise BackupError(f"{ingest} does not answer: {error}") from error
    except (tarfile.TarError, OSError) as error:
        raise BackupError(f"the copy that {ingest} made did not arrive whole: {error}") from error


def _unpack(blocks: Iterator[bytes], folder: Path, step: Callable[[int], None]) -> None:
    with io.BufferedReader(Body(blocks)) as source, tarfile.open(fileobj=source, mode="r|") as tar:
        for member in tar:
            tar.extract(member, folder, filter="data")
            step(member.size)


def _copy_files(source: Path | None, folder: Path, is_wanted: Callable[[Path], bool]) -> None:
    for name, path in files_below(source) if source is not None else ():
        if is_wanted(Path(name)):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)


def _told(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"size": status.st_size, "sha256": sha256_of(path), "mode": status.st_mode & 0o777}


def _is_kept(name: Path) -> bool:
    if len(name.parts) > 1:
        return name.parts[0] not in _LEFT_FOLDERS and not name.parts[0].startswith(".")
    return not any(name.match(pattern) for pattern in _LEFT)


def _note(folder: Path, out: Path, now_ms: int) -> None:
    """For alerts, which tells it to Prometheus."""
    told = {"made_ms": now_ms, "bytes": out.stat().st_size, "file": out.name}
    new = folder / f".{LAST}.new"
    new.write_text(json.dumps(told), encoding="utf-8")
    new.replace(folder / LAST)


def told_places(data: Path) -> dict[str, str]:
    """What a running `anlan up` or demo wrote down of itself: `ingest`, `site`, `database`."""
    try:
        found: dict[str, str] = json.loads(RunDir(data).places.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
