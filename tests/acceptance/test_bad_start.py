"""What a person sees who made a mistake."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from runtime.files import shipped
from tests.acceptance.running import ANLAN

pytestmark = [pytest.mark.acceptance]

BROKEN = """
id = "broken"
name = {en = "Broken", zh = "坏的"}
timezone = "Mars/Olympus"
colour = "blue"

[[grid]]
id = "g1"
name = {en = "Grid", zh = "网格"}

[[edge]]
id = "edge-a"
name = {en = "Cabinet", zh = "机柜"}
grid = "g9"

[[asset]]
id = "boiler-1"
kind = "steamship"
name = {en = "Boiler", zh = "锅炉"}
grid = "g1"
location = {en = "Yard", zh = "院子"}
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((*ANLAN, *arguments), capture_output=True, text=True, timeout=60, check=False)


def test_a_broken_site_tells_every_fault_with_its_line_and_starts_nothing(tmp_path: Path) -> None:
    text = BROKEN.replace('colour = "blue"\n', "")
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    run_dir = tmp_path / "run"

    result = _run("demo", "--site", str(tmp_path), "--run-dir", str(run_dir), "--for", "5")

    assert result.returncode == 1
    for code, line in (("E005", 4), ("E006", 13), ("E006", 17)):
        assert any(code in told and f"site.toml:{line} " in told for told in result.stderr.splitlines()), result.stderr
    assert "Traceback" not in result.stderr
    assert not run_dir.exists()


def test_an_unknown_key_is_a_fault_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(BROKEN, encoding="utf-8")

    result = _run("check", str(tmp_path))

    assert result.returncode == 1
    assert "E002" in result.stderr
    assert "hint" in result.stderr


@pytest.mark.parametrize("part", [("alerts", "run", "demo"), ("ingest", "run", "demo", "--store", ":memory:")])
def test_a_port_in_use_and_a_broker_away_are_told_and_tried_again(part: tuple[str, ...], tmp_path: Path) -> None:
    extra = ("--database", f"sqlite:///{tmp_path}/t.sqlite") if part[0] == "alerts" else ()
    log = tmp_path / "log"
    with socket.socket() as taken, log.open("w", encoding="utf-8") as output:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = subprocess.Popen(
            (*ANLAN, *part, "--port", str(port), "--broker", "mqtt://127.0.0.1:9", *extra), stderr=output
        )
        try:
            _until(lambda: "already in use" in log.read_text(encoding="utf-8"), log)
            _until(lambda: "broker away" in log.read_text(encoding="utf-8"), log)
            taken.close()
            _until(lambda: _answers(port), log)
        finally:
            process.terminate()
            status = process.wait(60)  # a kernel that is being read from its cache is read to the end

    assert status == 0
    assert "Traceback" not in log.read_text(encoding="utf-8")


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False).status_code < 600
    except httpx.HTTPError:
        return False


def _until(holds: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, log.read_text(encoding="utf-8")
        time.sleep(0.1)


def test_faults_of_every_scenario_are_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(shipped("sites") / "demo", folder)
    for name in ("quiet-day", "smoke"):
        path = folder / "scenarios" / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8") + '\n[[inject]]\nid = "x"\nat_s = 1\n', encoding="utf-8")

    result = _run("check", str(folder))

    assert result.returncode == 1
    assert "quiet-day.toml" in result.stderr
    assert "smoke.toml" in result.stderr
