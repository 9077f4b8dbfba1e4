"""Pure. A recorded run through the production kernel, in the event time of the recording."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anlan.matching import Span
from rules.book import Book
from rules.columns import F8, I8, I32, I64
from rules.functions import Functions
from rules.plan import Watched, plan
from vocab.point import Point
from vocab.rule import Rule

FRAME_ROWS = 512  # readings observed together; it changes the speed, never the episodes


@dataclass(frozen=True, slots=True)
class Readings:
    """Columns of one asset in the order in which they were recorded."""

    point_of: I32  # index into the recording's points
    values: F8
    qualities: I8
    reasons: I8
    ats: I64


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the rules made of one run."""

    episodes: dict[str, list[Span]]  # by rule; the end is the moment at which it cleared
    readings: int
    late: int  # older than their point's last reading: kept by a store, not judged again


def replay(points: tuple[Point, ...], rules: tuple[Rule, ...], readings: Readings, functions: Functions) -> Replayed:
    """Feed the run frame by frame. What still stands at the end of the recording ends after its last moment."""
    book = Book(plan([Watched("a", tuple((point, 0) for point in points), rules)]), functions)
    cell_of = np.array([book.cells[f"a/{point.id}"] for point in points], np.int32)
    episodes: dict[str, list[Span]] = {rule.id: [] for rule in rules}
    if not len(readings.ats):
        return Replayed(episodes, 0, 0)
    book.begin(0, int(readings.ats[0]))
    late = 0
    for frame in _frames(readings.ats):
        late += book.observe(
            cell_of[readings.point_of[frame]],
            readings.values[frame],
            readings.qualities[frame],
            readings.reasons[frame],
            readings.ats[frame],
        )
        book.elapse(0, int(readings.ats[: frame.stop].max()))
    _collect(book, episodes, int(readings.ats.max()) + 1)
    return Replayed(episodes, len(readings.ats), late)


def _frames(ats: I64) -> list[slice]:
    """A frame ends where it is full between two moments, and wherever time steps back, as a late frame would."""
    back: NDArray[np.intp] = np.flatnonzero(ats[1:] < ats[:-1]) + 1
    steps = np.flatnonzero(ats[1:] != ats[:-1]) + 1
    wanted = np.searchsorted(steps, np.arange(FRAME_ROWS, len(ats), FRAME_ROWS))
    full = steps[wanted[wanted < len(steps)]]
    cuts = np.unique(np.concatenate([[0], back, full, [len(ats)]])).tolist()
    return [slice(start, end) for start, end in pairwise(cuts)]


def _collect(book: Book, episodes: dict[str, list[Span]], end_ms: int) -> None:
    raised: dict[str, int] = {}
    for each in book.take():
        name = each.alarm.removeprefix("a.")
        if each.raises:
            raised.setdefault(name, each.at_ms)  # one that a design hid and showed again is the same episode
        elif each.clears and name in raised:
            episodes[name].append((raised.pop(name), each.at_ms))
    for name, start in raised.items():
        episodes[name].append((start, end_ms))
