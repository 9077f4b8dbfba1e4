"""Scores in words."""

from __future__ import annotations

import pytest

from anlan.detection_report import duration, score_markdown, unfound_markdown
from anlan.score import Score, ScoreRow
from runtime.files import load_packs


def test_a_disturbance_is_counted_as_silent_and_a_fault_by_its_recall() -> None:
    rows = [
        ScoreRow("gas", "leak", 2, 1, 0.5, 61.0, 63.0, 240.0),
        ScoreRow("gas", "cooking", 3, 3, 1.0, None, None, None),
    ]
    score = Score(rows, 5.1, 0, 0.0, 0, {"polled": 7})

    lines = score_markdown(score).splitlines()

    assert "| gas | leak | 2 | 50% | 61 s | 63 s | 4 min |" in lines
    assert "| gas | cooking | 3 | 3 silent | – | – | – |" in lines
    assert lines[-1].endswith("Readings: 7 polled.")


def test_faults_that_no_rule_finds_are_told_and_disturbances_are_not() -> None:
    told = unfound_markdown(load_packs())

    assert "| gas | drift | sensor |" in told
    assert "cooking" not in told
    assert "| leak |" not in told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2.0 h")]
)
def test_a_length_of_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert duration(seconds) == told
