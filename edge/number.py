"""Pure. A raw number into a value of the point's unit, rounded once.

257 * 0.1 is 25.700000000000003, 257 / 10 is 25.7. So scale, offset and unit conversion are folded into integers n, o, d
with value = (raw * n + o) / d: Python divides integers of any size and rounds correctly, and a 64-bit counter loses
nothing before the last step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from vocab.make import PayloadField, Register
from vocab.point import Point
from vocab.quality import Quality, Reason
from vocab.units import conversion

GOOD = int(Reason.NONE)
DECODE = int(Reason.DECODE)
MAX_DECIMALS = 9  # more would leave nothing of a 32-bit number

Raw = int | float | str | bool
Settled = tuple[float | None, int]  # a value and a Reason as an int

# A doubt that leaves the value usable is UNCERTAIN, one that does not is BAD.
_USABLE = frozenset({Reason.CLOCK, Reason.SLEW, Reason.STALE, Reason.SUBSTITUTED})
QUALITY: Mapping[int, Quality] = {
    int(reason): Quality.GOOD if reason is Reason.NONE else Quality.UNCERTAIN if reason in _USABLE else Quality.BAD
    for reason in Reason
}


@dataclass(frozen=True, slots=True)
class Affine:
    """value = (raw * n + o) / d."""

    n: int = 1
    o: int = 0
    d: int = 1

    @property
    def is_bounded(self) -> bool:
        """Whether every whole number of 64 bits has a value."""
        return (abs(self.n) * 2**64 + abs(self.o)) // self.d < 10**300

    def with_decimals(self, raw: int | float, decimals: int) -> float:
        """The value of a raw number that has `decimals` digits after the point."""
        tens = 10**decimals
        return float((raw * self.n + self.o * tens) / (self.d * tens))


def affine(field: Register | PayloadField, point: Point) -> Affine:
    """Scale, offset and unit conversion of a field in one step."""
    factor, shift = conversion(field.unit or point.unit, point.unit)
    slope = exact(field.scale) * exact(factor)
    intercept = exact(field.offset) * exact(factor) + exact(shift)
    d = math.lcm(slope.denominator, intercept.denominator)
    return Affine(int(slope * d), int(intercept * d), d)


def exact(number: float) -> Fraction:
    """The number that was meant: 5/9 for 0.5555555555555556, 1/10 for 0.1."""
    simple = Fraction(number).limit_denominator(10_000)
    return simple if float(simple) == number else Fraction(repr(number))


class Converter:
    """One field's way from raw to value: sentinels, states, then the number."""

    def __init__(self, field: Register | PayloadField, point: Point, bits: int | None) -> None:
        """`bits` is the width of the raw number, for sentinels; None where it is no number of fixed width."""
        self.affine = affine(field, point)
        self.sentinels: dict[Raw, int] = {_signed(s.raw, bits, field.type): int(s.reason_code) for s in _coded(field)}
        codes = {state.id: float(state.code) for state in point.states}
        self.states: dict[Raw, float] | None = None
        if point.states and field.states:
            self.states = {mapped.raw: codes[mapped.state] for mapped in field.states}
        elif point.states:  # no table: the device speaks the pack's own codes
            self.states = {state.code: float(state.code) for state in point.states}
        self.otherwise = codes[field.otherwise] if field.otherwise is not None else None

    @property
    def is_plain(self) -> bool:
        """Whether the affine step is all there is, and can never leave the range of a float."""
        return not self.sentinels and self.states is None and self.affine.is_bounded

    def settle(self, raw: Raw) -> Settled:
        """The value and the reason (0: good) of a raw number, word or truth value."""
        doubt = self.sentinels.get(raw)
        if doubt is not None:
            return None, doubt
        if self.states is not None:
            code = self.states.get(raw, self.otherwise)
            return (None, DECODE) if code is None else (code, GOOD)
        return self._number(raw, 0)

    def settle_with(self, raw: int | float, decimals: int) -> Settled:
        """The same for a number with `decimals` digits after the point."""
        doubt = self.sentinels.get(raw)
        return (None, doubt) if doubt is not None else self._number(raw, decimals)

    def _number(self, raw: Raw, decimals: int) -> Settled:
        try:
            value = self.affine.with_decimals(float(raw) if isinstance(raw, str) else raw, decimals)
        except (ValueError, OverflowError):
            return None, DECODE
        return (value, GOOD) if math.isfinite(value) else (None, DECODE)


@dataclass(frozen=True, slots=True)
class _Coded:
    raw: int
    reason_code: Reason


def _coded(field: Register | PayloadField) -> list[_Coded]:
    return [_Coded(sentinel.raw, Reason.from_wire(sentinel.reason)) for sentinel in field.sentinels]


def _signed(pattern: int, bits: int | None, kind: str) -> int:
    """A sentinel's bit pattern as the raw number in which it will show up."""
    if bits is None:
        return pattern
    pattern &= (1 << bits) - 1
    return pattern - (1 << bits) if kind.startswith("i") and pattern >> (bits - 1) else pattern
