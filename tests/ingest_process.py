"""The ingest process for the tiny site, for tests that kill it: `python -m tests.ingest_process BROKER DB PORT`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

from ingest.service import Settings, serve
from runtime.clock import Clock
from runtime.process import run
from tests.samples import tiny_site

ROOT = Path(__file__).parents[1]


class IngestProcess:
    """It, started and ended from a test."""

    def __init__(self, broker: str, database: Path, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.log = database.with_suffix(".log")
        self._arguments = [sys.executable, "-m", "tests.ingest_process", broker, str(database), str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> IngestProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._arguments, stdout=log, stderr=log, cwd=ROOT, env=dict(os.environ))
        if wait:
            self.until_healthy()

    def end(self, sig: int = signal.SIGTERM) -> int:
        """End it; the exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(sig)
        status = self._process.wait(timeout=20)
        self._process = None
        return status

    def until_healthy(self, timeout_s: float = 30.0) -> None:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.base_url}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"ingest did not become healthy:\n{self.log.read_text()[-3000:]}")

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = httpx.get(f"{self.base_url}/api/v1/counts", trust_env=False).json()
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
