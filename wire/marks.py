"""Pure. Which frames have been taken: per (site, edge, epoch) the highest seq, and the gaps below it.

A high-water mark alone would lose: after a crash, and from the back-fill lane, frames come *behind* newer ones. So
what is missing below the mark is kept as ranges. Everything else at or below the mark is a duplicate.
A consumer stores `changed()` in the same transaction as the data, and starts from `Marks(rows)`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from wire.verdict import Source

# Gaps are as many as holes that a broker's window (65 535) can leave. Beyond it the oldest gap is given up and counted.
MOST_GAPS = 65_536

_gaps_decoder = msgspec.json.Decoder(list[tuple[int, int]])


class Mark(NamedTuple):
    """The taken frames of one source: all up to `high`, but not those in `gaps` (ranges, both ends missing)."""

    source: Source
    high: int
    gaps: tuple[tuple[int, int], ...] = ()

    @property
    def gaps_text(self) -> str:
        """The gaps as a column of a database holds them."""
        return msgspec.json.encode(self.gaps).decode()

    @classmethod
    def from_row(cls, site: str, edge: str, epoch: int, high: int, gaps_text: str) -> Mark:
        """A mark as it was stored."""
        return cls(Source(site, edge, epoch), high, tuple(_gaps_decoder.decode(gaps_text)))


@dataclass(slots=True)
class _State:
    high: int
    gaps: list[tuple[int, int]]  # ascending, apart


class Marks:
    """What one consumer has taken."""

    def __init__(self, rows: Iterable[Mark] = (), most_gaps: int = MOST_GAPS) -> None:
        self._states = {row.source: _State(row.high, list(row.gaps)) for row in rows}
        self._changed: set[Source] = set()
        self._most_gaps = most_gaps
        self.given_up = 0  # frames that, should they still come, will be taken for duplicates

    def take(self, source: Source, seq: int) -> bool:
        """True if the frame is new (and it is then taken), False for a duplicate. `seq` counts from 1."""
        state = self._states.get(source)
        if state is None:
            state = self._states[source] = _State(0, [])
        if seq == state.high + 1:
            state.high = seq
        elif seq > state.high:
            state.gaps.append((state.high + 1, seq - 1))
            state.high = seq
            self._bound(state)
        elif not _close(state.gaps, seq):
            return False
        self._changed.add(source)
        return True

    def changed(self) -> list[Mark]:
        """The marks that changed since the last call: what the transaction must store."""
        changed = [self._mark(source) for source in sorted(self._changed)]
        self._changed.clear()
        return changed

    def all(self) -> list[Mark]:
        """Every mark."""
        return [self._mark(source) for source in sorted(self._states)]

    def missing(self) -> int:
        """How many frames are known to be still to come."""
        return sum(last - first + 1 for state in self._states.values() for first, last in state.gaps)

    def _mark(self, source: Source) -> Mark:
        state = self._states[source]
        return Mark(source, state.high, tuple(state.gaps))

    def _bound(self, state: _State) -> None:
        while len(state.gaps) > self._most_gaps:
            first, last = state.gaps.pop(0)
            self.given_up += last - first + 1


def _close(gaps: list[tuple[int, int]], seq: int) -> bool:
    """Take `seq` out of the gaps; False if it is in none of them."""
    place = bisect_right(gaps, (seq, 2**63)) - 1
    if place < 0:
        return False
    first, last = gaps[place]
    if seq > last:
        return False
    gaps[place : place + 1] = [part for part in ((first, seq - 1), (seq + 1, last)) if part[0] <= part[1]]
    return True
