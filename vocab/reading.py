"""Pure. One value of one point at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from vocab.quality import Quality, Reason


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as measured, in the point's own UCUM unit.

    `value` is None only when nothing usable was read, and then `quality` is not GOOD. State points carry their
    integer code as a float. `measured_ms` is the device's or the poll's time, UTC.
    """

    asset: str
    point: str
    value: float | None
    measured_ms: int
    quality: Quality = Quality.GOOD
    reason: Reason = Reason.NONE

    def __post_init__(self) -> None:
        if self.value is None and self.quality is Quality.GOOD:
            raise ValueError(f"{self.asset}/{self.point}: a good reading needs a value")
        if (self.quality is Quality.GOOD) != (self.reason is Reason.NONE):
            raise ValueError(f"{self.asset}/{self.point}: a reason goes with a quality that is not good, and only then")
