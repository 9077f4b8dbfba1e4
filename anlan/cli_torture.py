"""Shell. `anlan torture`: hours of faults against the whole chain; exit status 1 if an invariant breaks."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from anlan.cli_common import configured, run_folder, site_path

if TYPE_CHECKING:
    from anlan.torture.run import Settings

out = Console()
err = Console(stderr=True)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def torture(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    span: Annotated[
        str, typer.Option("--for", help="How long each run is struck, in site time: 90s, 30m, 2h.")
    ] = "30m",
    seed: Annotated[str, typer.Option(help="One seed, or several: 7, 1..5, 1,4,9. Each is a run of its own.")] = "1",
    faults: Annotated[str, typer.Option(help="Kinds of faults, with commas; default all. --list shows them.")] = "",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what was found here.")] = None,
    site: Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")] = "demo",
    speed: Annotated[float, typer.Option(min=0.1, max=60, help="Times life.")] = 10.0,
    run_dir: Annotated[Path | None, typer.Option(help="Keep the runs' files here; must be empty.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the kinds of faults and end.")] = False,
) -> None:
    """Strike the whole chain for hours: kill, cut, fill, lock, jump, garble; then count what it lost.

    Compared with the simulator's truth. Exit status 0 only when no reading was lost or stored twice, no hazard missed,
    no second ticket opened and no page lost; else 1, and the run's files are kept.
    """
    from anlan.torture.plan import TOLD, Kind
    from anlan.torture.run import Settings

    if listed:
        for kind in Kind:
            out.print(f"{kind.value:10} {TOLD[kind]}", highlight=False)
        raise typer.Exit(0)
    try:
        seconds, seeds = seconds_of(span), seeds_of(seed)
        kinds = [Kind(name.strip()) for name in faults.split(",") if name.strip()] or list(Kind)
    except ValueError as error:
        err.print(str(error), highlight=False)
        raise typer.Exit(2) from None
    root = run_folder(run_dir, "anlan-torture-")
    runs = [Settings(site_path(site), seconds, speed, kinds, number) for number in seeds]
    _run(runs, root, json_file, keep=run_dir is not None)


def _run(runs: list[Settings], root: Path, json_file: Path | None, *, keep: bool) -> None:
    import asyncio

    from anlan.interrupt import cancelled_by_signals
    from anlan.places import RunDir
    from anlan.suite_files import scenarios_of
    from anlan.torture.findings import Findings, as_json
    from anlan.torture.report import bar, show, show_totals
    from anlan.torture.run import torture
    from anlan.watch import NotStartedError
    from runtime.files import load_site

    with configured():
        site = load_site(runs[0].folder)
        scenarios = list(scenarios_of(runs[0].folder, site).values())
    found: list[Findings] = []
    for settings in runs:
        folder = RunDir(root / f"seed-{settings.seed}")
        folder.root.mkdir()
        _log_into(folder.root / "torture.log")
        with bar(err, settings) as (say, tick):
            work = torture(site, scenarios, settings, folder, say, tick)
            try:
                found.append(asyncio.run(cancelled_by_signals(work)))
            except asyncio.CancelledError:
                err.print(f"ended by you; files of this run: {folder.root}", highlight=False, markup=False)
                raise typer.Exit(2) from None
            except (NotStartedError, ValueError) as error:
                err.print(str(error), highlight=False, markup=False)
                raise typer.Exit(2) from None
        show(out, found[-1])
        if found[-1].holds and not keep:
            shutil.rmtree(folder.root, ignore_errors=True)
        elif not found[-1].holds:
            out.print(f"files of this run: {folder.root}", highlight=False, soft_wrap=True, markup=False)
            out.print(f"to repeat it:      {settings.command()}", highlight=False, soft_wrap=True, markup=False)
    if json_file is not None:
        told = as_json(found, runs[0].told())
        json_file.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    show_totals(out, found)
    if not any(root.iterdir()):
        root.rmdir()
    raise typer.Exit(0 if all(each.holds for each in found) else 1)


def _log_into(path: Path) -> None:
    """What the supervisor says of parts that die is no news here: it is kept with the run."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(default=str),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=path.open("a", encoding="utf-8")),
    )


def seconds_of(text: str) -> float:
    """Seconds of `90s`, `30m`, `2h`, `7d` or a plain number; ValueError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise ValueError(f"--for takes a time such as 90s, 30m or 2h, got {text!r}")
    return float(match[1]) * _UNITS[match[2] or "s"]


def seeds_of(text: str) -> list[int]:
    """The numbers of `7`, `1..5` or `1,4,9`; ValueError for anything else."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", part.strip())
        if match is None:
            raise ValueError(f"--seed takes numbers such as 7, 1..5 or 1,4,9, got {text!r}")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    if not found or len(set(found)) != len(found):
        raise ValueError(f"--seed names no seed, or one twice: {text!r}")
    return found
