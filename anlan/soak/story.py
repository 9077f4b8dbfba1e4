"""Pure. What befalls the site's equipment in a soak: the hazards of its own scenarios, again and again, each repaired.

Without them the lists that a hazard fills would never be looked at: alarms, evidence, calls, pages, the time line.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from anlan.torture.story import hazards
from firmware_sim.scenario import Injection, Scenario
from vocab.site import Site
from vocab.strict_toml import Text

_FIRST_S = 60.0  # site seconds
_LONGEST_BOUND_S = 3600.0  # hazards that the packs find later are left out
_STAYS = (1.5, 4.0)  # times the pack's bound, so that most are found
_STAYS_AT_LEAST_S = 900.0
_REST_S = (6 * 3600.0, 42 * 3600.0)  # between two of one asset: a day, more or less


def story(site: Site, scenarios: Iterable[Scenario], seconds: float, seed: int) -> Scenario:
    """A scenario of `seconds` (of site time); the same for the same seed. ValueError for a site without scenarios."""
    known = sorted(scenarios, key=lambda each: each.name)
    if not known:
        raise ValueError("the site has no scenarios to take hazards from")
    rng = random.Random(f"soak-{seed}")  # noqa: S311 - a seed is what is wanted
    start, pool = hazards(site, known, _LONGEST_BOUND_S)
    struck: list[Injection] = []
    for asset in sorted(pool):
        at_s = rng.uniform(_FIRST_S, min(_REST_S[1], seconds))
        while at_s < seconds:
            chosen = rng.choice(pool[asset])
            for_s = max(_STAYS_AT_LEAST_S, _bound_s(site, chosen) * rng.uniform(*_STAYS))
            name = f"{asset}-{chosen.fault}-{len(struck)}".replace("_", "-")
            moment = {"at_s": round(at_s, 1), "for_s": round(for_s, 1)}
            struck.append(chosen.model_copy(update={"id": name, **moment}))
            at_s += for_s + rng.uniform(*_REST_S)
    struck.sort(key=lambda each: each.at_s)
    title = Text(en="Soak", zh="浸泡")
    return Scenario(name="soak", title=title, start=start, duration_s=seconds * 2, inject=tuple(struck))


def _bound_s(site: Site, injection: Injection) -> float:
    return site.packs[site.asset(injection.target).kind].faults[injection.fault].bound_s or 0.0
