"""Shell. The server side of a plant for benches: a real broker, ingest and alerts, each a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil

from anlan.bench.frame import peak_bytes
from anlan.bench.plant import plant
from anlan.broker import broker_command, wait_until_it_answers
from anlan.places import LOOPBACK as HOST
from anlan.places import Ports
from runtime.clock import Clock
from runtime.lean import allocator

_NEVER_LATE_S = 1e9  # frames of a bench are dated in the past; they are to be judged as live ones
_PATIENCE_S = 120.0
DATABASE = "tickets.sqlite"


class StuckError(Exception):
    """Something did not come up, or stopped to make progress."""


@dataclass(slots=True)
class Chain:
    """What runs, and where."""

    folder: Path
    broker: int
    ingest: int
    alerts: int
    processes: dict[str, int] = field(default_factory=dict)  # name -> process id

    def stored(self) -> int:
        """Readings that ingest has committed."""
        return round(_metric(self.ingest, "anlan_ingest_readings_total{"))

    def judged(self) -> int:
        """Readings that alerts has judged and committed."""
        return round(_metric(self.alerts, "anlan_alerts_readings_total "))

    def cpu_s(self) -> dict[str, float]:
        """Seconds of processor time that each process has used."""
        return {name: _cpu_s(number) for name, number in self.processes.items()}

    def peak_mb(self) -> dict[str, float]:
        """The most memory that each process had."""
        return {name: peak_bytes(number) / 2**20 for name, number in self.processes.items()}


@contextmanager
def running(folder: Path, points: int, edges: int, *parts: str) -> Iterator[Chain]:
    """Start the broker and `parts` of ingest and alerts; all are ended afterwards."""
    ports = Ports()
    chain = Chain(folder, ports.take(), ports.take(), ports.take())
    ports.release()
    with ExitStack() as stack:
        broker = subprocess.Popen(
            broker_command(folder / "broker", chain.broker), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        stack.callback(_end, broker)
        chain.processes["broker"] = broker.pid
        if not wait_until_it_answers(HOST, chain.broker):
            raise StuckError("the broker did not come up")
        for part in parts:
            process = get_context("spawn").Process(target=_PARTS[part], args=(chain, points, edges), daemon=True)
            with _as_installed():
                process.start()
            stack.callback(_stop, process)
            chain.processes[part] = process.pid or 0
        for part in parts:
            until(lambda part=part: ready(getattr(chain, part)), f"{part} did not come up")  # type: ignore[misc]
        yield chain


@contextmanager
def commands(chain: Chain, site: Path, *parts: str) -> Iterator[None]:
    """Start `parts` of ingest and alerts as an operator would, over the site in a folder, and end them afterwards."""
    broker, data = f"mqtt://{HOST}:{chain.broker}", chain.folder
    words = {
        "ingest": ["--store", str(data / "readings.duckdb")],
        "alerts": [
            "--database", f"sqlite:///{data / DATABASE}", "--ingest", f"http://{HOST}:{chain.ingest}",
            "--kernel", "compiled", "--state", str(data), "--open-on-loopback",
        ],
    }  # fmt: skip
    with ExitStack() as stack:
        for part in parts:
            log = stack.enter_context((data / f"{part}.log").open("wb"))
            own = ["run", str(site), "--broker", broker, "--port", str(getattr(chain, part)), *words[part]]
            process = subprocess.Popen([sys.executable, "-m", "anlan", part, *own], stdout=log, stderr=log)
            stack.callback(_end, process)
            chain.processes[part] = process.pid
        for part in parts:
            until(lambda part=part: ready(getattr(chain, part)), f"{part} did not come up")  # type: ignore[misc]
        yield


def finish(count: Callable[[], int], goal: int, started: float) -> float:
    """Seconds since `started` when the count reached the goal; StuckError if nothing moves any more."""
    seen, moved = -1, time.perf_counter()
    while True:
        now, counted = time.perf_counter(), count()
        if counted >= goal:
            return now - started
        if counted != seen:
            seen, moved = counted, now
        elif now - moved > _PATIENCE_S:
            raise StuckError(f"stands at {counted:,} of {goal:,}")
        time.sleep(0.1)


@contextmanager
def _as_installed() -> Iterator[None]:
    """A child that is started in here has the environment that the command line gives it."""
    added = allocator(os.environ)
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _ingest(chain: Chain, points: int, edges: int) -> None:
    from ingest import service as ingest  # and nothing of alerts, as where it is installed

    settings = ingest.Settings(
        broker=f"mqtt://{HOST}:{chain.broker}", database=str(chain.folder / "readings.duckdb"), port=chain.ingest
    )
    asyncio.run(ingest.serve([plant(points, edges)], settings, Clock()))


def _alerts(chain: Chain, points: int, edges: int) -> None:
    from alerts import service as alerts
    from alerts.kernel import Kernel

    settings = alerts.Settings(
        broker=f"mqtt://{HOST}:{chain.broker}",
        database=f"sqlite:///{chain.folder / 'tickets.sqlite'}",
        ingest=f"http://{HOST}:{chain.ingest}",
        port=chain.alerts,
        late_after_s=_NEVER_LATE_S,
        kernel=Kernel.COMPILED,
    )
    asyncio.run(alerts.serve(plant(points, edges), settings, Clock()))


_PARTS = {"ingest": _ingest, "alerts": _alerts}


def ready(port: int) -> bool:
    """Whether a part says that it is well."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _metric(port: int, name: str) -> float:
    with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Wait for something; StuckError with these words if it takes too long."""
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise StuckError(otherwise)
        time.sleep(0.2)


def _stop(process: BaseProcess) -> None:
    process.terminate()
    process.join(10)
    if process.is_alive():
        process.kill()
        process.join()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    process.kill()
    process.wait()


def _cpu_s(number: int) -> float:
    times = psutil.Process(number).cpu_times()
    return times.user + times.system
