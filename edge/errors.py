"""Pure. The root of what can go wrong in the edge through our fault or the configuration's.

What a device does wrong is never an exception: it is a `ReadFailure` or a `Malformed` value.
"""

from __future__ import annotations


class EdgeError(Exception):
    """Root of every error of this part."""


class PlanError(EdgeError):
    """A register cannot be read as the make demands."""

    def __init__(self, make: str, point: str, why: str) -> None:
        self.make = make
        self.point = point
        super().__init__(f"make {make!r}, point {point!r}: {why}")


class SpoolError(EdgeError):
    """The spool's folder cannot be used."""
