"""Shell. `anlan score`: scenarios and suites through the whole chain in virtual time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from anlan.cli_common import configured, scenario_path, site_path
from anlan.cli_replay import write_part

if TYPE_CHECKING:
    from anlan.score import Score
    from anlan.suite import Planned, Promise
    from vocab.site import Site

out = Console()
err = Console(stderr=True)


def score(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    scenarios: Annotated[list[str] | None, typer.Argument(help="Scenarios of the site, by name or file.")] = None,
    suite: Annotated[str | None, typer.Option(help="A suite of the site, by name or file, such as all.")] = None,
    site: Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")] = "demo",
    seeds: Annotated[int, typer.Option(min=1, help="Run each scenario with this many seeds.")] = 3,
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at a time; default: as many as cores.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the score here.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the tables into this document, between their marks.")
    ] = None,
) -> None:
    """Run scenarios through the whole chain in virtual time and score them against the ground truth.

    Exit status 1 if a promise of the suite is broken: a fault missed or found too late, a second ticket, too many
    false hazard alarms in normal operation, a reading lost.
    """
    from anlan.many_runs import run_all, tasks
    from anlan.report import progress
    from anlan.report_score import show_score
    from anlan.score import summed

    with configured():
        loaded, plans, promise = _planned(site, suite, scenarios or [])
    if not plans:
        err.print("nothing to score: name scenarios, or a --suite")
        raise typer.Exit(1)
    with progress(err, "scoring", len(tasks(plans, seeds))) as step:
        result = summed(run_all(loaded, plans, seeds, jobs or os.cpu_count() or 1, step), promise)
    if json_file is not None:
        json_file.write_text(json.dumps(result.as_json(), indent=1, ensure_ascii=False), encoding="utf-8")
    if markdown is not None:
        _write(markdown, loaded, result)
    show_score(out, result)
    raise typer.Exit(0 if result.holds else 1)


def _planned(site: str, suite: str | None, names: list[str]) -> tuple[Site, list[Planned], Promise]:
    from anlan.suite import Promise, flushed, single
    from anlan.suite_files import load_suite
    from firmware_sim.files import load_scenario
    from runtime.files import load_site

    folder = site_path(site)
    loaded = load_site(folder)
    plans: list[Planned] = []
    promise = Promise()
    if suite is not None:
        found, plans = load_suite(folder, suite, loaded)
        promise, loaded = found.promise, flushed(loaded, found.flush_s)
    plans += [single(load_scenario(scenario_path(folder, name), loaded)) for name in names]
    return loaded, plans, promise


def _write(markdown: Path, site: Site, result: Score) -> None:
    from anlan.score_report import score_markdown, unfound_markdown

    write_part(markdown, "score", score_markdown(result))
    write_part(markdown, "unfound", unfound_markdown(site.packs))
