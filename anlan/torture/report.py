"""Shell. A tortured run for a person's eyes: a bar while it lasts, then what was done and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from anlan.torture.findings import KEYS, Findings
from anlan.torture.run import Settings


@contextmanager
def bar(console: Console, settings: Settings) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """A progress bar over the real seconds of striking; yields where to say something, and the tick of a second."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"seed {settings.seed}", total=settings.seconds / settings.speed)

        def say(line: str) -> None:
            progress.console.print(f"seed {settings.seed}: {line}", highlight=False, markup=False, soft_wrap=True)

        yield say, lambda: progress.advance(task)


def show(console: Console, found: Findings) -> None:
    """What was done to this run, and every invariant that broke, one line each."""
    table = Table("fault", "how", "times", "in vain", title=f"seed {found.seed}: {len(found.faults)} faults")
    times = Counter((each.kind, each.how) for each in found.faults)
    vain = Counter((each.kind, each.how) for each in found.faults if each.result != "done")
    for (kind, how), number in sorted(times.items()):
        table.add_row(kind, how, str(number), str(vain[kind, how] or "–"))
    console.print(table)
    count = found.readings
    alarms = sum(row.alarm_at is not None for row in found.hazards)
    console.print(
        f"readings polled {count['polled']}, stored {count['stored']}, lost {found.lost}, doubled {found.doubled}, "
        f"refused as from the future and kept {count['excused']}; "
        f"hazards {len(found.hazards)}, found {alarms}; pages {found.pages}",
        highlight=False,
    )
    for name in ("missed", "double_tickets", "lost_pages"):
        for line in getattr(found, name):
            console.print(f"{name}: {line}", style="red", highlight=False, markup=False)


def show_totals(console: Console, runs: Sequence[Findings]) -> None:
    """One row a seed."""
    table = Table("seed", "faults", *KEYS, "", title="torture")
    for run in runs:
        numbers = run.counts()
        mark = "[green]holds[/]" if run.holds else "[red]BROKEN[/]"
        table.add_row(str(run.seed), str(len(run.faults)), *(str(numbers[key]) for key in KEYS), mark)
    console.print(table)
