"""Pure. Books as bytes and back, by name where the site file has changed in between."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from rules.book import Book
from rules.columns import Lives, Memory, Senses, new_lives, new_memory, new_senses
from rules.numbering import starts
from rules.plan import Plan

_T = TypeVar("_T", bound=tuple[NDArray[Any], ...])
_SHORT = ("verdict", "armed")  # of Memory: columns that every condition has
_RINGS = ("ring_ms", "ring_value")
_FIELDS = (Senses._fields, Memory._fields, Lives._fields)


def names_of(plan: Plan) -> bytes:
    """The names as they are stored, once per layout."""
    names = (list(plan.cell_names), plan.leaf_names, list(plan.alarm_names))
    # A changed ring would be read wrongly, so its lengths belong to the layout; and so do the columns that there are.
    rings = plan.forms.ring_n[plan.leaves.form].tolist()
    told = (rings, _FIELDS, _meanings(plan), (plan.leaves.kept >= 0).tolist())
    return zlib.compress(msgspec.msgpack.encode((*names, *told)))


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
    if not told or [set(each) for each in told[0]] != [set(each) for each in _FIELDS]:
        return  # of another version: what was heard last is told again by the next readings
    senses = _moved(_columns(parts[0], book.senses), new_senses(len(plan.cell_names)), cells, plan.cell_names)
    old = dict(zip(told[0][1], _arrays(parts[1], told[0][1], book.memory), strict=True))
    # Before there was a long part every condition had all columns.
    kept = np.where(told[2], np.cumsum(told[2]) - 1, -1) if len(told) > 2 else np.arange(len(leaves))
    memory = _remembered(plan, old, (leaves, told[1], kept, rings))
    lives = book.lives
    if len(parts) > 2:
        lives = _moved(_columns(parts[2], book.lives), new_lives(len(plan.alarm_names)), alarms, plan.alarm_names)
    book.restore(senses, memory, lives)


def _meanings(plan: Plan) -> list[int]:
    """A number per condition that changes when the condition means something else."""
    forms = plan.forms
    columns = (
        forms.kind, forms.trigger, forms.flags, forms.limit, forms.lower, forms.slack, forms.mask,
        forms.span_ms, forms.ahead_ms, forms.samples, forms.ring_n,
    )  # fmt: skip
    told = [zlib.crc32(repr(row).encode()) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return [told[form] for form in plan.leaves.form.tolist()]


def _remembered(plan: Plan, old: dict[str, NDArray[Any]], told: tuple[Any, ...]) -> Memory:
    """What unchanged conditions know; of changed ones only whether they were armed, since a verdict over a changed
    condition would be a guess and a deadband only widens one. Silence is known by itself."""
    names, old_meanings, old_kept, rings = told
    memory = new_memory(plan.forms, plan.leaves)
    to, fro = _matches(names, plan.leaf_names)
    memory.armed[to] = old["armed"][fro]
    same = np.array(_meanings(plan), np.int64)[to] == np.array(old_meanings, np.int64)[fro]
    to, fro = to[same], fro[same]
    memory.verdict[to] = old["verdict"][fro]
    to, fro, old_at = to[plan.leaves.kept[to] >= 0], fro[plan.leaves.kept[to] >= 0], starts(np.array(rings, np.int64))
    here, there = plan.leaves.kept[to], old_kept[fro]
    for name in set(Memory._fields) - {*_SHORT, *_RINGS}:
        getattr(memory, name)[here] = old[name][there]
    for new, begin, n in zip(plan.leaves.ring_at[here].tolist(), old_at[fro].tolist(), np.array(rings)[fro].tolist(),
                             strict=True):  # fmt: skip
        for name in _RINGS:
            getattr(memory, name)[new : new + n] = old[name][begin : begin + n]
    return memory


def _bytes(columns: Senses | Memory | Lives) -> list[bytes]:
    return [column.tobytes() for column in columns]


def _columns(parts: list[bytes], like: _T) -> _T:
    made: Any = [np.frombuffer(part, column.dtype).copy() for part, column in zip(parts, like, strict=True)]
    return type(like)(*made)


def _arrays(parts: list[bytes], names: list[str], like: Memory) -> list[NDArray[Any]]:
    """Columns in the order in which they were saved; each has the type that it has now."""
    return [np.frombuffer(part, getattr(like, name).dtype) for part, name in zip(parts, names, strict=True)]


def _matches(old: Sequence[str], new: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that are in both: where each is now, and where it was."""
    place = {name: row for row, name in enumerate(old)}
    found = [(row, place[name]) for row, name in enumerate(new) if name in place]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _moved(old: _T, new: _T, old_names: Sequence[str], new_names: Sequence[str]) -> _T:
    to, fro = _matches(old_names, new_names)
    for target, source in zip(new, old, strict=True):
        target[to] = source[fro]
    return new
