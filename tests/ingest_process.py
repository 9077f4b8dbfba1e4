"""The ingest process of a small site, for tests that kill it: `python -m tests.ingest_process BROKER DB SITE PORT`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ingest.service import Settings, serve
from runtime.clock import Clock
from runtime.process import run
from tests.processes import ServiceProcess
from tests.samples import tiny_site
from vocab.site import Site


class IngestProcess(ServiceProcess):
    """It, started and ended from a test."""

    def __init__(self, broker: str, database: Path, port: int, site: str = "tiny") -> None:
        super().__init__(database.with_suffix(".log"), port, "tests.ingest_process", broker, str(database), site)

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


def _site(name: str) -> Site:
    if name == "tiny":
        return tiny_site()
    from tests.night_process import site  # the other part's whole code, which the tiny site does without

    return site("http://127.0.0.1:9")


if __name__ == "__main__":
    broker, database, which, port = sys.argv[1:]
    settings = Settings(broker=broker, database=database, port=int(port), tidy_every_s=0.5)
    raise SystemExit(run(lambda: serve((_site(which),), settings, Clock())))
