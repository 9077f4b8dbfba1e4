"""Shell. The spool: everything polled, on disk until the broker has it.

The law:
1. A batch is journalled when it is polled; a flush appends its frames to the newest segment and empties the journal.
2. A frame may be sent once it is synced, so that a power cut can never lead to a second frame with its number.
3. A frame goes when the broker has confirmed it, a segment some time after all its frames have: `again` sends what is
   left of them once more, for a broker that was confirmed and then forgot.
4. Young frames first, in order; the backlog from its oldest end, in between.
5. When the spool is full, readings are dropped and counted: of the oldest segment those that are no alarm's, then of
   the next; an alarm's only when there are no others, the oldest first. When the disk is full, the same, and frames
   wait in memory, also bounded. Polling never stops.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge.batch import Batch
from edge.errors import SpoolError
from edge.folder import Sent, epoch, locked
from edge.journal import Journal
from edge.room import Rate, Room
from edge.segment import ARRIVED, TAKEN, WAITING, Segment, Stored, Taken

_SUFFIX = ".frames"
_YOUNG = 4096  # while nobody sends; what falls out is still in the backlog


class Spool:
    """The frames of one edge in one folder, which only one process may use at a time."""

    def __init__(self, folder: Path, now_ms: int, room: Room | None = None) -> None:
        self.room = room or Room()
        self.dropped_frames = 0  # that lost readings
        self.dropped_readings = 0
        self.dropped_alarms = 0  # an alarm's among them
        self.lost_bytes = 0  # torn or spoilt, found at the start
        self.trouble: str | None = None  # what the disk says, while it refuses
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = locked(folder / "lock")
        except OSError as error:
            raise SpoolError(f"{folder}: {error.strerror or error}") from error
        try:
            found = [path for path in sorted(folder.glob(f"*{_SUFFIX}")) if path.stem.isdecimal()]
            self._segments = [Segment.opened(path, int(path.stem)) for path in found]
            self._journal = Journal(folder / "journal")
            self._sent = Sent(folder / "sent")
            self.epoch = epoch(folder / "epoch.json", self._segments, now_ms)
        except OSError as error:
            os.close(self._lock)  # whoever tries again must not meet his own lock
            raise SpoolError(f"{folder}: {error.strerror or error}") from error
        # The first number that was not on the disk at the start: what was journalled from there on is to be rescued.
        self.unwritten_seq = max((_last(segment) + 1 for segment in self._segments), default=1)
        self.next_seq = max(self.unwritten_seq, self._sent.seq + 1)
        self.leftover = self._journal.leftover()
        self.lost_bytes = sum(segment.lost_bytes for segment in self._segments) + self._journal.lost_bytes
        self.synced_seq = self.next_seq - 1
        self._taken: dict[int, tuple[Segment, int]] = {}
        self._rate = Rate(now_ms)
        self._young: deque[tuple[Segment, int]] = deque(maxlen=_YOUNG)
        self._oldest = 0  # index of the segment, and of the frame in it, where the backlog may begin
        self._oldest_frame = 0
        self._forget_done()

    # --- in --------------------------------------------------------------------------------------------------------

    def keep(self, batch: Batch) -> None:
        """Journal a batch. If the disk refuses, it is only in memory until the flush, and `trouble` says so."""
        try:
            self._journal.write(batch, self.next_seq)
        except OSError as error:
            self.trouble = error.strerror or str(error)

    def append(self, frames: Sequence[Stored]) -> None:
        """Spool the frames of everything journalled since the last time, numbered from `next_seq`."""
        if frames:
            segment = self._newest(frames[0].seq)
            first, size = len(segment.seqs), segment.size
            segment.append(frames)
            self._rate.add(segment.size - size)
            self.next_seq = max(self.next_seq, frames[-1].seq + 1)
            self._young.extend((segment, first + place) for place in range(len(frames)))
        self._write()
        if self.trouble is None:
            self._journal.clear()

    def descriptor(self) -> tuple[int | None, int]:
        """A descriptor to sync (the caller closes it), and the number up to which frames are then safe."""
        newest = self._segments[-1] if self._segments else None
        return (None if newest is None else newest.descriptor()), self.next_seq - 1

    def synced(self, seq: int) -> None:
        """Frames up to `seq` are safe from a power cut."""
        self.synced_seq = max(self.synced_seq, seq)

    def kept(self, behind: int) -> Iterator[bytes]:
        """Frames with a higher number than `behind` that still lie here, arrived or not."""
        return (each.read(i) for each in self._segments for i, seq in enumerate(each.seqs) if seq > behind)

    @property
    def newest_file(self) -> tuple[int, bool]:
        """Its first number, and whether the next frame begins another, and so may cost an old one."""
        newest = self._segments[-1] if self._segments else None
        return (0, True) if newest is None else (newest.first_seq, newest.size >= self.room.segment_bytes)

    # --- out -------------------------------------------------------------------------------------------------------

    def take(self, live_since_ms: int) -> Taken | None:
        """The frame to send next: the oldest of the young ones (younger than `live_since_ms`), else the backlog's."""
        while self._young:
            segment, index = self._young[0]
            if segment.states[index] != WAITING or segment.newest_ms[index] < live_since_ms:
                self._young.popleft()
                continue
            if segment.seqs[index] > self.synced_seq:
                break
            self._young.popleft()
            return self._hand_out(segment, index)
        return self._from_backlog()

    def arrived(self, seq: int) -> None:
        """The broker has confirmed a frame."""
        segment, _ = self._taken.pop(seq, (None, 0))
        if segment is not None:
            segment.arrived(seq)
            if not segment.waiting:
                self._forget_done()

    def give_back(self, live_since_ms: int) -> None:
        """The connection is gone: everything handed out and not confirmed is to be sent again."""
        for segment, index in self._taken.values():
            if segment.states[index] == TAKEN:
                segment.states[index] = WAITING
        self._taken.clear()
        self._oldest = self._oldest_frame = 0
        self._young.clear()
        for segment in reversed(self._segments):
            for index in range(len(segment.seqs) - 1, -1, -1):
                if segment.newest_ms[index] < live_since_ms:
                    return
                if segment.states[index] == WAITING:
                    self._young.appendleft((segment, index))

    def again(self) -> int:
        """Everything that is still here is to be sent once more; how many frames had arrived."""
        count = sum(segment.again() for segment in self._segments)
        self._oldest = self._oldest_frame = 0
        return count

    @property
    def has_arrived(self) -> bool:
        """Whether something that arrived is still here."""
        return any(segment.waiting < len(segment.seqs) for segment in self._segments)

    # --- state -----------------------------------------------------------------------------------------------------

    @property
    def frames(self) -> int:
        """Frames that have not arrived."""
        return sum(segment.waiting for segment in self._segments)

    @property
    def waiting_bytes(self) -> int:
        """Their size."""
        return sum(segment.waiting_bytes for segment in self._segments)

    @property
    def disk_bytes(self) -> int:
        """What the segments take."""
        return sum(segment.size for segment in self._segments)

    def oldest_ms(self) -> int | None:
        """The age of the backlog: the youngest reading of the oldest frame that has not arrived."""
        for segment in self._segments:
            if segment.waiting:
                found = (segment.states.find(state) for state in (WAITING, TAKEN))
                return segment.newest_ms[min(index for index in found if index >= 0)]
        return None

    def room_h(self, now_ms: int) -> float:
        """For how many hours without the broker there is room, at the rate since the last hour began."""
        return self._rate.hours_of(self.room.disk_bytes - self.waiting_bytes, now_ms)

    def close(self) -> None:
        """Let go of the folder."""
        for segment in self._segments:
            segment.close()
        self._journal.close()
        self._sent.close()
        os.close(self._lock)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _newest(self, first_seq: int) -> Segment:
        """The segment to append to. A hole in the numbers begins a new one, whose name then says where they go on."""
        newest = self._segments[-1] if self._segments else None
        if newest is None or newest.size >= self.room.segment_bytes:
            newest = Segment(self._folder / f"{first_seq:020d}{_SUFFIX}", first_seq)
            self._segments.append(newest)
            self._forget_done()
        return newest

    def _write(self) -> None:
        """Bring to disk what is in memory, dropping the oldest where the spool or the disk is full."""
        while self.disk_bytes > self.room.disk_bytes and len(self._segments) > 1:
            self._drop_oldest()
        while True:
            try:
                for segment in self._segments:
                    segment.flush()
            except OSError as error:
                self.trouble = error.strerror or str(error)
                is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
                if is_full and len(self._segments) > 1 and not self._segments[self._victim()].in_memory:
                    self._drop_oldest()
                    continue
                break
            self.trouble = None
            return
        while self._memory_bytes() > self.room.memory_bytes and len(self._segments) > 1:
            self._drop_oldest()

    def _memory_bytes(self) -> int:
        return sum(segment.size for segment in self._segments if segment.in_memory)

    def _victim(self) -> int:
        """The oldest whose frames have all arrived, else with other readings than an alarm's, else the oldest."""
        older = self._segments[:-1]
        done = next((i for i, each in enumerate(older) if not each.waiting), None)
        return next((i for i, each in enumerate(older) if each.has_spare), 0) if done is None else done

    def _drop_oldest(self) -> None:
        place = self._victim()
        oldest = self._segments.pop(place)
        left = oldest.thinned() if oldest.has_spare and any(oldest.urgent) else None
        kept = {} if left is None else {seq: index for index, seq in enumerate(left.seqs)}
        for index, (seq, state) in enumerate(zip(oldest.seqs, oldest.states, strict=True)):
            taken = self._taken.pop(seq, None)
            lost = 0 if state == ARRIVED else oldest.readings[index]
            if left is not None and seq in kept:
                lost -= left.readings[kept[seq]]
                if taken is not None:
                    self._taken[seq] = (left, kept[seq])
            self.dropped_frames += lost > 0
            self.dropped_readings += lost
            self.dropped_alarms += lost if oldest.is_thin else 0
        self._young = deque((entry for entry in self._young if entry[0] is not oldest), maxlen=_YOUNG)
        self._oldest = self._oldest_frame = 0
        if left is not None and kept:
            self._segments.insert(place, left)
        else:
            oldest.remove()

    def _forget_done(self) -> None:
        """Remove old segments whose frames have all arrived; the newest of all stays, for it knows the numbers."""
        done = [segment for segment in self._segments[:-1] if not segment.waiting]
        size = sum(segment.size for segment in done)
        for segment in done:
            if size <= self.room.memory_of_arrived_bytes:
                break
            size -= segment.size
            self._segments.remove(segment)
            segment.remove()
            self._oldest = self._oldest_frame = 0

    def _from_backlog(self) -> Taken | None:
        while self._oldest < len(self._segments):
            segment = self._segments[self._oldest]
            index = segment.states.find(WAITING, self._oldest_frame)
            if index >= 0:
                if segment.seqs[index] > self.synced_seq:
                    return None
                self._oldest_frame = index + 1
                return self._hand_out(segment, index)
            if segment is self._segments[-1]:
                self._oldest_frame = len(segment.states)
                return None
            self._oldest += 1
            self._oldest_frame = 0
        return None

    def _hand_out(self, segment: Segment, index: int) -> Taken:
        segment.states[index] = TAKEN
        seq = segment.seqs[index]
        self._taken[seq] = (segment, index)
        if segment.in_memory:
            self._sent.note(seq)
        return Taken(seq, segment.newest_ms[index], segment.read(index))


def _last(segment: Segment) -> int:
    return max(segment.seqs, default=segment.first_seq - 1)
