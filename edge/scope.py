"""Pure. Which rules a cabinet judges by itself (law 2 of edge/safety.py), known without loading what judges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocab import expression
from vocab.condition import AlarmStands, Expiry, Expr, NoData
from vocab.leaves import leaves
from vocab.rule import Rule, conditions_of
from vocab.site import EDGE_KIND, Asset, Site

if TYPE_CHECKING:  # it brings the arrays with it, which a cabinet without a safety rule does without
    from rules.plan import Watched

MINE = 0  # the number of this cabinet among the sources of its book: there is no other
Alarm = tuple[str, str]  # asset, rule


@dataclass(frozen=True, slots=True)
class Scope:
    """What a cabinet judges by itself, and what it cannot."""

    watched: tuple[Watched, ...]
    safety: Mapping[str, Rule]  # by alarm, `asset.rule`; the others in `watched` are there because these need them
    elsewhere: Mapping[str, str]  # safety alarms that are left to the server, and why


def scope(site: Site, edge_id: str) -> Scope:
    """The safety rules of this cabinet."""
    mine = [asset for asset in site.assets if edge_id in site.edges_of(asset)]
    whole = {asset.id: asset for asset in mine if site.edges_of(asset) == (edge_id,)}
    rules = {asset.id: {rule.id: rule for rule in site.rules_of(asset)} for asset in mine}
    known = {
        (name, rule.id): rule
        for name, asset in whole.items()
        for rule in rules[name].values()
        if not _is_of_the_servers_clock(asset, rule)
    }
    stated = [(asset, rule) for asset, own in rules.items() for rule in own.values() if rule.safety]
    wanted: set[Alarm] = set()
    safety: dict[str, Rule] = {}
    elsewhere: dict[str, str] = {}
    for asset, rule in stated:
        name = f"{asset}.{rule.id}"
        needed = _with_what_it_needs((asset, rule.id), known, site)
        if asset not in whole:
            elsewhere[name] = f"{asset} hangs on {', '.join(site.edges_of(site.asset(asset)))}"
        elif isinstance(needed, str):
            elsewhere[name] = needed
        else:
            wanted |= needed
            safety[name] = rule
    with_rules = {name for name, _ in wanted}
    watched = tuple(_watched(site, asset, known, wanted) for asset in whole.values() if asset.id in with_rules)
    return Scope(watched, safety, elsewhere)


def _watched(site: Site, asset: Asset, known: Mapping[Alarm, Rule], wanted: set[Alarm]) -> Watched:
    from rules.plan import Watched

    points = tuple((point, MINE) for point in site.points_of(asset))
    own = tuple(rule for (name, _), rule in known.items() if name == asset.id and (name, rule.id) in wanted)
    return Watched(asset.id, points, own, asset.dates)


def _is_of_the_servers_clock(asset: Asset, rule: Rule) -> bool:
    """A cabinet's own silence, and dates."""
    is_silence = asset.kind == EDGE_KIND and isinstance(rule.when, NoData)
    return is_silence or any(isinstance(leaf, Expiry) for leaf in leaves(rule.when))


def _with_what_it_needs(alarm: Alarm, known: Mapping[Alarm, Rule], site: Site) -> set[Alarm] | str:
    """An alarm and every alarm that it asks for, or why that cannot be had here."""
    found: set[Alarm] = set()
    left = [alarm]
    while left:
        each = left.pop()
        if each in found:
            continue
        if each not in known:
            if any(rule.id == each[1] for rule in site.rules_of(site.asset(each[0]))):
                return f"it asks for {each[0]}.{each[1]}, which only the server judges"
            continue  # nobody has it, so nobody is asked
        found.add(each)
        left += _named(each[0], known[each])
    return found


def _named(asset: str, rule: Rule) -> Iterator[Alarm]:
    """Alarms that a rule asks for."""
    if rule.escalates_to is not None:
        yield asset, rule.escalates_to
    for leaf in conditions_of(rule):
        if isinstance(leaf, AlarmStands):
            yield leaf.asset or asset, leaf.rule
        elif isinstance(leaf, Expr):
            yield from ((asset, name) for name in expression.alarms(leaf.tree))
