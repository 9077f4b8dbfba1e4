"""The ingest process for the tiny site, for tests that kill it: `python -m tests.ingest_process BROKER DB PORT`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ingest.service import Settings, serve
from runtime.clock import Clock
from runtime.process import run
from tests.processes import ServiceProcess
from tests.samples import tiny_site


class IngestProcess(ServiceProcess):
    """It, started and ended from a test."""

    def __init__(self, broker: str, database: Path, port: int) -> None:
        super().__init__(database.with_suffix(".log"), port, "tests.ingest_process", broker, str(database))

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.get("/api/v1/counts")
        return found

    def until_frames(self, frames: int, timeout_s: float = 60.0) -> None:
        end = time.monotonic() + timeout_s
        counts: dict[str, int] = {}
        while time.monotonic() < end:
            counts = self.counts()
            if counts.get("frames", -1) >= frames:  # while the store is away there is only a detail
                return
            time.sleep(0.1)
        raise AssertionError(f"{frames} frames were expected, there are {counts}\n{self.log.read_text()[-3000:]}")


if __name__ == "__main__":
    broker, database, port = sys.argv[1:]
    settings = Settings(broker=broker, database=database, port=int(port), tidy_every_s=0.5)
    raise SystemExit(run(lambda: serve((tiny_site(),), settings, Clock())))
