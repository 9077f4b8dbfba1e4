"""Our on-delay against an independent rule engine, on a recording of a real machine.

The oracle was made by replaying the recording through another engine that evaluates every 5 minutes on the grid and
tells the first and last evaluation of each firing interval.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.rules.bench import Bench, point, rule

NAB = Path(__file__).parents[4] / "shared" / "data" / "nab"
STEP_S = 300


def seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC).timestamp()


def episodes(when: dict[str, Any], on_delay_s: float) -> list[tuple[float, float]]:
    """First and last evaluation of the grid at which our alarm stands."""
    bench = Bench(rule("r", when, on_delay_s=on_delay_s), points=[point("temp", period_s=STEP_S)])
    with (NAB / "machine_temperature_system_failure.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            bench.feed((seconds(row["timestamp"]), "temp", float(row["value"])))
    log = bench.log()
    assert len(log) % 2 == 0
    return [(raised[0], cleared[0] - STEP_S) for raised, cleared in zip(log[::2], log[1::2], strict=True)]


@pytest.mark.parametrize(
    ("name", "when", "on_delay_s"),
    [
        ("TempLow", {"type": "low", "limit": 40}, 900),
        ("TempHigh", {"type": "high", "limit": 100}, 600),
    ],
)
def test_it_raises_and_clears_as_the_other_engine_does(name: str, when: dict[str, Any], on_delay_s: float) -> None:
    if not NAB.is_dir():
        pytest.skip(f"NOT TESTED: the recordings are not here ({NAB})")
    oracle = json.loads((NAB / "vmalert_oracle.json").read_text(encoding="utf-8"))["intervals"][name]["firing"]
    theirs = [(seconds(first), seconds(last)) for first, last in oracle]

    assert episodes(when, on_delay_s) == theirs
