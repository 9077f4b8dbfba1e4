"""Shell. A real edge agent before devices of ours: how much it delivers at QoS 1, and what that takes.

Counted are values that were measured in the middle of the run and came to a subscriber at all, however late.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from anlan.bench.chain import running
from anlan.bench.collector import collecting
from anlan.bench.field import Counts
from anlan.bench.frame import installed, peak_bytes
from anlan.bench.wired import EDGE, SITE
from anlan.places import LOOPBACK
from runtime.clock import Clock
from vocab import topics
from vocab.topics import Kind

_ARRIVED_S = 3.0  # after its end: the broker hands over what it has
_FAREWELL_S = 30.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of one run."""

    by_asset: Mapping[str, int]  # good values of the units
    polled: int  # registers that the devices gave away
    wall_s: float
    cpu_s: float  # of the agent
    peak_mb: float  # of the agent, its start included

    @property
    def values(self) -> int:
        """All of them."""
        return sum(self.by_asset.values())

    @property
    def per_s(self) -> float:
        """A second of the clock."""
        return self.values / self.wall_s

    @property
    def per_core(self) -> float:
        """A second of the agent's processor time."""
        return self.values / self.cpu_s

    @property
    def cpu_per_1000(self) -> float:
        """Seconds of processor time."""
        return self.cpu_s / self.values * 1000


def delivered(folder: Path, files: Mapping[str, str], counts: Counts, warm_s: float, seconds: float) -> Delivered:
    """Run `anlan edge run` over the site of `files` and measure for so long, once it is warm."""
    lay_out(folder, files)
    clock = Clock()
    with (
        running(folder, 0, 0) as chain,
        collecting(LOOPBACK, chain.broker, topics.subscription(SITE, Kind.TELE)) as collector,
        _agent(folder, f"mqtt://{LOOPBACK}:{chain.broker}") as process,
    ):
        time.sleep(warm_s)
        agent = psutil.Process(process.pid)
        used, began, polled = sum(agent.cpu_times()[:2]), clock.now_ms(), sum(counts)
        time.sleep(seconds)
        polled, end = sum(counts) - polled, clock.now_ms()
        used = sum(agent.cpu_times()[:2]) - used
        peak_mb = peak_bytes(process.pid) / 2**20
        process.terminate()
        process.wait(_FAREWELL_S)
        time.sleep(_ARRIVED_S)
        found = collector.values(began, end)
    by_asset = {asset: count for asset, count in found.items() if not asset.startswith(EDGE)}
    if not by_asset:
        raise RuntimeError(f"the agent delivered nothing; it said: {_last_words(folder)}")
    return Delivered(by_asset, polled, (end - began) / 1000, used, peak_mb)


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of a site."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@contextmanager
def _agent(folder: Path, broker: str) -> Iterator[subprocess.Popen[bytes]]:
    words = ["edge", "run", str(folder), EDGE, "--broker", broker, "--data", str(folder / "data")]
    with (folder / "agent.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "anlan", *words], stdout=log, stderr=log, env=installed())
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _last_words(folder: Path) -> str:
    return (folder / "agent.log").read_text(encoding="utf-8", errors="replace")[-500:]
