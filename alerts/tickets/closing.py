"""Pure. Whether a repair is proven: what the sensors said since the repair mark, weighed against the pack's times.

A repair is proven when every alarm of the hazard was known false without a break for `verify`, shown or hidden, counted
in the time of the sensor's own readings. Unknown proves nothing: it begins the count anew. A repair is refuted when an
alarm of the hazard is raised again, or still stands when the equipment had `settle` to become normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """What the sensors say of a repair."""

    WAIT = "wait"
    VERIFIED = "verified"
    RAISED_AGAIN = "raised_again"
    STILL_STANDS = "still_stands"

    @property
    def refutes(self) -> bool:
        """Whether the repair was none."""
        return self in (Finding.RAISED_AGAIN, Finding.STILL_STANDS)


@dataclass(frozen=True, slots=True)
class Times:
    """How long a repair is watched, in milliseconds."""

    settle_ms: int
    verify_ms: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the alarms of a hazard, in sum."""

    stands: bool = False  # one of them is known to hold
    clear: bool = False  # all of them are known to be false
    until_ms: int | None = None  # up to this moment of their own time; None: nothing was ever measured
    raised: bool = False  # one was raised after the repair mark, since the last look
    broken: bool = False  # it was not heard for a while since the last look, though it is now


@dataclass(frozen=True, slots=True)
class Proven:
    """The answer, and since when the sensors are good without a break (None: they are not)."""

    finding: Finding
    good_since_ms: int | None


def weigh(repaired_ms: int, good_since_ms: int | None, seen: Seen, times: Times, now_ms: int) -> Proven:
    """What follows from what was seen."""
    if seen.raised:
        return Proven(Finding.RAISED_AGAIN, None)
    if seen.stands:
        late = now_ms - repaired_ms >= times.settle_ms
        return Proven(Finding.STILL_STANDS if late else Finding.WAIT, None)
    if not seen.clear or seen.until_ms is None:
        return Proven(Finding.WAIT, None)
    begun = max(repaired_ms, seen.until_ms) if good_since_ms is None or seen.broken else good_since_ms
    is_proven = seen.until_ms - begun >= times.verify_ms
    return Proven(Finding.VERIFIED if is_proven else Finding.WAIT, begun)
