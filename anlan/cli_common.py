"""Shell. What every command needs: finding a site and a scenario, and telling the faults of their files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console

from firmware_sim import scenario
from firmware_sim.scenario import Scenario
from runtime.files import shipped
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Site

err = Console(stderr=True)


def site_path(name: str) -> Path:
    """The folder of a site: one that is there, or a shipped one of this name."""
    given = Path(name)
    return given if given.exists() else shipped("sites") / name


def scenario_path(site: Path, name: str) -> Path:
    """The file of a scenario: one that is there, or one of the site's own."""
    given = Path(name)
    return given if given.suffix == ".toml" and given.exists() else site / "scenarios" / f"{name}.toml"


def load_scenario(path: Path, site: Site) -> Scenario:
    """A scenario that fits the site; ConfigurationError with every fault of its file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(sorted(each.stem for each in path.parent.glob("*.toml"))) or "none"
        problem = Problem(str(path), 1, Code.UNREADABLE, "(file)", str(error), f"scenarios there: {known}")
        raise ConfigurationError((problem,)) from error
    found, problems = scenario.load(str(path), text, site)
    if found is None:
        raise ConfigurationError(problems)
    return found


@contextmanager
def configured() -> Iterator[None]:
    """Tell every fault of the configuration and exit 1; nothing is started before this has passed."""
    try:
        yield
    except ConfigurationError as error:
        for problem in error.problems:
            err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        count = len(error.problems)
        err.print(f"{count} fault{'s' if count != 1 else ''}, nothing started", highlight=False)
        raise typer.Exit(1) from None
