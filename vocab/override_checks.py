"""Pure. What a site changes of its rules, and what its assets' numbers and dates make of them: every fault of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from vocab.condition import Condition, FromParam, High, Low
from vocab.condition_checks import known
from vocab.leaves import leaves
from vocab.pack import Pack
from vocab.problem import Code, Problem
from vocab.rule import dates_read
from vocab.rule_checks import wrong_way_round
from vocab.salvage import Lost
from vocab.settle import settled
from vocab.site import BUS_KIND, EDGE_KIND, Asset, Override, Site, SiteFile, bus_asset_id, shared_buses
from vocab.strict_toml import Path, Source

_CHANGES = ("limit", "deadband", "on_delay_s", "off_delay_s", "priority", "enabled")


def overrides(site: SiteFile, packs: Mapping[str, Pack], source: Source, lost: Lost) -> Iterator[Problem]:
    """Every fault of a site's overrides."""
    kinds = {asset.id: asset.kind for asset in site.asset} | {edge.id: EDGE_KIND for edge in site.edge}
    kinds |= {bus_asset_id(edge.id, bus.id): BUS_KIND for edge, bus in shared_buses(site)}
    taken: set[tuple[str, str, str | None, str]] = set()
    for index, override in enumerate(site.override):
        at: Path = ("override", index)
        given = [key for key in _CHANGES if getattr(override, key) is not None]
        if not given:
            hint = "give one of: " + ", ".join(_CHANGES)
            yield source.problem(Code.MISSING_KEY, at, "it changes nothing", hint)
        for key in given:
            spot = (override.kind, override.rule, override.asset, key)
            if spot in taken:
                message = f"{key} of {override.rule!r} is changed twice"
                yield source.problem(Code.DUPLICATE_ID, (*at, key), message, "keep one of them")
            taken.add(spot)
        if override.kind not in packs:
            message = f"no pack {override.kind!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "kind"), message, known(packs))
        elif override.rule not in packs[override.kind].rules:
            hint = known(packs[override.kind].rules, override.rule)
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "rule"), f"no rule {override.rule!r}", hint)
        else:
            yield from _limit(override, packs[override.kind], at, source)
        yield from _whose(override, kinds, packs, at, source, lost)


def _whose(
    override: Override, kinds: Mapping[str, str], packs: Mapping[str, Pack], at: Path, source: Source, lost: Lost
) -> Iterator[Problem]:
    name = override.asset
    if name is None or lost.has("asset", name) or lost.has("edge", name):
        return
    if name not in kinds:
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "asset"), f"no asset {name!r}", known(kinds))
    elif override.kind in packs and kinds[name] != override.kind:
        message = f"{name!r} is of kind {kinds[name]!r}, not {override.kind!r}"
        yield source.problem(Code.CONTRADICTION, (*at, "asset"), message, "name the asset's own kind")


def _limit(override: Override, pack: Pack, at: Path, source: Source) -> Iterator[Problem]:
    """A limit that would change nothing, or at which nothing could ever be raised or cleared."""
    rule = pack.rules[override.rule]
    for key in ("limit", "deadband"):
        if getattr(override, key) is not None and not isinstance(rule.when, High | Low):
            message = f"{override.rule!r} is a {rule.when.type} condition, which has no {key} to change"
            yield source.problem(Code.CONTRADICTION, (*at, key), message, "only high and low have one; change the pack")
    point = pack.points.get(getattr(rule.when, "point", None) or rule.point)
    if point is None or point.bounds is None or not isinstance(rule.when, High | Low):
        return
    low, high = point.bounds
    if override.limit is not None and not low <= override.limit <= high:
        message = f"the limit {override.limit} lies outside the physical bounds {[low, high]} of {point.id!r}"
        hint = "beyond the bounds a value is bad, so this alarm could never be raised"
        yield source.problem(Code.CONTRADICTION, (*at, "limit"), message, hint)
    limit = rule.when.limit if override.limit is None else override.limit
    deadband = rule.when.deadband if override.deadband is None else override.deadband
    if isinstance(limit, FromParam):
        return
    clears = limit - deadband if isinstance(rule.when, High) else limit + deadband
    if low <= limit <= high and (clears <= low if isinstance(rule.when, High) else clears >= high):
        key = "limit" if override.deadband is None else "deadband"
        message = f"it would clear at {clears:g} only, where {point.id!r} never is"
        yield source.problem(Code.CONTRADICTION, (*at, key), message, "an alarm that could never clear")


def numbers(asset: Asset, pack: Pack, at: Path, source: Source) -> Iterator[Problem]:
    """Params of one asset by which a limit lies where nothing could ever be raised, and dates that nobody asks for."""
    params = pack.params_of(asset.attributes) | asset.params
    for rule in pack.rules_of(asset.variant):
        for before, after in zip(leaves(rule.when), leaves(settled(rule, params).when), strict=True):
            name = _moved_by(before)
            point = pack.points.get(getattr(after, "point", None) or rule.point)
            limit = getattr(after, "limit", None)
            if name not in asset.params or point is None or point.bounds is None or limit is None:
                continue
            if not point.bounds[0] <= limit <= point.bounds[1]:
                message = f"by it {rule.id!r} has its limit at {limit:g}, outside the bounds {list(point.bounds)}"
                hint = f"{point.id!r} is in {point.unit}; in which unit is this number?"
                yield source.problem(Code.CONTRADICTION, (*at, "params", str(name)), message, hint)
    asked = {name for rule in pack.rules.values() for name in dates_read(rule)}
    for name in sorted(set(asset.dates) - asked):
        if meant := get_close_matches(name, sorted(asked - set(asset.dates)), n=1, cutoff=0.8):
            message = f"no rule asks for the date {name!r}, but one for {meant[0]!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "dates", name), message, known(dict.fromkeys(asked)))


def _moved_by(leaf: Condition) -> str | None:
    limit = getattr(leaf, "limit", None)
    return limit.param if isinstance(limit, FromParam) else None


def levels(site: Site, source: Source) -> Iterator[Problem]:
    """Overrides after which a higher level of an alarm is reached before the lower one."""
    for asset in site.assets:
        rules = {rule.id: rule for rule in site.rules_of(asset)}
        for rule in rules.values():
            higher = rules.get(rule.escalates_to or "")
            if higher is None or rule.point != higher.point:
                continue
            limits = wrong_way_round(rule.when, higher.when)
            touched = [
                index
                for index, override in enumerate(site.file.override)
                if override.kind == asset.kind and override.asset in (None, asset.id)
                if override.rule in (rule.id, higher.id) and override.limit is not None
            ]
            if limits is not None and touched:
                first, last = f"{rule.id!r} at {limits[0]:g}", f"{higher.id!r} at {limits[1]:g}"
                message = f"on {asset.id!r} {last} would come before {first}"
                at: Path = ("override", touched[-1], "limit")
                yield source.problem(Code.CONTRADICTION, at, message, "the higher level comes last")
