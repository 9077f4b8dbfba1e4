"""A frame comes out as it went in, and what is none says so."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.frame import AssetColumns, Frame, FrameError, decode, encode, readings

VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=8)


@st.composite
def blocks(draw: st.DrawFn) -> AssetColumns:
    width = draw(st.integers(0, 5))
    doubts = st.tuples(st.integers(0, width - 1), st.integers(1, 2), NAMES)
    return AssetColumns(
        draw(NAMES),
        draw(st.lists(NAMES, min_size=width, max_size=width)),
        draw(st.lists(VALUES, min_size=width, max_size=width)),
        draw(st.none() | st.lists(st.integers(-(2**53), 2**53), min_size=width, max_size=width)),
        draw(st.lists(doubts, max_size=3)) if width else [],
    )


@given(st.lists(blocks(), max_size=3), st.integers(1, 2**53), st.integers(0, 2**53), st.booleans())
def test_a_frame_comes_out_as_it_went_in(assets: list[AssetColumns], seq: int, ts: int, sim: bool) -> None:
    frame = Frame(1, "s", "e", 0, seq, ts, assets, sim)

    assert decode(encode(frame)) == frame


@given(st.binary(max_size=100))
def test_any_bytes_are_a_frame_or_a_frame_error(payload: bytes) -> None:
    with suppress(FrameError):
        assert decode(payload).seq >= 1


@pytest.mark.parametrize(
    "block",
    [
        AssetColumns("a", ["p"], []),
        AssetColumns("a", ["p"], [1.0], []),
        AssetColumns("a", ["p"], [1.0], doubts=[(1, 2, "slew")]),
    ],
)
def test_columns_that_do_not_fit_each_other_are_refused(block: AssetColumns) -> None:
    with pytest.raises(FrameError, match="'a'"):
        decode(encode(Frame(1, "s", "e", 0, 1, 0, [block])))


def test_offsets_are_added_to_the_frame_s_own_time() -> None:
    frame = Frame(1, "s", "e", 0, 1, 1000, [AssetColumns("a", ["p", "p"], [1.0, 2.0], [-5, 0])])

    assert [reading.measured_ms for reading in readings(frame)] == [995, 1000]
