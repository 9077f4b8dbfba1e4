"""Pure. The one gate through which every frame passes, in ingest and in alerts alike.

`judge_all` takes any bytes and answers Accepted or Rejected, never an exception. Its work per message is plain Python;
its work per reading is done for the whole batch at once, in columns.

A frame is rejected whole when it cannot be what it says (size, version, topic, site, edge, future). A reading is
refused alone when the site has no such asset or point on that edge. What is implausible is kept and marked: beyond
the bounds BAD, too fast or at an impossible time UNCERTAIN. How old a frame may be is no question of the gate's:
a frame may wait in a spool or a broker for days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vocab import topics
from vocab.site import Site
from wire import flat
from wire.catalogue import Catalogue
from wire.flat import Flat
from wire.frame import MAX_BYTES, VERSION
from wire.frames import LANES
from wire.layout import Cabinet
from wire.lean import Lean, NotLeanError
from wire.message import Message
from wire.packed import Packed
from wire.plausible import Columns, Plausibility
from wire.verdict import Accepted, Refusal, RefusedError, Rejected, Source


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Constants of the protocol. What is plausible for a piece of equipment stands in its pack."""

    max_bytes: int = MAX_BYTES
    future_ms: int = 5 * 60 * 1000  # two clocks that are kept at all differ by less
    earliest_ms: int = 1_577_836_800_000  # 2020-01-01: before it no reading of ours was ever measured


@dataclass(slots=True)
class _Read:
    """A frame that may pass, before its readings are judged."""

    cabinet: Cabinet
    source: Source
    seq: int
    ts_ms: int
    readings: Flat


_NOTHING = Columns(
    np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.uint8),
    np.empty(0, np.uint8),
)  # fmt: skip


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
        frames: list[_Read | Rejected] = []
        for message in messages:
            try:
                frames.append(self._read(message, received_ms))
            except RefusedError as error:
                frames.append(
                    Rejected(message.topic, message.payload, received_ms, error.reason, error.detail, error.readings)
                )
        return self._settled(messages, frames, received_ms)

    # --- one frame -------------------------------------------------------------------------------------------------

    def _read(self, message: Message, received_ms: int) -> _Read:
        if message.retained:
            raise RefusedError(Refusal.RETAINED)
        if len(message.payload) > self.limits.max_bytes:
            raise RefusedError(Refusal.OVERSIZED, f"{len(message.payload)} bytes")
        cabinet = self._cabinets.get(message.topic) or self._cabinet(message.topic)
        try:
            frame = flat.read(message.payload)
        except NotLeanError as error:
            reason = Refusal.MALFORMED if error.version in (None, VERSION) else Refusal.WRONG_VERSION
            raise RefusedError(reason, str(error)) from error
        objection = self._objection(cabinet, frame, received_ms)
        if objection is not None:
            raise RefusedError(*objection, flat.width(frame))
        source = Source(frame.site, frame.edge, frame.epoch)
        return _Read(cabinet, source, frame.seq, frame.ts, flat.flat(cabinet, frame))

    def _objection(self, cabinet: Cabinet, frame: Lean | Packed, received_ms: int) -> tuple[Refusal, str] | None:
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

    # --- all readings of the batch ---------------------------------------------------------------------------------

    def _settled(
        self, messages: Sequence[Message], frames: Sequence[_Read | Rejected], received_ms: int
    ) -> list[Accepted | Rejected]:
        read = [frame for frame in frames if isinstance(frame, _Read)]
        columns = _columns(read) if read else _NOTHING
        self._plausibility.settle(columns, received_ms)
        answers: list[Accepted | Rejected] = []
        start = 0
        for message, frame in zip(messages, frames, strict=True):
            if isinstance(frame, Rejected):
                answers.append(frame)
                continue
            end = start + len(frame.readings.values)
            answers.append(_accepted(message, frame, columns, slice(start, end), received_ms))
            start = end
        return answers


def _columns(read: Sequence[_Read]) -> Columns:
    """The readings of all frames, one after the other."""
    widths = [len(frame.readings.values) for frame in read]
    rows = sum(widths)
    columns = Columns(
        series=np.concatenate([frame.readings.series for frame in read]),
        measured_ms=np.repeat(np.array([frame.ts_ms for frame in read], dtype=np.int64), widths),
        values=np.concatenate([frame.readings.values for frame in read], dtype=np.float64),
        quality=np.zeros(rows, dtype=np.uint8),
        reason=np.zeros(rows, dtype=np.uint8),
        lane=np.repeat(np.array([LANES.index(frame.cabinet.lane) for frame in read], dtype=np.uint8), widths),
    )
    start = 0
    for frame, width in zip(read, widths, strict=True):
        if frame.readings.offsets_ms is not None:
            columns.measured_ms[start : start + width] += frame.readings.offsets_ms
        for row, quality, reason in frame.readings.doubts:
            columns.quality[start + row] = quality
            columns.reason[start + row] = reason
        start += width
    return columns


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
        refused=read.readings.refused,
        payload=message.payload if read.readings.refused else b"",
    )
