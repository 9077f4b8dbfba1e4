"""A frame comes out as it went in, and what is none says so."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.frame import AssetColumns, Frame, FrameError, decode, encode, encode_json, readings
from wire.packed import is_packed

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
    json, packed = encode_json(frame), encode(frame)

    assert decode(json) == frame
    assert (is_packed(json), is_packed(packed)) == (False, True)
    assert decode(packed) == Frame(1, "s", "e", 0, seq, ts, [plainly(block) for block in assets], sim)


def plainly(block: AssetColumns) -> AssetColumns:
    """Packed, offsets that are all 0 are not told."""
    offsets = block.offsets_ms if any(block.offsets_ms or []) else None
    return AssetColumns(block.asset, block.points, block.values, offsets, block.doubts)


@given(st.binary(max_size=100) | st.binary(max_size=100).map(lambda rest: b"\x88\xa1v\x01" + rest))
def test_any_bytes_are_a_frame_or_a_frame_error(payload: bytes) -> None:
    with suppress(FrameError):
        assert decode(payload).seq >= 1


@given(st.lists(blocks(), min_size=1, max_size=3), st.data())
def test_a_packed_frame_that_was_spoilt_is_a_frame_or_a_frame_error(
    assets: list[AssetColumns], data: st.DataObject
) -> None:
    payload = bytearray(encode(Frame(1, "s", "e", 0, 1, 0, assets)))
    payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))

    with suppress(FrameError):
        decode(bytes(payload[: data.draw(st.integers(0, len(payload)))]))


def test_what_is_not_finite_is_no_value() -> None:
    frame = decode(encode(Frame(1, "s", "e", 0, 1, 0, [AssetColumns("a", ["p", "q", "r"], [float("inf"), None, 0.0])])))

    assert frame.assets[0].values == [None, None, 0.0]


@pytest.mark.parametrize(
    "block",
    [
        AssetColumns("a", ["p"], []),
        AssetColumns("a", ["p"], [1.0], []),
        AssetColumns("a", ["p"], [1.0], doubts=[(1, 2, "slew")]),
    ],
)
def test_columns_that_do_not_fit_each_other_are_refused(block: AssetColumns) -> None:
    frame = Frame(1, "s", "e", 0, 1, 0, [block])

    with pytest.raises(FrameError, match="'a'"):
        decode(encode_json(frame))
    with pytest.raises(FrameError, match="'a'"):
        encode(frame)


def test_offsets_are_added_to_the_frame_s_own_time() -> None:
    frame = Frame(1, "s", "e", 0, 1, 1000, [AssetColumns("a", ["p", "p"], [1.0, 2.0], [-5, 0])])

    assert [reading.measured_ms for reading in readings(frame)] == [995, 1000]
