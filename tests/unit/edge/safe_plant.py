"""The small plant of the alerts' tests, one of whose rules its pack marks as safety."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.unit.alerts.plant import plant
from vocab.annunciator import Action, Annunciator
from vocab.rule import Rule
from vocab.site import Site
from vocab.strict_toml import Text


@cache
def safe_plant(*edges: str, boilers: int = 2, shared: bool = False, escalates: bool = False) -> Site:
    """`temp_very_high` (on-delay 10 s, latching) is safety; with `escalates` it names `lockout`."""
    site = plant(*edges, boilers=boilers, shared=shared)
    pack = site.packs["boiler"]

    def marked(rule: Rule) -> Rule:
        if rule.id != "temp_very_high":
            return rule
        return rule.model_copy(update={"safety": True, "escalates_to": "lockout" if escalates else None})

    rules = {name: marked(rule) for name, rule in pack.rules.items()}
    return Site(site.file, {**site.packs, "boiler": replace(pack, rules=rules)})


@cache
def sounding_plant() -> Site:
    """The same with a siren at `e1` that sounds until somebody is heard."""
    site = safe_plant()
    siren = Annunciator(id="siren", name=Text(en="Siren", zh="警号"), bus="bus", unit=1, coil=0)
    action = Action(when="safety", type="relay", annunciator="siren", latched_until="ack")
    edges = tuple(edge.model_copy(update={"annunciator": (siren,), "action": (action,)}) for edge in site.file.edge)
    return Site(site.file.model_copy(update={"edge": edges}), site.packs)
