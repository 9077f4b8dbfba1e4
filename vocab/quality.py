"""Pure. How far a reading may be believed, and why not further.

Silence and doubt are values, never `None` and never "normal" (DESIGN §3). The integers are stored and travel between
processes, so a member keeps its number for ever; the wire carries the lower-case name of the reason.
"""

from __future__ import annotations

from enum import IntEnum


class Quality(IntEnum):
    """OPC-style quality. Only GOOD may raise or clear a process alarm."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Reason(IntEnum):
    """Why a reading is not good."""

    NONE = 0
    COMM_TIMEOUT = 1  # the slave did not answer
    COMM_ERROR = 2  # it answered with a Modbus exception, or with garbage
    SENSOR_FAULT = 3  # the device says so itself: fault bit or sentinel
    OUT_OF_RANGE = 4  # beyond the physical bounds of the point
    STALE = 5  # older than the device should let it become
    WARMUP = 6  # the sensor is not ready after power-on
    CALIBRATION = 7  # the device is being calibrated, tested or inhibited
    CLOCK = 8  # the device's own time is not to be believed
    SLEW = 9  # changed faster than physics allows
    DECODE = 10  # the bytes make no sense for this make
    SUBSTITUTED = 11  # a stand-in, not a measurement
    OTHER = 12  # a word that this build does not know, from a newer edge

    @property
    def wire(self) -> str:
        """The name that travels in a frame, e.g. `comm_timeout`."""
        return self.name.lower()

    @classmethod
    def from_wire(cls, word: str) -> Reason:
        """The member for a wire word; KeyError if there is none."""
        return cls[word.upper()]
