"""Shell. Suite files from disk, with every scenario that they name."""

from __future__ import annotations

from pathlib import Path

from anlan.suite import Planned, Suite, load
from firmware_sim.files import load_scenario
from firmware_sim.scenario import Scenario
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Site


def suite_path(folder: Path, name: str) -> Path:
    """The file of a suite: one that is there, or one of the site's own."""
    given = Path(name)
    return given if given.suffix == ".toml" and given.exists() else folder / "suites" / f"{name}.toml"


def load_suite(folder: Path, name: str, site: Site) -> tuple[Suite, list[Planned]]:
    """The suite and what it plays, checked against the site in `folder`; raises ConfigurationError."""
    path = suite_path(folder, name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = "give a suite of the site, such as all, or its file"
        raise ConfigurationError((Problem(str(path), 1, Code.UNREADABLE, "(file)", str(error), hint),)) from error
    scenarios = scenarios_of(folder, site)
    suite, problems = load(str(path), text, site, scenarios)
    if suite is None:
        raise ConfigurationError(tuple(problems))
    return suite, [Planned(play, scenarios[play.scenario]) for play in suite.play]


def scenarios_of(folder: Path, site: Site) -> dict[str, Scenario]:
    """Every scenario of a site's folder by name; raises ConfigurationError with every fault of every file."""
    found: dict[str, Scenario] = {}
    problems: list[Problem] = []
    for path in sorted((folder / "scenarios").glob("*.toml")):
        try:
            scenario = load_scenario(path, site)
        except ConfigurationError as error:
            problems += error.problems
        else:
            found[scenario.name] = scenario
    if problems:
        raise ConfigurationError(tuple(problems))
    return found
