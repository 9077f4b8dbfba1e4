"""Shell. Backtests of rule versions as jobs: a process of their own each, so that no alarm ever waits for one.

One at a time. The process tells its progress as JSON lines, writes its result to a file, and is ended when it takes
too long or when we end. What a job says, it says through the database, so a crash leaves it `interrupted` at worst.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import psutil
import structlog
from sqlalchemy import RowMapping

from alerts.backtest_words import DATABASE_VARIABLE
from alerts.database import writing
from alerts.engine import Engine
from alerts.errors import DatabaseError, IllegalStepError
from alerts.version_rows import DONE, FAILED, INTERRUPTED, VersionRows
from alerts.version_states import Step, VersionState, after
from alerts.writer import Writer
from runtime.clock import Clock
from vocab.instant import from_ms

log = structlog.get_logger()

_PREFIX = "anlan-backtest-"
_TOLD = 2_000  # characters of what a failed process said last
_WORDS = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How a backtest is run. `command` is what comes before the draft's file; empty: none can be run here."""

    command: tuple[str, ...] = ()
    database: str = ""  # told to the process through its environment
    timeout_real_s: float = 3600.0
    most_bytes: int = 64 * 2**20  # of a result


class _Head(msgspec.Struct):
    """What is kept of a result beside it."""

    text_digest: str | None
    base_digest: str
    covered_ms: int


@dataclass(slots=True)
class Job:
    """One that runs."""

    id: int
    version: int
    text: str
    over: Sequence[RowMapping]  # live versions, in their order
    by: str
    from_ms: int | None
    to_ms: int | None
    done: int = 0
    total: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 0.0


class FailedJobError(Exception):
    """It came to nothing; the message is for people."""


class Jobs:
    """Runs them, one at a time."""

    def __init__(self, writer: Writer, settings: JobSettings, clock: Clock) -> None:
        self.running: Job | None = None
        self._writer = writer
        self._settings = settings
        self._clock = clock
        self._asked: asyncio.Queue[Job] = asyncio.Queue(1)

    async def start(self, version: int, by: str, from_ms: int | None, to_ms: int | None) -> Job:
        """A backtest of a version; IllegalStepError if it cannot be now."""
        if not self._settings.command:
            raise IllegalStepError("this alerts was started without a way to run backtests")
        if self.running is not None:
            raise IllegalStepError(f"the backtest of version {self.running.version} is running; one at a time")
        self.running = Job(0, version, "", (), by, from_ms, to_ms)  # nobody else, while we ask
        try:
            self.running = await self._writer.call(_begin, self.running, self._clock.now_ms())
        except BaseException:
            self.running = None
            raise
        self._asked.put_nowait(self.running)
        return self.running

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.to_thread(_sweep)
        while True:
            job = await self._asked.get()
            try:
                told = await self._outcome(job)
                await self._writer.insist(_end, job, told, self._clock.now_ms())
            except asyncio.CancelledError:
                with contextlib.suppress(DatabaseError):
                    told = {"state": INTERRUPTED, "error": "alerts was stopped while it ran; start it again"}
                    await asyncio.shield(self._writer.call(_end, job, told, self._clock.now_ms()))
                raise
            except Exception as error:  # noqa: BLE001 - at the next start it is called interrupted
                log.error("the end of a backtest could not be written", version=job.version, cause=str(error))
            finally:
                self.running = None

    async def _outcome(self, job: Job) -> dict[str, Any]:
        try:
            with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
                result = await self._run(job, Path(folder))
                return await asyncio.to_thread(_kept, result, self._settings.most_bytes)
        except Exception as error:  # noqa: BLE001 - whatever it is, alarms go on
            log.warning("a backtest came to nothing", version=job.version, cause=str(error))
            return {"state": FAILED, "error": str(error) or type(error).__name__}

    async def _run(self, job: Job, folder: Path) -> Path:
        result = folder / "result.json"
        arguments = await asyncio.to_thread(_files, job, folder)
        for option, moment in (("--from", job.from_ms), ("--to", job.to_ms)):
            if moment is not None:
                arguments += [option, from_ms(moment).isoformat()]
        process = await asyncio.create_subprocess_exec(
            *self._settings.command, *arguments, "--json", str(result), "--progress", "lines",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=os.environ | {DATABASE_VARIABLE: self._settings.database},
        )  # fmt: skip
        ears = [asyncio.create_task(hear(process, job), name=hear.__name__) for hear in (_follow, _listen)]
        try:
            async with asyncio.timeout(self._settings.timeout_real_s):
                await asyncio.gather(*ears)
                status = await process.wait()
        except TimeoutError:
            raise FailedJobError(
                f"it took longer than {self._settings.timeout_real_s:g} s and was ended; choose a shorter period"
            ) from None
        finally:
            for ear in ears:
                ear.cancel()
            await asyncio.gather(*ears, return_exceptions=True)
            if process.returncode is None:
                process.kill()
            await process.communicate()  # a pipe that nobody empties keeps even a dead process from being waited for
        if status != 0:
            raise FailedJobError("".join(job.said)[-_TOLD:].strip() or f"it ended with status {status}")
        return result


