"""Pure. A suite: which scenarios are scored, what each proves, and what all of them together must keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import AwareDatetime, Field

from firmware_sim.scenario import Scenario
from vocab.point import Id
from vocab.problem import Code, Problem
from vocab.site import EDGE_KIND, Site
from vocab.strict_toml import Path, Source, Strict, Text, parse


class Play(Strict):
    """One scenario of a suite."""

    scenario: Id
    proves: Text
    kinds: tuple[Id, ...] = ()  # only this equipment of the site is there; default all of it
    starts: tuple[AwareDatetime, ...] = ()  # seed 1 takes the first, seed 2 the second …; default the scenario's
    seeds: int | None = Field(default=None, ge=1)  # at most so many
    normal: bool = False  # normal operation: what is raised here is false, and counts against the promise


class Promise(Strict):
    """What a suite must keep; a broken one is exit status 1."""

    recall: float = Field(default=1.0, ge=0, le=1)  # of each fault that a rule is expected to find
    within_bound: bool = True
    duplicates: int = Field(default=0, ge=0)
    false_hazards_per_100_device_weeks: float = Field(default=1.0, ge=0)  # in normal operation


class Suite(Strict):
    """A file of `suites/`."""

    name: Id
    title: Text
    promise: Promise = Promise()
    flush_s: float | None = Field(default=None, gt=0, le=20)  # cabinets send so seldom; default as the site says
    play: tuple[Play, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """A play with its scenario."""

    play: Play
    scenario: Scenario

    def seeds(self, wanted: int) -> int:
        """How many seeds it is run with, if `wanted` are asked for."""
        return wanted if self.play.seeds is None else min(wanted, self.play.seeds)

    def of(self, seed: int) -> Scenario:
        """The scenario as this seed plays it."""
        starts = self.play.starts
        return self.scenario.model_copy(update={"start": starts[(seed - 1) % len(starts)]}) if starts else self.scenario


def single(scenario: Scenario) -> Planned:
    """A scenario that belongs to no suite."""
    return Planned(Play(scenario=scenario.name, proves=scenario.title), scenario)


def flushed(site: Site, flush_s: float | None) -> Site:
    """The site with cabinets that send a frame only so often: cheaper, and alarms are dated by what was measured."""
    if flush_s is None:
        return site
    edges = tuple(edge.model_copy(update={"flush_s": flush_s}) for edge in site.file.edge)
    return replace(site, file=site.file.model_copy(update={"edge": edges}))


def reduced(site: Site, kinds: tuple[str, ...]) -> Site:
    """The site with only this equipment on its cabinets; all of it for no kinds."""
    if not kinds:
        return site
    kept = tuple(asset for asset in site.file.asset if asset.kind in kinds)
    return replace(site, file=site.file.model_copy(update={"asset": kept}))


def load(file: str, text: str, site: Site, scenarios: Mapping[str, Scenario]) -> tuple[Suite | None, list[Problem]]:
    """The suite and no problems, or None and all of them; `scenarios` are those of the site, by name."""
    source = Source(file, text)
    found, problems = parse(source, Suite)
    if found is None:
        return None, list(problems)
    faults = sorted(set(_check(found, site, scenarios, source)))
    return (None, faults) if faults else (found, [])


def _check(suite: Suite, site: Site, scenarios: Mapping[str, Scenario], source: Source) -> Iterator[Problem]:
    kinds = {asset.id: asset.kind for asset in site.assets}
    for index, play in enumerate(suite.play):
        at: Path = ("play", index)
        scenario = scenarios.get(play.scenario)
        if scenario is None:
            hint = "known: " + ", ".join(sorted(scenarios))
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "scenario"), f"no scenario {play.scenario!r}", hint)
            continue
        for kind in set(play.kinds) - set(kinds.values()):
            hint = "known: " + ", ".join(sorted(set(kinds.values())))
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "kinds"), f"the site has no {kind!r}", hint)
        for injection in scenario.inject:
            kind = kinds[injection.target]
            if play.kinds and kind not in (*play.kinds, EDGE_KIND):
                message = f"{injection.id!r} strikes a {kind}, which is not there"
                yield source.problem(Code.CONTRADICTION, (*at, "kinds"), message, "name its kind too")
            if play.normal and site.packs[kind].faults[injection.fault].nature != "disturbance":
                message = f"{injection.id!r} is no disturbance, so this is no normal operation"
                yield source.problem(Code.CONTRADICTION, (*at, "normal"), message, "drop `normal`, or the fault")
