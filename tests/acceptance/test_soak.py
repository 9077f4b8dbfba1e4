"""The short form of `anlan soak`: half an hour of site time with thirty walls and a browser.

Ten seconds say nothing about memory, which is still warming up. They say that all of it works, and that what walls take
while they leave and come again (streams, open files, threads, sessions) is given back.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.running import ANLAN
from tests.browser import chromium

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(240)]

WALLS = 30
GIVEN_BACK = ("walls: streams open", "alerts: streams it serves", "alerts: open files", "alerts: threads",
              "ingest: open files", "broker: open files", "rows: sessions and tokens")  # fmt: skip


def test_half_an_hour_with_walls_that_come_and_go_gives_back_what_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_CHROMIUM", chromium())
    out = tmp_path / "out.json"
    how = ("--for", "30m", "--speed", "180", "--walls", str(WALLS), "--browser", "--run-dir", str(tmp_path / "run"))
    done = subprocess.run(
        (*ANLAN, "soak", *how, "--json", str(out)), check=False, capture_output=True, text=True, timeout=220
    )
    assert out.exists(), done.stdout + done.stderr
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (done.returncode == 0) == told["holds"] == (not told["broken"]), done.stdout
    findings = {each["name"]: each for each in told["findings"]}
    kept = {name: why for name in GIVEN_BACK if "nothing can be said" not in (why := findings[name]["why"])}
    assert kept == dict.fromkeys(kept, ""), done.stdout  # a busy machine has few samples
    assert 0 < findings["walls: streams open"]["peak"] <= WALLS
    assert told["walls"]["events"] > WALLS
    assert told["restarts"] == told["readings"]["lost"] == 0, done.stdout
    assert told["page_errors"] == []
    assert 0 < findings["browser: heap, MB"]["peak"] < 100
    assert findings["alerts: memory, MB"]["peak"] > 50
