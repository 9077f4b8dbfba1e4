"""Shell. After a restart: what was polled but not yet framed becomes the frames it was about to be."""

from __future__ import annotations

from contextlib import suppress

from edge.batch import Origin, Pending, newest_ms
from edge.segment import Stored
from edge.spool import Spool
from wire import frame as wire_frame
from wire.frame import Frame, FrameError


def stored(frame: Frame, urgent: int = 0) -> Stored:
    """The frame as the spool keeps it; its first `urgent` assets are an alarm's."""
    readings = sum(len(each.points) for each in frame.assets)
    return Stored(frame.seq, newest_ms(frame), readings, wire_frame.encode(frame), urgent)


def recover(spool: Spool, origin: Origin, late_ms: int, now_ms: int) -> int:
    """Close what a process before us journalled; the number of readings that were rescued.

    The journal says which number its first frame was to have. Frames that had reached the spool before the end are
    left out: the same batches give the same frames, so their numbers tell.
    """
    frames: list[Stored] = []
    since_ms = last_ts_ms(spool)
    for first_seq, batches in sorted(spool.leftover.items()):
        pending = Pending(origin, late_ms, since_ms)
        for batch in batches:
            pending.add(batch)
        closed = pending.close(first_seq, now_ms, even_empty=False)
        since_ms = closed[-1].ts if closed else since_ms
        frames += [stored(frame, pending.urgent.get(frame.seq, 0)) for frame in closed]
    missing = [frame for frame in frames if frame.seq >= spool.unwritten_seq]
    spool.append(missing)
    spool.leftover.clear()
    spool.synced(spool.next_seq - 1)
    return sum(each.readings for each in missing)


def last_ts_ms(spool: Spool) -> int | None:
    """When the newest frame of a spool was closed, as far as it is still there."""
    found = None
    for payload in spool.kept(spool.next_seq - 2):
        with suppress(FrameError):
            found = wire_frame.decode(payload).ts
    return found
