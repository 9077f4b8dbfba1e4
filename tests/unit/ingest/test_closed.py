"""A closed period gives back to the last bit what was put in, in order of arrival."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest import page
from ingest.closed import Volume, as_arrived, closed, decoded_heads
from ingest.columns import Unpacker, opened, packed, sealed
from ingest.heads import Heads
from ingest.page import Readings, decoded
from ingest.problem import StoreBrokenError

BEGIN_MS = 1_774_224_902_350
ODD = [float("nan"), -0.0, 1e300, -1e-300, 0.1 + 0.2, float("inf"), 2.0**53 + 2, 1 / 3, 92.85714285714286]


@st.composite
def periods(draw: st.DrawFn) -> tuple[Heads, NDArray[np.int64], Readings]:
    """Frames of some cabinets with readings of some series: even or in disorder, whole numbers or anything."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    frames, sources = draw(st.integers(1, 60)), draw(st.integers(1, 4))
    is_even, series = draw(st.booleans()), draw(st.sampled_from([1, 3, 40, 90_000]))
    source = np.arange(frames) % sources if is_even else chance.integers(0, sources, frames)
    ts_ms = BEGIN_MS + (np.arange(frames) if is_even else chance.integers(-50, 50, frames)) * 1000
    lengths = np.full(frames, 3) if is_even else chance.integers(0, 6, frames)
    count = int(lengths.sum())
    measured = np.repeat(ts_ms, lengths) - (7 if is_even else chance.integers(-(2**45), 2**45, count))
    values = np.round(chance.normal(50, 20, count), draw(st.integers(0, 9)))
    odd = chance.random(count) < draw(st.sampled_from([0.0, 0.05, 1.0]))
    values[odd] = chance.choice(ODD, int(odd.sum()))
    heads = Heads(
        np.arange(9, 9 + frames), source, chance.integers(1, 2**40, frames), chance.integers(0, 2, frames), ts_ms,
        ts_ms + chance.integers(0, 2**40, frames), ts_ms + chance.integers(-(2**20), 2**20, frames),
    )  # fmt: skip
    number = np.arange(count) % series if is_even else chance.integers(0, series, count)
    doubts = (chance.integers(0, 3, count).astype(np.uint8), chance.integers(0, 200, count).astype(np.uint8))
    return heads, lengths, Readings(number.astype(np.int32), measured.astype(np.int64), values, *doubts)


def reopened(volume: Volume) -> tuple[Heads, NDArray[np.int64], Readings]:
    def part(place: int, size: int) -> bytes:
        return volume.body[place : place + size]

    heads = decoded_heads(part(*volume.heads), "here")
    by_series = [decoded(part(each.place, each.size), "here") for each in volume.pages]
    readings, lengths = as_arrived(heads, part(*volume.order), "here", by_series)
    return heads, lengths, readings


def same(mine: Readings, theirs: Readings) -> None:
    for name in ("series", "measured_ms", "quality", "reason"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), strict=True)
    np.testing.assert_array_equal(mine.values.view(np.int64), theirs.values.view(np.int64))


@settings(max_examples=40, deadline=None)
@given(period=periods(), size=st.sampled_from([1, 2, 7, 32_768]))
def test_every_frame_and_reading_comes_back_as_it_arrived(
    period: tuple[Heads, NDArray[np.int64], Readings], size: int
) -> None:
    heads, lengths, readings = period
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "PAGE", size)
        volume = closed(heads, lengths, readings)
    found_heads, found_lengths, found = reopened(volume)

    for name in ("id", "source", "seq", "lane", "ts_ms", "received_ms", "stored_ms"):
        np.testing.assert_array_equal(getattr(found_heads, name), getattr(heads, name))
    np.testing.assert_array_equal(found_lengths, lengths)
    same(found, readings)


@settings(max_examples=40, deadline=None)
@given(period=periods(), low=st.integers(0, 45), width=st.integers(0, 5))
def test_a_page_gives_the_series_that_are_asked_for_alone(
    period: tuple[Heads, NDArray[np.int64], Readings], low: int, width: int
) -> None:
    volume = closed(*period)
    for each in volume.pages:
        told = volume.body[each.place : each.place + each.size]
        whole = decoded(told, "here")
        wanted = (whole.series >= low) & (whole.series <= low + width)
        same(decoded(told, "here", (low, low + width)), whole.taken(wanted))
        assert (each.first_series, each.last_series) == (whole.series[0], whole.series[-1])
        assert (each.min_ms, each.max_ms) == (whole.measured_ms.min(), whole.measured_ms.max())


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30))
def test_a_column_of_any_whole_numbers_comes_back(numbers: list[int]) -> None:
    assert Unpacker(packed(np.array(numbers, np.int64))).column().tolist() == numbers


def test_damage_is_noticed_wherever_it_is() -> None:
    told = sealed(packed(np.arange(1000) ** 2))
    for place in range(0, len(told)):
        hurt = bytearray(told)
        hurt[place] ^= 0x10
        with pytest.raises(StoreBrokenError):
            opened(bytes(hurt), "here")
    with pytest.raises(StoreBrokenError):
        opened(told[:-1], "here")
