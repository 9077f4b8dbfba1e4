"""The alerts process for the small plant, for tests that kill it: `python -m tests.alerts_process BROKER DB PORT`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import httpx

from alerts.kernel import Kernel
from alerts.service import Settings, serve
from runtime.clock import Clock
from runtime.process import run
from tests.processes import ServiceProcess
from tests.unit.alerts.plant import plant


class AlertsProcess(ServiceProcess):
    """It, started and ended from a test."""

    def __init__(self, broker: str, database: Path, port: int) -> None:
        super().__init__(database.with_suffix(".log"), port, "tests.alerts_process", broker, str(database))

    def until_edge_seq(self, edge: str, seq: int, timeout_s: float = 60.0) -> None:
        """Wait until the live book has judged a frame of that number."""
        end = time.monotonic() + timeout_s
        at: Any = None
        while time.monotonic() < end:
            try:
                at = next(each for each in self.get("/api/v1/snapshot")["edges"] if each["id"] == edge)["seq"]
            except httpx.HTTPError:
                at = None
            if at is not None and at >= seq:
                return
            time.sleep(0.1)
        raise AssertionError(f"{edge} is at {at}, not at {seq}\n{self.log.read_text()[-3000:]}")


if __name__ == "__main__":
    broker, database, port = sys.argv[1:]
    settings = Settings(
        broker=broker, database=f"sqlite:///{database}", port=int(port), settle_real_s=12.0, kernel=Kernel.PLAIN
    )
    raise SystemExit(run(lambda: serve(plant(), settings, Clock())))
