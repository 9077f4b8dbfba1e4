"""Shell. The write-ahead journal: every batch of readings, from the moment it is polled until its frame is spooled.

Each record names the first frame that the flush after it will close. A restart finds the leftover, closes it as those
frames, and leaves out the ones that had reached the spool before the end.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from edge import batch
from edge.batch import Batch
from edge.records import Scan, pack
from edge.segment import write_whole

_SEQ_BYTES = 8


class Journal:
    """The batches of the open frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = 0
        self.lost_bytes = 0

    def leftover(self) -> dict[int, list[Batch]]:
        """What a process before us left, by the number of the first frame it was for."""
        data = self._path.read_bytes()
        scan = Scan(data)
        found: dict[int, list[Batch]] = {}
        for _, payload in scan:
            try:
                entry = batch.decode(payload[_SEQ_BYTES:])
            except msgspec.DecodeError:
                self.lost_bytes += len(payload)
                continue
            found.setdefault(int.from_bytes(payload[:_SEQ_BYTES], "little"), []).append(entry)
        self.lost_bytes += scan.spoilt_bytes + len(data) - scan.end
        self._size = len(data)
        return found

    def write(self, entry: Batch, first_seq: int) -> None:
        """Make a batch safe; OSError if the disk refuses, and then nothing of it is written."""
        record = pack(first_seq.to_bytes(_SEQ_BYTES, "little") + batch.encode(entry))
        write_whole(self._file, record, self._size)
        self._size += len(record)

    def clear(self) -> None:
        """The frames of everything written are spooled."""
        os.ftruncate(self._file, 0)
        self._size = 0

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
