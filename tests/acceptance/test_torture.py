"""The short form of `anlan torture`: the whole chain, struck for a moment, loses nothing.

Clocks are left out: a process that was started with a wrong one takes a minute to believe the right one.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.running import ANLAN

pytestmark = [pytest.mark.acceptance, pytest.mark.alone, pytest.mark.timeout(600)]


FAULTS = "kill,freeze,wan,frames,broker,disk,store,database"


def test_struck_with_fault_after_fault_the_chain_loses_no_reading_no_hazard_and_no_page(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = (*ANLAN, "torture", "--for", "5m", "--speed", "20", "--seed", "2", "--faults", FAULTS, "--json", str(out))
    done = subprocess.run(
        (*command, "--run-dir", str(tmp_path / "run")), check=False, capture_output=True, text=True, timeout=580
    )
    assert out.exists(), done.stdout + done.stderr
    told = json.loads(out.read_text(encoding="utf-8"))
    counts = {key: told[key] for key in ("lost", "doubled", "missed", "double_tickets", "lost_pages")}
    assert counts == dict.fromkeys(counts, 0), done.stdout
    assert done.returncode == 0, done.stdout
    assert any(fault["result"] == "done" for fault in told["faults"])
    assert told["runs"][0]["readings"]["stored"] > 0
    assert len(told["runs"][0]["hazards"]) > 5
