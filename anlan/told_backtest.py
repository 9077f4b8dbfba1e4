"""Shell. A backtest for a person's eyes, and as the JSON that docs/reference/backtest.md promises."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Column, Table

from anlan.backtest import Backtest
from rules import telling
from rules.rota import DutyLoad
from vocab.draft import DraftChange
from vocab.instant import from_ms

MOST_ROWS = 30  # of each table on a terminal; the JSON has all


def as_json(found: Backtest, changes: tuple[DraftChange, ...], against: str) -> dict[str, Any]:
    """Everything; moments in ms UTC, durations in seconds of site time."""
    difference, events = found.difference, found.event_difference
    return {
        "site": found.site.id,
        "from_ms": found.from_ms,
        "to_ms": found.to_ms,
        "replayed_from_ms": found.replayed_from_ms,
        "covered_ms": found.covered_ms,
        "frames": found.frames,
        "readings": found.counts["readings"],
        "not_judged": found.counts["not_judged"],
        "against": against,
        "rules": [
            {"kind": each.kind, "rule": each.rule, "new": each.is_new, "overridden": each.overridden}
            for each in changes
        ],
        "transitions": [telling.event(each) for each in found.events],
        "episodes": [
            telling.episode(each.episode)
            | {
                "asset": each.asset,
                "rule": None if each.rule is None else each.rule.id,
                "hazard": None if each.rule is None else each.rule.hazard,
                "category": None if each.rule is None else each.rule.category.value,
                "priority": None if each.rule is None else each.rule.priority,
            }
            for each in found.told
        ],
        "tickets": [
            {
                "asset": each.asset, "hazard": each.hazard, "category": each.category, "priority": each.priority,
                "alarm": each.alarm, "raised_ms": each.raised_ms,
            }
            for each in found.tickets
        ],
        "shifts": [_load(each) for each in found.shifts],
        "nights": [_load(each) for each in found.nights],
        "difference": None if difference is None else telling.difference(difference),
        "events": None if events is None else telling.event_difference(events),
    }  # fmt: skip


def _load(load: DutyLoad) -> dict[str, Any]:
    priorities = {str(place): count for place, count in enumerate(load.by_priority, start=1)}
    return {
        "start_ms": load.start_ms, "end_ms": load.end_ms, "raised": load.raised, "pages": load.pages,
        "by_priority": priorities,
    }  # fmt: skip


class Teller:
    """Tables, in the site's own time."""

    def __init__(self, console: Console, found: Backtest) -> None:
        self._console = console
        self._found = found
        self._zone = ZoneInfo(found.site.file.timezone)

    def show(self, changes: tuple[DraftChange, ...], against: str) -> None:
        """The whole report."""
        found = self._found
        self._console.print(
            f"{found.site.id}: {self._when(found.from_ms)} to {self._when(found.to_ms)}, {found.frames} frames and "
            f"{found.counts['readings']} readings replayed from {self._when(found.replayed_from_ms)}",
            highlight=False,
        )
        for change in changes:
            text = f"{'new' if change.is_new else 'replaces'} {change.kind}.{change.rule}"
            self._console.print(text + (" (the site's override still applies)" if change.overridden else ""))
        self._episodes()
        self._tickets()
        self._loads("shift", found.shifts)
        self._loads("night", found.nights)
        self._difference(against)

    def _episodes(self) -> None:
        table = Table(
            Column("alarm", overflow="fold"), "priority", "raised", "cleared", "lasted", "peak", title="episodes"
        )
        for each in self._found.told[:MOST_ROWS]:
            episode = each.episode
            late = " (late)" if episode.late else ""
            table.add_row(
                episode.alarm,
                "–" if each.rule is None else str(each.rule.priority),
                self._when(episode.raised_ms) + late,
                "stands" if episode.cleared_ms is None else self._when(episode.cleared_ms),
                _lasted(episode.duration_ms),
                "–" if episode.peak is None else f"{episode.peak:g}",
            )
        self._print(table, len(self._found.told))

    def _tickets(self) -> None:
        table = Table(
            "equipment", "hazard", "category", "priority", Column("alarm", overflow="fold"), "raised", title="tickets"
        )
        for each in self._found.tickets[:MOST_ROWS]:
            table.add_row(
                each.asset, each.hazard, each.category, str(each.priority), each.alarm, self._when(each.raised_ms)
            )
        self._print(table, len(self._found.tickets))

    def _loads(self, duty: str, loads: list[DutyLoad]) -> None:
        table = Table("from", "to", "pages", "raised", "1", "2", "3", "4", title=f"per {duty}")
        busy = [each for each in loads if each.raised or each.pages]
        for each in busy[:MOST_ROWS]:
            counts = [str(count) for count in (each.pages, each.raised, *each.by_priority)]
            table.add_row(self._when(each.start_ms), self._when(each.end_ms), *counts)
        if busy:
            self._print(table, len(busy))
        for word, counted in (("pages", [each.pages for each in loads]), ("raised", [each.raised for each in loads])):
            average, most = sum(counted) / len(loads) if loads else 0.0, max(counted, default=0)
            self._console.print(
                f"{word} per {duty}: {average:.1f} on average over {len(loads)}, at most {most}", highlight=False
            )

    def _difference(self, against: str) -> None:
        difference, events = self._found.difference, self._found.event_difference
        if difference is None or events is None:
            return
        title = "against the log" if against == "live" else "against the present rules"
        table = Table("", Column("alarm", overflow="fold"), "raised", "cleared", "lasted", title=title)
        rows = [("[red]added[/]", each) for each in difference.added]
        rows += [("[green]lost[/]", each) for each in difference.lost]
        for word, episode in sorted(rows, key=lambda row: row[1].raised_ms)[:MOST_ROWS]:
            cleared = "stands" if episode.cleared_ms is None else self._when(episode.cleared_ms)
            table.add_row(
                word, episode.alarm, self._when(episode.raised_ms), cleared, _lasted(episode.duration_ms)
            )  # fmt: skip
        for pair in difference.shifted[:MOST_ROWS]:
            cleared = "–" if pair.cleared_by_ms is None else f"{pair.cleared_by_ms / 1000:+g} s"
            raised = f"{self._when(pair.before.raised_ms)} {pair.raised_by_ms / 1000:+g} s"
            table.add_row("shifted", pair.after.alarm, raised, cleared, _lasted(pair.after.duration_ms))
        if table.row_count:
            self._print(table, len(rows) + len(difference.shifted))
        self._console.print(
            f"{title}: {difference.same} episodes the same, {len(difference.added)} added, {len(difference.lost)} "
            f"lost, {len(difference.shifted)} shifted; {events.same} transitions the same, "
            f"{len(events.only_before)} only before, {len(events.only_after)} only now",
            highlight=False,
        )

    def _print(self, table: Table, rows: int) -> None:
        self._console.print(table)
        if rows > table.row_count:
            self._console.print(f"… and {rows - table.row_count} more; --json has all of them", highlight=False)

    def _when(self, at_ms: int) -> str:
        return from_ms(at_ms).astimezone(self._zone).strftime("%m-%d %H:%M:%S")


def _lasted(duration_ms: int | None) -> str:
    if duration_ms is None:
        return "–"
    seconds = duration_ms / 1000
    return (
        f"{seconds:.0f} s"
        if seconds < 600
        else f"{seconds / 60:.0f} min"
        if seconds < 36_000
        else f"{seconds / 3600:.1f} h"
    )
