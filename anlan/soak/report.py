"""Shell. What a soak measured, for a person's eyes and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from anlan.bench.frame import machine, versions
from anlan.soak.growth import Finding, Kind
from anlan.soak.run import Settings, Soaked

_TITLES = {
    Kind.MEMORY: "memory and files: flat",
    Kind.COUNT: "counts: bounded",
    Kind.HISTORY: "history: grows by its nature",
}


def as_json(soaked: Soaked, settings: Settings) -> dict[str, Any]:
    """Keys: `holds broken settings machine versions` and the fields of `Soaked`."""
    told = {"seconds": settings.seconds, "speed": settings.speed, "walls": settings.walls, "seed": settings.seed}
    return {
        "holds": not soaked.broken,
        "broken": soaked.broken,
        "settings": told | {"site": str(settings.folder), "browser": settings.browser},
        "machine": machine(),
        "versions": versions(),
    } | asdict(soaked)  # fmt: skip


def show(console: Console, soaked: Soaked) -> None:
    """A table a kind; what did not move at all is left out of the counts."""
    for kind, title in _TITLES.items():
        rows = [each for each in soaked.findings if each.kind is kind and (each.grows or _moved(each))]
        table = Table("what", "after warm-up", "at the end", "peak", "a day", "allowed", "", title=title)
        for each in rows:
            allowed = "" if each.allowed_per_day is None or kind is Kind.HISTORY else f"{each.allowed_per_day:.2f}"
            mark = "" if kind is Kind.HISTORY else "[red]GROWS[/]" if each.grows else "[green]ok[/]"
            numbers = (f"{each.first:.1f}", f"{each.last:.1f}", f"{each.peak:.1f}", f"{each.per_day:+.2f}")
            table.add_row(each.name, *numbers, allowed, mark)
        console.print(table)
    still = sum(each.kind is Kind.COUNT and not each.grows and not _moved(each) for each in soaked.findings)
    walls = soaked.walls
    console.print(
        f"{still} more counts never moved. {soaked.days:.2f} simulated days in {soaked.real_s / 60:.1f} minutes; "
        f"{soaked.hazards} hazards; walls: {walls['visits']:.0f} visits, {walls['events']:,.0f} events, "
        f"{walls['megabytes']:,.0f} MB, {walls['snapshots']:.0f} snapshots, {walls['failed']:.0f} questions failed; "
        f"readings: polled {soaked.readings['polled']}, lost {soaked.readings['lost']}",
        highlight=False,
    )
    for line in soaked.broken:
        console.print(line, style="red", highlight=False, markup=False)
    console.print("[green]nothing grows[/]" if not soaked.broken else "[red]SOMETHING GROWS[/]")


def _moved(finding: Finding) -> bool:
    return finding.kind is not Kind.COUNT or finding.peak != finding.last or finding.per_day != 0
