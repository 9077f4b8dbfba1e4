"""Shell. Results for a person's eyes: tables and progress on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from vocab.site import Site

if TYPE_CHECKING:
    from anlan.verdict import FaultRow, Verdict


@contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar; call what it yields after each step."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def show_verdict(console: Console, verdict: Verdict) -> None:
    """What became of every fault, of every reading, and what each process cost."""
    table = Table("fault", "equipment", "expected alarm", "after", "bound", "tickets", "", title="injected faults")
    for row in verdict.faults:
        after = "–" if row.delay_s is None else f"{row.delay_s:.0f} s"
        bound = "–" if row.bound_s is None else f"{row.bound_s:.0f} s"
        table.add_row(row.fault, row.equipment, row.expected or "none", after, bound, str(row.tickets), _mark(row))
    console.print(table)
    for ticket in verdict.unexpected_tickets:
        console.print(f"[red]unexpected ticket[/] {ticket.number}: {ticket.equipment} {ticket.hazard}")
    count = verdict.readings
    console.print(
        f"readings: polled {count.polled}, stored {count.stored}, lost {count.lost}, "
        f"stored twice {count.duplicated}, rejected {count.rejected}"
    )
    parts = Table("process", "restarts", "peak memory", "processor", title="what it took")
    for name, cost in verdict.parts.items():
        parts.add_row(name, f"{cost['restarts']:.0f}", f"{cost['peak_rss_mb']:.0f} MB", f"{cost['cpu_s']:.1f} s")
    console.print(parts)
    console.print("[green]every promise was kept[/]" if verdict.holds else "[red]a promise was broken[/]")


def _mark(row: FaultRow) -> str:
    if row.found:
        return "[green]ok[/]"
    if row.open:
        return "not due yet"
    return "[red]MISSED[/]" if row.delay_s is None else "[red]WRONG[/]"


def show_site(console: Console, site: Site, scenarios: int) -> None:
    """A site that has no faults, in one table."""
    table = Table("kind", "assets", "devices", "points", "alarms", title=f"{site.file.name.en} ({site.id})")
    for kind in sorted({asset.kind for asset in site.assets}):
        assets = [asset for asset in site.assets if asset.kind == kind]
        table.add_row(
            kind,
            str(len(assets)),
            str(sum(len(asset.device) for asset in assets)),
            str(sum(len(site.points_of(asset)) for asset in assets)),
            str(sum(len(site.rules_of(asset)) for asset in assets)),
        )
    console.print(table)
    console.print(f"{len(site.file.edge)} edges, {scenarios} scenarios, no faults")


def show_read_plan(console: Console, site: Site, edge_id: str) -> None:
    """What an edge would read: every request, every topic, and how busy each bus would be."""
    from edge.check import check

    plan = check(site, edge_id)
    blocks = Table("bus", "device", "unit", "read", "registers", "every", "points", title=f"read plan of {edge_id}")
    for block in plan.blocks:
        span = f"{block.table} {block.address}–{block.address + block.count - 1}"
        blocks.add_row(
            block.bus, block.device, str(block.unit), span, str(block.count), f"{block.period_s:g} s",
            ", ".join(block.points),
        )  # fmt: skip
    console.print(blocks)
    sent = Table("bus", "device", "topic", "every", "points", title="messages that devices send")
    for topic in plan.topics:
        sent.add_row(topic.bus, topic.device, topic.topic, f"{topic.interval_s:g} s", ", ".join(topic.points))
    console.print(sent)
    loads = Table("bus", "type", "devices", "requests a minute", "busy", title="load")
    for load in plan.buses:
        loads.add_row(
            load.bus, load.type, str(load.devices), f"{load.requests_per_minute:.0f}", f"{load.load_percent:.1f} %"
        )
    console.print(loads)
    own = Table("asset", "rules", "sets off", title="safety rules that the cabinet judges by itself")
    for each in plan.own_alarms:
        rules = ", ".join(each.rules) + (f" (left to the server: {each.elsewhere})" if each.elsewhere else "")
        sets_off = ", ".join(f"{siren} at {rule}" for siren, rule in each.sets_off)
        own.add_row(each.asset, rules, sets_off or "–")
    console.print(own)
