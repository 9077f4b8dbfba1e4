"""Pure. How a frame is fed to a book: one law for the live judge, its catch-ups, a backtest and the edge agent itself.

Whoever feeds the same frames in the same order gets the same alarms, because nothing else comes in: no clock, no
arrival. What a reading is worth was settled before, by the gate (wire/gate.py), which is one implementation too.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rules.book import Book
from rules.columns import I32, I64
from rules.vouched import VOUCH_MS
from vocab.quality import Reason

_CLOCK = int(Reason.CLOCK)


class Readings(Protocol):
    """Readings as columns, row i being one reading; `wire.frames.Frames` is one."""

    @property
    def measured_ms(self) -> NDArray[np.int64]:
        """By the device, or by the edge."""

    @property
    def values(self) -> NDArray[np.float64]:
        """NaN where there is none."""

    @property
    def quality(self) -> NDArray[np.uint8]:
        """`vocab.quality.Quality`."""

    @property
    def reason(self) -> NDArray[np.uint8]:
        """`vocab.quality.Reason`."""


class Columns(Readings, Protocol):
    """The readings of one frame; `wire.verdict.Accepted` is one."""

    @property
    def ts_ms(self) -> int:
        """When the edge closed it: nothing else was measured up to then."""


def vouch(book: Book, source: int, before_ms: int, ts_ms: int, vouch_ms: int = VOUCH_MS, *, broken: bool) -> None:
    """What lies between the last frame (`before_ms`) and this one (`ts_ms`); `broken`: frames are missing between."""
    if ts_ms < before_ms:
        book.rewind(source, ts_ms)
    elif broken or ts_ms - before_ms > vouch_ms:
        book.interrupt(source, before_ms, ts_ms)


def dated(measured_ms: I64, reason: NDArray[np.uint8], ts_ms: int | I64) -> I64:
    """When readings count as measured, `ts_ms` being the time of their edge.

    A device whose clock is not to be believed, or which is ahead of its edge, is dated by the edge.
    """
    return np.minimum(np.where(reason == _CLOCK, ts_ms, measured_ms), ts_ms)


def feed(book: Book, source: int, cells: I32, frame: Columns) -> int:
    """The readings of a frame, reading i being of cell `cells[i]` (below 0: of none), and then its time.

    Returns how many were older than their point's last one, and so not judged.
    """
    ats = dated(frame.measured_ms, frame.reason, frame.ts_ms)
    return feed_dated(book, cells, frame, ats, (source, frame.ts_ms))


def feed_dated(book: Book, cells: I32, frames: Readings, ats: I64, until: tuple[int, int]) -> int:
    """Readings of a frame or of a run, dated by `ats`, and then the time that they reach, as (source, moment)."""
    out_of_order = 0
    known = cells >= 0
    if known.any():
        columns = (cells, frames.values, frames.quality.astype(np.int8), frames.reason.astype(np.int8), ats)
        if not known.all():
            columns = tuple(column[known] for column in columns)  # type: ignore[assignment]
        out_of_order = book.observe(*columns)
    book.elapse(*until)
    return out_of_order
