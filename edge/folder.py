"""Shell. What makes a folder a spool: one user at a time, and a date of birth that never changes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path

from edge.errors import SpoolError
from edge.segment import Segment
from wire import frame


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
    """When this spool was created: from its file, else from its newest frame, else now."""
    try:
        found = json.loads(path.read_text())["epoch"]
        if isinstance(found, int):
            return found
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass
    if segments and segments[-1].seqs:
        now_ms = frame.decode(segments[-1].read(len(segments[-1].seqs) - 1)).epoch
    temporary = path.with_suffix(".new")
    with temporary.open("w") as file:
        json.dump({"epoch": now_ms}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return now_ms
