"""Shell. What makes a folder a spool: one user at a time, and a date of birth that never changes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from mmap import mmap
from pathlib import Path

from edge.errors import SpoolError
from edge.segment import Segment
from wire import frame
from wire.frame import FrameError

_SENT_BYTES = 8
_LAST_MS = 2**53  # what a frame can carry


def locked(path: Path) -> int:
    """The lock file, open and ours; SpoolError if another process has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise SpoolError(f"{path.parent} is in use by another edge agent") from error
    return file


def epoch(path: Path, segments: Sequence[Segment], now_ms: int) -> int:
    """When this spool was created: from its file, else from its newest frame that can be read, else now."""
    try:
        found = json.loads(path.read_text())["epoch"]
        if isinstance(found, int) and 0 <= found <= _LAST_MS:
            return found
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        pass
    now_ms = next(_told_by(segments), now_ms)
    temporary = path.with_suffix(".new")
    with temporary.open("w") as file:
        json.dump({"epoch": now_ms}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return now_ms


def _told_by(segments: Sequence[Segment]) -> Iterator[int]:
    for segment in reversed(segments):
        for place in reversed(range(len(segment.seqs))):
            with suppress(FrameError):
                yield frame.decode(segment.read(place)).epoch


class Sent:
    """The highest number that left from memory while the disk was full: a restart must not give it out again, or
    whoever has it already takes new readings for old ones.

    Its eight bytes are there since the folder was made, and are written through memory: a full disk, a quota or a limit
    of the process refuses every write, and none of them refuses this one.
    """

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if os.fstat(file).st_size != _SENT_BYTES:
                os.ftruncate(file, 0)
                os.pwrite(file, bytes(_SENT_BYTES), 0)  # not only long: it has its place on the disk
            self._bytes = mmap(file, _SENT_BYTES)
        finally:
            os.close(file)
        self.seq = int.from_bytes(self._bytes, "little")

    def note(self, seq: int) -> None:
        """`seq` is about to leave."""
        if seq > self.seq:
            self._bytes[:] = seq.to_bytes(_SENT_BYTES, "little")
            self.seq = seq
            with suppress(OSError):  # then a power cut may forget it, and only that
                self._bytes.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()
