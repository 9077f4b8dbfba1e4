"""Pure. How much a spool may hold."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Room:
    """How much a spool may hold."""

    disk_bytes: int = 256 * MIB
    memory_bytes: int = 16 * MIB  # while the disk is full
    segment_bytes: int = 4 * MIB

    @classmethod
    def of(cls, disk_mib: int) -> Room:
        """Dropping a segment costs a thirty-second of the spool, and there are no more than some thirty open files."""
        disk = disk_mib * MIB
        return cls(disk, min(16 * MIB, disk), max(64 * 1024, disk // 32))
