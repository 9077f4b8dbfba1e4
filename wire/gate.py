"""Pure. The one gate through which every frame passes, in ingest and in alerts alike.

`judge_all` takes any bytes and answers Accepted or Rejected, never an exception. Its work per message is plain Python
over the frame's few assets; its work per reading is done for the whole batch at once, in columns.

A frame is rejected whole when it cannot be what it says (size, version, topic, site, edge, future). A reading is
refused alone when the site has no such asset or point on that edge. What is implausible is kept and marked: beyond
the bounds BAD, too fast or at an impossible time UNCERTAIN. How old a frame may be is no question of the gate's:
a frame may wait in a spool or a broker for days.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vocab import topics
from vocab.quality import Quality, Reason
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.frame import MAX_BYTES, VERSION
from wire.frames import LANES
from wire.layout import Cabinet, Layout
from wire.lean import Lean, LeanColumns, NotLeanError, decode_lean
from wire.message import Message
from wire.plausible import Columns, Plausibility
from wire.verdict import Accepted, Refusal, Refused, RefusedError, Rejected, Source


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Constants of the protocol. What is plausible for a piece of equipment stands in its pack."""

    max_bytes: int = MAX_BYTES
    future_ms: int = 5 * 60 * 1000  # two clocks that are kept at all differ by less
    earliest_ms: int = 1_577_836_800_000  # 2020-01-01: before it no reading of ours was ever measured


@dataclass(slots=True)
class _Heap:
    """The readings of a batch while they are collected: flat, so that numpy is called once, not once an asset."""

    series: array[int] = field(default_factory=lambda: array("i"))
    values: list[float | None] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)  # may be shorter than `values`: the rest are 0
    doubts: list[tuple[int, int, int]] = field(default_factory=list)  # row, quality, reason

    def cut(self, rows: int) -> None:
        """Forget what a frame brought before it turned out to be none."""
        del self.series[rows:], self.values[rows:], self.offsets[rows:]
        while self.doubts and self.doubts[-1][0] >= rows:
            self.doubts.pop()


@dataclass(slots=True)
class _Read:
    """A frame that may pass, before its readings are judged."""

    cabinet: Cabinet
    source: Source
    seq: int
    ts_ms: int
    width: int
    refused: tuple[Refused, ...]


_NOTHING = Columns(
    np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.uint8),
    np.empty(0, np.uint8),
)  # fmt: skip
_REASONS = {reason.wire: int(reason) for reason in Reason if reason is not Reason.NONE}
_OTHER = int(Reason.OTHER)
_BLAMED = (int(Quality.UNCERTAIN), int(Quality.BAD))


