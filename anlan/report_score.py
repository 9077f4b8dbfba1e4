"""Shell. A score for a person's eyes, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from anlan.score import Score
from anlan.score_report import delay, result

SHOWN = 40  # false alarms; the rest stands in --json


def show_score(console: Console, score: Score) -> None:
    """Recall and delay per fault, then what was raised without a reason, then whether the promises were kept."""
    names = ("kind", "fault", "category", "runs", "result", "delay p50", "delay max", "bound")
    table = Table(title="score")
    for name in names:
        table.add_column(name, no_wrap=name in {"fault", "result"})
    for row in score.rows:
        category = "–" if row.category is None else row.category.value
        cells = (row.kind, row.fault, category, str(row.seeds), result(row))
        good = row.found == row.seeds and row.within_bound is not False
        delays = (delay(row.delay_p50_s), delay(row.delay_max_s), delay(row.bound_s))
        table.add_row(*cells, *delays, style=None if good else "red")
    console.print(table)
    for alarm in score.false[:SHOWN]:
        during = f" during {alarm.fault}" if alarm.fault else ""
        where = f"{alarm.scenario} seed {alarm.seed}, {alarm.at}"
        console.print(f"[red]false[/] {alarm.category.value}: {alarm.equipment} {alarm.rule}{during} ({where})")
    console.print(
        f"normal operation: {score.normal_device_weeks:.2f} device-weeks, "
        f"{score.false_hazards_per_100_device_weeks:.1f} false hazard alarms per 100; all runs: "
        f"{score.device_weeks:.2f} device-weeks, {score.false_alarms} false alarms of hazard or sanitation, "
        f"{score.false_maintenance} of sensor health, {score.duplicates} duplicate tickets"
    )
    console.print(f"readings: {score.readings}")
    for promise in score.broken:
        console.print(f"[red]not kept[/] {promise}")
    if score.holds:
        console.print("[green]every promise was kept[/]")
