"""Pure. Books as bytes and back, by name where the site file has changed in between."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from rules.book import Book
from rules.columns import Lives, Memory, Senses, new_lives, new_memory, new_senses
from rules.plan import Plan

_T = TypeVar("_T", bound=tuple[NDArray[Any], ...])


def names_of(plan: Plan) -> bytes:
    """The names as they are stored, once per layout."""
    names = (plan.cell_names, plan.leaf_names, plan.alarm_names)
    # A changed ring would be read wrongly, so its lengths belong to the layout.
    return zlib.compress(msgspec.msgpack.encode((*names, plan.leaves.ring_n.tolist())))


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
    cells, leaves, alarms, _rings = msgspec.msgpack.decode(zlib.decompress(names))
    senses = _moved(_columns(parts[0], book.senses), new_senses(len(plan.cell_names)), cells, plan.cell_names)
    memory = new_memory(plan.leaves)
    old = _columns(parts[1], book.memory)
    for new_row, old_row in _matches(leaves, plan.leaf_names):
        memory.armed[new_row] = old.armed[old_row]
        # A verdict over a changed condition would be a guess; a deadband only widens one. Silence is known by itself.
    lives = book.lives
    if len(parts) > 2:
        lives = _moved(_columns(parts[2], book.lives), new_lives(len(plan.alarm_names)), alarms, plan.alarm_names)
    book.restore(senses, memory, lives)


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
