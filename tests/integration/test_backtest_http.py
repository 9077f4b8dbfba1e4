"""A backtest over a running ingest: the same as over its file, while ingest has the file open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alerts.ledger import Options
from rules.episodes import Event, annunciates
from tests.history_server import history_server
from tests.integration.test_backtest import PRESSURE, Lived, acknowledge_one, live, sent, site
from tests.processes import ROOT
from vocab.draft import put_over
from vocab.fingerprint import rules_digest, text_digest


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return live(tmp_path_factory.mktemp("lived"), sent("first-day", 20), Options(), people=acknowledge_one)


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "anlan", "backtest", *words],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip


def told(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_over_http_it_tells_what_it_tells_over_the_file(lived: Lived, tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text(PRESSURE.format(limit=1.9), encoding="utf-8")
    from_file = command(str(draft), "--store", lived.store, "--json", str(tmp_path / "file.json"))
    with history_server(Path(lived.store), (site(),)) as url:
        from_ingest = command(
            str(draft), "--store", url, "--json", str(tmp_path / "http.json"), "--progress", "lines",
            ANLAN_BACKTEST_DATABASE=lived.database,
        )  # fmt: skip
        file_while_ingest_has_it = command(str(draft), "--store", lived.store)

    assert from_file.returncode == from_ingest.returncode == 0, from_file.stderr + from_ingest.stderr
    found = told(tmp_path / "http.json")
    assert len(found["transitions"]) > 10
    people = [each for each in found["transitions"] if each["because"] == "acknowledged"]
    assert people, "with the ticket database, what people did is done again"
    with_people = command(
        str(draft), "--store", lived.store, "--database", lived.database, "--json", str(tmp_path / "people.json")
    )
    assert with_people.returncode == 0
    assert found == told(tmp_path / "people.json")
    assert file_while_ingest_has_it.returncode == 1, "the file itself cannot be had meanwhile"


def test_progress_in_lines_is_nothing_but_json_and_ends_with_everything(lived: Lived, tmp_path: Path) -> None:
    done = command("--store", lived.store, "--progress", "lines", "--json", str(tmp_path / "told.json"))

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1] == {"done": told(tmp_path / "told.json")["frames"], "total": lines[-1]["total"]}
    assert lines[-1]["done"] == lines[-1]["total"]


def test_drafts_in_force_are_put_over_first_and_the_report_says_which_rules_it_is_about(
    lived: Lived, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(PRESSURE.format(limit=1.9), encoding="utf-8")
    second.write_text(PRESSURE.format(limit=9.0), encoding="utf-8")

    done = command(str(second), "--over", str(first), "--store", lived.store, "--json", str(tmp_path / "told.json"))

    found = told(tmp_path / "told.json")
    base, _, _ = put_over(site(), "first.toml", first.read_text(encoding="utf-8"))
    assert base is not None
    assert done.returncode == 0, done.stderr
    assert found["base_digest"] == rules_digest(base) != rules_digest(site())
    assert found["text_digest"] == text_digest(second.read_text(encoding="utf-8"))
    assert {each["alarm"].split(".")[1] for each in found["difference"]["lost"]} == {"line_pressure_high"}


def test_pages_are_what_somebody_is_called_for_at_that_moment(lived: Lived, tmp_path: Path) -> None:
    command("--store", lived.store, "--json", str(tmp_path / "told.json"))

    found = told(tmp_path / "told.json")
    called = [each for each in found["transitions"] if annunciates(Event(**each))]
    assert sum(each["pages"] for each in found["shifts"]) == len(called) > 5
    assert all(each["because"] == "raised" for each in called), "nobody shelved anything"


def test_the_time_that_history_covers_is_told(lived: Lived, tmp_path: Path) -> None:
    start_ms = sent("first-day", 20)[0][0]

    command("--store", lived.store, "--from", "2020-01-01", "--json", str(tmp_path / "told.json"))

    found = told(tmp_path / "told.json")
    assert found["from_ms"] < start_ms
    assert 18 * 60_000 <= found["covered_ms"] <= 22 * 60_000, "not the years of which nothing is known"
