"""Pure. Records in an append-only file: marked, measured and checked, so that a torn or spoilt one is known as such.

    mark (2) | length (4) | CRC-32 of the payload (4) | payload

After a spoilt record the reader looks for the next mark that begins a whole one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = b"\xa7\x5e"
_HEAD = struct.Struct("<2sII")
HEAD_BYTES = _HEAD.size
MAX_PAYLOAD = 4 * 1024 * 1024


def pack(payload: bytes) -> bytes:
    """The payload as a record."""
    return _HEAD.pack(_MARK, len(payload), zlib.crc32(payload)) + payload


@dataclass(slots=True)
class Scan:
    """Reads what is whole in `data`. After the iteration `end` is where the last whole record ends."""

    data: bytes
    end: int = 0
    spoilt_bytes: int = 0  # between whole records; what lies behind `end` is a torn tail

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """(offset of the payload, payload) of every whole record."""
        at = 0
        while (at := self.data.find(_MARK, at)) >= 0:
            payload = self._whole(at)
            if payload is None:
                at += 1
                continue
            self.spoilt_bytes += at - self.end
            at += HEAD_BYTES + len(payload)
            self.end = at
            yield at - len(payload), payload

    def _whole(self, at: int) -> bytes | None:
        if at + HEAD_BYTES > len(self.data):
            return None
        _, length, crc = _HEAD.unpack_from(self.data, at)
        first = at + HEAD_BYTES
        if length > MAX_PAYLOAD or first + length > len(self.data):
            return None
        payload = self.data[first : first + length]
        return payload if zlib.crc32(payload) == crc else None
