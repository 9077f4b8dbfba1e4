"""Pure. Read blocks from a make's register map: few requests, never too long, never over a forbidden address.

1. Registers are grouped by table and polling period, fastest first.
2. A slow register that a faster block reads anyway rides along for free.
3. Inside a group, neighbours merge while the gap is worth reading, the block stays short enough and no forbidden
   address lies between them. `decimals_at` is a register like any other, read as often as the value it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from edge.errors import PlanError
from vocab.instant import seconds_ms
from vocab.make import Make, Modbus, Register, Table

WORDS = {"u32": 2, "i32": 2, "f32": 2, "u64": 4, "i64": 4, "f64": 4}
MAX_REGISTERS = 125  # Modbus Application Protocol V1.1b3 §6.3
MAX_BITS = 2000  # §6.1
BIT_TABLES = ("coil", "discrete")


@dataclass(frozen=True, slots=True)
class Block:
    """One read request and what it is for."""

    table: Table
    address: int
    count: int
    period_ms: int
    registers: tuple[Register, ...]
    decimals: frozenset[int] = frozenset()  # addresses of this table that hold decimals for some register


@dataclass(slots=True)
class _Span:
    """Addresses that must stand in one answer, ends included."""

    first: int
    last: int
    registers: list[Register]  # none for a bare decimals register
    decimals: frozenset[int] = frozenset()


def words(register: Register) -> int:
    """How many addresses a register's value takes."""
    if register.table in BIT_TABLES:
        return register.width if register.type == "bits" else 1
    return WORDS.get(register.type, 1)


def read_blocks(make: Make, periods_ms: Mapping[str, int]) -> tuple[Block, ...]:
    """The blocks that read every register of `make` whose point is in `periods_ms` (its default period)."""
    modbus = make.modbus
    if modbus is None:
        return ()
    groups: dict[tuple[Table, int], list[_Span]] = {}
    for register in modbus.registers:
        if register.point not in periods_ms:
            continue
        _check(make, modbus, register)
        own = register.period_s
        period = periods_ms[register.point] if own is None else seconds_ms(own)
        spans = groups.setdefault((register.table, period), [])
        spans.append(_Span(register.address, register.address + words(register) - 1, [register]))
        if register.decimals_at is not None:
            at = register.decimals_at
            spans.append(_Span(at, at, [], frozenset({at})))
    blocks: list[Block] = []
    for (table, period), spans in sorted(groups.items(), key=lambda group: (group[0][1], group[0][0])):
        left = [span for span in spans if not _rides_along(span, table, blocks)]
        blocks += (_block(table, period, merged) for merged in _merge(left, modbus, table))
    # Blocks with decimals first, so that in the first round they are known before they are needed.
    return tuple(sorted(blocks, key=lambda block: not block.decimals))


def _check(make: Make, modbus: Modbus, register: Register) -> None:
    ends = [(register.address, register.address + words(register) - 1)]
    if register.decimals_at is not None:
        ends.append((register.decimals_at, register.decimals_at))
    for first, last in ends:
        if last > 0xFFFF:
            raise PlanError(make.make, register.point, f"address {last} does not exist")
        if _forbidden(modbus, first, last):
            raise PlanError(make.make, register.point, f"addresses {first}-{last} are forbidden")
    if words(register) > _longest(modbus, register.table):
        raise PlanError(make.make, register.point, f"max_registers = {modbus.max_registers} is too short for it")


def _longest(modbus: Modbus, table: Table) -> int:
    """max_registers is what a slow device can put in one answer; for bits that is sixteen times as many."""
    if table in BIT_TABLES:
        return min(MAX_BITS, modbus.max_registers * 16)
    return min(MAX_REGISTERS, modbus.max_registers)


def _forbidden(modbus: Modbus, first: int, last: int) -> bool:
    return any(first <= high and last >= low for low, high in modbus.forbidden)


def _rides_along(span: _Span, table: Table, blocks: list[Block]) -> bool:
    for index, block in enumerate(blocks):
        if block.table == table and block.address <= span.first and span.last < block.address + block.count:
            more = (*block.registers, *span.registers)
            blocks[index] = replace(block, registers=more, decimals=block.decimals | span.decimals)
            return True
    return False


def _merge(spans: Iterable[_Span], modbus: Modbus, table: Table) -> Iterable[_Span]:
    longest = _longest(modbus, table)
    current: _Span | None = None
    for span in sorted(spans, key=lambda each: (each.first, each.last)):
        if current is not None:
            last = max(current.last, span.last)
            near = span.first - current.last - 1 <= modbus.max_gap
            if near and last - current.first < longest and not _forbidden(modbus, current.first, last):
                both = current.decimals | span.decimals
                current = _Span(current.first, last, current.registers + span.registers, both)
                continue
            yield current
        current = span
    if current is not None:
        yield current


def _block(table: Table, period: int, span: _Span) -> Block:
    return Block(table, span.first, span.last - span.first + 1, period, tuple(span.registers), span.decimals)
