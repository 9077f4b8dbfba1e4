"""Pure. A value of a point into the raw number that a make would hold for it, and a raw number into a bit pattern.

Registers and payload fields share this way down: unit, offset, scale, rounding to the scale's step, clipping at the
ends of the type. Written from the tables of the packs; the edge has its own way up.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from firmware_sim.signal import Signal, Spoiled
from vocab.make import PayloadField, Register
from vocab.point import Point
from vocab.units import conversion

BITS = {
    "u16": 16, "i16": 16, "u32": 32, "i32": 32, "u64": 64, "i64": 64, "f32": 32, "f64": 64,
    "u8_high": 8, "i8_high": 8, "u8_low": 8, "i8_low": 8, "u8": 8, "i8": 8, "bit": 1, "bit_index": 16,
}  # fmt: skip
_USUAL_SENTINEL = {8: 0x80, 16: 0x8000, 32: 0x80000000, 64: 1 << 63}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a field holds a number: its type, width in bits, and the line from the point's unit to the raw number."""

    type: str
    bits: int
    to_unit: float  # raw = (value * to_unit + shift) / scale
    shift: float
    scale: float
    codes: dict[str, int | str | bool]  # for state points
    sentinel: int
    knows_sentinel: bool  # the make documents one
    is_float: bool
    low: int  # ends of an integer type
    high: int


def layout(field: Register | PayloadField, point: Point, decimals: int = 0) -> Layout:
    """The layout of one field; `decimals` is what the device's own decimals register says."""
    bits = field.width if isinstance(field, Register) and field.type == "bits" else BITS.get(field.type, 64)
    is_signed = field.type.startswith("i")
    factor, offset = conversion(field.unit, point.unit) if field.unit is not None else (1.0, 0.0)
    return Layout(
        type=field.type,
        bits=bits,
        to_unit=1.0 / factor,
        shift=-offset / factor - field.offset,
        scale=field.scale / 10**decimals,
        codes=_codes(field, point),
        sentinel=field.sentinels[0].raw if field.sentinels else _usual_sentinel(field.type, bits),
        knows_sentinel=bool(field.sentinels),
        is_float=field.type in {"f32", "f64"},
        low=-(1 << (bits - 1)) if is_signed else 0,
        high=(1 << (bits - 1)) - 1 if is_signed else _ones(bits),
    )


def _codes(field: Register | PayloadField, point: Point) -> dict[str, int | str | bool]:
    if not point.states:
        return {}
    if not field.states:
        return {state.id: state.code for state in point.states}
    codes: dict[str, int | str | bool] = {}
    for mapped in field.states:
        codes.setdefault(mapped.state, mapped.raw)
    if field.otherwise is not None:
        codes.setdefault(field.otherwise, _unexplained(field))
    # What a make has no word for, it does not tell: it goes on saying what its first row says.
    for state in point.states:
        codes.setdefault(state.id, field.states[0].raw)
    return codes


def _unexplained(field: Register | PayloadField) -> int | str:
    """A code that the make's manual does not list; a reader has to take it for `otherwise`."""
    taken = {mapped.raw for mapped in field.states}
    if any(isinstance(raw, str) for raw in taken):
        return "9999"
    return next(raw for raw in range(1, 1 << 16) if raw not in taken)


def _usual_sentinel(kind: str, bits: int) -> int:
    if kind == "f32":
        return 0x7FC00000  # quiet NaN
    if kind == "f64":
        return 0x7FF8000000000000
    return _USUAL_SENTINEL.get(bits, (1 << bits) - 1)


def raw_number(way: Layout, value: float) -> float:
    """The raw number before rounding."""
    return (value * way.to_unit + way.shift) / way.scale


def pattern(way: Layout, signal: Signal) -> int:
    """The bit pattern, as an unsigned number of the field's width."""
    value, spoiled = signal
    if value is None or _is_sentinel(way, spoiled):
        return way.sentinel & _ones(way.bits)
    if isinstance(value, str):
        return int(way.codes[value]) & _ones(way.bits)
    raw = raw_number(way, value)
    if way.is_float:
        return _float_pattern(way, raw)
    whole = round(raw)
    if way.low <= whole <= way.high:
        return 1 << min(15, whole) if way.type == "bit_index" else whole & _ones(way.bits)
    if spoiled is Spoiled.BROKEN_LOOP:
        return _ones(way.bits)  # an input without a sign shows a current below its zero as all ones
    return (way.low if whole < way.low else way.high) & _ones(way.bits)


def _is_sentinel(way: Layout, spoiled: Spoiled) -> bool:
    # Good electronics notice by themselves that a loop carries no current.
    return spoiled is Spoiled.SENTINEL or (spoiled is Spoiled.BROKEN_LOOP and way.knows_sentinel)


def _float_pattern(way: Layout, raw: float) -> int:
    if way.type == "f32":
        return int.from_bytes(struct.pack(">f", raw), "big")
    return int.from_bytes(struct.pack(">d", raw), "big")


def _ones(bits: int) -> int:
    return (1 << bits) - 1
