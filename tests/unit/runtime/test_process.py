"""What ends a process."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from runtime import process
from runtime.clock import Clock
from runtime.steady import Steady


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A process that ran in a test must not go on writing to what that test had as stderr."""
    yield
    structlog.reset_defaults()


async def for_ever() -> None:
    await asyncio.Event().wait()


def test_a_process_whose_machine_was_set_to_another_time_ends_with_status_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "BELIEVED_AFTER_S", 0.05)
    monkeypatch.setattr(process, "_LOOK_EVERY_S", 0.01)
    wall = [1_774_000_000.0]
    clock = Clock(steady=Steady(lambda: wall[0]))

    async def main() -> None:
        wall[0] += 28_800
        await for_ever()

    assert process.run(main, clock) == 3


def test_a_process_that_is_done_ends_with_0_and_leaves_no_watch_behind() -> None:
    async def main() -> None:
        await asyncio.sleep(0)

    assert process.run(main, Clock()) == 0


def test_a_process_that_breaks_ends_with_2() -> None:
    async def main() -> None:
        raise RuntimeError("broken")

    assert process.run(main, Clock()) == 2


def test_a_log_that_the_disk_refuses_does_not_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by `anlan torture`: with the log on the full disk, the line that told of it was the last one."""
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        done = []

        async def main() -> None:
            for _ in range(3):
                structlog.get_logger().error("the disk is full")
            done.append(True)

        assert process.run(main) == 0
        assert done
        structlog.reset_defaults()
        monkeypatch.undo()
        with suppress(OSError):
            full.close()


def test_what_a_library_logs_is_a_line_of_ours_with_its_traceback_and_without_anybodys_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def breaks(password: str) -> None:
        raise RuntimeError(f"broken in {len(password)}")

    async def main() -> None:
        try:
            breaks("a secret of somebody")
        except RuntimeError:
            logging.getLogger("uvicorn.error").exception("Exception in %s application", "ASGI")

    assert process.run(main) == 0
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["logger"], told["level"]) == (
        "Exception in ASGI application", "uvicorn.error", "error",
    )  # fmt: skip
    assert told["exception"][0]["exc_value"] == "broken in 20"
    assert "a secret of somebody" not in line
