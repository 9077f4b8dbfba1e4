"""Pure. Runs: frames that follow one another so closely that judging them together or one by one is the same.

The law of this file
A frame continues the run of the one before it if nothing that the judge does between the two could matter:
1. it is of the same edge and has the next number, so nothing is missing between them;
2. its time is not before the other's, nor so far after it that the time between is not vouched for;
3. all its readings were measured after the other's time. So no reading of the run is out of order, and whatever falls
   due between its frames falls due before them: looking there would be no input (rules/kernel.py, law 5).
An event of the run was then found by the first of its frames whose time had come to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rules.columns import I64, Flags
from rules.feeding import dated
from wire.frames import Frames


def starts(frames: Frames, ats: I64, vouch_ms: int) -> NDArray[np.int64]:
    """Where runs begin, if frames of other edges do not matter to these; `ats` dates the readings (`dates`)."""
    if not len(frames):
        return np.empty(0, np.int64)
    gap = np.diff(frames.ts_ms)
    continues: Flags = np.zeros(len(frames), np.bool_)
    continues[1:] = (
        (frames.source[1:] == frames.source[:-1]) & (np.diff(frames.seq) == 1) & (gap >= 0) & (gap <= vouch_ms)
    )
    before = np.full(len(frames), -(2**62), np.int64)
    before[1:] = frames.ts_ms[:-1]
    old = np.flatnonzero(ats <= frames.per_reading(before))
    continues[np.searchsorted(frames.bounds, old, "right") - 1] = False
    found: NDArray[np.int64] = np.flatnonzero(~continues)
    return found


def dates(frames: Frames) -> I64:
    """When each reading counts as measured."""
    return dated(frames.measured_ms, frames.reason, frames.per_reading(frames.ts_ms))
