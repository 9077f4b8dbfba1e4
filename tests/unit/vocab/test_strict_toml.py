"""A fault must be told with the line on which a person will mend it."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab.problem import Code
from vocab.strict_toml import Path, Source, Strict, Text, dotted, parse

TEXT = """\
id = "x"  # line 1

[owner]
name = "y"
tags = [
  "a",
  "b",
]

[[pump]]
id = "p1"
[pump.motor]
kw = 4

[[pump]]
id = "p2"
name.en = "Two"
[[pump.valve]]
id = "v1"
[[pump.valve]]
"id" = "v2"
note = '''
[[pump]]
id = "not a key"
'''
last = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("id",), 1),
        (("owner",), 3),
        (("owner", "name"), 4),
        (("owner", "tags"), 5),
        (("owner", "tags", 1), 5),
        (("pump", 0), 10),
        (("pump", 0, "id"), 11),
        (("pump", 0, "motor", "kw"), 13),
        (("pump", 1), 15),
        (("pump", 1, "name", "en"), 17),
        (("pump", 1, "valve", 0, "id"), 19),
        (("pump", 1, "valve", 1, "id"), 21),
        (("pump", 1, "valve", 1, "last"), 26),
        (("pump", 1, "valve", 1, "missing"), 20),
        (("nowhere",), 1),
    ],
)
def test_a_key_is_found_on_its_line_or_on_that_of_the_table_around_it(path: Path, line: int) -> None:
    assert tomllib.loads(TEXT)["pump"][1]["valve"][1]["last"] == 1
    assert Source("f.toml", TEXT).line(path) == line


def test_a_place_is_written_as_people_count() -> None:
    assert dotted(("asset", 2, "unit")) == "asset[3].unit"
    assert dotted(()) == "(file)"


class Thing(Strict):
    name: Text
    sizes: tuple[int, ...] = ()
    share: float = 0.0


def codes(text: str) -> list[tuple[Code, str]]:
    return [(problem.code, problem.key) for problem in parse(Source("f.toml", text), Thing)[1]]


def test_lists_become_tuples_and_whole_numbers_become_shares() -> None:
    thing, problems = parse(Source("f.toml", 'name = {en = "a", zh = "甲"}\nsizes = [1, 2]\nshare = 1'), Thing)

    assert problems == ()
    assert thing == Thing(name=Text(en="a", zh="甲"), sizes=(1, 2), share=1.0)


def test_text_is_never_taken_for_a_number_nor_a_number_for_text() -> None:
    assert codes('name = {en = "a", zh = "甲"}\nsizes = ["1"]') == [(Code.WRONG_TYPE, "sizes[1]")]
    assert codes('name = {en = 1, zh = "甲"}') == [(Code.WRONG_TYPE, "name.en")]
    assert codes('name = {en = "a", zh = "甲"}\nsizes = [1.5]') == [(Code.WRONG_TYPE, "sizes[1]")]


def test_every_fault_of_a_file_comes_at_once() -> None:
    assert set(codes('nmae = 1\nsizes = "x"')) == {
        (Code.UNKNOWN_KEY, "nmae"),
        (Code.MISSING_KEY, "name"),
        (Code.WRONG_TYPE, "sizes"),
    }


def test_a_syntax_fault_is_told_with_its_line() -> None:
    (problem,) = parse(Source("f.toml", 'a = 1\nb = "\n'), Thing)[1]

    assert (problem.code, problem.line) == (Code.SYNTAX, 2)


def test_a_file_that_ends_in_the_middle_is_told_too() -> None:
    (problem,) = parse(Source("f.toml", "sizes = [1,\n2,\n"), Thing)[1]

    assert problem.code is Code.SYNTAX


@given(st.text(max_size=300))
def test_no_text_makes_the_loader_raise(text: str) -> None:
    found, problems = parse(Source("f.toml", text), Thing)

    assert (found is None) == bool(problems)


KEYS = st.sampled_from(["name", "sizes", "share", "en", "other"])
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.just('"x"'),
    st.just("1"),
    st.just("[1, 2]"),
    st.just("{en = 1}"),
    st.just("true"),
    st.just("inf"),
    st.just("nan"),
)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=6))
def test_no_toml_makes_the_loader_raise(rows: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{key} = {value}" for key, value in rows)
    found, problems = parse(Source("f.toml", text), Thing)

    assert (found is None) == bool(problems)
    assert all(1 <= problem.line <= max(1, len(rows)) for problem in problems)
