"""Shell. `anlan soak`: a week of the whole chain with a hundred walls; exit status 1 if anything grew."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from anlan.cli_common import configured, run_folder, site_path
from anlan.cli_torture import seconds_of

if TYPE_CHECKING:
    from anlan.soak.run import Settings

out = Console()
err = Console(stderr=True)


def soak(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    span: Annotated[str, typer.Option("--for", help="How long, in site time: 30m, 6h, 7d.")] = "7d",
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="Times life.")] = 200.0,
    walls: Annotated[int, typer.Option(min=1, max=1000, help="Wall clients; they live in real time.")] = 100,
    seed: Annotated[int, typer.Option(help="Of the hazards, the equipment and the walls.")] = 1,
    browser: Annotated[bool, typer.Option(help="Show the wall in a Chromium too, and measure its heap.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what was found here.")] = None,
    site: Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")] = "demo",
    run_dir: Annotated[Path | None, typer.Option(help="Keep the run's files here; must be empty.")] = None,
) -> None:
    """Run the whole chain for long with many walls: is memory flat, are counts bounded?

    Hazards come and are repaired, people take note of them, some walls leave and come again. Exit status 0 only when
    nothing grew after the warm-up; else 1, and the run's files are kept.
    """
    from anlan.soak.run import Settings

    try:
        seconds = seconds_of(span)
    except ValueError as error:
        err.print(str(error), highlight=False)
        raise typer.Exit(2) from None
    root = run_folder(run_dir, "anlan-soak-")
    settings = Settings(site_path(site), seconds, speed, walls, seed, browser)
    _run(settings, root, json_file, keep=run_dir is not None)


def _run(settings: Settings, root: Path, json_file: Path | None, *, keep: bool) -> None:
    from anlan.interrupt import cancelled_by_signals
    from anlan.places import RunDir
    from anlan.soak.report import as_json, show
    from anlan.soak.run import soak
    from anlan.soak.tab import NoBrowserError
    from anlan.suite_files import scenarios_of
    from anlan.watch import NotStartedError
    from runtime.files import load_site

    with configured():
        site = load_site(settings.folder)
        scenarios = list(scenarios_of(settings.folder, site).values())

    def say(line: str) -> None:
        err.print(line, highlight=False, markup=False, soft_wrap=True)

    try:
        soaked = asyncio.run(cancelled_by_signals(soak(site, scenarios, settings, RunDir(root), say)))
    except asyncio.CancelledError:
        say(f"ended by you; files of this run: {root}")
        raise typer.Exit(2) from None
    except (NotStartedError, NoBrowserError, ValueError) as error:
        say(str(error))
        raise typer.Exit(2) from None
    if json_file is not None:
        told = json.dumps(as_json(soaked, settings), indent=1, ensure_ascii=False)
        json_file.write_text(told, encoding="utf-8")
    show(out, soaked)
    if soaked.broken:
        out.print(f"files of this run: {root}", highlight=False, soft_wrap=True, markup=False)
    elif not keep:
        shutil.rmtree(root, ignore_errors=True)
    raise typer.Exit(1 if soaked.broken else 0)
