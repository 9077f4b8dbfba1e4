"""The main job, whole: simulators, edges, broker, ingest, alerts and tickets, judged against the ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.running import Demo, demo, explain
from tests.brokers import RunningBroker

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

SECONDS = 120
KINDS = {
    "bin",
    "boiler",
    "elevator",
    "gas",
    "power",
    "thermometer",
    "vessel",
    "water",
}


def assert_every_promise(verdict: dict[str, Any]) -> None:
    assert set(verdict["kinds"]) >= KINDS
    assert verdict["edges"] >= 2
    assert verdict["devices"] >= 30
    assert len(verdict["faults"]) >= 10
    assert [row for row in verdict["faults"] if row["tickets"] != 1 or not row["found"]] == [], explain(verdict)
    assert verdict["unexpected_tickets"] == []
    assert verdict["readings"]["lost"] == 0, explain(verdict)
    assert verdict["readings"]["duplicated"] == 0, explain(verdict)
    assert verdict["readings"]["stored"] >= verdict["readings"]["polled"] > 10_000


def test_first_day_finds_every_fault_once_and_keeps_every_reading(tmp_path: Path) -> None:
    with demo(tmp_path, "--scenario", "first-day", "--for", str(SECONDS)) as running:
        verdict = running.verdict(SECONDS + 120)

    assert_every_promise(verdict)
    assert all(part["restarts"] == 0 for part in verdict["parts"].values()), verdict["parts"]


@pytest.mark.needs("mosquitto")
def test_first_day_is_the_same_with_mosquitto(tmp_path: Path, mosquitto_broker: RunningBroker) -> None:
    with demo(tmp_path, "--scenario", "first-day", "--for", str(SECONDS), "--broker", mosquitto_broker.url) as running:
        verdict = running.verdict(SECONDS + 120)

    assert_every_promise(verdict)


def test_first_day_survives_a_kill_of_every_part(tmp_path: Path) -> None:
    with demo(tmp_path, "--scenario", "first-day", "--for", str(SECONDS)) as running:
        assert running.wall
        for part in ("edge-a", "broker", "ingest", "alerts", "edge-b"):
            _work_for(running, 12)
            running.kill(part)
        verdict = running.verdict(SECONDS + 180)

    assert_every_promise(verdict)
    for part in ("edge-a", "edge-b", "broker", "ingest", "alerts"):
        assert verdict["parts"][part]["restarts"] >= 1, verdict["parts"]


def _work_for(running: Demo, seconds: float) -> None:
    """Let the demo work, and notice at once if it ends."""
    import subprocess

    with pytest.raises(subprocess.TimeoutExpired):
        running.process.wait(seconds)
