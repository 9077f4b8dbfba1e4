"""Moments, qualities and readings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab.instant import from_ms, iso, seconds_ms, to_ms
from vocab.quality import Quality, Reason
from vocab.reading import Reading


def test_a_moment_without_an_offset_names_no_instant() -> None:
    with pytest.raises(ValueError, match="offset"):
        to_ms(datetime(2026, 3, 23))  # noqa: DTZ001 - the point of the test


def test_the_same_instant_has_one_number_in_every_zone() -> None:
    china = datetime(2026, 3, 23, 8, 15, 2, 350_000, tzinfo=timezone(timedelta(hours=8)))

    assert to_ms(china) == 1_774_224_902_350
    assert iso(1_774_224_902_350) == "2026-03-23T00:15:02.350Z"


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_a_moment_survives_the_way_there_and_back(moment_ms: int) -> None:
    assert to_ms(from_ms(moment_ms)) == moment_ms
    assert from_ms(moment_ms).tzinfo is UTC


def test_seconds_become_whole_milliseconds() -> None:
    assert seconds_ms(0.0015) == 2
    assert seconds_ms(600) == 600_000


def test_the_numbers_of_qualities_and_reasons_are_for_ever() -> None:
    # They are stored. A new reason is added at the end; none changes or goes.
    assert [(each.name, int(each)) for each in Quality] == [("GOOD", 0), ("UNCERTAIN", 1), ("BAD", 2)]
    assert [each.wire for each in Reason] == [
        "none", "comm_timeout", "comm_error", "sensor_fault", "out_of_range", "stale", "warmup", "calibration", "clock",
        "slew", "decode", "substituted", "other",
    ]  # fmt: skip
    assert [int(each) for each in Reason] == list(range(13))


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_survives_the_wire(reason: Reason) -> None:
    assert Reason.from_wire(reason.wire) is reason


def test_a_good_reading_has_a_value_and_no_reason() -> None:
    assert Reading("a", "p", 0.0, 0).quality is Quality.GOOD
    with pytest.raises(ValueError, match="needs a value"):
        Reading("a", "p", None, 0)
    with pytest.raises(ValueError, match="reason"):
        Reading("a", "p", 1.0, 0, Quality.GOOD, Reason.STALE)
    with pytest.raises(ValueError, match="reason"):
        Reading("a", "p", None, 0, Quality.BAD)
