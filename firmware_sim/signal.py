"""Pure. What a sensor hands to the electronics of its device: a value, and whether the electronics spoil it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from firmware_sim.physics.model import Value


class Spoiled(StrEnum):
    """What happens to a value between the sensor and the wire."""

    NO = "no"
    SENTINEL = "sentinel"  # the device writes its "no value" pattern
    BROKEN_LOOP = "broken_loop"  # 0 mA on a 4-20 mA input
    SWAPPED = "swapped"  # a firmware change turned the word order round


class Signal(NamedTuple):
    """One point as the device's electronics see it. A tuple, since one is made for every point of every read."""

    value: Value
    spoiled: Spoiled = Spoiled.NO
