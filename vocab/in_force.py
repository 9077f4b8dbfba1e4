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


Found = dict[Hashable, Rule]  # what was asked for so far, of one site


def in_force(
    found: Found, overrides: Sequence[Override], asset: Asset, stated: Rule, given: tuple[Mapping[str, float], Links]
) -> Rule:
    """A rule of its pack, for an asset with these numbers and buses; `found` is looked into first."""
    params, links = given
    links = NO_LINKS if stated.suppress_when is None else links
    mine = [each for each in overrides
            if each.rule == stated.id and each.kind == asset.kind and each.asset in (None, asset.id)]  # fmt: skip
    own = asset.id if any(each.asset is not None for each in mine) else None
    key = (asset.kind, stated.id, own, links, tuple(sorted(params.items())))
    if key not in found:
        rule = settled(stated, params, links)
        found[key] = _overridden(stated if rule == stated else rule, mine)
    return found[key]


def _overridden(rule: Rule, overrides: Sequence[Override]) -> Rule:
    for override in overrides:
        rule = rule.model_copy(update=_given(override, "on_delay_s", "off_delay_s", "priority", "enabled"))
        changed = _given(override, "limit", "deadband")
        if changed and isinstance(rule.when, High | Low):
            rule = rule.model_copy(update={"when": rule.when.model_copy(update=changed)})
    return rule


def _given(override: Override, *names: str) -> dict[str, object]:
    return {name: value for name in names if (value := getattr(override, name)) is not None}
