"""Pure. Readings on their way out: a batch as it is journalled, and batches gathered into frames.

A batch is what one answer or message added, as columns. `Pending` gathers batches until the flush and makes frames of
them, the same frames from the same batches in the same order: that is how a restart turns the leftover journal into
exactly the frames that were about to be closed.

Readings that their device held back (older than `late_ms` when they came) go into frames of their own, so that
everything in a live frame is news. They go before it, because what is judged in order must be told in order, and such a
frame is closed as of its youngest reading: about the time behind that it says nothing.

Within a frame the assets that are beyond a limit stand first, so that a frame can lose the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from edge.number import GOOD, QUALITY
from vocab.quality import Reason
from wire.frame import MAX_BYTES, VERSION, AssetColumns, Frame

# A reading takes its point's name and at most about this much more: value, offset, quotes, commas, half a doubt.
_BYTES_PER_READING = 56
_BUDGET = MAX_BYTES * 3 // 4
WORDS = {int(reason): reason.wire for reason in Reason}


class Batch(msgspec.Struct, array_like=True, gc=False):
    """Readings of one asset that became known at `at_ms`."""

    asset: str
    at_ms: int
    measured_ms: int
    points: list[str]
    values: list[float | None]
    reasons: list[int] | None = None  # None: all good
    is_urgent: bool = False  # readings of an asset beyond a limit of a hazard: a full disk costs them last


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Batch).decode


@dataclass(slots=True)
class _Gathered:
    points: list[str] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    measured: list[int] = field(default_factory=list)
    doubts: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """What every frame of an edge says about itself."""

    site: str
    edge: str
    epoch: int
    simulated: bool


class Pending:
    """The readings of the open frame, bounded in size: a full one is put aside and the next begun."""

    def __init__(self, origin: Origin, late_ms: int, since_ms: int | None = None) -> None:
        """`since_ms`: the time of the frame before, if there was one; no frame's time is earlier."""
        self._origin = origin
        self._late_ms = late_ms
        self._live: list[dict[str, _Gathered]] = [{}]
        self._late: list[dict[str, _Gathered]] = [{}]
        self._sizes = [0, 0]  # of the last live and the last late frame
        self.readings = 0
        self.urgent: dict[int, int] = {}  # by number of the frames last closed, how many assets stand first
        self._alarmed: set[str] = set()
        self._closed_ms = since_ms

    def add(self, batch: Batch) -> None:
        """Take in a batch."""
        lane = int(batch.at_ms - batch.measured_ms > self._late_ms)
        frames = self._late if lane else self._live
        size = sum(map(len, batch.points)) + _BYTES_PER_READING * len(batch.points)
        if self._sizes[lane] and self._sizes[lane] + size > _BUDGET:
            frames.append({})
            self._sizes[lane] = 0
        self._sizes[lane] += size
        if batch.is_urgent:
            self._alarmed.add(batch.asset)
        gathered = frames[-1].get(batch.asset)
        if gathered is None:
            gathered = frames[-1][batch.asset] = _Gathered()
        if batch.reasons is not None:
            _doubt(gathered, batch.reasons)
        gathered.points += batch.points
        gathered.values += batch.values
        gathered.measured += [batch.measured_ms] * len(batch.points)
        self.readings += len(batch.points)

    def close(self, first_seq: int, ts: int, *, even_empty: bool) -> list[Frame]:
        """The frames of everything taken in, numbered from `first_seq`; a fresh start for the next."""
        live = [frame for frame in self._live if frame]
        late = [frame for frame in self._late if frame]
        if not live and not late and even_empty:
            live = [{}]
        found: list[Frame] = []
        self.urgent = {}
        for group in late:
            newest = max(moment for each in group.values() for moment in each.measured)
            as_of = min(ts, newest if self._closed_ms is None else max(newest, self._closed_ms))
            found.append(self._frame(group, first_seq + len(found), as_of))
            self._closed_ms = as_of
        for group in live:
            found.append(self._frame(group, first_seq + len(found), ts))
            self._closed_ms = ts
        self._live, self._late, self._sizes, self.readings = [{}], [{}], [0, 0], 0
        self._alarmed = set()
        return found

    def _frame(self, group: dict[str, _Gathered], seq: int, ts: int) -> Frame:
        own = self._origin
        first = [asset for asset in group if asset in self._alarmed]
        if first:
            self.urgent[seq] = len(first)
            group = {asset: group[asset] for asset in (*first, *(each for each in group if each not in first))}
        assets = [_columns(asset, gathered, ts) for asset, gathered in group.items()]
        return Frame(VERSION, own.site, own.edge, own.epoch, seq, ts, assets, own.simulated)


def _doubt(gathered: _Gathered, reasons: list[int]) -> None:
    start = len(gathered.points)
    gathered.doubts += [
        (start + place, int(QUALITY[reason]), WORDS[reason]) for place, reason in enumerate(reasons) if reason != GOOD
    ]


def _columns(asset: str, gathered: _Gathered, ts: int) -> AssetColumns:
    offsets = [measured - ts for measured in gathered.measured]
    return AssetColumns(asset, gathered.points, gathered.values, offsets if any(offsets) else None, gathered.doubts)


def newest_ms(frame: Frame) -> int:
    """When the youngest reading of the frame was measured; its closing if it has none."""
    newest = [frame.ts if each.offsets_ms is None else frame.ts + max(each.offsets_ms) for each in frame.assets]
    return max(newest, default=frame.ts)
