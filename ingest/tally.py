"""Pure. The exact counts of what arrived, and which of them a batch changes."""

from __future__ import annotations

from collections import Counter

from ingest.port import Batch, Counts, Lane, LaneCount, RejectCount
from vocab.topics import Kind


class Tally:
    """Counts up to a commit. A batch makes a new one, so that a transaction that fails leaves the old one as it was."""

    def __init__(self, counts: Counts | None = None) -> None:
        self.frames: Counter[Lane] = Counter()
        self.readings: Counter[Lane] = Counter()
        self.duplicates: Counter[Lane] = Counter()
        self.messages_rejected: Counter[str] = Counter()
        self.readings_rejected: Counter[str] = Counter()
        self._touched: set[Lane] = set()
        self._blamed: set[str] = set()
        for row in counts.lanes if counts is not None else ():
            lane = (row.site, row.edge, Kind(row.lane))
            self.frames[lane], self.readings[lane], self.duplicates[lane] = row.frames, row.readings, row.duplicates
        for reject in counts.rejects if counts is not None else ():
            self.messages_rejected[reject.reason] = reject.messages
            self.readings_rejected[reject.reason] = reject.readings

    def with_batch(self, batch: Batch) -> Tally:
        """The counts after this batch."""
        after = Tally()
        for name in ("frames", "readings", "duplicates", "messages_rejected", "readings_rejected"):
            setattr(after, name, getattr(self, name).copy())
        for frame in batch.frames:
            lane = (frame.site, frame.edge, frame.lane)
            after.frames[lane] += 1
            after.readings[lane] += len(frame)
            after._touched.add(lane)
            for refused in frame.refused:
                after.readings_rejected[refused.reason] += 1
                after._blamed.add(refused.reason)
        for lane, number in batch.duplicates.items():
            after.duplicates[lane] += number
            after._touched.add(lane)
        for reject in batch.rejects:
            after.messages_rejected[reject.reason] += 1
            after.readings_rejected[reject.reason] += reject.readings
            after._blamed.add(reject.reason)
        return after

    def changed(self) -> Counts:
        """The rows that the last batch changed."""
        return Counts(
            tuple(
                LaneCount(*lane[:2], str(lane[2]), self.frames[lane], self.readings[lane], self.duplicates[lane])
                for lane in sorted(self._touched)
            ),
            tuple(
                RejectCount(reason, self.messages_rejected[reason], self.readings_rejected[reason])
                for reason in sorted(self._blamed)
            ),
        )
