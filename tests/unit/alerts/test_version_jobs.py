"""Backtests as processes: how far they are, and that none of them is for ever, too large, or a harm to alarms."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.errors import IllegalStepError
from alerts.version_jobs import Jobs, JobSettings
from alerts.writer import Writer
from runtime.clock import Clock
from tests.unit.alerts.test_version_diff import ROW
from tests.unit.alerts.test_versions import House

DRAFT = ROW.format(id="temp_high", limit=60, off_delay=10)
RESULT = '{"text_digest": "t", "base_digest": "b", "covered_ms": 5, "more": [1, 2]}'
# What stands for `anlan backtest`: a program that says and writes what a test wants.
PROGRAM = """
import json, os, sys, time
out = sys.argv[sys.argv.index("--json") + 1]
draft = open(sys.argv[1], encoding="utf-8").read()
def step(done, total):
    print(json.dumps({"done": done, "total": total}), flush=True)
def end(text):
    open(out, "w", encoding="utf-8").write(text)
"""


pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.start()
    yield made
    made.stop()


@contextlib.asynccontextmanager
async def jobs_of(house: House, program: str, **more: Any) -> AsyncIterator[Jobs]:
    settings = JobSettings((sys.executable, "-c", PROGRAM + program), database="sqlite:///somewhere", **more)
    writer = Writer(house.running)
    jobs = Jobs(writer, settings, Clock())
    task = asyncio.create_task(jobs.run())
    try:
        yield jobs
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(writer.close)
        house.engine = None


async def until_over(jobs: Jobs) -> None:
    async with asyncio.timeout(30):
        while jobs.running is not None:  # noqa: ASYNC110 - it has no event of its own
            await asyncio.sleep(0.01)


def newest(house: House, version: int) -> dict[str, Any]:
    found: dict[str, Any] = house.ask(lambda rows: rows.backtests(version)[0])
    return found


async def test_what_it_found_is_kept_and_the_version_is_backtested(house: House) -> None:
    version = house.draft(DRAFT)
    async with jobs_of(house, f"step(1, 4)\nassert 'limit = 60' in draft\nend({RESULT!r})") as jobs:
        await jobs.start(version, "ann", 1_000, 2_000)
        await until_over(jobs)

        told = newest(house, version)
        assert (told["state"], told["covered_ms"], told["by"], told["error"]) == ("done", 5, "ann", None)
        assert house.state(version) == "backtested"


async def test_it_is_told_the_period_and_the_database_but_not_in_its_arguments(house: House) -> None:
    version = house.draft(DRAFT)
    program = (
        "print(sys.argv, os.environ['ANLAN_BACKTEST_DATABASE'], file=sys.stderr)\nraise SystemExit(3)"
    )  # fmt: skip
    async with jobs_of(house, program) as jobs:
        await jobs.start(version, "ann", 1_000, 2_000)
        await until_over(jobs)

        error = newest(house, version)["error"]
    assert "'--from', '1970-01-01T00:00:01+00:00', '--to', '1970-01-01T00:00:02+00:00'" in error
    assert "'--progress', 'lines'" in error
    assert error.endswith("sqlite:///somewhere")
    assert "sqlite:///somewhere'" not in error


async def test_live_versions_are_handed_over_in_their_order(house: House) -> None:
    first = house.made_live(ROW.format(id="one", limit=50, off_delay=10), 1)
    second = house.made_live(ROW.format(id="two", limit=50, off_delay=10), 2)
    version = house.draft(DRAFT)
    async with jobs_of(house, "print(sys.argv, file=sys.stderr)\nraise SystemExit(1)") as jobs:
        await jobs.start(version, "ann", None, None)
        await until_over(jobs)

        error = newest(house, version)["error"]
    assert error.index(f"live-{first}.toml") < error.index(f"live-{second}.toml")
    assert "--from" not in error


async def test_its_progress_is_known_while_it_runs_and_only_one_runs(house: House, tmp_path: Path) -> None:
    version, other = house.draft(DRAFT), house.draft(DRAFT + "# other\n")
    gate = tmp_path / "go"
    program = f"step(1, 4)\nprint('no JSON', flush=True)\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
    async with jobs_of(house, program + f"end({RESULT!r})") as jobs:
        job = await jobs.start(version, "ann", None, None)
        async with asyncio.timeout(30):
            while job.progress < 0.25:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.01)
        with pytest.raises(IllegalStepError, match=f"version {version} is running; one at a time"):
            await jobs.start(other, "ann", None, None)
        gate.touch()
        await until_over(jobs)

        assert newest(house, version)["state"] == "done"
        await jobs.start(other, "ann", None, None)
        await until_over(jobs)
        assert house.state(other) == "backtested"


@pytest.mark.parametrize(
    ("program", "more", "said"),
    [
        ("time.sleep(60)", {"timeout_real_s": 0.5}, "longer than 0.5 s"),
        (f"end({RESULT!r})", {"most_bytes": 20}, "at most 20 are kept"),
        ("end('{}')", {}, "cannot be read"),
        ("pass", {}, "No such file"),
        ("raise SystemExit('E006 draft.toml:3 no such point')", {}, "E006 draft.toml:3 no such point"),
        ("sys.stderr.write('x' * 1_000_000)\nraise SystemExit(4)", {}, "xxx"),
        ("print('y' * 1_000_000, flush=True)\ntime.sleep(60)", {}, "limit"),
    ],
)
async def test_what_goes_wrong_is_said_and_moves_nothing(
    program: str, more: dict[str, Any], said: str, house: House
) -> None:
    version = house.draft(DRAFT)
    async with jobs_of(house, program, **more) as jobs:
        await jobs.start(version, "ann", None, None)
        await until_over(jobs)

        told = newest(house, version)
        assert told["state"] == "failed"
        assert said in told["error"]
        assert len(told["error"]) <= 2_000
        assert house.state(version) == "draft"


async def test_one_that_runs_when_alerts_is_stopped_ends_with_it_and_is_interrupted(
    house: House, tmp_path: Path
) -> None:
    version, pid = house.draft(DRAFT), tmp_path / "pid"
    engine = house.running
    async with jobs_of(house, f"open({str(pid)!r}, 'w').write('here')\nstep(0, 4)\ntime.sleep(60)") as jobs:
        await jobs.start(version, "ann", None, None)
        async with asyncio.timeout(30):
            while not pid.exists():  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.01)

    house.engine = engine
    assert newest(house, version)["state"] == "interrupted"


def folders_in(place: Path) -> list[str]:
    return [folder.name for folder in place.glob("anlan-backtest-*")]


async def test_what_a_killed_alerts_left_behind_is_removed_and_nobody_elses(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead, alive = await asyncio.create_subprocess_exec(sys.executable, "-c", ""), os.getpid()
    await dead.wait()
    for number in (dead.pid, alive):
        (tmp_path / f"anlan-backtest-{number}-x").mkdir()
        (tmp_path / f"anlan-backtest-{number}-x" / "result.json").write_text("{}")
    version = house.draft(DRAFT)
    async with jobs_of(house, f"end({RESULT!r})") as jobs:
        await jobs.start(version, "ann", None, None)
        await until_over(jobs)

    assert folders_in(tmp_path) == [f"anlan-backtest-{alive}-x"]


async def test_without_a_command_none_can_be_run_and_a_rejected_version_has_none(house: House) -> None:
    version = house.draft(DRAFT)
    writer = Writer(house.running)
    with pytest.raises(IllegalStepError, match="without a way to run backtests"):
        await Jobs(writer, JobSettings(), Clock()).start(version, "ann", None, None)
    await asyncio.to_thread(writer.close)
    house.engine = None
