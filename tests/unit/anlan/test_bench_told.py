"""What a run has told becomes tables and plots: nothing of it is typed by hand, and nothing is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from anlan.bench.frame import Row, as_json
from anlan.bench.plots import plots
from anlan.bench.tables import filled
from anlan.bench.told import Run, goal_of, joined, run_of
from anlan.cli import app

ROOT = Path(__file__).parents[3]
ROWS = [
    Row("ingest", "stored & judged", 994_000.0, "readings/s", 4_640_000.0, 0.21, "≥ 1,500,000", False, 0.5),
    Row("ingest", "share of the direct insert", 0.21, "", None, None, "≥ 0.5", False, 0.7),
    Row("edge", "100 units × 20", 250_000.0, "values/s", 200_000.0, 1.25, "≥ 0.6 of it", True, 0.6),
    Row("latency", "what never came", 0, "", 7_800, 0.0, "= 0", True, 0.6),
]
PAGE = """# Page
<!-- bench machine -->
old
<!-- end -->
<!-- bench ingest -->
| old |
<!-- end -->
between
<!-- bench query -->
| kept |
<!-- end -->
"""


def run() -> Run:
    return run_of(json.loads(json.dumps(as_json(ROWS), ensure_ascii=False)))


@pytest.mark.parametrize(
    ("row", "goal"),
    [(ROWS[0], 1_500_000.0), (ROWS[1], 0.5), (ROWS[2], 120_000.0), (ROWS[3], 0.0), (replace(ROWS[0], goal=""), None)],
)
def test_a_goal_is_a_number_in_the_unit_of_the_figure(row: Row, goal: float | None) -> None:
    assert goal_of(row) == goal


def test_a_table_is_put_between_its_marks_and_all_else_stays() -> None:
    text, homeless = filled(PAGE, run(), {"bench-ingest.svg"})

    assert "| stored & judged | 994,000 readings/s | 4,640,000 readings/s | 0.21 | ≥ 1,500,000: **missed** |" in text
    assert "(images/bench-ingest.svg)" in text
    assert "| old |" not in text
    assert "between\n<!-- bench query -->\n| kept |\n<!-- end -->" in text
    assert "Load average while the rows were made: 0.5 to 0.7." in text
    assert homeless == ("edge", "latency")
    assert filled(text, run(), {"bench-ingest.svg"})[0] == text


def test_of_two_runs_the_later_counts_for_a_bench_that_is_in_both() -> None:
    again = run_of(json.loads(json.dumps(as_json([replace(ROWS[2], figure=1.0)]), ensure_ascii=False)))

    both = joined([run(), again])
    assert both.benches == ("ingest", "edge", "latency")
    assert [row.figure for row in both.of("edge")] == [1.0]


def test_a_plot_is_drawn_for_each_bench_with_a_bar_for_each_figure_and_reference() -> None:
    found = plots(run())

    assert sorted(found) == ["bench-edge.svg", "bench-ingest.svg", "bench-latency.svg"]
    picture = ElementTree.fromstring(found["bench-ingest.svg"])  # noqa: S314 - it is ours
    words = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"994,000", "4,640,000", "0.21", "stored & judged", "readings/s, logarithmic"} <= set(words)


def test_the_commands_draw_and_fill_and_refuse_what_no_run_has_written(tmp_path: Path) -> None:
    told, page = tmp_path / "out.json", tmp_path / "page.md"
    told.write_text(json.dumps(as_json(ROWS[:2]), ensure_ascii=False), encoding="utf-8")
    page.write_text(PAGE, encoding="utf-8")
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]", encoding="utf-8")

    drawn = CliRunner().invoke(app, ["bench", "plot", str(told), "--into", str(tmp_path / "images")])
    put = CliRunner().invoke(app, ["bench", "tables", str(told), "--into", str(page)])

    assert (drawn.exit_code, put.exit_code) == (0, 0)
    assert "(images/bench-ingest.svg)" in page.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["bench", "plot", str(wrong)]).exit_code == 2


def test_the_page_has_a_place_for_every_bench() -> None:
    from anlan.cli_bench import ALL

    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

    assert [name for name in ALL if f"<!-- bench {name} -->" not in page] == []
