"""Pure. How much a spool may hold, and for how long that is enough."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
_HOUR_MS = 3_600_000
_MANY_H = 100_000.0


@dataclass(frozen=True, slots=True)
class Room:
    """How much a spool may hold."""

    disk_bytes: int = 256 * MIB
    memory_bytes: int = 16 * MIB  # while the disk is full
    segment_bytes: int = 4 * MIB

    @property
    def memory_of_arrived_bytes(self) -> int:
        """What stays of frames that have arrived, for a broker that forgets them before it has handed them on."""
        return self.disk_bytes // 8

    @classmethod
    def of(cls, disk_mib: int) -> Room:
        """Dropping a segment costs a thirty-second of the spool, and there are no more than some thirty open files."""
        disk = disk_mib * MIB
        return cls(disk, min(16 * MIB, disk), max(64 * 1024, disk // 32))


class Rate:
    """How fast a spool fills."""

    def __init__(self, now_ms: int) -> None:
        self._began_ms = now_ms
        self._bytes = 0

    def add(self, size: int) -> None:
        """So much was appended."""
        self._bytes += size

    def hours_of(self, room: int, now_ms: int) -> float:
        """For how long there is room, at the rate since the last hour began."""
        hours = max(1, now_ms - self._began_ms) / _HOUR_MS
        rate = self._bytes / hours
        if hours >= 1:  # forget slowly: the rate of last night is not that of a storm
            self._began_ms, self._bytes = now_ms - _HOUR_MS // 2, round(rate / 2)
        return min(_MANY_H, max(0, room) / rate) if rate else _MANY_H
