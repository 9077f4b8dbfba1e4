"""Pure. A site file into a site, or every fault of it: unknown packs, makes, grids, buses, clashing addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vocab.annunciator_check import annunciators
from vocab.condition import High, Low
from vocab.pack import Pack
from vocab.problem import Code, Problem
from vocab.site import EDGE_KIND, Asset, Device, Override, Site, SiteFile, bus_asset_id, shared_buses
from vocab.strict_toml import Path, Source, parse
from vocab.topics import ID_PATTERN


def load(file: str, text: str, packs: Mapping[str, Pack]) -> tuple[Site | None, tuple[Problem, ...]]:
    """The site and no problems, or None and all of them."""
    source = Source(file, text)
    found, problems = parse(source, SiteFile)
    if found is None:
        return None, problems
    problems = tuple(sorted(set(_check(found, packs, source))))
    return (None, problems) if problems else (Site(found, packs), ())


def placed(site: Site, endpoints: Mapping[str, Mapping[str, object]]) -> Site:
    """The site with the addresses of some buses put in; `endpoints` is keyed `EDGE/BUS`."""
    edges = tuple(
        edge.model_copy(
            update={
                "bus": tuple(bus.model_copy(update=dict(endpoints.get(f"{edge.id}/{bus.id}", {}))) for bus in edge.bus)
            }
        )
        for edge in site.file.edge
    )
    return Site(site.file.model_copy(update={"edge": edges}), site.packs)


def _check(site: SiteFile, packs: Mapping[str, Pack], source: Source) -> Iterator[Problem]:
    try:
        ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        hint = "use an IANA name such as Asia/Shanghai"
        yield source.problem(Code.BAD_VALUE, ("timezone",), f"no time zone {site.timezone!r}", hint)
    yield from _unique(site, source)
    grids = {grid.id for grid in site.grid}
    for index, edge in enumerate(site.edge):
        if edge.grid not in grids:
            yield _unknown(source, ("edge", index, "grid"), "grid", edge.grid, grids)
    if EDGE_KIND not in packs:
        yield _unknown(source, ("edge",), "pack", EDGE_KIND, set(packs))
    yield from _addresses(site, source)
    for index, asset in enumerate(site.asset):
        at: Path = ("asset", index)
        if asset.grid not in grids:
            yield _unknown(source, (*at, "grid"), "grid", asset.grid, grids)
        if asset.kind not in packs:
            yield _unknown(source, (*at, "kind"), "pack", asset.kind, set(packs))
            continue
        yield from _asset(asset, packs[asset.kind], at, source)
        for place, box in enumerate(asset.device):
            yield from _device(site, asset, box, packs[asset.kind], (*at, "device", place), source)
    yield from annunciators(site, packs, source)
    yield from _overrides(site, packs, source)


def _unknown(source: Source, at: Path, what: str, name: str, known: set[str]) -> Problem:
    hint = "known: " + (", ".join(sorted(known)) or "none")
    return source.problem(Code.UNKNOWN_REFERENCE, at, f"no {what} {name!r}", hint)


def _unique(site: SiteFile, source: Source) -> Iterator[Problem]:
    named: list[tuple[Path, str]] = [(("edge", i), edge.id) for i, edge in enumerate(site.edge)]
    named += [(("asset", i), asset.id) for i, asset in enumerate(site.asset)]
    seen: dict[str, Path] = {}
    for at, name in named:
        if name in seen:
            message = f"the id {name!r} is taken"
            yield source.problem(Code.DUPLICATE_ID, (*at, "id"), message, "edges and assets share one set of ids")
        seen[name] = at
    yield from _bus_ids(site, source, seen)
    boxes: set[str] = set()
    for i, asset in enumerate(site.asset):
        for j, box in enumerate(asset.device):
            if box.id in boxes:
                at = ("asset", i, "device", j, "id")
                yield source.problem(Code.DUPLICATE_ID, at, f"the device id {box.id!r} is taken", "rename one of them")
            boxes.add(box.id)


def _bus_ids(site: SiteFile, source: Source, taken: Mapping[str, Path]) -> Iterator[Problem]:
    """A bus with several devices is an asset of its own, whose id is put together from two."""
    seen = set(taken)
    shared = {(edge.id, bus.id) for edge, bus in shared_buses(site)}
    for i, edge in enumerate(site.edge):
        own: set[str] = set()
        for j, bus in enumerate(edge.bus):
            at, name = ("edge", i, "bus", j, "id"), bus_asset_id(edge.id, bus.id)
            if bus.id in own:
                yield source.problem(Code.DUPLICATE_ID, at, f"{edge.id!r} has two buses {bus.id!r}", "rename one")
            own.add(bus.id)
            if (edge.id, bus.id) not in shared:
                continue
            if name in seen:
                message = f"this bus is the asset {name!r}, and that id is taken"
                yield source.problem(Code.DUPLICATE_ID, at, message, "rename the bus, or what has its id")
            if re.fullmatch(ID_PATTERN, name) is None:
                message = f"this bus is the asset {name!r}, which is no id: it is too long"
                yield source.problem(Code.BAD_VALUE, at, message, "shorten the id of the cabinet or of the bus")
            seen.add(name)


def _asset(asset: Asset, pack: Pack, at: Path, source: Source) -> Iterator[Problem]:
    if pack.variants and asset.variant not in pack.variants:
        hint = "one of: " + ", ".join(pack.variants)
        message = f"a {pack.kind} needs a variant" if asset.variant is None else f"no variant {asset.variant!r}"
        yield source.problem(Code.BAD_VALUE, (*at, "variant"), message, hint)
    for name in sorted(set(asset.params) - set(pack.params)):
        yield _unknown(source, (*at, "params", name), "param", name, set(pack.params))


def _device(site: SiteFile, asset: Asset, box: Device, pack: Pack, at: Path, source: Source) -> Iterator[Problem]:
    edges = {edge.id: edge for edge in site.edge}
    make = pack.makes.get(box.make)
    if make is None:
        yield _unknown(source, (*at, "make"), f"make of {pack.kind}", box.make, set(pack.makes))
    elif make.variants and asset.variant not in make.variants:
        hint = "it is for: " + ", ".join(make.variants)
        yield source.problem(Code.CONTRADICTION, (*at, "make"), f"{box.make!r} does not fit {asset.variant!r}", hint)
    if box.edge not in edges:
        yield _unknown(source, (*at, "edge"), "edge", box.edge, set(edges))
        return
    buses = {bus.id: bus for bus in edges[box.edge].bus}
    if box.bus not in buses:
        yield _unknown(source, (*at, "bus"), f"bus of {box.edge}", box.bus, set(buses))
        return
    is_mqtt = buses[box.bus].type == "mqtt"
    if make is not None and (make.mqtt is not None) != is_mqtt:
        message = f"make {box.make!r} does not speak {buses[box.bus].type}"
        yield source.problem(Code.CONTRADICTION, (*at, "bus"), message, "put the device on a bus of its protocol")
    if (box.serial if is_mqtt else box.unit) is None:
        key = "serial" if is_mqtt else "unit"
        yield source.problem(Code.MISSING_KEY, (*at, key), f"a device on a {buses[box.bus].type} bus needs it")


def _addresses(site: SiteFile, source: Source) -> Iterator[Problem]:
    taken: dict[tuple[str, str, int | None, str | None], str] = {}
    for index, asset in enumerate(site.asset):
        for place, box in enumerate(asset.device):
            spot = (box.edge, box.bus, box.unit, box.serial and f"{box.make}/{box.serial}")
            if spot in taken:
                message = f"{taken[spot]!r} has this address on {box.bus!r} already"
                at = ("asset", index, "device", place)
                yield source.problem(Code.DUPLICATE_ID, at, message, "two devices cannot share an address")
            taken[spot] = box.id


def _overrides(site: SiteFile, packs: Mapping[str, Pack], source: Source) -> Iterator[Problem]:
    kinds = {asset.id: asset.kind for asset in site.asset}
    for index, override in enumerate(site.override):
        at: Path = ("override", index)
        if override.kind not in packs:
            yield _unknown(source, (*at, "kind"), "pack", override.kind, set(packs))
        elif override.rule not in packs[override.kind].rules:
            yield _unknown(source, (*at, "rule"), "rule", override.rule, set(packs[override.kind].rules))
        else:
            yield from _limit(override, packs[override.kind], at, source)
        if override.asset is not None and override.asset not in kinds:
            yield _unknown(source, (*at, "asset"), "asset", override.asset, set(kinds))
        elif override.asset is not None and override.kind in packs and kinds[override.asset] != override.kind:
            message = f"{override.asset!r} is of kind {kinds[override.asset]!r}, not {override.kind!r}"
            yield source.problem(Code.CONTRADICTION, (*at, "asset"), message, "name the asset's own kind")


def _limit(override: Override, pack: Pack, at: Path, source: Source) -> Iterator[Problem]:
    """A limit that would change nothing, or at which nothing could ever be raised."""
    rule = pack.rules[override.rule]
    for key in ("limit", "deadband"):
        if getattr(override, key) is not None and not isinstance(rule.when, High | Low):
            message = f"{override.rule!r} is a {rule.when.type} condition, which has no {key} to change"
            yield source.problem(Code.CONTRADICTION, (*at, key), message, "only high and low have one; change the pack")
    bounds = pack.points[rule.point].bounds if rule.point in pack.points else None
    if override.limit is not None and bounds is not None and not bounds[0] <= override.limit <= bounds[1]:
        message = f"the limit {override.limit} lies outside the physical bounds {list(bounds)} of {rule.point!r}"
        hint = "beyond the bounds a value is bad, so this alarm could never be raised"
        yield source.problem(Code.CONTRADICTION, (*at, "limit"), message, hint)
