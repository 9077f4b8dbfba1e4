"""Pure. What a restart finds: books as bytes, of this version and of the one before, when columns were longer."""

import zlib
from typing import Any

import msgspec
import numpy as np
import pytest

from rules.book import Book
from rules.columns import Lives, Memory, Senses
from rules.names import Places
from rules.plan import Watched, plan
from rules.saved import names_of, packed, unpack
from rules.transition import Transition
from tests.unit.rules.bench import point, rule

_POINTS = ("flow", "level")
_RULES = (
    rule("high", {"type": "high", "limit": 60, "deadband": 5}, "flow", on_delay_s=20),
    rule("rate", {"type": "rate", "window_s": 60, "above_per_min": 5}, "flow"),
    rule("spread", {"type": "spread", "window_s": 300, "above": 20}, "level"),
    rule("baseline", {"type": "deviation", "baseline_s": 600, "above": 9}, "level"),
    rule("count", {"type": "count", "window_s": 600, "at_least": 3, "of": {"type": "high", "limit": 66}}, "flow"),
    rule("missed", {"type": "must_happen", "within": [{"hours": "01:00-02:00"}], "of": {"type": "change", "fall": 5}},
         "level"),
    rule("gone", {"type": "no_data", "periods": 3, "min_s": 60}, "*"),
    rule("after", {"type": "alarm", "rule": "high"}, "-"),
)  # fmt: skip


def _book(*assets: str) -> Book:
    points = tuple((point(name), 0) for name in _POINTS)
    book = Book(plan([Watched(asset, points, _RULES) for asset in assets]))
    book.begin(0, 0)
    return book


def _run(book: Book, assets: list[str], first: int, last: int) -> list[tuple[Any, ...]]:
    chance = np.random.default_rng(first)
    cells = np.array([book.cells[f"{asset}/{name}"] for asset in assets for name in _POINTS], np.int32)
    found: list[Transition] = []
    for number in range(first, last):
        good = np.zeros(len(cells), np.int8)
        values = 50 + 8 * chance.standard_normal(len(cells))
        book.observe(cells, values, good, good, np.full(len(cells), number * 10_000, np.int64))
        book.elapse(0, number * 10_000)
        found += book.take()
    return sorted((each.at_ms, each.alarm, each.because, each.value) for each in found)


_OLD = ("verdict", "armed", "inner", "since_ms", "last_ms", "mark_ms", "mean", "fast", "ring_ms", "ring_value",
        "ring_head", "ring_used")  # fmt: skip


def _as_before(book: Book) -> tuple[bytes, bytes]:
    """Names and bytes as the version before would have saved them."""
    cells, leaves, alarms, rings, _, meanings, _ = msgspec.msgpack.decode(zlib.decompress(names_of(book.plan)))
    told = (cells, leaves, alarms, rings, (Senses._fields, _OLD, Lives._fields), meanings)
    senses, memory, lives = msgspec.msgpack.decode(packed(book, with_lives=True), type=list[list[bytes]])
    kept = book.plan.leaves.kept
    old = []
    for name in _OLD:
        column = getattr(book.memory, name)
        if name not in {"verdict", "armed", "ring_ms", "ring_value"}:
            wide = np.zeros(len(kept), column.dtype)
            wide[kept >= 0] = column[kept[kept >= 0]]
            column = wide
        old.append(column.tobytes())
    assert len(memory) == len(Memory._fields)
    return zlib.compress(msgspec.msgpack.encode(told)), msgspec.msgpack.encode([senses, old, lives])


@pytest.mark.parametrize("assets", [("a", "b"), ("new", "b", "a")])
@pytest.mark.parametrize("version", ["this", "before"])
def test_a_book_goes_on_from_what_was_saved_whatever_else_the_site_has_got(
    version: str, assets: tuple[str, ...]
) -> None:
    book = _book("a", "b")
    assert _run(book, ["a", "b"], 1, 500)
    names, data = (names_of(book.plan), packed(book, with_lives=True)) if version == "this" else _as_before(book)
    again = _book(*assets)
    unpack(again, data, names)
    expected = _run(book, ["a", "b"], 500, 1200)
    alarms = {alarm.partition(".")[2] for _, alarm, _, _ in expected}
    assert alarms >= {"high", "rate", "spread", "baseline", "count", "after"}
    assert [each for each in _run(again, ["a", "b"], 500, 1200) if not each[1].startswith("new.")] == expected


def test_names_are_found_although_none_is_kept() -> None:
    names = _book("a", "b").plan.alarm_names
    assert [Places(names)[name] for name in names] == list(range(len(names)))
    assert [name in Places(names) for name in ("a.high", "a.nothing", "c.high", "a", "")] == [True, *[False] * 4]
    assert list(names[:2]) == [names[0], names[1]]
