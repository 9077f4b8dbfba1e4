"""Shell. Scenario files from disk, every fault of one in one ConfigurationError."""

from __future__ import annotations

from pathlib import Path

from firmware_sim.scenario import Scenario, load
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Site


def load_scenario(path: Path, site: Site) -> Scenario:
    """The scenario in `path`, checked against `site`; raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = "give a scenario file, such as sites/demo/scenarios/first-day.toml"
        raise ConfigurationError((Problem(str(path), 1, Code.UNREADABLE, "(file)", str(error), hint),)) from error
    scenario, problems = load(str(path), text, site)
    if scenario is None:
        raise ConfigurationError(problems)
    return scenario
