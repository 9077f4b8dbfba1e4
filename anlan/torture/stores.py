"""Shell. Faults of what is kept: the store of readings locked or broken, the ticket database locked.

Whoever holds the file open cannot be robbed of it, so ingest is killed first, and finds the trouble when it comes back.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from anlan.torture.plan import Strike
from anlan.torture.trouble import CannotStrikeError
from anlan.whole import Whole

_LOCKED_WITHIN_S = 10.0
_INGEST = "ingest"


async def store(whole: Whole, strike: Strike) -> None:
    """`locked`: another process has the file. `broken`: what lies in its place is no database; the file comes back."""
    path = whole.run.store
    end = time.monotonic() + _LOCKED_WITHIN_S
    while time.monotonic() < end:
        pid = whole.supervisor.parts[_INGEST].pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with _locked(path) as is_ours:
            if is_ours and strike.how == "locked":
                await asyncio.sleep(strike.for_s)
                return
            if is_ours:
                hidden = _hide(path)
        if is_ours:
            try:
                await asyncio.sleep(strike.for_s)
            finally:
                _bring_back(path, hidden)
            return
        await asyncio.sleep(0.05)
    raise CannotStrikeError("the store's file could not be had")


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Whether the file is ours while this lasts, by the lock that DuckDB takes too."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(file)


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _hide(path: Path) -> bool:
    """Put garbage in the place of a store that nobody has open; whether it had a log."""
    had_log = _wal(path).exists()
    if had_log:
        _wal(path).rename(_wal(path).with_suffix(".hidden"))
    os.link(path, path.with_suffix(".hidden"))
    garbage = path.with_suffix(".garbage")
    garbage.write_bytes(os.urandom(64 * 1024))
    garbage.replace(path)
    return had_log


def _bring_back(path: Path, had_log: bool) -> None:
    """The log first: it means nothing beside garbage, and the store must never be opened without it."""
    if had_log:
        _wal(path).with_suffix(".hidden").replace(_wal(path))
    path.with_suffix(".hidden").replace(path)


async def database(whole: Whole, strike: Strike) -> None:
    """Another process has the ticket database in a transaction that it does not end."""
    # Not through SQLAlchemy: it is a stranger's program that does this.
    connection = sqlite3.connect(whole.run.tickets, timeout=0.1, isolation_level=None)
    try:
        end = time.monotonic() + _LOCKED_WITHIN_S
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if time.monotonic() > end:
                    raise CannotStrikeError(f"the database could not be locked: {error}") from error
                await asyncio.sleep(0.05)
        await asyncio.sleep(strike.for_s)
        connection.execute("ROLLBACK")
    finally:
        connection.close()
