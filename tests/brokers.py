"""Real brokers for tests, each a process of ours on a loopback port, ended by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from anlan.broker import broker_command, wait_until_it_answers

HOST = "127.0.0.1"


def find(program: str) -> str | None:
    """Where a program is; system folders are searched too, since a plain user may not have them on the path."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")


class RunningBroker(ABC):
    """A broker with its store in `folder`: it can be killed, and started again on the same port and store."""

    name: str

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.host = HOST
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @abstractmethod
    def command(self) -> list[str]: ...

    def launch(self) -> None:
        """Start it and do not wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)

    def start(self) -> None:
        self.launch()
        if not wait_until_it_answers(self.host, self.port):
            raise AssertionError(f"{self.name} did not start:\n{(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, sig: int = signal.SIGTERM) -> None:
        """End it and wait; nothing happens if it is not running."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(sig)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """SIGKILL, as a power cut of the process."""
        self.stop(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()


class Nats(RunningBroker):
    name = "nats"

    def command(self) -> list[str]:
        return broker_command(self.folder, self.port)


class Mosquitto(RunningBroker):
    name = "mosquitto"

    def command(self) -> list[str]:
        program = find("mosquitto")
        assert program is not None
        lines = [
            f"listener {self.port} {self.host}",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_on_changes true",
            "autosave_interval 1",
            "max_inflight_messages 1000",
            "max_queued_messages 0",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # it would drop to a user who cannot write into the test's folder
        path = self.folder / "mosquitto.conf"
        path.write_text("\n".join(lines) + "\n")
        return [program, "-c", str(path)]
