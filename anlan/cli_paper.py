"""Shell. `anlan paper`: forms, ledger, bulletin and dossier from a ticket database, whose system need not run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from anlan.cli_common import configured, site_path
from vocab.instant import to_ms

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from alerts.paper.context import Context
    from alerts.paper.make import Asked
    from alerts.paper.model import Document

app = typer.Typer(no_args_is_help=True, help="Forms and reports for the office, from data: docx, xlsx, PDF, CSV, zip.")
err = Console(stderr=True)

_Database = Annotated[str, typer.Option(help="SQLite file or SQLAlchemy URL of the tickets.")]
_Site = Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")]
_Out = Annotated[Path, typer.Option("-o", "--output", help="The file; its suffix chooses the format.")]
_Lang = Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language of the paper.")]
_Preparer = Annotated[str, typer.Option(help="Who fills it in: a person of org.toml, or a name.")]
_Reviewer = Annotated[str, typer.Option(help="Who reviews it; somebody else.")]
_From = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="By the site's clock.")]
_To = Annotated[
    datetime, typer.Option("--to", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Up to, and not with, this moment.")
]
_Unit = Annotated[str, typer.Option(help="Only of this committee or responsible unit.")]
_Category = Annotated[
    Literal["hazard", "sanitation", "maintenance", "all"], typer.Option(help="Whose work the tickets are.")
]


@app.command()
def form(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    ticket: Annotated[str, typer.Argument(help="Number of the ticket, such as DEMO-20260324-0001, or its id.")],
    database: _Database,
    output: _Out,
    site: _Site = "demo",
    lang: _Lang = "zh",
    preparer: _Preparer = "",
    reviewer: _Reviewer = "",
) -> None:
    """《重大事故隐患登记表》 of one major hazard (docx, xlsx, pdf)."""
    from alerts.paper.facts import id_of
    from alerts.paper.make import major_hazard

    def build(connection: Connection, context: Context) -> Document:
        return major_hazard(connection, context, id_of(connection, context.site.id, ticket))

    _write(database, output, site, (lang, preparer, reviewer), build)


@app.command()
def ledger(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    database: _Database,
    output: _Out,
    start: _From,
    end: _To,
    site: _Site = "demo",
    unit: _Unit = "",
    category: _Category = "hazard",
    carried: Annotated[bool, typer.Option(help="Also what was found before and was still open.")] = False,
    campaign: Annotated[str, typer.Option(help="Only what belongs to this campaign of duties.toml.")] = "",
    lang: _Lang = "zh",
    preparer: _Preparer = "",
    reviewer: _Reviewer = "",
) -> None:
    """《隐患排查治理台账》 of a period, all grades (xlsx, csv, docx, pdf)."""
    from alerts.paper.make import the_ledger

    def build(connection: Connection, context: Context) -> Document:
        asked = _asked(context, start, end, unit, category, carried)
        return the_ledger(connection, context, replace(asked, campaign=campaign))

    _write(database, output, site, (lang, preparer, reviewer), build)


@app.command()
def bulletin(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    database: _Database,
    output: _Out,
    start: _From,
    end: _To,
    site: _Site = "demo",
    category: _Category = "hazard",
    lang: _Lang = "zh",
    preparer: _Preparer = "",
    reviewer: _Reviewer = "",
) -> None:
    """The bulletin (通报) with the score card of each residents' committee (docx, xlsx, pdf)."""
    from alerts.paper.make import the_bulletin

    def build(connection: Connection, context: Context) -> Document:
        return the_bulletin(connection, context, _asked(context, start, end, "", category, False))

    _write(database, output, site, (lang, preparer, reviewer), build)


@app.command()
def handover(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    database: _Database,
    output: _Out,
    start: _From,
    end: _To,
    site: _Site = "demo",
    lang: _Lang = "zh",
    preparer: _Preparer = "",
    reviewer: _Reviewer = "",
) -> None:
    """The brief that a shift hands to the next, every category (docx, pdf)."""
    from alerts.paper.make import the_handover

    def build(connection: Connection, context: Context) -> Document:
        return the_handover(connection, context, _asked(context, start, end, "", "all", False))

    _write(database, output, site, (lang, preparer, reviewer), build)


