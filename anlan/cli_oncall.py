"""Shell. `anlan oncall …`: who is on call, stand-ins and swaps of a running alerts."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table

from vocab.instant import from_ms

if TYPE_CHECKING:
    from anlan.versions_client import VersionsClient

app = typer.Typer(no_args_is_help=True, help="Who is on call, stand-ins and swaps of a running alerts.")
out = Console()
err = Console(stderr=True)

Url = Annotated[str, typer.Option(envvar="ANLAN_URL", help="Where alerts answers.")]
By = Annotated[str | None, typer.Option(help="Your id in org.toml. Default: the name you are logged in with.")]
Note = Annotated[str, typer.Option(help="Why; it is kept.")]
Change = Annotated[int, typer.Argument(min=1, help="Its number, see `anlan oncall show`.")]
RosterId = Annotated[str, typer.Argument(help="A roster of oncall.toml.")]
Person = Annotated[str, typer.Argument(help="Who has it then, by id.")]
InsteadOf = Annotated[str, typer.Argument(help="Whose turn it is.")]
Begin = Annotated[str, typer.Option("--from", help="ISO 8601; site time unless it says.")]
End = Annotated[str, typer.Option("--to", help="ISO 8601, not included.")]
DEFAULT_URL = "http://127.0.0.1:8080"


@app.command()
def show(days: Annotated[float, typer.Option(min=0.1, max=400)] = 7.0, url: Url = DEFAULT_URL) -> None:
    """Who is on call, minutes that nobody covers, and what people have asked of each other.

    Exit status 1 if somebody is missing in a roster around the clock.
    """
    with _asked(url) as (client, zone):
        rosters = client.ask("GET", f"/api/v1/rosters?for_s={days * 86_400}")
        for roster in rosters:
            out.print(_turns(roster, zone))
            for begin, end in roster["gaps"]:
                out.print(f"nobody from {_local(begin, zone)} until {_local(end, zone)}", style="bold", highlight=False)
        for each in client.ask("GET", "/api/v1/roster-changes"):
            out.print(_line(each, zone), highlight=False)
    if any(roster["around_the_clock"] and roster["gaps"] for roster in rosters):
        raise typer.Exit(1)


@app.command()
def swap(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    roster: RosterId,
    person: Person,
    instead_of: InsteadOf,
    begin: Begin,
    end: End,
    back_from: Annotated[str | None, typer.Option(help="A swap: INSTEAD_OF has PERSON's turn from here …")] = None,
    back_to: Annotated[str | None, typer.Option(help="… until here.")] = None,
    note: Note = "",
    by: By = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Ask a colleague to stand in, or to swap. It holds when they agree."""
    body: dict[str, Any] = {"roster": roster, "person": person, "instead_of": instead_of, "note": note, "by": _who(by)}
    with _asked(url) as (client, zone):
        moments = {"from_ms": begin, "to_ms": end, "back_from_ms": back_from, "back_to_ms": back_to}
        body |= {name: _moment(text, zone, name) for name, text in moments.items() if text is not None}
        out.print(_line(client.ask("POST", "/api/v1/roster-changes", body), zone), highlight=False)


@app.command()
def order(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    roster: RosterId,
    begin: Begin,
    end: End,
    note: Note,
    person: Annotated[str | None, typer.Option(help="Who has it then; nobody: INSTEAD_OF is away.")] = None,
    instead_of: Annotated[str | None, typer.Option(help="Whose turn it is; nobody: whoever has it.")] = None,
    by: By = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Order who has it, at once. It needs the right to supervise."""
    body: dict[str, Any] = {"roster": roster, "person": person, "instead_of": instead_of, "note": note, "by": _who(by)}
    with _asked(url) as (client, zone):
        body |= {"from_ms": _moment(begin, zone, "--from"), "to_ms": _moment(end, zone, "--to")}
        told = client.ask("POST", "/api/v1/roster-overrides", body)
        out.print(_line(told["change"], zone), highlight=False)
        for doubt in told["doubts"]:
            out.print(doubt["en"], style="bold", highlight=False)


@app.command()
def agree(change: Change, note: Note = "", by: By = None, url: Url = DEFAULT_URL) -> None:
    """You stand in, or swap."""
    _say(url, change, "agree", by, note)


@app.command()
def decline(change: Change, note: Note = "", by: By = None, url: Url = DEFAULT_URL) -> None:
    """You do not."""
    _say(url, change, "decline", by, note)


@app.command()
def withdraw(change: Change, note: Note = "", by: By = None, url: Url = DEFAULT_URL) -> None:
    """You asked, and need it no more."""
    _say(url, change, "withdraw", by, note)


@app.command()
def end(change: Change, note: Note, by: By = None, url: Url = DEFAULT_URL) -> None:
    """End a change: what is still to come is as the roster says. It needs the right to supervise."""
    _say(url, change, "end", by, note)


def _say(url: str, change: int, verb: str, by: str | None, note: str) -> None:
    with _asked(url) as (client, zone):
        told = client.ask("POST", f"/api/v1/roster-changes/{change}/{verb}", {"by": _who(by), "note": note})
        out.print(_line(told, zone), highlight=False)


def _turns(roster: Any, zone: ZoneInfo) -> Table:
    table = Table(Column("from"), Column("to"), Column("who"), Column("shift"), title=roster["name"]["en"])
    for each in roster["stretches"]:
        who = each["person"] + (f" (for {each['instead_of']})" if each["instead_of"] else "")
        shift = each["shift"]["en"] if each["shift"] else ""
        table.add_row(_local(each["begin_ms"], zone), _local(each["end_ms"], zone), who, shift)
    return table


def _line(change: Any, zone: ZoneInfo) -> str:
    """One change as a sentence."""
    who = f"{change['instead_of']} is away"
    if change["person"]:
        who = f"{change['person']} for {change['instead_of'] or 'whoever has it'}"
    told = f"{change['id']}: {change['roster']}, {who}, "
    told += f"{_local(change['from_ms'], zone)} to {_local(change['to_ms'], zone)}"
    if change["back_from_ms"] is not None:
        told += f", and back {_local(change['back_from_ms'], zone)} to {_local(change['back_to_ms'], zone)}"
    return f"{told}: {change['state']}"


def _local(at_ms: int, zone: ZoneInfo) -> str:
    return from_ms(at_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _moment(text: str, zone: ZoneInfo, name: str) -> int | None:
    from anlan.cli_backtest import moment

    return moment(text, zone, name)


def _who(by: str | None) -> str:
    return by if by is not None else getpass.getuser()


@contextmanager
def _asked(url: str) -> Iterator[tuple[VersionsClient, ZoneInfo]]:
    """A client and the site's zone; what is refused is told in a line (exit 1), as is that nobody is there (exit 2)."""
    from anlan.versions_client import RefusedError, UnreachableError, VersionsClient

    try:
        with VersionsClient(url) as client:
            yield client, ZoneInfo(client.site()["timezone"])
    except RefusedError as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except UnreachableError as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
