"""Shell. `anlan rules list|show|draft|backtest|shadow|live|retire|reject`: change a rule of a running alerts."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

if TYPE_CHECKING:
    from anlan.report_versions import VersionTeller
    from anlan.versions_client import VersionsClient

out = Console()
err = Console(stderr=True)

Url = Annotated[str, typer.Option(envvar="ANLAN_URL", help="Where alerts answers.")]
Version = Annotated[int, typer.Argument(help="The version's number, see `anlan rules list`.")]
By = Annotated[str | None, typer.Option(help="Your name or role. Default: the name you are logged in with.")]
Why = Annotated[str, typer.Option(help="Why; it is kept for ever.")]
DEFAULT_URL = "http://127.0.0.1:8080"


def add_to(app: typer.Typer) -> None:
    """Put the commands under `anlan rules`."""
    app.command("list")(list_versions)
    for command in (show, draft, backtest, shadow, live, retire, reject):
        app.command(command.__name__)(command)


def list_versions(url: Url = DEFAULT_URL, limit: Annotated[int, typer.Option(min=1, max=1000)] = 20) -> None:
    """The rules in force and the versions on their way, newest first."""
    with _told(url) as (client, teller):
        teller.all(client.all(limit))


def show(
    version: Version,
    url: Url = DEFAULT_URL,
    text: Annotated[bool, typer.Option("--text", help="Only the draft's text, as it was written.")] = False,
) -> None:
    """One version: what it changes, who moved it when and why, and its backtests."""
    with _told(url) as (client, teller):
        told = client.one(version)
        if text:
            typer.echo(told["text"], nl=False)
        else:
            teller.one(told)


def draft(
    rules: Annotated[Path, typer.Argument(help="Draft rules (TOML), as for `anlan backtest`.")],
    why: Why,
    by: By = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Keep a draft as a new version, or tell every fault of it."""
    try:
        text = rules.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        err.print(f"{rules}: {error}", highlight=False, markup=False)
        raise typer.Exit(1) from None
    with _told(url) as (client, teller):
        told = client.draft(text, rules.name, _who(by), why)
        teller.diff(told)
        out.print(f"version {told['id']} is a draft; next: anlan rules backtest {told['id']}", highlight=False)


def backtest(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    version: Version,
    begin: Annotated[str | None, typer.Option("--from", help="ISO 8601; site time unless it says.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601, not included.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything it found here.")] = None,
    by: By = None,
    url: Url = DEFAULT_URL,
    wait: Annotated[bool, typer.Option(help="Wait for its end.")] = True,
) -> None:
    """Run a version over stored history, beside the running alerts, and tell what would be different.

    Without --from and --to: over everything stored. Exit status 1 if it came to nothing.
    """
    from anlan.cli_backtest import moment

    with _told(url) as (client, teller):
        zone = ZoneInfo(client.site()["timezone"])
        client.backtest(version, _who(by), moment(begin, zone, "--from"), moment(end, zone, "--to"))
        if not wait:
            out.print(f"it runs; ask with: curl {client.url}/api/v1/rules/versions/{version}/backtest", highlight=False)
            return
        told = _followed(client, version)
        if told["state"] != "done":
            err.print(f"{told['state']}: {told['error']}", highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(1)
        if json_file is not None:
            json_file.write_text(json.dumps(told["result"], indent=1, ensure_ascii=False), encoding="utf-8")
        teller.backtest(told)


def _followed(client: VersionsClient, version: int) -> dict[str, object]:
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("backtest"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("backtest", total=1.0)
        return client.until_done(version, lambda done: bar.update(task, completed=done))


def shadow(
    version: Version,
    why: Annotated[
        str | None, typer.Option(help="Why it goes to shadow. Without it: tell what its shadow did.")
    ] = None,
    by: By = None,
    url: Url = DEFAULT_URL,
) -> None:
    """With --why: let a backtested version judge silently beside the live rules. Without: tell what it did so far."""
    with _told(url) as (client, teller):
        if why is not None:
            told = client.move(version, "shadow", _who(by), why)
            out.print(f"version {told['id']} is in {told['state']}", highlight=False)
        else:
            teller.shadow(client.one(version, "/shadow"))


def live(version: Version, why: Why, by: By = None, url: Url = DEFAULT_URL) -> None:
    """Put a version in force: from its next reading on, alarms follow it."""
    _move(url, version, "live", by, why)


def retire(version: Version, why: Why, by: By = None, url: Url = DEFAULT_URL) -> None:
    """Take a live version out of force again; what was in force before it is in force."""
    _move(url, version, "retire", by, why)


def reject(version: Version, why: Why, by: By = None, url: Url = DEFAULT_URL) -> None:
    """Give a version up that was never live."""
    _move(url, version, "reject", by, why)


def _move(url: str, version: int, verb: str, by: str | None, why: str) -> None:
    with _told(url) as (client, _):
        told = client.move(version, verb, _who(by), why)
        out.print(f"version {told['id']} is {told['state']}", highlight=False)


def _who(by: str | None) -> str:
    return by if by is not None else getpass.getuser()


@contextmanager
def _told(url: str) -> Iterator[tuple[VersionsClient, VersionTeller]]:
    """A client and a teller; what is refused is told in a line (exit 1), as is that nobody is there (exit 2)."""
    from anlan.report_versions import VersionTeller
    from anlan.versions_client import RefusedError, UnreachableError, VersionsClient

    try:
        with VersionsClient(url) as client:
            yield client, VersionTeller(out, ZoneInfo(client.site()["timezone"]))
    except RefusedError as error:
        for problem in error.problems:
            err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except UnreachableError as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
