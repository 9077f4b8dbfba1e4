"""Pure. Raw numbers out of the bytes of an answer: one struct for the straight fields, a getter for each other.

Straight: big-endian in bytes and words and sharing its registers with no other field. Most blocks are all straight,
and then one `unpack_from` reads them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.plan import BIT_TABLES, Block, words
from vocab.make import Register

Getter = Callable[[bytes], int | float | None]

_STRAIGHT = {
    "u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "f32": "f", "f64": "d",
    "u8_high": "Bx", "i8_high": "bx", "u8_low": "xB", "i8_low": "xb",
}  # fmt: skip
BITS = {
    "u16": 16, "i16": 16, "u32": 32, "i32": 32, "u64": 64, "i64": 64, "f32": 32, "f64": 64,
    "u8_high": 8, "i8_high": 8, "u8_low": 8, "i8_low": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How the raw numbers of a block lie in its answer: `registers[i]` is raw number i."""

    registers: tuple[Register, ...]
    straight: struct.Struct
    getters: tuple[Getter, ...]

    def raws(self, data: bytes) -> list[int | float | None]:
        """The raw numbers, None where the bits make none. `data` holds count * 2 bytes, or count bytes of bits."""
        found: list[int | float | None] = list(self.straight.unpack_from(data))
        if self.getters:
            found += [get(data) for get in self.getters]
        return found


def layout(block: Block, patterns: bool = True) -> Layout:
    """The layout of a block. With `patterns`, floats that have sentinels are read as unsigned bit patterns."""
    if block.table in BIT_TABLES:
        getters = tuple(_coil(register, register.address - block.address) for register in block.registers)
        return Layout(block.registers, struct.Struct(""), getters)
    straight: list[Register] = []
    crooked: list[Register] = []
    end = block.address
    form = ">"
    for register in sorted(block.registers, key=lambda each: each.address):
        if not _is_straight(register) or register.address < end:
            crooked.append(register)
            continue
        form += "xx" * (register.address - end) + _form(register, patterns)
        end = register.address + words(register)
        straight.append(register)
    getters = tuple(_getter(register, block.address, patterns) for register in crooked)
    return Layout((*straight, *crooked), struct.Struct(form), getters)


def registers_to_bytes(registers: Sequence[int]) -> bytes:
    """Registers as they stood on the wire; ValueError if one is no 16-bit number."""
    try:
        return struct.pack(f">{len(registers)}H", *registers)
    except struct.error as error:
        raise ValueError(str(error)) from error


def _is_straight(register: Register) -> bool:
    return (
        register.type in _STRAIGHT
        and register.byte_order == "big"
        and (register.word_order == "big" or words(register) == 1)
    )


def _form(register: Register, patterns: bool) -> str:
    if patterns and register.sentinels and register.type in ("f32", "f64"):
        return {"f32": "I", "f64": "Q"}[register.type]
    return _STRAIGHT[register.type]


def _getter(register: Register, start: int, patterns: bool) -> Getter:
    at = (register.address - start) * 2
    size = words(register) * 2
    order = _byte_order(size, register)
    if register.type in _STRAIGHT:
        form = struct.Struct(">" + _form(register, patterns))
        return lambda data: form.unpack(bytes(data[at + place] for place in order))[0]
    if register.type == "bit_index":
        return lambda data: _only_bit(data[at + order[0]] << 8 | data[at + order[1]])
    mask = (1 << register.width) - 1 if register.type == "bits" else 1
    shift = register.bit
    return lambda data: (data[at + order[0]] << 8 | data[at + order[1]]) >> shift & mask


def _byte_order(size: int, register: Register) -> list[int]:
    """Where the bytes of the number, most significant first, stand in the answer."""
    pairs = [(place, place + 1) for place in range(0, size, 2)]
    if register.word_order == "little":
        pairs.reverse()
    if register.byte_order == "little":
        pairs = [(low, high) for high, low in pairs]
    return [place for pair in pairs for place in pair]


def _only_bit(word: int) -> int | None:
    return word.bit_length() - 1 if word and not word & (word - 1) else None


def _coil(register: Register, at: int) -> Getter:
    """In the bit tables every address is one bit, whatever `type` says; `bits` is a run of them, lowest first."""
    width = register.width if register.type == "bits" else 1
    return lambda data: sum((data[at + place] & 1) << place for place in range(width))
