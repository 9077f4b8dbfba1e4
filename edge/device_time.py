"""Pure. Whether a device's own clock is to be believed.

age of the message                         | dated        | reason
-------------------------------------------+--------------+-------
up to `ahead_s` in the future              | on arrival   | none   (its clock runs a little fast)
further in the future                      | on arrival   | clock
up to `longest_s` old                      | by device    | none   (it was held back, or is late)
as old as the site's UTC offset            | on arrival   | clock  (local time sent as UTC)
older: 1970, or a calendar never set       | on arrival   | clock
"""

from __future__ import annotations

from dataclasses import dataclass

from vocab.quality import Reason


@dataclass(frozen=True, slots=True)
class Trust:
    """How wrong a clock may be. Site seconds."""

    ahead_s: float = 60.0
    zone_window_s: float = 120.0  # around a whole UTC offset: a device in step, but in local time
    longest_s: float = 7 * 86_400.0  # what a device may hold back


def dated(device_ms: int, arrival_ms: int, utc_offset_ms: int, trust: Trust) -> tuple[int, Reason]:
    """The moment to believe and why not the device's, if not."""
    age = arrival_ms - device_ms
    if age < -trust.ahead_s * 1000 or age > trust.longest_s * 1000:
        return arrival_ms, Reason.CLOCK
    if utc_offset_ms and abs(age - abs(utc_offset_ms)) <= trust.zone_window_s * 1000:
        return arrival_ms, Reason.CLOCK
    return min(device_ms, arrival_ms), Reason.NONE
