"""`python -m tests.fuzz`: so many inputs at every door; exit status 1 if one of them broke something."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from tests.fuzz.mutate import Corpus
from tests.fuzz.targets import Target, targets

MOST_GROWTH_MB = 64.0  # from the first tenth, when every cache is warm, to the end
_LOOK = 2_000  # inputs between two looks at the memory


@dataclass(slots=True)
class Result:
    """What one door made of its inputs."""

    target: str
    inputs: int
    answers: int  # different things it said
    seconds: float
    growth_mb: float
    fault: str | None = None
    broken_by: str | None = None  # hexadecimal


def attack(target: Target, inputs: int, seed: int, tick: Progress | None = None, task: int = 0) -> Result:
    """Try so many inputs; the first that breaks something ends it."""
    corpus = Corpus(target.seeds, random.Random(f"{seed} {target.name}"), target.most_bytes)
    process, warm, grown = psutil.Process(), 0.0, 0.0
    begun = time.perf_counter()
    for data in target.seeds:
        corpus.learn(data, target.door(data))
    for number in range(inputs):
        data = corpus.next()
        try:
            corpus.learn(data, target.door(data))
        except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
            fault = traceback.format_exc(limit=-4)
            return Result(target.name, number, corpus.answers, time.perf_counter() - begun, grown, fault, data.hex())
        if number % _LOOK == 0:
            used = process.memory_info().rss / 2**20
            if number <= inputs // 10:
                warm = max(warm, used)
            grown = max(grown, used - warm)
            if tick is not None:
                tick.update(TaskID(task), advance=_LOOK)
    leak = f"its memory grew by {grown:.0f} MB" if grown > MOST_GROWTH_MB else None
    return Result(target.name, inputs, corpus.answers, time.perf_counter() - begun, grown, leak)


def shares(found: list[Target], inputs: int) -> list[int]:
    """How many inputs each target gets."""
    whole = sum(target.share for target in found)
    return [ceil(inputs * target.share / whole) for target in found]


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--inputs", type=int, default=100_000, help="over all targets (default 100 000)")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--target", help="only those whose name begins so")
    options.add_argument("--json", type=Path, help="write the results here")
    chosen = options.parse_args()
    console = Console(stderr=True)
    results = []
    with tempfile.TemporaryDirectory(prefix="anlan-fuzz-") as folder, Progress(console=console) as tick:
        found = [each for each in targets(Path(folder)) if each.name.startswith(chosen.target or "")]
        for target, count in zip(found, shares(found, chosen.inputs), strict=True):
            task = tick.add_task(target.name, total=count)
            results.append(attack(target, count, chosen.seed, tick, task))
    table = Table("target", "inputs", "answers", "seconds", "grown by MB", "fault")
    for each in results:
        last = (each.fault or "").strip().splitlines()[-1:] or [""]
        table.add_row(
            each.target, f"{each.inputs:,}", str(each.answers), f"{each.seconds:.1f}", f"{each.growth_mb:.1f}", last[0]
        )
    Console().print(table)
    for each in results:
        if each.fault:
            console.print(f"{each.target}\n{each.fault}\ninput: {each.broken_by}", highlight=False, markup=False)
    if chosen.json is not None:
        chosen.json.write_text(json.dumps([asdict(each) for each in results], indent=1), encoding="utf-8")
    return 1 if any(each.fault for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
