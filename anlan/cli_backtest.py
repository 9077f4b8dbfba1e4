"""Shell. `anlan backtest`: what would these rules have done?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from alerts.backtest_words import DATABASE_VARIABLE
from anlan.cli_common import configured, site_path
from rules.rota import Duty, shifts
from vocab.instant import to_ms

if TYPE_CHECKING:
    from ingest.history import History
    from vocab.draft import DraftChange
    from vocab.site import Site

out = Console()
err = Console(stderr=True)

HOUR_MS = 3_600_000


class Progress(StrEnum):
    """How it is told how far it is."""

    BAR = "bar"
    LINES = "lines"


class Against(StrEnum):
    """What the rules are compared with."""

    RULES = "rules"  # the site's own rules over the same history
    LIVE = "live"  # what the ticket database says happened


def backtest(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    rules: Annotated[Path | None, typer.Argument(help="Draft rules (TOML); without it, the site's own.")] = None,
    site: Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")] = "demo",
    store: Annotated[
        str,
        typer.Option(help="The store's file, which no other process may have open, or http://… of a running ingest."),
    ] = "readings.duckdb",
    database: Annotated[
        str | None, typer.Option(envvar=DATABASE_VARIABLE, help="The ticket database: an SQLite file, or a URL.")
    ] = None,
    over: Annotated[
        list[Path] | None, typer.Option(help="Draft rules that are in force already, in their order.")
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="ISO 8601; site time unless it says. Default: all.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601, not included. Default: all.")] = None,
    against: Annotated[Against, typer.Option(help="Compare with the present rules, or with what was recorded.")] = (
        Against.RULES
    ),
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything here.")] = None,
    warm_up_hours: Annotated[float, typer.Option("--warm-up", min=0, help="Hours replayed before --from.")] = 24.0,
    speed: Annotated[float, typer.Option(min=0.1, max=200, help="Times life at which the history was made.")] = 1.0,
    shift_starts: Annotated[str, typer.Option("--shifts", help="When shifts begin.")] = "00:00,08:00,16:00",
    night: Annotated[str, typer.Option(help="The night.")] = "22:00-06:00",
    progress: Annotated[
        Progress, typer.Option(help="For people, or one JSON object a line and nothing else, at low priority.")
    ] = Progress.BAR,
) -> None:
    """Run rules over stored history, exactly as alerts would have, and tell what is different.

    Exit status: 0; 1 if the configuration is faulty, there is no such history, or the site's own rules do not give
    what was recorded (--against live without draft rules).
    """
    from alerts.errors import AlertsError
    from alerts.recorded import recorded_people
    from alerts.service import Settings
    from anlan.backtest import Asked, NoHistoryError, Sides
    from anlan.backtest import backtest as run
    from anlan.told_backtest import Teller, as_json
    from ingest.problem import StoreError

    present, asked_about, changes, digests = _rules(site, over or [], rules)
    zone = ZoneInfo(present.file.timezone)
    if against is Against.LIVE and database is None:
        raise typer.BadParameter("--against live needs --database", param_hint="--against")
    asked = Asked(
        from_ms=moment(begin, zone, "--from"),
        to_ms=moment(end, zone, "--to"),
        warm_up_ms=round(warm_up_hours * HOUR_MS),
        shifts=shifts(_times(shift_starts, ",", "--shifts")),
        night=_night(night),
        options=Settings().options(speed),
    )
    sides = Sides(
        site=asked_about,
        present=present if against is Against.RULES and rules is not None else None,
        record=None if database is None else lambda first, last: recorded_people(database, present.id, first, last),
        is_against_record=against is Against.LIVE,
    )
    try:
        history = _history(store)
        try:
            with _lines() if progress is Progress.LINES else _bar() as step:
                found = run(history, sides, asked, step)
        finally:
            history.close()
    except (StoreError, AlertsError, NoHistoryError) as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if json_file is not None:
        text = json.dumps(as_json(found, changes, against.value) | digests, indent=1, ensure_ascii=False)
        json_file.write_text(text, encoding="utf-8")
    if progress is Progress.BAR:
        Teller(out, found).show(changes, against.value)
    differs = found.event_difference is not None and not found.event_difference.equal
    raise typer.Exit(1 if differs and rules is None else 0)


def _rules(
    name: str, over: list[Path], rules: Path | None
) -> tuple[Site, Site, tuple[DraftChange, ...], dict[str, str | None]]:
    """The site as it is, the site with the draft, what the draft changes, and which rules these are exactly; every
    fault is told."""
    from runtime.files import load_site
    from vocab.fingerprint import rules_digest, text_digest

    with configured():
        base = load_site(site_path(name))
        for file in over:
            base, _ = _put_over(base, file, _text(file))
        if rules is None:
            return base, base, (), {"base_digest": rules_digest(base), "text_digest": None}
        text = _text(rules)
        drafted, changes = _put_over(base, rules, text)
        return base, drafted, changes, {"base_digest": rules_digest(base), "text_digest": text_digest(text)}


def _text(file: Path) -> str:
    from vocab.problem import Code, ConfigurationError, Problem

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(str(file), 1, Code.UNREADABLE, "(file)", str(error), "give a TOML file of rules")
        raise ConfigurationError((problem,)) from error


def _put_over(site: Site, file: Path, text: str) -> tuple[Site, tuple[DraftChange, ...]]:
    from vocab import draft
    from vocab.problem import ConfigurationError

    drafted, changes, problems = draft.put_over(site, str(file), text)
    if drafted is None:
        raise ConfigurationError(problems)
    return drafted, changes


def _history(store: str) -> History:
    if store.startswith(("http://", "https://")):
        from ingest.http_history import HttpHistory

        return HttpHistory(store)
    from ingest.duckdb_history import DuckDbHistory

    return DuckDbHistory(store)


def moment(text: str | None, zone: ZoneInfo, option: str) -> int | None:
    """A moment in ms UTC as a person writes it."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    return to_ms(found if found.tzinfo is not None else found.replace(tzinfo=zone))


def _times(text: str, separator: str, option: str) -> list[time]:
    try:
        return [time.fromisoformat(part.strip()) for part in text.split(separator)]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _night(text: str) -> Duty:
    ends = _times(text, "-", "--night")
    if len(ends) != 2:
        raise typer.BadParameter("two times, such as 22:00-06:00", param_hint="--night")
    return Duty(*ends)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("frames"), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("replaying", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _lines() -> Iterator[Callable[[int, int], None]]:
    """For whoever started us as a job: alarms come first on this machine."""
    import os

    if hasattr(os, "nice"):
        os.nice(10)
    told = -1

    def step(done: int, total: int) -> None:
        nonlocal told
        if done * 200 // max(total, 1) != told:
            told = done * 200 // max(total, 1)
            print(json.dumps({"done": done, "total": total}), flush=True)

    yield step
