"""A part of ours as a process, for tests that kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[1]


class PartProcess:
    """`python -m MODULE ARGUMENTS`, started and ended from a test; what it says goes to `log`."""

    def __init__(self, log: Path, module: str, *arguments: str) -> None:
        self.log = log
        self._arguments = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.end(signal.SIGKILL)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._arguments, stdout=log, stderr=log, cwd=ROOT, env=dict(os.environ))

    def end(self, sig: int = signal.SIGTERM) -> int:
        """End it; the exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(sig)
        status = self._process.wait(timeout=20)
        self._process = None
        return status


class ServiceProcess(PartProcess):
    """A part that answers HTTP on a loopback port."""

    def __init__(self, log: Path, port: int, module: str, *arguments: str) -> None:
        super().__init__(log, module, *arguments, str(port))
        self.base_url = f"http://127.0.0.1:{port}"

    def start(self, *, wait: bool = True) -> None:
        super().start()
        if wait:
            self.until_healthy()

    def until_healthy(self, timeout_s: float = 120.0) -> None:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and not self.has_ended:
            try:
                if httpx.get(f"{self.base_url}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"it did not become healthy:\n{self.log.read_text()[-3000:]}")

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.base_url}{path}", trust_env=False, timeout=20).json()
