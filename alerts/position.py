"""Pure. Where alerts stands in what an edge sent, and what a frame means there.

The law of lateness
1. NEXT: the frame follows the last one judged, on whichever lane it came. The live book advances.
2. AHEAD: frames are missing. The live book is copied as it stands (a *catch-up*), then the missing time is marked as
   not vouched for, then the live book goes on. So a cabinet that comes back is watched again at once.
3. BEHIND: the frame belongs to a gap. Its catch-up judges it, in order, from the state before the gap. What it finds is
   recorded as late; it never touches the live book. When the gap is filled the catch-up is dropped. A frame of a gap
   waits for those before it just as one that is AHEAD does.
4. A frame that nobody waits for (a gap given up, a cabinet from before we began) is counted as not judged.
5. An event is *late* if it was found more than `late_after` after it happened, on whichever lane. If its alarm still
   stands when the edge has caught up, its ticket stops being late: it is the present.
6. Time between two frames is vouched for if they follow one another and are at most `vouch` apart. A cabinet whose
   clock was set back begins anew there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

OPEN_END = 2**62


class Place(Enum):
    """What a frame is to the live book."""

    FIRST = auto()
    NEXT = auto()
    AHEAD = auto()
    BEHIND = auto()


@dataclass(slots=True)
class Position:
    """The last frame of an edge that the live book judged."""

    epoch: int
    seq: int
    ts_ms: int
    is_late: bool = False

    @property
    def stand(self) -> tuple[int, int]:
        """Which frame it was."""
        return self.epoch, self.seq

    def place(self, epoch: int, seq: int) -> Place:
        """Where a frame stands."""
        if epoch == self.epoch:
            if seq == self.seq + 1:
                return Place.NEXT
            return Place.AHEAD if seq > self.seq else Place.BEHIND
        return Place.AHEAD if epoch > self.epoch else Place.BEHIND

    def gap_before(self, epoch: int, seq: int) -> tuple[int, int, int]:
        """(epoch, first, last) of what is missing before a frame that is AHEAD; what an older spool still holds
        has no known end."""
        if epoch == self.epoch:
            return epoch, self.seq + 1, seq - 1
        return self.epoch, self.seq + 1, OPEN_END


@dataclass(slots=True)
class EdgeRecord:
    """What is kept of a cabinet besides its position."""

    state: str = "unknown"
    state_ms: int | None = None
    heard_ms: int | None = None
    received_ms: int | None = None  # of the last live frame
    lag_ms: int | None = None  # of the last live frame; not saved

    def hear(self, received_ms: int, ts_ms: int, *, live: bool) -> None:
        """A frame of it came."""
        self.heard_ms = received_ms
        if live:
            self.received_ms, self.lag_ms = received_ms, received_ms - ts_ms
            if self.state == "unknown" or (self.state_ms is not None and ts_ms > self.state_ms):
                self.state = "online"
