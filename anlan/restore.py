"""Shell. An installation out of one file. Nothing is touched before everything in it was found whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerts.dump import doomed, is_empty, load
from anlan.archive import DamagedError, files_below, unpack
from anlan.backup import FILES, FORMAT, READINGS, SITE, TICKETS, dumped_of
from anlan.places import RunDir
from ingest.closed_files import folder_of
from ingest.duckdb_copy import rows_of

Step = Callable[[str, int], None]


class WouldOverwriteError(Exception):
    """There is something already; says what."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to. `database` None: SQLite in the folder."""

    data: Path
    database: str | None
    force: bool


def restore(archive: Path, target: Target, step: Step) -> dict[str, Any]:
    """Fill the target; the manifest. DamagedError or WouldOverwriteError before anything was changed."""
    data = target.data.resolve()
    run = RunDir(data)
    if not target.force:
        _must_be_free(run, target.database)
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as made:
        folder = Path(made)
        manifest = unpack(archive, folder, lambda more: step("archive", more))
        if manifest["format"] != FORMAT:
            raise DamagedError(f"{archive}: form {manifest['format']} of a backup, this build reads {FORMAT}")
        readings = folder / READINGS / "readings.duckdb"
        if manifest["readings"] is not None and dict(rows_of(readings)) != manifest["readings"]["counts"]:
            raise DamagedError(f"{archive}: the readings do not come to the rows that the manifest tells")
        own = f"sqlite:///{folder / 'tickets.sqlite'}"
        load(target.database or own, folder / TICKETS, dumped_of(manifest), lambda _table, more: step("tickets", more))
        if target.database is None:
            _put(folder / "tickets.sqlite", run.tickets)
        if readings.exists():
            closed, new = folder_of(run.store), folder_of(readings)
            shutil.rmtree(closed, ignore_errors=True)
            if new.exists():
                os.replace(new, closed)
            _put(readings, run.store)
        for name, path in list(files_below(folder / FILES)) if (folder / FILES).exists() else []:
            _put(path, data / name)
        if (folder / SITE).exists():
            shutil.rmtree(data / SITE, ignore_errors=True)
            os.replace(folder / SITE, data / SITE)
    return manifest


def what_goes(target: Target) -> list[str]:
    """What a restore with --force takes away, a line each: files, the site's folder, every table with its rows."""
    run = RunDir(target.data.resolve())
    lines = [f"{path}" for path in (run.store, run.root / SITE) if path.exists()]
    lines += [str(run.tickets)] if target.database is None and run.tickets.exists() else []
    for table in [] if target.database is None else doomed(target.database):
        whose = "" if table.is_ours else "  (not a table of Anlan)"
        lines.append(f"table {table.name}, {table.rows} rows{whose}")
    return lines


def _must_be_free(run: RunDir, database: str | None) -> None:
    for path in (run.tickets, run.store, run.root / SITE):
        if path.exists():
            raise WouldOverwriteError(f"{path} is there already")
    if database is not None and not is_empty(database):
        raise WouldOverwriteError("the database has rows already")


def _put(source: Path, place: Path) -> None:
    """Move it there; what an older file of that name left beside it (a log of writes) goes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    for beside in ("-wal", "-shm", ".wal"):
        place.with_name(place.name + beside).unlink(missing_ok=True)
    os.replace(source, place)
