"""An edge agent as a process of its own, for tests that kill it: `python -m tests.edge_process FOLDER`.

FOLDER holds settings.json: broker (URL), bus (TOML), make (TOML), devices (rows), flush_s, live_for_s, again_after_s,
rules (TOML).
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.service import Settings, serve
from runtime.clock import Clock
from runtime.process import run
from tests.edge_places import site
from tests.processes import PartProcess
from vocab.site import Site

Key = tuple[str, str, int, float | None]  # asset, point, measured_ms, value


class EdgeProcess(PartProcess):
    """It, started and ended from a test."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "settings.json").write_text(json.dumps(settings))
        super().__init__(folder / "log", "tests.edge_process", str(folder))

    def connections(self) -> int:
        """How often it reached its broker, by its log."""
        return self.log.read_text().count("uplink connected")

    def tracebacks(self) -> int:
        """How many its log shows."""
        return self.log.read_text().count("Traceback")

    def ledger(self) -> Counter[Key]:
        """What it decided to report, by its own record."""
        path = self.folder / "ledger.csv"
        found: Counter[Key] = Counter()
        if path.exists():
            with path.open(newline="") as file:
                for row in csv.reader(file):
                    if len(row) == 6:
                        found[row[1], row[2], int(row[0]), float(row[3]) if row[3] else None] += 1
        return found


def place_of(told: Mapping[str, Any]) -> Site:
    """The site of such settings."""
    devices = [("one", row) for row in told["devices"]]
    return site({"one": told["make"]}, devices, told["bus"], told.get("flush_s", 1), rules=told.get("rules", ""))


def main(folder: Path) -> int:
    told = json.loads((folder / "settings.json").read_text())
    settings = Settings(
        broker=told["broker"], data_dir=folder / "spool", ledger=folder / "ledger.csv",
        live_for_s=told.get("live_for_s", 30), again_after_s=told.get("again_after_s", 30),
    )  # fmt: skip
    return run(lambda: serve(place_of(told), "e1", settings, Clock()))


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
