"""The alerts process for the small plant, for tests that kill it: `python -m tests.alerts_process BROKER DB PORT`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from alerts.service import Settings, serve
from runtime.clock import Clock
from runtime.process import run
from tests.unit.alerts.plant import plant

ROOT = Path(__file__).parents[1]


class AlertsProcess:
    """It, started and ended from a test."""

    def __init__(self, broker: str, database: Path, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.log = database.with_suffix(".log")
        self._arguments = [sys.executable, "-m", "tests.alerts_process", broker, str(database), str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> AlertsProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(signal.SIGKILL)

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

    def until_healthy(self, timeout_s: float = 60.0) -> None:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.base_url}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"alerts did not become healthy:\n{self.log.read_text()[-3000:]}")

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.base_url}{path}", trust_env=False, timeout=20).json()

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
    settings = Settings(broker=broker, database=f"sqlite:///{database}", port=int(port), settle_real_s=12.0)
    raise SystemExit(run(lambda: serve(plant(), settings, Clock())))
