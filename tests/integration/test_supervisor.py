"""Processes die; the supervisor brings them back, measures them, and leaves none behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import psutil

from anlan.supervisor import Command, Supervisor
from tests.patience import eventually

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF = (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")


def _pid(folder: Path, name: str) -> int | None:
    path = folder / "parts.json"
    return json.loads(path.read_text(encoding="utf-8")).get(name) if path.exists() else None


async def test_a_killed_part_comes_back_under_a_new_process_id_and_is_counted(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.start(Command("sleeper", SLEEPER))
    await eventually(lambda: _pid(tmp_path, "sleeper") is not None)
    first = _pid(tmp_path, "sleeper")
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await eventually(lambda: _pid(tmp_path, "sleeper") not in (None, first))

    assert supervisor.parts["sleeper"].usage.restarts == 1
    await supervisor.stop("sleeper")
    assert _pid(tmp_path, "sleeper") is None
    assert not psutil.pid_exists(first)


async def test_a_part_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.start(Command("deaf", DEAF))
    await eventually(lambda: _pid(tmp_path, "deaf") is not None)
    await asyncio.sleep(0.5)  # it must have come as far as to stop listening
    pid = _pid(tmp_path, "deaf")
    assert pid is not None

    await supervisor.stop("deaf", grace_s=0.5)

    assert not psutil.pid_exists(pid)


async def test_a_part_that_is_stopped_while_it_waits_to_be_restarted_stays_down(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.start(Command("hasty", (sys.executable, "-c", "pass")))
    await eventually(lambda: supervisor.parts["hasty"].usage.restarts >= 2)

    await supervisor.stop("hasty")
    restarts = supervisor.parts["hasty"].usage.restarts
    await asyncio.sleep(1.5)

    assert supervisor.parts["hasty"].usage.restarts == restarts


async def test_a_supervisor_that_is_killed_takes_its_parts_along(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from anlan.supervisor import Command, Supervisor\n"
        "async def main():\n"
        "    s = Supervisor(Path(sys.argv[1])); s.start(Command('child', tuple(sys.argv[2:])))\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(tmp_path), *SLEEPER)
    try:
        await eventually(lambda: _pid(tmp_path, "child") is not None)
        child = _pid(tmp_path, "child")
        assert child is not None
    finally:
        supervisor.kill()
        await supervisor.wait()

    await eventually(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
