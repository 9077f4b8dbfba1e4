"""Shell. Readings that are not closed yet, out of DuckDB, in order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np


def row(db: duckdb.DuckDBPyConnection, query: str, limits: Sequence[Any] = ()) -> tuple[Any, ...]:
    """The first row of an answer that has one."""
    return db.execute(query, list(limits)).fetchall()[0]


def fitting(db: duckdb.DuckDBPyConnection, first: int, last: int, most: int) -> tuple[dict[str, Any], int]:
    """The readings of these frames, or of the first of them as far as they fit into memory, and the last such frame.

    They lie in the order of their frames, and so they come; to have DuckDB sort them took most of the time.
    """
    while last > first:
        readings = _readings(db, first, last, most + 1)
        frame = readings["frame"]
        in_order = bool((frame[1:] >= frame[:-1]).all())
        if len(frame) <= most:
            return readings if in_order else _sorted(readings), last
        whole = int(frame[-1]) - 1  # the last frame whose readings are surely all here
        if in_order and whole >= first:
            return _until(readings, whole), whole
        last = (first + last) // 2
    return _readings(db, first, first, 2**62), first


def _readings(db: duckdb.DuckDBPyConnection, first: int, last: int, most: int) -> dict[str, Any]:
    return db.execute(
        "SELECT frame, series, measured_ms, value, quality, reason FROM readings WHERE frame BETWEEN ? AND ? LIMIT ?",
        [first, last, most],
    ).fetchnumpy()


def _sorted(readings: dict[str, Any]) -> dict[str, Any]:
    order = np.argsort(readings["frame"], kind="stable")
    return {name: column[order] for name, column in readings.items()}


def _until(readings: dict[str, Any], last: int) -> dict[str, Any]:
    end = int(np.searchsorted(readings["frame"], last, "right"))
    return {name: column[:end] for name, column in readings.items()}
