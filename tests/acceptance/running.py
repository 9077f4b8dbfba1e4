"""Running `anlan demo` as a user does: as a process, looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import take_port

ANLAN = (sys.executable, "-m", "anlan")


@dataclass(slots=True)
class Demo:
    """A demo that runs while we look."""

    process: subprocess.Popen[str]
    root: Path
    log: Path

    @property
    def wall(self) -> str:
        """The address it told, without the token of the wall screen."""
        return self._told("wall").split("/#")[0]

    @property
    def screen(self) -> str:
        """The address of the wall screen, with its token: it sees and does nothing."""
        return self._told("wall")

    def access(self) -> dict[str, Any]:
        """Passwords of the demo's accounts, and its tokens."""
        found: dict[str, Any] = json.loads((self.root / "run" / "access.json").read_text(encoding="utf-8"))
        return found

    @property
    def simulator(self) -> str:
        """The address of the simulator's control API."""
        return self._told("simulator")

    def _told(self, word: str) -> str:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            for line in self.log.read_text(encoding="utf-8").splitlines():
                if line.startswith(word):
                    return line.split()[1]
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            time.sleep(0.1)
        raise AssertionError(f"the demo never told its {word}: {self.log.read_text(encoding='utf-8')}")

    def pid(self, part: str) -> int:
        """The process id of a part's present life."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pids = json.loads((self.root / "run" / "parts.json").read_text(encoding="utf-8"))
            if pids.get(part) is not None:
                return int(pids[part])
            time.sleep(0.05)
        raise AssertionError(f"{part} has no process")

    def kill(self, part: str) -> None:
        """SIGKILL a part, as a power cut or the kernel would."""
        os.kill(self.pid(part), signal.SIGKILL)

    def get(self, path: str) -> Any:
        """What the API answers."""
        headers = {"Authorization": f"Bearer {self.access()['token']}"}
        return httpx.get(f"{self.wall}{path}", timeout=10, trust_env=False, headers=headers).raise_for_status().json()

    def verdict(self, within_s: float) -> dict[str, Any]:
        """Wait for the end and read the verdict."""
        status = self.process.wait(within_s)
        text = self.log.read_text(encoding="utf-8")
        assert (self.root / "out.json").exists(), text
        verdict: dict[str, Any] = json.loads((self.root / "out.json").read_text(encoding="utf-8"))
        assert (status == 0) == verdict["holds"], text
        return verdict


@contextmanager
def demo(root: Path, *arguments: str) -> Iterator[Demo]:
    """`anlan demo --headless …` in a folder of its own; ended however the test ends."""
    log = root / "demo.log"
    command: Sequence[str] = (
        *ANLAN, "demo", "--headless", "--json", str(root / "out.json"), "--run-dir", str(root / "run"),
        "--port", str(take_port()), *arguments,
    )  # fmt: skip
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, text=True)
        try:
            yield Demo(process, root, log)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(90)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(10)


def explain(verdict: dict[str, Any]) -> str:
    """What a failed assertion should show."""
    wrong = [row for row in verdict["faults"] if not row["found"]]
    return json.dumps(
        {"not found": wrong, "unexpected": verdict["unexpected_tickets"], "readings": verdict["readings"]}, indent=1
    )
