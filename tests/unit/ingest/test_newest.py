"""The newest reading is the newest by measured time, whatever the order of arrival."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.newest import Newest


@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20)), max_size=12), max_size=5))
def test_of_any_arrivals_the_newest_stays(batches: list[list[tuple[int, int]]]) -> None:
    newest = Newest()
    expected: dict[int, tuple[int, float]] = {}
    arrival = 0.0
    for batch in batches:
        values = [arrival + place for place in range(len(batch))]
        arrival += len(batch)
        newest.take(
            np.array([number for number, _ in batch], np.int32),
            np.array([moment for _, moment in batch], np.int64),
            np.array(values, np.float64),
            np.zeros(len(batch), np.uint8),
            np.zeros(len(batch), np.uint8),
        )
        for (number, moment), value in zip(batch, values, strict=True):
            if number not in expected or moment >= expected[number][0]:
                expected[number] = (moment, value)

    assert {number: (moment, value) for number, moment, value, _, _ in newest.all()} == expected
