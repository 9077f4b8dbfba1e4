"""Shell. How much room the disk under a folder has for us."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

_MIB = 2**20


class Disk(NamedTuple):
    """A file system. `name` is the same for everybody who writes to it from one machine."""

    name: str
    free_mib: float


def disk_of(folder: Path) -> Disk | None:
    """The one that holds a folder; None if the folder cannot be looked at."""
    try:
        found, device = os.statvfs(folder), folder.stat().st_dev
    except OSError:
        return None
    return Disk(f"{platform.node()}:{device}", found.f_bavail * found.f_frsize / _MIB)
