"""Pure. A device's Modbus tables as its make lays them out, encoded only where somebody reads.

Addresses that no row of the map covers answer 0 where they lie in a gap that a polite master may bridge, and exception
2 elsewhere, as real firmware does; a read longer than the device can answer is exception 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from firmware_sim.numbers import Layout, layout, pattern
from firmware_sim.signal import Signal, Spoiled
from vocab.make import Modbus, Register
from vocab.point import Point

ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
MAX_BITS = 2000  # Modbus application protocol v1.1b3, 6.1
BIT_TABLES = frozenset({"coil", "discrete"})
SIGNED_16 = 1 << 15
_HALVES = {"u8_high", "i8_high"}

Tell = Callable[[str], Signal]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One field, ready to be encoded."""

    register: Register
    way: Layout
    words: int
    is_plain: bool  # one whole register in the usual byte order
    is_shadow: bool  # a second reading of a register whose number another row writes (lock-out and its code)

    def encode(self, signal: Signal) -> tuple[int, ...]:
        """The registers of this field with everything else in them 0."""
        bits = 0 if self.is_shadow else pattern(self.way, signal)
        if self.is_plain and signal.spoiled is not Spoiled.SWAPPED:
            return (bits,)
        register = self.register
        if register.table in BIT_TABLES:
            return (bits & 1,)
        if register.type in _HALVES:
            return (bits << 8,)
        if register.type in {"bit", "bits"}:
            return (bits << register.bit & 0xFFFF,)
        return self._ordered(bits, signal.spoiled is Spoiled.SWAPPED)

    def _ordered(self, bits: int, swapped: bool) -> tuple[int, ...]:
        register = self.register
        words = [bits >> 16 * place & 0xFFFF for place in reversed(range(self.words))]
        if (register.word_order == "little") != (swapped and self.words > 1):
            words.reverse()
        if (register.byte_order == "little") != (swapped and self.words == 1 and self.way.bits == 16):
            words = [(word & 0xFF) << 8 | word >> 8 for word in words]
        return tuple(words)


class RegisterMap:
    """The tables of one device."""

    def __init__(self, modbus: Modbus, points: Mapping[str, Point]) -> None:
        self._modbus = modbus
        self._cells: dict[str, list[_Cell]] = {}
        self._fixed: dict[tuple[str, int], int] = {}  # decimals registers
        for register in modbus.registers:
            if register.point not in points:
                continue
            point = points[register.point]
            decimals = 0
            if register.decimals_at is not None:
                decimals = _decimals(register, point)
                self._fixed[register.table, register.decimals_at] = decimals
            way = layout(register, point, decimals)
            is_plain = register.type in {"u16", "i16"} and register.byte_order == "big"
            is_plain &= register.table not in BIT_TABLES
            shadow = _is_shadow(register, modbus.registers, points)
            cell = _Cell(register, way, max(1, way.bits // 16), is_plain, shadow)
            self._cells.setdefault(register.table, []).append(cell)
        self._spans = {table: self._reachable(table) for table in self._cells}
        self._plans: dict[tuple[str, int, int], tuple[list[_Cell], list[int]] | int] = {}

    def read(self, table: str, address: int, count: int, tell: Tell) -> list[int] | int:
        """The registers or bits asked for, or a Modbus exception code."""
        key = (table, address, count)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._plan(table, address, count)
        if isinstance(plan, int):
            return plan
        cells, fixed = plan
        answer = fixed.copy()
        for cell in cells:
            start = cell.register.address - address
            for place, word in enumerate(cell.encode(tell(cell.register.point)), start):
                if 0 <= place < count:
                    answer[place] |= word
        return answer

    def _plan(self, table: str, address: int, count: int) -> tuple[list[_Cell], list[int]] | int:
        most = MAX_BITS if table in BIT_TABLES else self._modbus.max_registers
        if not 1 <= count <= most:
            return ILLEGAL_VALUE
        last = address + count - 1
        if not any(low <= address and last <= high for low, high in self._spans.get(table, ())):
            return ILLEGAL_ADDRESS
        cells = [
            cell
            for cell in self._cells[table]
            if cell.register.address <= last and cell.register.address + cell.words > address
        ]
        return cells, [self._fixed.get((table, at), 0) for at in range(address, last + 1)]

    def _reachable(self, table: str) -> list[tuple[int, int]]:
        """Address ranges that answer: the map's own, joined over gaps of at most `max_gap` free of forbidden ones."""
        taken: set[int] = {at for kind, at in self._fixed if kind == table}
        for cell in self._cells[table]:
            taken.update(range(cell.register.address, cell.register.address + cell.words))
        return _joined(sorted(taken), self._modbus.max_gap, self._modbus.forbidden)


def _is_shadow(register: Register, rows: Iterable[Register], points: Mapping[str, Point]) -> bool:
    """Whether a state is only a view of a number that stands in the very same bits."""
    if not points[register.point].states:
        return False
    spot = (register.table, register.address, register.type)
    return any(
        (row.table, row.address, row.type) == spot and row.point in points and not points[row.point].states
        for row in rows
        if row is not register and row.type not in {"bit", "bits"}
    )


def _joined(addresses: Iterable[int], max_gap: int, forbidden: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for at in addresses:
        if spans and at - spans[-1][1] - 1 <= max_gap and not _touches(spans[-1][1], at, forbidden):
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((at, at))
    return spans


def _touches(low: int, high: int, forbidden: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= last and first <= high for first, last in forbidden)


def _decimals(register: Register, point: Point) -> int:
    """How many decimals the device was set up with: as many as a person is shown, if they fit."""
    span = max(abs(end) for end in point.bounds) if point.bounds else 0.0
    span *= layout(register, point).to_unit  # as the device shows it
    places = point.decimals
    while places > 0 and span * 10**places / abs(register.scale) >= SIGNED_16:
        places -= 1
    return places
