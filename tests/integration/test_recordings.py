"""Recordings that nobody here made: the floors that our rules hold."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from anlan.detection import Line, replay_one
from anlan.detection_report import replay_markdown
from anlan.recorded import load_recordings
from rules.functions import PLAIN

PAGE = Path(__file__).parents[2] / "docs" / "detection.md"
DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"NOT TESTED: the recordings are not here ({DATA})")


@cache
def line_of(name: str) -> Line:
    (recording,) = [each for each in load_recordings() if each.id == name]
    return replay_one(recording, DATA, PLAIN)


def rows(path: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(
    ("name", "found", "windows", "false"),
    [
        pytest.param("cec_boiler", 9, 9, 9, id="boiler: the one-line rule has 10 false"),
        pytest.param("nab_machine", 3, 4, 21, id="machine: between the two one-line rules"),
        pytest.param("nab_waves", 2, 2, 0, id="waves: the clean one stays silent"),
        pytest.param("suthaharan", 2, 2, 0, id="steam: the clean motes stay silent"),
        pytest.param("wwtp_do", 9, 9, 0, id="dissolved oxygen"),
        pytest.param("skab", 3, 17, 0, id="water loop, mean of all sensors"),
        pytest.param("skab_worst", 10, 17, 3, id="water loop, worst sensor"),
    ],
)
def test_labelled_windows_are_found(name: str, found: int, windows: int, false: int) -> None:
    match = line_of(name).windows

    assert match is not None
    assert match.windows == windows
    assert match.found >= found
    assert match.false_episodes <= false


def test_the_far_limit_of_the_machine_raises_for_nothing_never() -> None:
    alone = line_of("nab_machine").by_rule["far_too_cold"]

    assert (alone.found, alone.false_episodes) == (2, 0)


@pytest.mark.parametrize("name", ["ai4i_power", "ai4i_overstrain", "airquality_uci", "bins_edinburgh"])
def test_what_is_a_function_of_the_values_is_met_exactly(name: str) -> None:
    match = line_of(name).rows

    assert match is not None
    assert match.hits > 0
    assert (match.false_alarms, match.missed) == (0, 0)


@pytest.mark.parametrize(
    ("name", "hits", "false"),
    [
        pytest.param("ai4i_heat", 103, 0, id="labelled before the values were rounded"),
        pytest.param("body_temp", 32, 9, id="one offset for everybody"),
        pytest.param("wastewater_uci", 47, 63, id="a class of a clustering, not of a limit"),
    ],
)
def test_what_a_limit_can_only_approach_does_not_get_worse(name: str, hits: int, false: int) -> None:
    match = line_of(name).rows

    assert match is not None
    assert match.hits >= hits
    assert match.false_alarms <= false


def test_every_sentinel_is_a_bad_reading_and_no_process_alarm() -> None:
    sentinels = sum(
        float(value) == -200
        for row in rows("airquality_uci/AirQualityUCI.csv.gz")
        for name, value in row.items()
        if name not in {"Date", "Time"} and value
    )
    line = line_of("airquality_uci")

    assert line.rows is not None
    assert line.rows.hits == sentinels
    assert line.episodes["process_low"] == 0


def test_every_late_emptying_is_one_alarm_that_the_emptying_ends() -> None:
    late = [float(row["fill_before_pct"]) >= 80 for row in rows("bins_edinburgh/collections.csv.gz")]

    assert line_of("bins_edinburgh").episodes == {"overdue": sum(late)}


@pytest.mark.parametrize(
    ("column", "rule", "samples"), [("humidity", "humidity_stuck", 21), ("vibration", "vibration_stuck", 62)]
)
def test_every_run_of_equal_values_is_one_stuck_alarm(column: str, rule: str, samples: int) -> None:
    values = [row[column] for row in rows("elevator_vibration/first_half.csv.gz") if row[column]]
    runs = [len(list(equal)) for _, equal in groupby(values, key=float)]

    assert line_of("elevator_vibration").episodes[rule] == sum(length >= samples for length in runs)


def test_a_blank_now_and_then_is_no_silence() -> None:
    assert line_of("elevator_vibration").episodes["vibration_missing"] == 0


def test_a_line_that_never_moves_is_stuck_once() -> None:
    assert line_of("nab_flatline").episodes == {"stuck": 1}


def test_delays_take_the_chatter_out_of_an_alarm_log() -> None:
    plain, with_dead_band = line_of("tep_original").episodes, line_of("tep_deadband").episodes

    # Every begin of the log is one alarm; the same cases with dead-band are the best that a setting can reach.
    assert (plain["as_logged"], with_dead_band["as_logged"]) == (27_103, 437)
    assert plain["as_logged"] > 2 * plain["held_1_min"] > 4 * plain["held_5_min"] > 4 * with_dead_band["as_logged"]
    assert plain["on_15_s_off_1_min"] < plain["held_1_min"]


def test_readings_after_a_clock_that_jumped_back_are_not_judged_twice() -> None:
    assert line_of("nab_machine").late == 11


def test_the_document_tells_what_the_replay_tells() -> None:
    known = load_recordings()
    told = replay_markdown(known, [line_of(each.id) for each in known])

    assert told in PAGE.read_text(encoding="utf-8"), "run: anlan replay FOLDER --markdown docs/detection.md"
