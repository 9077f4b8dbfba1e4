"""Pure. The narrow port behind which a time-series store stands, and what passes through it.

One contract suite (tests/contracts/test_store_contract.py) runs on every adapter. Every method may raise StoreError.
Calls that write (`commit`, `roll_up`, `forget`, `close`) come from one thread; the others may come from any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from ingest.arrivals import Names
from ingest.closed import Packed
from ingest.history import Stretch
from vocab.topics import Kind
from wire.catalogue import Catalogue
from wire.frames import Frames
from wire.marks import Mark
from wire.verdict import Accepted, Rejected

Lane = tuple[str, str, Kind]  # site, edge, lane


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction makes durable: all of it or nothing."""

    catalogue: Catalogue  # what the series numbers of the frames mean
    frames: Sequence[Accepted] = ()
    rejects: Sequence[Rejected] = ()
    marks: Sequence[Mark] = ()
    duplicates: Mapping[Lane, int] = field(default_factory=dict)


class Latest(msgspec.Struct, frozen=True, gc=False):
    """The newest reading of a series by measured time. Not a tuple, so that ten thousand are encoded in no time."""

    site: str
    asset: str
    point: str
    value: float | None
    measured_ms: int
    quality: int
    reason: str


class Reject(NamedTuple):
    """A message, or readings of one, that did not pass the gate."""

    received_ms: int
    topic: str
    reason: str
    detail: str
    readings: int
    payload: bytes


class LaneCount(NamedTuple):
    """What came from one edge on one lane since the store was made."""

    site: str
    edge: str
    lane: str
    frames: int
    readings: int
    duplicates: int


class RejectCount(NamedTuple):
    """What was rejected for one reason: whole messages, and readings (of those messages, or refused alone)."""

    reason: str
    messages: int
    readings: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that ever arrived, exactly."""

    lanes: tuple[LaneCount, ...]
    rejects: tuple[RejectCount, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of some series, to be drawn `px` wide."""

    site: str
    asset: str
    points: tuple[str, ...]
    from_ms: int
    to_ms: int  # not included
    px: int


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One series for drawing; row i is one bucket (or, if raw, one reading).

    `low`, `high` and `mean` are over the good readings of a bucket, NaN where it has none; `count` counts the good
    ones and `bad` all others. A bucket without any reading is left out.
    """

    point: str
    t_ms: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]
    count: NDArray[np.int64]
    bad: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trend:
    """Curves on one grid of buckets. `bucket_ms` is 0 where they are raw."""

    curves: tuple[Curve, ...]
    bucket_ms: int

    @property
    def raw(self) -> bool:
        """Whether every row is one reading."""
        return self.bucket_ms == 0


class Past(Protocol):
    """What arrived, for those who replay it; in order of arrival, which is the order of frame numbers."""

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """The frames needed to know what happened from `from_ms` until `to_ms`; None if there are none."""

    def openings(self, first: int, last: int) -> set[int]:
        """Of these frames, those that came first after the store was opened."""

    def names(self, site: str) -> Names:
        """Every series of the site that was ever stored."""

    def arrivals(self, site: str, first: int, last: int) -> tuple[Frames, int]:
        """The frames of the site numbered from `first` to `last`, or as many of them as fit into memory, their
        series counting in the store, and the number to go on with."""


class Store(Protocol):
    """A time-series store."""

    def commit(self, batch: Batch, stored_ms: int) -> None:
        """Make the batch durable. After an error nothing of it is there, or all of it: ask `marks` again."""

    def marks(self) -> list[Mark]:
        """The marks as last committed."""

    def latest(self, asset: str | None = None) -> list[Latest]:
        """The newest readings, of one asset or of all."""

    def trend(self, span: Span) -> Trend:
        """The span down-sampled to its pixels, with minimum and maximum of every bucket kept."""

    def rejects(self, limit: int) -> list[Reject]:
        """The newest rejects, newest first. Old ones are dropped; `counts` stays exact."""

    def counts(self) -> Counts:
        """How much arrived."""

    @property
    def past(self) -> Past:
        """What arrived. Reading it, however slowly, makes no writer wait."""

    def roll_up(self) -> int:
        """Bring the table of hours up to date; returns how many frames were new to it."""

    def sort_hours(self, before_ms: int) -> bool:
        """Bring some hours of a month that was over before this moment into the order of points; whether there may be
        more to do. It changes no answer."""

    def pack(self, before_ms: int) -> Packed | None:
        """Write down the next closed period, of frames that were received before this moment, and change nothing yet;
        None if there is none. Makes no writer wait. One call at a time, but it may come from any thread."""

    def settle(self, packed: Packed) -> int:
        """Let the closed period stand for the readings that it was made of; returns how many."""

    def forget(self, readings_before_ms: int, minutes_before_ms: int) -> int:
        """Drop readings that arrived, and minutes that began, before these moments; returns readings dropped. What is
        closed together goes together."""

    def copy(self, place: Path) -> None:
        """Everything as it is at this moment, into a new file; makes no writer wait."""

    def close(self) -> None:
        """Let go of the file."""
