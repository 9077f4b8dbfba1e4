"""`anlan rules test` as its users call it."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from anlan.cli import app
from tests.unit.vocab.small import pack_files

TEST = """
[[test]]
rule = "pressure_high"
story = { en = "Too much", zh = "压力过高" }
variant = "small"
table = \"\"\"
time | pressure | expect
0s   | 700      | nothing
10s  | 800      | WORD
\"\"\"
"""


def packs(folder: Path, word: str) -> Path:
    for name, text in (pack_files() | {"pump/tests.toml": TEST.replace("WORD", word)}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_story_that_holds_is_told_with_its_line_and_untested_rules_are_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "test", "--packs", str(packs(tmp_path, "raised"))])

    assert result.exit_code == 0, result.output
    assert "Too much" in result.output
    assert "1 story, all as told" in result.output
    assert "edge/beat" in result.output, "a rule without a test"


def test_a_story_that_does_not_hold_fails_and_shows_what_happened_instead(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "test", "pump", "--zh", "--packs", str(packs(tmp_path, "nothing"))])

    assert result.exit_code == 1
    assert "压力过高" in result.output
    assert "packs/pump/tests.toml:9  raised at 10s, not nothing" in result.output
    assert ["10s", "raised", "800"] in [line.split() for line in result.output.splitlines()]


def test_a_slip_in_a_test_is_told_like_any_other_and_nothing_runs(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "test", "--packs", str(packs(tmp_path, "risen"))])

    assert result.exit_code == 1
    assert "E006 packs/pump/tests.toml:9 test[1].table: nothing is called 'risen'" in result.output


def test_a_kind_or_a_rule_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = str(packs(tmp_path, "raised"))

    assert CliRunner().invoke(app, ["rules", "test", "rocket", "--packs", folder]).exit_code == 2
    assert CliRunner().invoke(app, ["rules", "test", "pump", "--rule", "x", "--packs", folder]).exit_code == 1
