"""Recordings in words."""

from __future__ import annotations

import pytest

from anlan.detection_report import duration


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2.0 h")]
)
def test_a_length_of_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert duration(seconds) == told
