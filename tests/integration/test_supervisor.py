"""Processes die; the supervisor brings them back, measures them, and leaves none behind."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
from pathlib import Path

import psutil
import pytest

from anlan import supervisor as supervisor_module
from anlan.supervisor import Command, Supervisor
from anlan.whole import broker_part
from tests.conftest import take_port
from tests.patience import eventually
from wire.address import Address
from wire.publisher import BrokerAwayError, Publisher

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


async def test_a_broker_that_takes_nothing_more_since_its_disk_was_full_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by `anlan torture`: there was room again, and it never noticed."""
    monkeypatch.setattr(supervisor_module, "CHECK_EVERY_S", 0.5)
    monkeypatch.setattr(supervisor_module, "SILENT_FOR_S", 4.0)
    address = Address("127.0.0.1", take_port())

    async def takes() -> bool:
        try:
            async with Publisher(address, "sender", timeout_s=3) as publisher:
                await publisher.publish("anlan/v1/tiny/e1/tele", b"x")
        except BrokerAwayError:
            return False
        return True

    supervisor = Supervisor(tmp_path)
    supervisor.start(broker_part(tmp_path / "broker", (address.host, address.port)))
    try:
        async with asyncio.timeout(30):
            while not await takes():  # noqa: ASYNC110 - it belongs to another process
                await asyncio.sleep(0.2)
        process = psutil.Process(_pid(tmp_path, "broker"))
        process.rlimit(psutil.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert not await takes()
        process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        async with asyncio.timeout(90):
            while not await takes():  # noqa: ASYNC110 - it belongs to another process
                await asyncio.sleep(0.5)
        assert supervisor.parts["broker"].usage.restarts >= 1
    finally:
        await supervisor.stop("broker")
