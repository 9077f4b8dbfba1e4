"""Pure. A pack's rules as they are in force for equipment of a site: with its numbers, and as the site overrides them.

Equipment with the same numbers has the same rules, as the same objects: a site of ten thousand machines would otherwise
hold hundreds of thousands of copies, and whoever lays out its alarms could not tell that they are alike.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from vocab.condition import High, Low
from vocab.rule import Rule
from vocab.settle import NO_LINKS, Links, settled

if TYPE_CHECKING:
    from vocab.site import Asset, Override


class InForce:
    """The rules of one site that were asked for so far."""

    def __init__(self, overrides: Sequence[Override]) -> None:
        self._overrides = overrides
        self._named = {each.asset for each in overrides} - {None}
        self._found: dict[Hashable, Rule] = {}

    def rule(self, asset: Asset, stated: Rule, params: Mapping[str, float], links: Links) -> Rule:
        """A rule of its pack, for an asset with these numbers and buses."""
        links = NO_LINKS if stated.suppress_when is None else links
        own = asset.id if asset.id in self._named else None
        key = (asset.kind, stated.id, own, links, tuple(sorted(params.items())))
        found = self._found.get(key)
        if found is None:
            rule = settled(stated, params, links)
            found = self._found[key] = self._overridden(asset, stated if rule == stated else rule)
        return found

    def _overridden(self, asset: Asset, rule: Rule) -> Rule:
        for override in self._overrides:
            if override.rule != rule.id or override.kind != asset.kind or override.asset not in (None, asset.id):
                continue
            rule = rule.model_copy(update=_given(override, "on_delay_s", "off_delay_s", "priority", "enabled"))
            changed = _given(override, "limit", "deadband")
            if changed and isinstance(rule.when, High | Low):
                rule = rule.model_copy(update={"when": rule.when.model_copy(update=changed)})
        return rule


def _given(override: Override, *names: str) -> dict[str, object]:
    return {name: value for name in names if (value := getattr(override, name)) is not None}
