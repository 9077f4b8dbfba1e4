"""Pure. The answer to a read request into values of points, or a failure. Never raises, whatever the bytes.

Everything that can be known from the register map is worked out once per block; per answer there is one struct
unpack, one list comprehension for the plain numbers, and a call for each field with sentinels, states or decimals.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from edge.extract import BITS, layout, registers_to_bytes
from edge.number import DECODE, GOOD, MAX_DECIMALS, Converter, Settled
from edge.plan import BIT_TABLES, Block
from edge.request import FailureKind, ReadFailure
from vocab.make import Register
from vocab.point import Point

ABSENT = -1  # in a column of reasons: nothing to say about this point

Words = tuple[str, int]  # a table and an address
_Settle = Callable[[int | float | None, "Memory"], Settled]


@dataclass(slots=True)
class Memory:
    """What one device told in one block and other blocks of it need."""

    decimals: dict[Words, int] = field(default_factory=dict)
    doubted: dict[int, bool] = field(default_factory=dict)  # by number of the validity rule


@dataclass(slots=True)
class Columns:
    """One value and one reason (0: good) per point, in the order of the decoder's `points`."""

    values: list[float | None]
    reasons: list[int]


class BlockDecoder:
    """Decodes the answers to one block."""

    def __init__(self, block: Block, points: Mapping[str, Point]) -> None:
        """`points` holds at least every point of the block's registers."""
        self._is_bits = block.table in BIT_TABLES
        self._count = block.count
        self._layout = layout(block)
        registers = self._layout.registers
        self.points = tuple(register.point for register in registers)
        self._plain: list[tuple[int, int, int]] = []  # n, o, d of every column
        self._special: list[tuple[int, _Settle]] = []
        for index, register in enumerate(registers):
            converter = Converter(register, points[register.point], BITS.get(register.type))
            self._plain.append((converter.affine.n, converter.affine.o, converter.affine.d))
            settle = _settle(register, converter, is_bits=self._is_bits)
            if settle is not None:
                self._special.append((index, settle))
        special = {index for index, _ in self._special}
        self._ordinary = [(i, n, o, d) for i, (n, o, d) in enumerate(self._plain) if i not in special]
        self._good = [GOOD] * len(registers)
        self._memos = _memos(block)

    def decode(self, answer: bytes | Sequence[int], memory: Memory) -> Columns | ReadFailure:
        """The columns in `answer`: register or bit values, or the bytes of registers as on the wire."""
        data = self._bytes(answer)
        if isinstance(data, ReadFailure):
            return data
        for words, at in self._memos:
            memory.decimals[words] = data[at] << 8 | data[at + 1]
        raws = self._layout.raws(data)
        if not self._special:
            plain = zip(raws, self._plain, strict=True)
            return Columns([(raw * n + o) / d for raw, (n, o, d) in plain], self._good)  # type: ignore[operator]
        values: list[float | None] = [None] * len(raws)
        reasons = self._good.copy()
        for i, n, o, d in self._ordinary:
            values[i] = (raws[i] * n + o) / d  # type: ignore[operator]
        for i, settle in self._special:
            values[i], reasons[i] = settle(raws[i], memory)
        return Columns(values, reasons)

    def _bytes(self, answer: bytes | Sequence[int]) -> bytes | ReadFailure:
        is_raw = isinstance(answer, bytes) and not self._is_bits
        found = len(answer) // 2 if is_raw else len(answer)
        if found != self._count or (is_raw and len(answer) % 2):
            return ReadFailure(FailureKind.GARBLED, detail=f"asked for {self._count} values, got {found}")
        if is_raw:
            return bytes(answer)
        try:
            return bytes(map(bool, answer)) if self._is_bits else registers_to_bytes(answer)
        except ValueError as error:
            return ReadFailure(FailureKind.GARBLED, detail=str(error))


def _memos(block: Block) -> list[tuple[Words, int]]:
    """Decimals registers that this block reads, and where they stand in its answer."""
    if block.table in BIT_TABLES:
        return []
    return [((block.table, address), (address - block.address) * 2) for address in sorted(block.decimals)]


def _settle(register: Register, converter: Converter, *, is_bits: bool) -> _Settle | None:
    """How a column that needs more than the affine step is settled; None for the others."""
    if is_bits:
        return None if converter.is_plain else lambda raw, _: converter.settle(_number(raw))
    if register.decimals_at is not None:
        return _scaled((register.table, register.decimals_at), converter)
    if register.type == "bit_index":
        return lambda raw, _: (None, DECODE) if raw is None else converter.settle(raw)
    if register.type in ("f32", "f64"):
        return _floating(register, converter)
    return None if converter.is_plain else lambda raw, _: converter.settle(_number(raw))


def _number(raw: int | float | None) -> int | float:
    return 0 if raw is None else raw  # only bit_index yields None, and it has its own way


def _scaled(words: Words, converter: Converter) -> _Settle:
    """A value whose number of decimals the device keeps in another register."""

    def settle(raw: int | float | None, memory: Memory) -> Settled:
        decimals = memory.decimals.get(words)
        if decimals is None:
            return None, ABSENT  # the other register comes in the same round
        if decimals > MAX_DECIMALS:
            return None, DECODE
        return converter.settle_with(_number(raw), decimals)

    return settle


def _floating(register: Register, converter: Converter) -> _Settle:
    """A float; with sentinels it arrives as its bit pattern, since a NaN sentinel equals nothing as a number."""
    if not register.sentinels:
        return lambda raw, _: converter.settle(_number(raw))
    pattern, number = (struct.Struct(form) for form in ((">I", ">f") if register.type == "f32" else (">Q", ">d")))

    def settle(raw: int | float | None, _: Memory) -> Settled:
        bits = _number(raw)
        if bits in converter.sentinels:
            return None, converter.sentinels[bits]
        return converter.settle(number.unpack(pattern.pack(bits))[0])

    return settle
