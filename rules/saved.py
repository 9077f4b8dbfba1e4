"""Pure. Books as bytes and back, by name where the site file has changed in between."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from rules.book import Book
from rules.columns import Leaves, Lives, Memory, Senses, new_lives, new_memory, new_senses
from rules.plan import Plan

_T = TypeVar("_T", bound=tuple[NDArray[Any], ...])


def names_of(plan: Plan) -> bytes:
    """The names as they are stored, once per layout."""
    names = (plan.cell_names, plan.leaf_names, plan.alarm_names)
    # A changed ring would be read wrongly, so its lengths belong to the layout; and so do the columns that there are.
    fields = (Senses._fields, Memory._fields, Lives._fields)
    return zlib.compress(msgspec.msgpack.encode((*names, plan.leaves.ring_n.tolist(), fields, _meanings(plan.leaves))))


def digest(names: bytes) -> str:
    """What a saved book says instead of its names."""
    return hashlib.sha256(names).hexdigest()


def packed(book: Book, *, with_lives: bool) -> bytes:
    """Senses and memory; the lives too where they have no rows of their own."""
    parts = [_bytes(book.senses), _bytes(book.memory)]
    if with_lives:
        parts.append(_bytes(book.lives))
    return msgspec.msgpack.encode(parts)


def unpack(book: Book, data: bytes, names: bytes) -> None:
    """Put a saved book into `book`, row by name if the layout is another one now."""
    parts = msgspec.msgpack.decode(data, type=list[list[bytes]])
    plan = book.plan
    if names == names_of(plan):
        book.restore(
            _columns(parts[0], book.senses),
            _columns(parts[1], book.memory),
            _columns(parts[2], book.lives) if len(parts) > 2 else book.lives,
        )
        return
    cells, leaves, alarms, rings, *told = msgspec.msgpack.decode(zlib.decompress(names))
    if not told or [tuple(each) for each in told[0]] != [Senses._fields, Memory._fields, Lives._fields]:
        return  # of another version: what was heard last is told again by the next readings
    senses = _moved(_columns(parts[0], book.senses), new_senses(len(plan.cell_names)), cells, plan.cell_names)
    memory = new_memory(plan.leaves)
    old = _columns(parts[1], book.memory)
    meanings = _meanings(plan.leaves)
    for new_row, old_row in _matches(leaves, plan.leaf_names):
        if meanings[new_row] == told[1][old_row]:
            _remember(plan.leaves, memory, new_row, old, old_row, rings)
        # A verdict over a changed condition would be a guess; a deadband only widens one. Silence is known by itself.
        memory.armed[new_row] = old.armed[old_row]
    lives = book.lives
    if len(parts) > 2:
        lives = _moved(_columns(parts[2], book.lives), new_lives(len(plan.alarm_names)), alarms, plan.alarm_names)
    book.restore(senses, memory, lives)


def _meanings(leaves: Leaves) -> list[int]:
    """A number per condition that changes when the condition means something else."""
    columns = (
        leaves.kind, leaves.trigger, leaves.flags, leaves.limit, leaves.lower, leaves.slack, leaves.mask,
        leaves.span_ms, leaves.ahead_ms, leaves.samples, leaves.ring_n,
    )  # fmt: skip
    return [zlib.crc32(repr(row).encode()) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _remember(leaves: Leaves, memory: Memory, new_row: int, old: Memory, old_row: int, rings: list[int]) -> None:
    """An unchanged condition goes on with all it knows."""
    for name in Memory._fields:
        if name not in ("ring_ms", "ring_value"):
            getattr(memory, name)[new_row] = getattr(old, name)[old_row]
    n, new_at, old_at = rings[old_row], int(leaves.ring_at[new_row]), sum(rings[:old_row])
    memory.ring_ms[new_at : new_at + n] = old.ring_ms[old_at : old_at + n]
    memory.ring_value[new_at : new_at + n] = old.ring_value[old_at : old_at + n]


def _bytes(columns: Senses | Memory | Lives) -> list[bytes]:
    return [column.tobytes() for column in columns]


def _columns(parts: list[bytes], like: _T) -> _T:
    made: Any = [np.frombuffer(part, column.dtype).copy() for part, column in zip(parts, like, strict=True)]
    return type(like)(*made)


def _matches(old: list[str], new: tuple[str, ...]) -> list[tuple[int, int]]:
    place = {name: row for row, name in enumerate(old)}
    return [(row, place[name]) for row, name in enumerate(new) if name in place]


def _moved(old: _T, new: _T, old_names: list[str], new_names: tuple[str, ...]) -> _T:
    matches = _matches(old_names, new_names)
    to = [row for row, _ in matches]
    fro = [row for _, row in matches]
    for target, source in zip(new, old, strict=True):
        target[to] = source[fro]
    return new
