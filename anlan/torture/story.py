"""Pure. What befalls the site's equipment while its computers are tortured: hazards that must be found all the same.

The hazards are taken from the site's own scenarios, where it is proven that they are found on that very asset; here
each strikes at a moment of its own and stays, at most one an asset, so that the truth tells exactly what must come.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from firmware_sim.scenario import Injection, Scenario
from vocab.rule import Category
from vocab.site import Site
from vocab.strict_toml import Text

_BEGINS_S = 30.0  # site seconds; a site that has just started is judged from its second reading on
_STRIKE_WITHIN = 0.5  # of the run
_FOUND_WITHIN = 0.4  # of the run is what the pack may allow for finding it, so that there is time left


def story(site: Site, scenarios: Iterable[Scenario], seconds: float, seed: int) -> Scenario:
    """A scenario of `seconds` (of site time); the same for the same seed."""
    known = sorted(scenarios, key=lambda each: each.name)
    if not known:
        raise ValueError("the site has no scenarios to take hazards from")
    rng = random.Random(f"story-{seed}")  # noqa: S311 - a seed is what is wanted
    start, pool = hazards(site, known, seconds * _FOUND_WITHIN)
    chosen = [_struck(rng.choice(pool[asset]), rng, seconds) for asset in sorted(pool)]
    return Scenario(
        name="torture",
        title=Text(en="Torture", zh="拷打"),
        start=start,
        duration_s=max(seconds * 2, 3600.0),
        inject=tuple(sorted(chosen, key=lambda each: each.at_s)),
    )


def hazards(
    site: Site, scenarios: Sequence[Scenario], within_s: float
) -> tuple[datetime | None, dict[str, list[Injection]]]:
    """Where most scenarios begin; and of those, by asset, the hazards that the pack finds `within_s` of site time."""
    start = Counter(each.start for each in scenarios).most_common(1)[0][0]
    pool: dict[str, list[Injection]] = {}
    for scenario in scenarios:
        if scenario.start == start:
            for each in scenario.inject:
                if _is_fit(site, each, within_s):
                    pool.setdefault(each.target, []).append(each)
    return start, pool


def _is_fit(site: Site, injection: Injection, within_s: float) -> bool:
    asset = next((each for each in site.file.asset if each.id == injection.asset), None)
    if asset is None:
        return False
    fault = site.packs[asset.kind].faults[injection.fault]
    rule = next((each for each in site.rules_of(asset) if each.id == fault.expects), None)
    if "people" in fault.params:
        return False  # told once, by one message: it may be what a broker without its data lost before it was polled
    is_hazard = fault.nature == "physical" and rule is not None and rule.category is Category.HAZARD
    return is_hazard and fault.bound_s is not None and fault.bound_s <= within_s


def _struck(injection: Injection, rng: random.Random, seconds: float) -> Injection:
    at_s = round(rng.uniform(_BEGINS_S, max(_BEGINS_S + 1, seconds * _STRIKE_WITHIN)), 1)
    name = f"{injection.asset}-{injection.fault}".replace("_", "-")
    return injection.model_copy(update={"id": name, "at_s": at_s, "for_s": None})


def as_toml(scenario: Scenario) -> str:
    """The scenario as a file that the simulator reads."""
    lines = [
        f"name = {_quoted(scenario.name)}",
        f"title = {{ en = {_quoted(scenario.title.en)}, zh = {_quoted(scenario.title.zh)} }}",
        f"duration_s = {scenario.duration_s}",
    ]
    if scenario.start is not None:
        lines.append(f"start = {scenario.start.isoformat()}")
    for each in scenario.inject:
        lines += ["", "[[inject]]", f"id = {_quoted(each.id)}", f"at_s = {each.at_s}", f"fault = {_quoted(each.fault)}"]
        lines += [f"for_s = {each.for_s}"] if each.for_s is not None else []
        lines += [f"{key} = {_quoted(value)}" for key in ("asset", "device", "point") if (value := getattr(each, key))]
        if each.params:
            lines.append("params = { " + ", ".join(f"{key} = {value}" for key, value in each.params.items()) + " }")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