class Gate:
    """Judges messages for the sites it is given. It remembers the last readings (slew), and layouts for speed."""

    def __init__(self, sites: Sequence[Site], limits: GateLimits | None = None) -> None:
        self.catalogue = Catalogue(sites)
        self.limits = limits or GateLimits()
        self._plausibility = Plausibility(self.catalogue, len(LANES), self.limits.earliest_ms, self.limits.future_ms)
        self._cabinets: dict[str, Cabinet] = {}

    def judge(self, topic: str, payload: bytes, received_ms: int, *, retained: bool = False) -> Accepted | Rejected:
        """One message."""
        return self.judge_all((Message(topic, payload, retained),), received_ms)[0]

    def judge_all(self, messages: Sequence[Message], received_ms: int) -> list[Accepted | Rejected]:
        """Many messages in order of arrival; the answers are in the same order."""
        heap = _Heap()
        frames: list[_Read | Rejected] = []
        for message in messages:
            before = len(heap.values)
            try:
                cabinet, frame = self._read(message, received_ms)
                refused = self._collect(cabinet, frame, heap)
            except RefusedError as error:
                heap.cut(before)
                frames.append(
                    Rejected(message.topic, message.payload, received_ms, error.reason, error.detail, error.readings)
                )
            else:
                source = Source(frame.site, frame.edge, frame.epoch)
                frames.append(_Read(cabinet, source, frame.seq, frame.ts, len(heap.values) - before, refused))
        return self._settled(messages, frames, heap, received_ms)

    # --- one frame -------------------------------------------------------------------------------------------------

    def _read(self, message: Message, received_ms: int) -> tuple[Cabinet, Lean]:
        if message.retained:
            raise RefusedError(Refusal.RETAINED)
        if len(message.payload) > self.limits.max_bytes:
            raise RefusedError(Refusal.OVERSIZED, f"{len(message.payload)} bytes")
        cabinet = self._cabinets.get(message.topic) or self._cabinet(message.topic)
        try:
            frame = decode_lean(message.payload)
        except NotLeanError as error:
            reason = Refusal.MALFORMED if error.version in (None, VERSION) else Refusal.WRONG_VERSION
            raise RefusedError(reason, str(error)) from error
        objection = self._objection(cabinet, frame, received_ms)
        if objection is not None:
            raise RefusedError(*objection, sum(len(block.values) for block in frame.assets))
        return cabinet, frame

    def _objection(self, cabinet: Cabinet, frame: Lean, received_ms: int) -> tuple[Refusal, str] | None:
        if frame.v != VERSION:
            return Refusal.WRONG_VERSION, f"version {frame.v}, this build speaks {VERSION}"
        if frame.site != cabinet.site:
            return Refusal.WRONG_SITE, f"{frame.site!r} under the topic of {cabinet.site!r}"
        if frame.edge != cabinet.edge:
            return Refusal.WRONG_EDGE, f"{frame.edge!r} under the topic of {cabinet.edge!r}"
        if frame.ts > received_ms + self.limits.future_ms:
            return Refusal.FUTURE, f"{frame.ts - received_ms} ms ahead"
        if frame.sim and not cabinet.simulated:
            return Refusal.SIMULATED, "simulated readings for a site that is real"
        return None

    def _cabinet(self, topic: str) -> Cabinet:
        try:
            parsed = topics.parse(topic)
        except ValueError as error:
            raise RefusedError(Refusal.WRONG_TOPIC, str(error)) from error
        if parsed.kind not in LANES:
            raise RefusedError(Refusal.WRONG_TOPIC, f"{parsed.kind} carries no readings")
        if parsed.site not in self.catalogue.sites:
            raise RefusedError(Refusal.WRONG_SITE, f"no site {parsed.site!r} here")
        if (parsed.site, parsed.edge) not in self.catalogue.assets_of:
            raise RefusedError(Refusal.UNKNOWN_EDGE, f"no edge {parsed.edge!r} in {parsed.site!r}")
        found = Cabinet(self.catalogue, parsed)
        self._cabinets[topic] = found
        return found

    def _collect(self, cabinet: Cabinet, frame: Lean, heap: _Heap) -> tuple[Refused, ...]:
        refused: tuple[Refused, ...] = ()
        for block in frame.assets:
            key = (block.asset, bytes(block.points))
            layout = cabinet.layouts.get(key) or cabinet.learn(key)
            if len(block.values) != layout.width:
                raise RefusedError(Refusal.MALFORMED, f"the columns of {block.asset!r} differ in length")
            start = len(heap.values)
            heap.series += layout.series
            if layout.kept is None:
                heap.values += block.values
            else:
                heap.values += [block.values[column] for column in layout.kept]
                refused += layout.refused
            if block.offsets_ms is not None:
                _shift(block, layout, heap, start)
            if block.doubts:
                _doubt(block, layout, heap, start)
        return refused

    # --- all readings of the batch ---------------------------------------------------------------------------------

    def _settled(
        self, messages: Sequence[Message], frames: Sequence[_Read | Rejected], heap: _Heap, received_ms: int
    ) -> list[Accepted | Rejected]:
        read = [frame for frame in frames if isinstance(frame, _Read)]
        if heap.values:
            columns = self._columns(read, heap)
            self._plausibility.settle(columns, received_ms)
        else:
            columns = _NOTHING
        answers: list[Accepted | Rejected] = []
        start = 0
        for message, frame in zip(messages, frames, strict=True):
            if isinstance(frame, Rejected):
                answers.append(frame)
                continue
            end = start + frame.width
            answers.append(_accepted(message, frame, columns, slice(start, end), received_ms))
            start = end
        return answers

    def _columns(self, read: Sequence[_Read], heap: _Heap) -> Columns:
        widths = [frame.width for frame in read]
        rows = len(heap.values)
        columns = Columns(
            series=np.array(heap.series, dtype=np.int32),
            measured_ms=np.repeat(np.array([frame.ts_ms for frame in read], dtype=np.int64), widths),
            values=np.array(heap.values, dtype=np.float64),
            quality=np.zeros(rows, dtype=np.uint8),
            reason=np.zeros(rows, dtype=np.uint8),
            lane=np.repeat(np.array([LANES.index(frame.cabinet.lane) for frame in read], dtype=np.uint8), widths),
        )
        columns.measured_ms[: len(heap.offsets)] += np.array(heap.offsets, dtype=np.int64)
        for row, quality, reason in heap.doubts:
            columns.quality[row] = quality
            columns.reason[row] = reason
        return columns


def _shift(block: LeanColumns, layout: Layout, heap: _Heap, start: int) -> None:
    """Note when each reading of a block was measured."""
    offsets = block.offsets_ms or []
    if len(offsets) != layout.width:
        raise RefusedError(Refusal.MALFORMED, f"the offsets of {block.asset!r} differ in length")
    heap.offsets += [0] * (start - len(heap.offsets))
    heap.offsets += offsets if layout.kept is None else [offsets[column] for column in layout.kept]


def _doubt(block: LeanColumns, layout: Layout, heap: _Heap, start: int) -> None:
    """Note what the edge itself does not believe."""
    rows = None if layout.kept is None else {column: row for row, column in enumerate(layout.kept)}
    for column, quality, word in block.doubts:
        if not 0 <= column < layout.width or quality not in _BLAMED or word == Reason.NONE.wire:
            raise RefusedError(Refusal.MALFORMED, f"{block.asset!r} has the doubt {(column, quality, word)}")
        row = column if rows is None else rows.get(column)
        if row is not None:
            heap.doubts.append((start + row, quality, _REASONS.get(word, _OTHER)))


def _accepted(message: Message, read: _Read, columns: Columns, rows: slice, received_ms: int) -> Accepted:
    return Accepted(
        source=read.source,
        seq=read.seq,
        ts_ms=read.ts_ms,
        lane=read.cabinet.lane,
        received_ms=received_ms,
        series=columns.series[rows],
        measured_ms=columns.measured_ms[rows],
        values=columns.values[rows],
        quality=columns.quality[rows],
        reason=columns.reason[rows],
        topic=message.topic,
        refused=read.refused,
        payload=message.payload if read.refused else b"",
    )
