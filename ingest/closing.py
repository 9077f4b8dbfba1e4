"""Shell. A store that nobody else has open: everything that may be closed is closed, and its file made small again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ingest.duckdb_copy import copy_file, free_share
from ingest.duckdb_store import DuckDbStore
from ingest.port import Store

_SHRUNK = ".shrunk"
_MOST_FREE = 0.25  # of a file


def close_all(store: Store, before_ms: int, step: Callable[[int], None] = lambda more: None) -> int:
    """Roll up, and close every period of frames received before a moment; `step` is told readings. How many."""
    store.roll_up()
    while store.sort_hours(before_ms):
        pass
    closed = 0
    while (packed := store.pack(before_ms)) is not None:
        closed += store.settle(packed)
        step(packed.readings)
    return closed


def compact(place: Path, before_ms: int, step: Callable[[int], None]) -> int:
    """The same of a file; then it is written anew, since DuckDB keeps the room of what it no longer holds."""
    store = DuckDbStore(str(place))
    try:
        closed = close_all(store, before_ms, step)
    finally:
        store.close()
    if free_share(place) > _MOST_FREE:
        shrink(place)
    return closed


def shrink(place: Path) -> None:
    """Write the file anew. Killed at any moment, it is the old one or the new one."""
    new = place.with_name(place.name + _SHRUNK)
    new.unlink(missing_ok=True)
    copy_file(place, new, with_closed=False)
    os.replace(new, place)
