"""Shell. Alarm performance for a person's eyes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.console import Console
from rich.table import Table

from rules.performance.definitions import Side, Verdict
from rules.performance.metrics import Metric
from rules.performance.report import Offender, Performance
from vocab.instant import from_ms

_SIGN = {Side.AT_MOST: "≤", Side.BELOW: "<", Side.AT_LEAST: "≥"}
_COLOUR = {Verdict.OK: "green", Verdict.WATCH: "yellow", Verdict.ACT: "red"}


def show_performance(console: Console, report: Performance, zone: tzinfo) -> None:
    """Figures with their verdicts, then the alarms behind them, then what might calm them."""
    operators = "1 operator" if report.operators == 1 else f"{report.operators} operators"
    span = f"{_local(report.from_ms, zone)} to {_local(report.to_ms, zone)}"
    console.print(f"{span}, {operators}: {report.calls} annunciated alarms", highlight=False)
    table = Table("figure", "value", "target", "act above", "verdict", title="alarm performance")
    for metric in report.metrics:
        table.add_row(metric.name.en, *_numbers(metric), _verdict(metric))
    console.print(table)
    _show_priorities(console, report)
    _show_floods(console, report, zone)
    for title, rows in (
        ("chattering", report.chattering),
        ("fleeting", report.fleeting),
        (f"the {report.definitions.top} most frequent", report.top),
    ):
        _show_offenders(console, title, rows)
    _show_suggestions(console, (*report.chattering, *report.fleeting, *report.top))
    for stale in report.stale:
        end = "still active" if stale.until_ms is None else f"until {_local(stale.until_ms, zone)}"
        console.print(f"stale: {stale.alarm} since {_local(stale.since_ms, zone)}, {end}", highlight=False)
    for late in report.late:
        console.print(f"found late, counted nowhere: {late.alarm} at {_local(late.raised_ms, zone)}", highlight=False)
    if report.hidings:
        console.print(f"shelved, suppressed or taken out of service: {report.hidings} times", highlight=False)
    closed = report.closed
    console.print(
        f"tickets closed: {closed.tickets}, of them {closed.verified} verified by the sensor, "
        f"{closed.unverified} closed, unverified, {closed.without_sensor} without a sensor",
        highlight=False,
    )
    for each in report.hidden:
        hidden = f"hidden ({each.how.replace('_', ' ')}): {each.count} times, {each.hours:.3g} alarm-hours"
        console.print(hidden, highlight=False)


def _numbers(metric: Metric) -> tuple[str, str, str]:
    bound = metric.bound
    action = "–" if bound.action is None else _number(bound.action, is_share=metric.is_share)
    target = f"{_SIGN[bound.side]} {_number(bound.target, is_share=metric.is_share)}"
    return _number(metric.value, is_share=metric.is_share), target, action


def _number(value: float | None, *, is_share: bool) -> str:
    if value is None:
        return "–"
    return f"{value * 100:.3g} %" if is_share else f"{value:.3g}"


def _verdict(metric: Metric) -> str:
    if metric.verdict is None:
        return "" if metric.note is None else f"[dim]{metric.note.en}[/]"
    return f"[{_COLOUR[metric.verdict]}]{metric.verdict}[/]"


def _show_priorities(console: Console, report: Performance) -> None:
    table = Table("priority", "alarms", "share", "about", "answered", "not", "median", "90 %", "longest",
                  title="priorities, and how long until acknowledged")  # fmt: skip
    answers = {each.priority: each for each in report.answers}
    for row in report.priorities:
        times = answers.get(row.priority) if row.priority is not None else None
        waits = [None] * 3 if times is None else [times.median_s, times.p90_s, times.longest_s]
        counts = ("0", "0") if times is None else (str(times.answered), str(times.unanswered))
        name = "no longer there" if row.priority is None else str(row.priority)
        shares = [_number(each, is_share=True) for each in (row.share, row.target)]
        seconds = ["–" if each is None else f"{each:.0f} s" for each in waits]
        table.add_row(name, str(row.count), *shares, *counts, *seconds)
    console.print(table)


def _show_floods(console: Console, report: Performance, zone: tzinfo) -> None:
    if not report.floods:
        return
    table = Table("from", "to", "alarms", "most within 10 min", title=f"floods: {report.flood_count} began")
    for flood in report.floods:
        end = "goes on" if flood.end_ms is None else _local(flood.end_ms, zone)
        table.add_row(_local(flood.start_ms, zone), end, str(flood.alarms), str(flood.peak))
    console.print(table)


def _show_offenders(console: Console, title: str, rows: Sequence[Offender]) -> None:
    if not rows:
        return
    table = Table("alarm", "priority", "times", "of all", "to be backtested", title=title)
    for row in rows:
        ideas = [
            f"{each.attribute} {each.now:g} → {each.suggested:g}"
            for each in row.suggestions
            if each.suggested is not None
        ]
        table.add_row(row.alarm, str(row.priority or "–"), str(row.count), f"{row.share:.0%}", "; ".join(ideas) or "–")
    console.print(table)


def _show_suggestions(console: Console, rows: Sequence[Offender]) -> None:
    """Each alarm once, with the arithmetic."""
    for row in {row.alarm: row for row in rows}.values():
        for each in row.suggestions:
            console.print(f"{row.alarm}: {each.why.en}", highlight=False, markup=False)


def _local(moment_ms: int, zone: tzinfo) -> str:
    return from_ms(moment_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
