"""Shell. Which kernel alerts judges with: the plain one at once, the compiled one as soon as it can be had.

Compiling takes half a minute of one core and, in this process, would hold the interpreter's lock for much of it. So a
process of its own compiles, at low priority, into numba's cache, and this one only reads it. Plain and compiled are one
source, so going over in the middle changes nothing but the speed. The cache is named by all that is compiled: a new
build, another numba or another processor never meets an old kernel.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from rules.book import Book
from rules.codes import Input
from rules.functions import PLAIN, Functions
from rules.plan import Watched, plan
from vocab.point import Point
from vocab.rule import Rule

log = structlog.get_logger()

_DONE = "complete"
_NICE = 10
_REST_S = 3.0  # whoever starts Anlan waits for its page, and the plain kernel finds the same alarms meanwhile


class Kernel(StrEnum):
    """How alarms are judged; what they are is the same."""

    PLAIN = "plain"
    COMPILED = "compiled"  # and nothing is judged before
    AUTO = "auto"  # plain until compiled


@dataclass(slots=True)
class Spent:
    """What the kernel has cost so far."""

    seconds: float = 0.0
    is_compiled: bool = False

    def timed(self, functions: Functions) -> Functions:
        """The same functions, their time counted."""

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                begun = perf_counter()
                try:
                    return function(*arguments)
                finally:
                    self.seconds += perf_counter() - begun

            return call

        return replace(
            functions,
            observe=counted(functions.observe),
            pass_time=counted(functions.pass_time),
            order=counted(functions.order),
        )

    def collect(self) -> Iterator[Metric]:
        """For Prometheus."""
        yield GaugeMetricFamily("anlan_kernel_compiled", "1: the compiled kernel judges", value=float(self.is_compiled))
        yield CounterMetricFamily("anlan_kernel_seconds", "time spent in the kernel", value=self.seconds)


def folder() -> Path:
    """Where this build's compiled kernel is kept."""
    from rules.compiled import fingerprint

    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "anlan" / f"kernel-{fingerprint()}"


def is_kept() -> bool:
    """Whether it was compiled before, here or by another process."""
    try:
        return (folder() / _DONE).exists()
    except (OSError, RuntimeError):  # no home
        return False


def compiled_kernel() -> Functions:
    """The compiled kernel, ready to judge: out of the cache, or else compiled now and kept if that can be done."""
    from numba import config

    from rules.compiled import compiled

    try:
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        if os.access(place, os.W_OK):
            vars(config)["CACHE_DIR"] = str(place)
            functions = warmed(compiled(cached=True))
            (place / _DONE).touch()
            return functions
    except (OSError, RuntimeError) as error:
        log.warning("the compiled kernel cannot be kept", cause=str(error))
    return warmed(compiled())


def warmed(functions: Functions) -> Functions:
    """Every function called once, with the types of all later calls: only then it is compiled."""
    name = {"en": "-", "zh": "-"}
    point = Point.model_validate({"id": "p", "name": name, "period_s": 1})
    rule = {"id": "r", "name": name, "point": "p", "when": {"type": "no_data"}, "priority": 4, "hazard": "h"}
    watched = Watched("a", ((point, 0),), (Rule.model_validate(rule | {"category": "maintenance"}),))
    book = Book(plan([watched]), functions)
    book.begin(0, 0)
    one = np.zeros(1, np.int8)
    book.observe(np.zeros(1, np.int32), np.zeros(1), one, one, np.ones(1, np.int64))
    book.elapse(0, 1_000_000_000)
    book.command(0, Input.ACKNOWLEDGE, 1_000_000_000)
    return functions


async def compiled_beside() -> Functions | None:
    """The compiled kernel without disturbing who waits; None if it cannot be had."""
    if not is_kept():
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "alerts.kernel", stdin=subprocess.DEVNULL)
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if status != 0 or not is_kept():
            log.warning("the kernel could not be compiled, going on with the plain one", status=status)
            return None
    return await asyncio.to_thread(compiled_kernel)


def starting(kernel: Kernel, spent: Spent) -> Functions:
    """What to begin with."""
    spent.is_compiled = kernel is Kernel.COMPILED
    return spent.timed(compiled_kernel() if spent.is_compiled else PLAIN)


async def going_over(kernel: Kernel, spent: Spent, use: Callable[[Functions], Awaitable[None]]) -> None:
    """Go over to the compiled kernel when it can be had."""
    if kernel is not Kernel.AUTO:
        return
    await asyncio.sleep(_REST_S)
    begun = perf_counter()
    found = await compiled_beside()
    if found is not None:
        await use(spent.timed(found))
        gc.freeze()  # a compiler came with it, through which the collector need not look (runtime/standing.py)
        spent.is_compiled = True
        log.info("the compiled kernel judges", after_s=round(perf_counter() - begun, 1))


if __name__ == "__main__":
    os.nice(_NICE)
    compiled_kernel()
