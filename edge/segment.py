"""Shell. One file of the spool: frames in the order of their numbers, and beside it which of them have arrived.

A segment that the disk refuses lives in memory until it can be written. Frame record: seq, ts, number of readings
(its top byte: how many assets are an alarm's), then the frame as it goes out. The columns of the index are arrays: a
spool of a day holds 86 400 frames.
"""

from __future__ import annotations

import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.records import HEAD_BYTES, Scan, pack
from wire import frame as wire_frame
from wire.frame import FrameError

WAITING, TAKEN, ARRIVED = 0, 1, 2
_HEAD = struct.Struct("<QqI")
_ACK = struct.Struct("<QI")
_READINGS = (1 << 24) - 1
_MOST_URGENT = 255  # of a frame with more, the first ones


@dataclass(frozen=True, slots=True)
class Stored:
    """A frame on its way to the spool. `newest_ms`: its lane is told by its youngest reading."""

    seq: int
    newest_ms: int
    readings: int
    payload: bytes
    urgent: int = 0  # its first assets are an alarm's: dropped last


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame handed out for sending: `arrived` or `give_back` must follow."""

    seq: int
    newest_ms: int
    payload: bytes


class Segment:
    """Frames `first_seq` and on."""

    def __init__(self, path: Path, first_seq: int) -> None:
        self.path = path
        self.first_seq = first_seq
        self.size = 0  # of the file, or what it would be
        self.waiting = 0  # frames that have not arrived
        self.waiting_bytes = 0
        self.lost_bytes = 0  # spoilt or torn, found when it was opened
        self.seqs = array("Q")
        self.newest_ms = array("q")
        self.readings = array("I")
        self.states = bytearray()
        self.urgent = bytearray()
        self.is_thin = False  # only an alarm's is left of it
        self._offsets = array("Q")
        self._lengths = array("I")
        self._memory: list[bytes] = []  # records that are not on the disk yet, from index `len(_offsets) - len`
        self._file: int | None = None
        self._acks: int | None = None

    # --- opening and closing ---------------------------------------------------------------------------------------

    @classmethod
    def opened(cls, path: Path, first_seq: int) -> Segment:
        """The segment that lies in `path`; a torn tail is cut off."""
        self = cls(path, first_seq)
        file = self._opened_file()
        scan = Scan(path.read_bytes())
        for offset, payload in scan:
            if len(payload) >= _HEAD.size:
                seq, newest_ms, readings = _HEAD.unpack_from(payload)
                frame = Stored(seq, newest_ms, readings & _READINGS, b"", readings >> 24)
                self._index(frame, offset + _HEAD.size, len(payload) - _HEAD.size)
        self.size = scan.end
        self.lost_bytes = scan.spoilt_bytes + len(scan.data) - scan.end
        if scan.end < len(scan.data):
            os.ftruncate(file, scan.end)
        for seq in _acknowledged(self._ack_path):
            self.arrived(seq, remember=False)
        return self

    def _opened_file(self) -> int:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self._acks = os.open(self._ack_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.ftruncate(self._acks, os.fstat(self._acks).st_size // _ACK.size * _ACK.size)
        return self._file

    @property
    def _ack_path(self) -> Path:
        return self.path.with_suffix(".arrived")

    @property
    def in_memory(self) -> bool:
        """Whether something of it is not on the disk yet."""
        return bool(self._memory)

    def close(self) -> None:
        """Let go of the files."""
        for number in (self._file, self._acks):
            if number is not None:
                os.close(number)
        self._file = self._acks = None

    def remove(self) -> None:
        """Delete the files."""
        self.close()
        for path in (self.path, self._ack_path):
            with suppress(OSError):
                path.unlink()

    def descriptor(self) -> int | None:
        """A copy of the file's descriptor, for syncing in another thread; the caller closes it."""
        return None if self._file is None else os.dup(self._file)

    # --- frames ----------------------------------------------------------------------------------------------------

    def append(self, frames: Sequence[Stored]) -> None:
        """Take frames in. They are on the disk when `flush` returns True."""
        for frame in frames:
            readings = frame.readings | min(frame.urgent, _MOST_URGENT) << 24
            record = pack(_HEAD.pack(frame.seq, frame.newest_ms, readings) + frame.payload)
            self._index(frame, self.size + HEAD_BYTES + _HEAD.size, len(frame.payload))
            self._memory.append(record)
            self.size += len(record)

    def flush(self) -> None:
        """Write what is in memory; OSError if the disk refuses, and then it stays in memory, all of it."""
        if not self._memory:
            return
        records = b"".join(self._memory)
        write_whole(self._opened_file(), records, self.size - len(records))
        self._memory.clear()

    @property
    def has_spare(self) -> bool:
        """Whether something waits that is no alarm's, as far as is known."""
        if self.is_thin:
            return False
        return any(state != ARRIVED for state in self.states)

    def thinned(self) -> Segment:
        """What of it is an alarm's and has not arrived, in its place on the disk; this one is of no more use.

        Written beside it and renamed. A disk without room even for that is given the old file's first.
        """
        new = Segment(self.path, self.first_seq)
        new.is_thin = True
        for i, state in enumerate(self.states):
            if state != ARRIVED and self.urgent[i]:
                with suppress(OSError, FrameError):  # what cannot even be read is lost, and counted by the caller
                    new.append([_thin(self.seqs[i], self.newest_ms[i], self.read(i), self.urgent[i])])
                    new.states[-1] = state
        fresh = self.path.with_suffix(".thin")
        try:
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                write_whole(file, b"".join(new._memory), 0)
                os.fdatasync(file)
            finally:
                os.close(file)
            self.close()
            fresh.replace(self.path)
            new._memory.clear()
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            self.close()
            with suppress(OSError):
                self.path.unlink()
        with suppress(OSError):
            self._ack_path.unlink()
        return new

    def read(self, index: int) -> bytes:
        """The frame at `index`."""
        in_memory = index - (len(self.seqs) - len(self._memory))
        if in_memory >= 0:
            return self._memory[in_memory][HEAD_BYTES + _HEAD.size :]
        return os.pread(self._opened_file(), self._lengths[index], self._offsets[index])

    def arrived(self, seq: int, *, remember: bool = True) -> None:
        """The broker has the frame. If even this cannot be written, a restart sends it again, which does no harm."""
        index = self.index_of(seq)
        if index is None or self.states[index] == ARRIVED:
            return
        self.states[index] = ARRIVED
        self.waiting -= 1
        self.waiting_bytes -= self._lengths[index]
        if remember and self._acks is not None:
            with suppress(OSError):
                number = seq.to_bytes(8, "little")
                os.write(self._acks, number + zlib.crc32(number).to_bytes(4, "little"))

    def again(self) -> int:
        """Forget which frames have arrived; how many had. After a restart, too."""
        found = [index for index, state in enumerate(self.states) if state == ARRIVED]
        for index in found:
            self.states[index] = WAITING
            self.waiting += 1
            self.waiting_bytes += self._lengths[index]
        if found:
            with suppress(OSError):
                self._opened_file()
                if self._acks is not None:
                    os.ftruncate(self._acks, 0)
        return len(found)

    def index_of(self, seq: int) -> int | None:
        """Where a frame stands in the columns."""
        guess = seq - self.seqs[0] if self.seqs else -1
        if 0 <= guess < len(self.seqs) and self.seqs[guess] == seq:
            return guess
        place = bisect_left(self.seqs, seq)  # a spoilt record and what was dropped leave holes
        return place if place < len(self.seqs) and self.seqs[place] == seq else None

    def _index(self, frame: Stored, offset: int, length: int) -> None:
        self.seqs.append(frame.seq)
        self.newest_ms.append(frame.newest_ms)
        self.readings.append(frame.readings)
        self.urgent.append(min(frame.urgent, _MOST_URGENT))
        self.states.append(WAITING)
        self._offsets.append(offset)
        self._lengths.append(length)
        self.waiting += 1
        self.waiting_bytes += length


def write_whole(file: int, data: bytes, end: int) -> None:
    """Append all of `data` to a file that is `end` bytes long, or none of it: OSError."""
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, end)
        raise


def _thin(seq: int, newest_ms: int, payload: bytes, urgent: int) -> Stored:
    """A frame with only its first assets."""
    frame = wire_frame.decode(payload)
    frame.assets = frame.assets[:urgent]
    readings = sum(len(each.points) for each in frame.assets)
    return Stored(seq, newest_ms, readings, wire_frame.encode(frame), urgent)


def _acknowledged(path: Path) -> list[int]:
    data = path.read_bytes()
    numbers = []
    for at in range(0, len(data) - _ACK.size + 1, _ACK.size):
        seq, crc = _ACK.unpack_from(data, at)
        if zlib.crc32(data[at : at + 8]) == crc:
            numbers.append(seq)
    return numbers