def _sweep() -> None:
    """Remove what a killed alerts left behind: folders that bear the number of a process that is no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        number = folder.name.removeprefix(_PREFIX).split("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


async def _follow(process: asyncio.subprocess.Process, job: Job) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    while line := await process.stdout.readline():
        with contextlib.suppress(msgspec.MsgspecError, KeyError):
            told = _WORDS.decode(line)
            job.done, job.total = int(told["done"]), int(told["total"])


async def _listen(process: asyncio.subprocess.Process, job: Job) -> None:
    assert process.stderr is not None  # noqa: S101 - it was asked for
    while part := await process.stderr.read(4096):
        job.said[:] = [("".join(job.said) + part.decode(errors="replace"))[-2 * _TOLD :]]


def _files(job: Job, folder: Path) -> list[str]:
    """Write the texts; the arguments that name them."""
    draft = folder / f"version-{job.version}.toml"
    draft.write_text(job.text, encoding="utf-8")
    arguments = [str(draft)]
    for row in job.over:
        file = folder / f"live-{row['id']}.toml"
        file.write_text(row["text"], encoding="utf-8")
        arguments += ["--over", str(file)]
    return arguments


def _kept(result: Path, most_bytes: int) -> dict[str, Any]:
    size = result.stat().st_size
    if size > most_bytes:
        raise FailedJobError(f"the result has {size} bytes, at most {most_bytes} are kept; choose a shorter period")
    text = result.read_bytes()
    try:
        head = msgspec.json.decode(text, type=_Head)
    except msgspec.MsgspecError as error:
        raise FailedJobError(f"the result cannot be read: {error}") from error
    return {"state": DONE, "result": zlib.compress(text)} | msgspec.structs.asdict(head)


def _begin(engine: Engine, job: Job, now_ms: int) -> Job:
    with writing(engine.database) as connection:
        rows = VersionRows(connection, engine.site.id)
        row = rows.one(job.version)
        after(VersionState(row["state"]), Step.BACKTEST)
        number = rows.begin_backtest(job.version, job.by, job.from_ms, job.to_ms, now_ms)
        return Job(number, job.version, row["text"], rows.live(), job.by, job.from_ms, job.to_ms)


def _end(engine: Engine, job: Job, told: dict[str, Any], now_ms: int) -> None:
    with writing(engine.database) as connection:
        rows = VersionRows(connection, engine.site.id)
        rows.end_backtest(job.id, now_ms=now_ms, **told)
        row = rows.one(job.version)
        if told["state"] == DONE:
            with contextlib.suppress(IllegalStepError):  # it was rejected meanwhile
                rows.move(row, Step.BACKTEST, job.by, f"backtest {job.id} is done", now_ms)
