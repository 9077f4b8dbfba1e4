"""Shell. What every bench has in common: its rows, the machine, and how they are told.

A bench is a function of `Options` that returns rows. It measures its reference in the same run, because a figure of
another machine, or of this one on another day, says nothing about a ratio.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

_T = TypeVar("_T")
_PACKAGES = ("anlan", "duckdb", "gmqtt", "llvmlite", "msgspec", "numba", "numpy", "pyarrow", "pymodbus", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `met` is None where there is no goal, or where the figure was scaled and so proves none."""

    bench: str
    case: str
    figure: float
    unit: str
    reference: float | None = None
    ratio: float | None = None  # figure / reference
    goal: str = ""
    met: bool | None = None
    load: float = field(default_factory=lambda: os.getloadavg()[0])  # of the machine, when it was measured


@dataclass(frozen=True, slots=True)
class Options:
    """How a bench is run."""

    quick: bool = False
    days: float = 365.0
    edges: int = 4
    points: int = 1_000
    folder: Path | None = None  # where a store is kept for the next time; None: a temporary one
    say: Callable[[str], None] = lambda line: None


@dataclass(frozen=True, slots=True)
class Spent:
    """What some work took."""

    wall_s: float
    cpu_s: float
    peak_mb: float  # of the process, since it began


def measured(work: Callable[[], _T]) -> tuple[_T, Spent]:
    """The result of some work, and what it took in this process."""
    begun, used = time.perf_counter(), time.process_time()
    result = work()
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - used
    return result, Spent(wall_s, cpu_s, peak_bytes() / 2**20)


def peak_bytes(process: int | str = "self") -> int:
    """The most memory that a process had; 0 if it is gone. What `getrusage` calls so is inherited from a parent."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 if process == "self" else 0


def alone(work: Callable[..., _T], *arguments: Any) -> _T:
    """A function of a module, run in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def installed() -> dict[str, str]:
    """The environment of a program that was installed: its bytecode is kept, also where ours must not be."""
    environment = dict(os.environ)
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        environment.setdefault(
            "PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / f"anlan-bytecode-{os.getuid()}")
        )
    load = "import alerts.service, anlan.cli, edge.service, edge.check, firmware_sim.service, ingest.service"
    subprocess.run([sys.executable, "-c", load], env=environment, check=True)
    return environment


def machine() -> dict[str, Any]:
    """Where it was measured."""
    processor = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), processor)
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": " ".join([platform.system(), *platform.release().split("-")[:1], platform.machine()]),
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Of whatever may change a figure."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def as_json(rows: list[Row]) -> dict[str, Any]:
    """The keys that docs/benchmarks.md promises."""
    return {"rows": [asdict(row) for row in rows], "machine": machine(), "versions": versions()}


def show(console: Console, rows: list[Row]) -> None:
    """As a table."""
    table = Table("bench", "case", title="benches")
    for name in ("figure", "unit", "reference", "ratio", "goal", "met", "load"):
        table.add_column(name, justify="left" if name in {"unit", "goal", "met"} else "right")
    for row in rows:
        met = "" if row.met is None else "yes" if row.met else "NO"
        ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
        figures = (number(row.figure), row.unit, number(row.reference), ratio, row.goal, met, f"{row.load:.1f}")
        table.add_row(row.bench, row.case, *figures)
    console.print(table)


def number(value: float | None) -> str:
    """Three digits that count, without powers of ten."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
