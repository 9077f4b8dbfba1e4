"""Shell. `anlan backup` and `anlan restore`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from anlan.cli_common import err, site_path
from anlan.places import VARIABLE

if TYPE_CHECKING:
    from anlan.restore import Target

out = Console()
Database = Annotated[str | None, typer.Option(envvar=VARIABLE, help="The ticket database's URL, if not in the folder.")]


def backup(
    output: Annotated[Path, typer.Option("--output", "-o", help="FILE.tar.zst, or FILE.zip.")],
    data: Annotated[Path | None, typer.Option(help="The folder of `anlan up`.")] = None,
    database: Database = None,
    store: Annotated[Path | None, typer.Option(help="The readings' DuckDB file, if not in the folder.")] = None,
    ingest: Annotated[str | None, typer.Option(help="http://HOST:PORT of the ingest that has it open.")] = None,
    site: Annotated[str | None, typer.Option(help="The site's folder; default: the one that was started.")] = None,
) -> None:
    """Write tickets, readings, attachments and the site's folder into one file. Everything may go on running."""
    from anlan.backup import Sources, back_up, told_places
    from anlan.places import RunDir
    from runtime.clock import Clock

    if not output.name.endswith((".tar.zst", ".zip")):
        raise typer.BadParameter("a name that ends in .tar.zst or .zip", param_hint="--output")
    if data is None and database is None:
        raise typer.BadParameter("say --data, or --database and --store", param_hint="--data")
    told = {} if data is None else told_places(data)
    run = None if data is None else RunDir(data.resolve())
    url = database or told.get("database") or f"sqlite:///{run.tickets if run else ''}"
    readings = store if store is not None or run is None else run.store
    folder = site_path(site) if site is not None else Path(told["site"]) if "site" in told else None
    if folder is None and run is not None and (run.root / "site").is_dir():
        folder = run.root / "site"
    sources = Sources(url, readings, None if run is None else run.root, folder, ingest or told.get("ingest"))
    with _failing(), _bars() as step:
        manifest = back_up(sources, output, Clock().now_ms(), step)
    size = output.stat().st_size / 2**20
    rows = sum(manifest["tickets"]["counts"].values())
    out.print(f"{output}: {size:.1f} MiB, {len(manifest['files'])} files", highlight=False)
    out.print(f"tickets   {rows} rows of {manifest['tickets']['backend']}", highlight=False)
    if manifest["readings"] is not None:
        count = manifest["readings"]["stored"]
        out.print(f"readings  {count}, {manifest['readings']['how']}", highlight=False)
    out.print(f"site      {folder or 'not taken: say --site'}", highlight=False)


def restore(
    file: Annotated[Path, typer.Argument(help="What `anlan backup` wrote.")],
    data: Annotated[Path, typer.Option(help="The folder to fill.")],
    database: Database = None,
    force: Annotated[bool, typer.Option(help="Overwrite what is there, after it was told and you agreed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --force: do not ask.")] = False,
) -> None:
    """Fill a folder, and with --database a database of either kind, from a backup. Nothing may run on them."""
    from anlan.restore import Target, restore
    from vocab.instant import from_ms

    target = Target(data, database, force)
    if force:
        _agreed(target, yes=yes)
    with _failing(), _bars() as step:
        manifest = restore(file, target, step)
    made = from_ms(manifest["made_ms"]).astimezone(UTC).isoformat(timespec="seconds")
    out.print(f"restored the backup of {made}, made by Anlan {manifest['anlan']}", highlight=False)
    site = data / "site" if (data / "site").exists() else "SITE"
    more = "" if database is None else " --database …"
    out.print(f"go on with: anlan up {site} --data {data}{more}", highlight=False, soft_wrap=True)


def _agreed(target: Target, *, yes: bool) -> None:
    """Tell what is going to be lost; without --yes somebody at a terminal has to agree, or nothing is done."""
    from anlan.restore import what_goes

    with _failing():
        lost = what_goes(target)
    if not lost:
        return
    err.print("This goes, and what is in the backup comes in its place:", highlight=False)
    for line in lost:
        err.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    if yes:
        return
    try:
        is_agreed = typer.confirm("Go on?", err=True)
    except typer.Abort:  # nobody is there to answer
        is_agreed = False
    if not is_agreed:
        err.print("nothing was changed; --yes agrees beforehand", highlight=False)
        raise typer.Exit(1)


@contextmanager
def _bars() -> Iterator[Callable[[str, int], None]]:
    """One line for each kind of work, with how much of it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        lines: dict[str, TaskID] = {}

        def step(what: str, more: int) -> None:
            if what not in lines:
                lines[what] = progress.add_task(what, total=None)
            progress.advance(lines[what], more)

        yield step


@contextmanager
def _failing() -> Iterator[None]:
    """What went wrong in one line, and exit status 1."""
    from alerts.errors import AlertsError
    from anlan.archive import DamagedError
    from anlan.backup import BackupError
    from anlan.restore import WouldOverwriteError
    from ingest.problem import StoreError

    try:
        yield
    except WouldOverwriteError as error:
        err.print(f"{error}: nothing was changed; --force overwrites it", highlight=False, soft_wrap=True)
    except (AlertsError, StoreError, DamagedError, BackupError, OSError) as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
    else:
        return
    raise typer.Exit(1)
