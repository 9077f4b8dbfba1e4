"""`anlan replay` on a small recording made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.cli import app
from anlan.generated import marks
from tests.unit.anlan.test_recordings_files import FILE, put


@pytest.fixture
def described(tmp_path: Path) -> Path:
    folder = tmp_path / "described"
    folder.mkdir()
    (folder / "small.toml").write_text(
        FILE.format(label='kind = "windows"\ncolumn = "wrong"', top=""), encoding="utf-8"
    )
    return folder


def test_it_writes_what_it_shows(tmp_path: Path, described: Path) -> None:
    data = put(tmp_path, "0,60,1,a", "1,20,0,a")
    document, result = tmp_path / "page.md", tmp_path / "result.json"
    document.write_text("\n".join(marks("recordings")), encoding="utf-8")

    arguments = ["--recordings", str(described), "--json", str(result), "--markdown", str(document)]
    done = CliRunner().invoke(app, ["replay", str(data), *arguments])

    assert done.exit_code == 0, done.output
    assert "1/1 windows" in document.read_text(encoding="utf-8")
    (line,) = json.loads(result.read_text(encoding="utf-8"))
    assert (line["id"], line["windows"]["found"], line["episodes"]) == ("small", 1, {"hot": 1})


@pytest.mark.parametrize("arguments", [["--only", "unheard_of"], []])
def test_what_is_not_there_is_told_without_a_traceback(tmp_path: Path, described: Path, arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "empty"), "--recordings", str(described), *arguments])

    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)


def test_a_document_without_marks_is_left_alone(tmp_path: Path, described: Path) -> None:
    data = put(tmp_path, "0,60,1,a")
    document = tmp_path / "page.md"
    document.write_text("mine\n", encoding="utf-8")

    done = CliRunner().invoke(app, ["replay", str(data), "--recordings", str(described), "--markdown", str(document)])

    assert done.exit_code == 1
    assert document.read_text(encoding="utf-8") == "mine\n"
