"""Shell. What came of the tests of rules, for a person's eyes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rules.story import Outcome
from vocab.story import said


def show_outcomes(console: Console, outcomes: Sequence[Outcome], language: str) -> None:
    """Every story with its result, file by file; then, for each that failed, what was wrong and what happened."""
    for file in dict.fromkeys(outcome.story.file for outcome in outcomes):
        table = Table("line", "rule", "story", "", title=file, title_justify="left")
        for outcome in outcomes:
            if (story := outcome.story).file == file:
                mark = "[green]ok[/]" if outcome.passed else "[red]FAILED[/]"
                table.add_row(str(story.line), story.test.rule, escape(getattr(story.test.story, language)), mark)
        console.print(table)
    for outcome in outcomes:
        if not outcome.passed:
            _show_failure(console, outcome)
    failed = sum(not outcome.passed for outcome in outcomes)
    told = "1 story" if len(outcomes) == 1 else f"{len(outcomes)} stories"
    console.print(f"{told}, {failed} failed" if failed else f"{told}, all as told")


def _show_failure(console: Console, outcome: Outcome) -> None:
    story = outcome.story
    console.print(f"[red]{story.kind}/{story.test.rule}[/]: {escape(story.test.story.en)}", highlight=False)
    for failure in outcome.failures:
        console.print(
            f"  {story.file}:{failure.line}  {failure.message}", highlight=False, markup=False, soft_wrap=True
        )
    happened = Table("time", "what happened", "value", box=None, pad_edge=True)
    for event in outcome.events:
        happened.add_row(said(event.at_ms), event.word, "" if event.value is None else f"{event.value:g}")
    if outcome.events:
        console.print(happened)
    else:
        console.print("  nothing happened at all")


def show_untested(console: Console, rules: Sequence[str]) -> None:
    """Rules that no test tries."""
    if rules:
        console.print(f"[yellow]without a test[/]: {', '.join(rules)}", highlight=False)