@app.command()
def report(
    number: Annotated[int, typer.Argument(help="Number of a report that was submitted.")],
    database: _Database,
    output: _Out,
    site: _Site = "demo",
    lang: _Lang = "zh",
) -> None:
    """A report with the headings of its schedule, such as the six of the daily one (docx, pdf)."""
    from alerts.paper.make import the_report

    def build(connection: Connection, context: Context) -> Document:
        return the_report(connection, context, number)

    _write(database, output, site, (lang, "", ""), build)


@app.command()
def dossier(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    database: _Database,
    output: _Out,
    start: _From,
    end: _To,
    site: _Site = "demo",
    lang: _Lang = "zh",
    preparer: _Preparer = "",
    reviewer: _Reviewer = "",
) -> None:
    """The acceptance dossier of a campaign: contents, ledger, bulletin, every major hazard's form (zip)."""
    from rich.progress import Progress

    from alerts.paper.make_dossier import the_dossier

    if output.suffix != ".zip":
        raise typer.BadParameter("a dossier is a .zip", param_hint="-o")

    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("papers", total=None)

        def told(done: int, whole: int) -> None:
            bar.update(task, completed=done, total=whole)

        def build(connection: Connection, context: Context) -> bytes:
            asked = _asked(context, start, end, "", "hazard", False)
            return the_dossier(connection, context, asked, told=told)[1]

        _save(output, _read(database, site, (lang, preparer, reviewer), build))


def _asked(context: Context, start: datetime, end: datetime, unit: str, category: str, carried: bool) -> Asked:
    from alerts.paper.make import Asked

    from_ms, to = (to_ms(each.replace(tzinfo=context.zone)) for each in (start, end))
    if from_ms >= to:
        raise typer.BadParameter("--from is not before --to")
    return Asked(from_ms, to, unit, category=category, carried=carried)


def _write(
    database: str,
    output: Path,
    site: str,
    hands: tuple[Literal["zh", "en"], str, str],
    build: Callable[[Connection, Context], Document],
) -> None:
    from alerts.paper.errors import NoFontError
    from alerts.paper.make import Format, written

    suffix = output.suffix.removeprefix(".").lower()
    if suffix not in set(Format):
        raise typer.BadParameter(f"{output.suffix or 'no suffix'}: one of {', '.join(Format)}", param_hint="-o")
    try:
        data = _read(database, site, hands, lambda *given: written(build(*given), Format(suffix)))
    except NoFontError as error:
        err.print(str(error), highlight=False, markup=False)
        raise typer.Exit(2) from None
    _save(output, data)


def _save(output: Path, data: bytes) -> None:
    try:
        output.write_bytes(data)
    except OSError as error:
        err.print(f"{output}: {error.strerror}", highlight=False, markup=False)
        raise typer.Exit(2) from None
    Console().print(f"{output}: {len(data)} bytes", highlight=False, markup=False)


def _read(
    database: str, site: str, hands: tuple[Literal["zh", "en"], str, str], build: Callable[[Connection, Context], bytes]
) -> bytes:
    """From a database, to which nothing is written, not even a migration."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from alerts.database import reading
    from alerts.errors import AlertsError, DatabaseError
    from alerts.paper.context import Context
    from alerts.paper.errors import NoFontError
    from runtime.clock import Clock
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    lang, preparer, reviewer = hands
    if preparer and preparer == reviewer:
        raise typer.BadParameter("who prepares a paper does not review it")
    context = Context(loaded, Clock.from_environment().now_ms(), lang, preparer, reviewer)
    if "://" not in database and not Path(database).is_file():
        err.print(f"no database {database}", highlight=False, markup=False)
        raise typer.Exit(2)
    try:
        engine = create_engine(database if "://" in database else f"sqlite:///{database}")
        with reading(engine) as connection:
            data = build(connection, context)
        engine.dispose()
    except NoFontError:
        raise
    except (AlertsError, DatabaseError, SQLAlchemyError, ImportError) as error:
        err.print(f"{database}: {error}", highlight=False, markup=False)
        raise typer.Exit(2) from None
    return data
