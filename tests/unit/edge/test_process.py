"""The agent's process: it holds what it needs, and its faults are told as everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from runtime.lean import command

LOADED = "import sys, edge.service, edge.check, runtime.files; print(sorted(sys.modules))"
NEEDLESS = {"numpy", "rules.book", "prometheus_client", "typer"}


def test_an_agent_loads_no_kernel_no_arrays_and_no_command_line_before_it_has_a_safety_rule() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout

    assert "'edge.guard'" in told
    assert {name for name in NEEDLESS if f"'{name}'" in told} == set()


def test_the_command_becomes_the_agent_and_tells_faults_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('id = "x"\nedge = 3\n', encoding="utf-8")
    agent = [sys.executable, "-m", "anlan", "edge", "run", str(tmp_path), "e1", "--data", str(tmp_path / "data")]
    found = subprocess.run(agent, capture_output=True, text=True, check=False)

    assert found.returncode == 1
    assert "nothing started" in found.stderr
    assert "site.toml" in found.stderr


def test_what_the_operator_has_set_in_the_environment_stands() -> None:
    argv, environment = command("edge", ["demo", "e1"], {**os.environ, "MALLOC_ARENA_MAX": "4"})

    assert argv[1:] == ["-m", "edge", "demo", "e1"]
    assert environment["MALLOC_ARENA_MAX"] == "4"
    assert environment["MALLOC_TRIM_THRESHOLD_"] == "262144"
