"""Shell. Keeps processes alive: starts them, restarts what died, measures them, ends them in order.

The law of this file
1. A part that exits is started again after a back-off that doubles from 0.2 s to 5 s; 30 s of life make it forgotten.
2. `parts.json` in the run folder always names the living process ids: a person or a torture test finds them there.
3. Ending is SIGTERM, a grace, then SIGKILL, in the order asked for; only processes started here are ever signalled.
4. A part that lives and yet does not answer its check for 30 s is killed, and so started again: a broker whose disk was
   full takes nothing any more although there is room.
5. If the supervisor itself is killed, the kernel ends its children (Linux), so no demo leaves a broker behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import structlog

from wire.backoff import Backoff

log = structlog.get_logger()

STABLE_AFTER_S = 30.0
SAMPLE_EVERY_S = 0.5
CHECK_EVERY_S = 5.0
SILENT_FOR_S = 30.0
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a part."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    answers: Callable[[], bool] | None = None  # whether it works; asked in a thread, and may take seconds


@dataclass(slots=True)
class Usage:
    """What a part cost over all its lives."""

    restarts: int = 0
    peak_rss_mb: float = 0.0
    cpu_s: float = 0.0


class Part:
    """One supervised process and its successors."""

    def __init__(self, command: Command, logs: Path, changed: Callable[[], None]) -> None:
        self.command = command
        self.usage = Usage()
        self.pid: int | None = None
        self._log = logs / f"{command.name}.log"
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._cpu_of_this_life = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the process and keep it running until `stop`."""
        self._task = asyncio.create_task(self._keep(), name=f"keep-{self.command.name}")

    async def stop(self, grace_s: float) -> None:
        """SIGTERM, wait up to `grace_s` real seconds, SIGKILL."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), grace_s)
            except TimeoutError:
                log.warning("part did not stop in time, killing it", part=self.command.name, grace_s=grace_s)
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        if self._task is not None:
            # A part that is waiting to be restarted must not come up again.
            if process is None or process.returncode is not None:
                self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        backoff = Backoff()
        while not self._stopping:
            born = time.monotonic()
            try:
                status = await self._live()
            except OSError as error:  # no room, no memory, no process to be had: that passes
                log.error("part cannot be started, trying again", part=self.command.name, cause=str(error))
                status = -1
            if self._stopping:
                return
            if time.monotonic() - born > STABLE_AFTER_S:
                backoff.reset()
            wait_s = backoff.next()
            log.warning("part ended, starting it again", part=self.command.name, status=status, after_s=wait_s)
            self.usage.restarts += 1
            await asyncio.sleep(wait_s)

    async def _live(self) -> int:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self.command.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.command.environment},
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.pid = self._process.pid
        self._changed()
        name, process = self.command.name, self._process
        beside = [asyncio.create_task(self._sample(process.pid), name=f"sample-{name}")]
        if self.command.answers is not None:
            beside.append(asyncio.create_task(self._check(process, self.command.answers), name=f"check-{name}"))
        try:
            return await process.wait()
        finally:
            for task in beside:
                task.cancel()
            self.usage.cpu_s += self._cpu_of_this_life
            self._cpu_of_this_life = 0.0
            self.pid = None
            self._changed()

    async def _check(self, process: asyncio.subprocess.Process, answers: Callable[[], bool]) -> None:
        heard = time.monotonic()
        while time.monotonic() - heard < SILENT_FOR_S:
            await asyncio.sleep(CHECK_EVERY_S)
            if await asyncio.to_thread(answers):
                heard = time.monotonic()
        log.error("part lives and does not answer, killing it", part=self.command.name, for_s=SILENT_FOR_S)
        with contextlib.suppress(ProcessLookupError):
            process.kill()

    async def _sample(self, pid: int) -> None:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            while True:
                times = process.cpu_times()
                self._cpu_of_this_life = times.user + times.system
                self.usage.peak_rss_mb = max(self.usage.peak_rss_mb, process.memory_info().rss / MIB)
                await asyncio.sleep(SAMPLE_EVERY_S)


class Supervisor:
    """All parts of one system."""

    def __init__(self, run_dir: Path) -> None:
        self._dir = run_dir
        self._logs = run_dir / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self.parts: dict[str, Part] = {}

    def start(self, command: Command) -> None:
        """Start one more part."""
        part = self.parts[command.name] = Part(command, self._logs, self._write_parts)
        part.start()

    async def stop(self, *names: str, grace_s: float = 15.0) -> None:
        """Stop these parts at the same time."""
        await asyncio.gather(*(self.parts[name].stop(grace_s) for name in names if name in self.parts))

    def log_of(self, name: str) -> Path:
        """Where a part writes."""
        return self._logs / f"{name}.log"

    def _write_parts(self) -> None:
        text = json.dumps({name: part.pid for name, part in self.parts.items()})
        fresh = self._dir / "parts.json.new"
        # A full disk costs the list, never a part.
        with contextlib.suppress(OSError):
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self._dir / "parts.json")


def _die_with_parent() -> None:
    """Ask Linux to send SIGTERM when the supervisor dies, however it dies (prctl PR_SET_PDEATHSIG = 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
