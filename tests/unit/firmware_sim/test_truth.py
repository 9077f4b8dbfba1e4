"""The record that everything else is judged by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firmware_sim.live import Live
from firmware_sim.truth import last_words
from runtime.clock import Clock
from tests.unit.firmware_sim.places import START_MS, fault, world


class SteppedClock(Clock):
    """A clock that stands where the test put it."""

    moment_ms = START_MS

    def now_ms(self) -> int:
        return type(self).moment_ms


@pytest.fixture
def clock() -> SteppedClock:
    SteppedClock.moment_ms = START_MS
    return SteppedClock()


def test_a_fault_is_in_the_file_the_moment_it_sets_in(tmp_path: Path, clock: SteppedClock) -> None:
    file = tmp_path / "run" / "truth.jsonl"
    live = Live(world(fault("hot", "flame_out", 10.0, for_s=60.0)), clock, file)
    live.now()
    assert not file.exists()
    SteppedClock.moment_ms += 11_000
    live.now()
    lines = file.read_text().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["expects"] == {
        "rule": "burner_lockout", "hazard": "flame_failure", "category": "hazard", "graver": [],
    }  # fmt: skip
    SteppedClock.moment_ms += 60_000
    live.now()
    assert [json.loads(line)["ended_ms"] for line in file.read_text().splitlines()] == [None, START_MS + 70_000]
    assert last_words(file.read_bytes())["hot-flame-out"].ended_ms == START_MS + 70_000


def test_the_file_is_only_ever_appended_to(tmp_path: Path, clock: SteppedClock) -> None:
    file = tmp_path / "truth.jsonl"
    file.write_bytes(b"")
    for run in range(2):
        Live(world(fault("hot", "soot"), seed=run), clock, file).now()
    assert len(file.read_bytes().splitlines()) == 2


def test_a_torn_last_line_is_left_out(clock: SteppedClock, tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    Live(world(fault("hot", "soot"), fault("steam", "soot")), clock, file).now()
    assert set(last_words(file.read_bytes()[:-20])) == {"hot-soot"}


def test_a_full_disk_delays_the_record_and_stops_no_device(tmp_path: Path, clock: SteppedClock) -> None:
    taken = tmp_path / "not-a-folder"
    taken.write_text("")
    file = taken / "truth.jsonl"
    live = Live(world(fault("hot", "soot")), clock, file)
    live.now()
    assert isinstance(live.ask("hot-burner", "holding", 7, 1), list)
    taken.unlink()
    live.now()
    assert set(last_words(file.read_bytes())) == {"hot-soot"}


def test_a_disturbance_expects_nothing(clock: SteppedClock) -> None:
    live = Live(world(fault("steam", "shrink_swell")), clock, None)
    truth = live.now().truth[0]
    assert truth.expects is None
    assert truth.nature == "disturbance"
    assert truth.params["amplitude_mm"] == 60
