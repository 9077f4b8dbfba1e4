"""Small recordings made here, read and replayed as the large ones are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from anlan.detection import replay_one
from anlan.detection_report import replay_markdown
from anlan.generated import NoMarksError, marks, replaced
from anlan.matching import RowMatch, WindowMatch
from anlan.recorded import load_recordings, runs_of
from anlan.recording import Recording
from rules.functions import PLAIN
from vocab.problem import ConfigurationError
from vocab.strict_toml import Source, parse

FILE = """
id = "small"
name = "Small"
files = ["small.csv*"]
chosen = "by hand"
floor = "1/1"
{top}
[time]
columns = ["at"]
scale_s = 10
[[column]]
column = "t"
point = "temperature"
sentinels = [-99]
[[point]]
id = "temperature"
name = {{ en = "x", zh = "x" }}
period_s = 10
heartbeat_s = 10
bounds = [-40, 200]
[[rule]]
id = "hot"
name = {{ en = "x", zh = "x" }}
point = "temperature"
when = {{ type = "high", limit = 50 }}
priority = 2
hazard = "h"
category = "hazard"
[label]
{label}
"""


def recording(label: str = 'kind = "windows"\ncolumn = "wrong"', top: str = "") -> Recording:
    found, problems = parse(Source("small.toml", FILE.format(label=label, top=top)), Recording)
    assert found is not None, problems
    return found


def put(folder: Path, *rows: str) -> Path:
    (folder / "small.csv").write_text("\n".join(["at,t,wrong,unit", *rows]), encoding="utf-8")
    return folder


def test_a_window_is_found_and_its_delay_told(tmp_path: Path) -> None:
    data = put(tmp_path, "0,20,0,a", "1,20,1,a", "2,60,1,a", "3,20,0,a", "4,70,0,a", "5,20,0,a")

    line = replay_one(recording(), data, PLAIN)

    assert line.windows == WindowMatch(1, 1, (10_000,), 2, 1)
    assert (line.delay_p50_s, line.delay_max_s) == (10, 10)
    assert line.rows == RowMatch(hits=1, false_alarms=1, missed=1, quiet=3)


def test_a_sentinel_and_a_value_beyond_the_bounds_neither_raise_nor_clear(tmp_path: Path) -> None:
    data = put(tmp_path, "0,60,0,a", "1,-99,0,a", "2,999,0,a", "3,60,0,a", "4,20,0,a")

    line = replay_one(recording(), data, PLAIN)

    assert line.episodes == {"hot": 1}


def test_a_blank_is_no_reading_and_no_case(tmp_path: Path) -> None:
    data = put(tmp_path, "0,60,1,a", "1,,1,a", "2,20,,a", "3,20,0,a")

    line = replay_one(recording('kind = "rows"\ncolumn = "wrong"\nequals = [1]'), data, PLAIN)

    assert line.readings == 3
    assert line.rows == RowMatch(hits=1, quiet=1)


def test_a_reading_that_comes_after_a_later_one_is_counted_and_not_judged(tmp_path: Path) -> None:
    data = put(tmp_path, "5,20,0,a", "3,60,0,a", "6,20,0,a")

    line = replay_one(recording(), data, PLAIN)

    assert (line.late, line.episodes) == (1, {"hot": 0})


def test_every_group_is_an_asset_of_its_own(tmp_path: Path) -> None:
    data = put(tmp_path, "0,60,0,a", "0,20,0,b", "1,60,0,a", "1,60,0,b")

    line = replay_one(recording(top='group_by = ["unit"]'), data, PLAIN)

    assert (line.runs, line.episodes) == (2, {"hot": 2})


def test_a_packed_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "small.csv.gz", "wt", encoding="utf-8") as file:
        file.write("at,t,wrong,unit\n0,60,1,a\n")

    (run,) = runs_of(recording(), tmp_path)

    assert run.readings.values.tolist() == [60.0]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="small"):
        replay_one(recording(), tmp_path, PLAIN)


def test_all_faults_of_a_description_come_at_once(tmp_path: Path) -> None:
    text = FILE.format(label='kind = "counts"', top="").replace("limit = 50", "limits = 50").replace("scale_s", "scale")
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_recordings(tmp_path)

    assert {problem.key.split(".")[-1] for problem in caught.value.problems} >= {"limit", "limits", "scale"}


def test_the_shipped_descriptions_are_without_fault() -> None:
    ids = [each.id for each in load_recordings()]

    assert len(ids) == len(set(ids)) >= 15


def test_the_document_keeps_what_a_person_wrote(tmp_path: Path) -> None:
    line = replay_one(recording(), put(tmp_path, "0,60,1,a", "1,20,0,a"), PLAIN)
    begin, end = marks("recordings")

    document = replaced(f"before\n{begin}\nold\n{end}\nafter\n", "recordings", replay_markdown([recording()], [line]))

    assert document.startswith("before\n")
    assert document.endswith("\nafter\n")
    assert "old" not in document
    assert "| Small | 1 | 2 | 1/1 windows, 0 false" in document
    assert replaced(document, "recordings", "x") == replaced(replaced(document, "recordings", "y"), "recordings", "x")


def test_a_document_without_a_place_is_refused() -> None:
    with pytest.raises(NoMarksError):
        replaced("nothing here", "recordings", "x")
