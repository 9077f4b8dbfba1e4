"""The short form of `python -m tests.fuzz`: some thousand spoilt inputs at every door."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.__main__ import attack, shares
from tests.fuzz.targets import targets

INPUTS = 20_000


def test_no_door_answers_a_spoilt_input_otherwise_than_it_may(tmp_path: Path) -> None:
    found = targets(tmp_path)

    results = [attack(target, count, 7) for target, count in zip(found, shares(found, INPUTS), strict=True)]

    assert [(each.target, each.fault, each.broken_by) for each in results if each.fault] == []
    assert sum(each.inputs for each in results) >= INPUTS
    assert all(each.answers >= 2 for each in results if each.inputs > 100), "what is tried reaches more than one answer"
