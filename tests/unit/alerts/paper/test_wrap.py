"""Lines of Chinese and Latin text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.paper.model import width_of
from alerts.paper.wrap import wrapped

WORDS = st.text("锅炉压力，。（）《》abc 12-%", max_size=120)


@given(WORDS, st.integers(4, 40))
def test_no_line_is_wider_than_its_place_and_no_sign_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, width_of)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("蒸汽压力超过限值", 8, ["蒸汽压力", "超过限值"]),
        ("蒸汽压力，超过", 8, ["蒸汽压", "力，超过"]),
        ("压力（安全阀）", 6, ["压力", "（安全", "阀）"]),
        ("1《111", 4, ["1《1", "11"]),
        ("限值0.85 MPa", 8, ["限值0.85", "MPa"]),
        ("DEMO-20260324-0001", 14, ["DEMO-20260324-", "0001"]),
        ("一\n\n二", 10, ["一", "", "二"]),
        ("", 10, [""]),
    ],
)
def test_lines_break_where_a_reader_expects_it(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width, width_of) == lines
