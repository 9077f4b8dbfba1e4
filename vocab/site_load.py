"""Pure. A site file into a site, or every fault of it: unknown packs, makes, grids, buses, clashing addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vocab.annunciator_check import annunciators
from vocab.override_checks import levels, numbers, overrides
from vocab.pack import COMMON, Pack
from vocab.policy_checks import change_faults
from vocab.problem import Code, Problem
from vocab.salvage import Lost, salvage
from vocab.site import EDGE_KIND, Asset, Device, Site, SiteFile, bus_asset_id, shared_buses
from vocab.strict_toml import Path, Source
from vocab.topics import ID_PATTERN


def load(file: str, text: str, packs: Mapping[str, Pack]) -> tuple[Site | None, tuple[Problem, ...]]:
    """The site and no problems, or None and all of them."""
    read = salvage(Source(file, text), SiteFile)
    problems = set(read.problems)
    if read.found is not None:
        problems |= set(_check(read.found, packs, read.source, read.lost))
        if not problems:
            problems = set(levels(site := Site(read.found, packs), read.source))
            if not problems:
                return site, ()
    return None, tuple(sorted(problems))


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
    return replace(site, file=site.file.model_copy(update={"edge": edges}))


def _check(site: SiteFile, packs: Mapping[str, Pack], source: Source, lost: Lost) -> Iterator[Problem]:
    try:
        ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        hint = "use an IANA name such as Asia/Shanghai"
        yield source.problem(Code.BAD_VALUE, ("timezone",), f"no time zone {site.timezone!r}", hint)
    yield from _unique(site, source)
    yield from _grids(site, source, lost)
    if EDGE_KIND not in packs:
        yield _unknown(source, ("edge",), "pack", EDGE_KIND, set(packs))
    yield from _addresses(site, source)
    for index, asset in enumerate(site.asset):
        at: Path = ("asset", index)
        if asset.kind not in packs:
            yield _unknown(source, (*at, "kind"), "pack", asset.kind, set(packs))
            continue
        yield from _asset(asset, packs[asset.kind], at, source)
        yield from numbers(asset, packs[asset.kind], at, source)
        for place, box in enumerate(asset.device):
            if not lost.has("edge", box.edge):
                yield from _device(site, asset, box, packs[asset.kind], (*at, "device", place), source)
    if not lost.any("edge") and not lost.any("asset"):  # else it is not known what hangs on which wire
        yield from annunciators(site, packs, source)
    yield from overrides(site, packs, source, lost)
    yield from change_faults(site.policy, packs[COMMON].policy if COMMON in packs else None, source)


def _grids(site: SiteFile, source: Source, lost: Lost) -> Iterator[Problem]:
    grids = {grid.id for grid in site.grid}
    placed = [("edge", index, edge.grid) for index, edge in enumerate(site.edge)]
    placed += [("asset", index, asset.grid) for index, asset in enumerate(site.asset)]
    for table, index, grid in placed:
        if grid not in grids and not lost.has("grid", grid):
            yield _unknown(source, (table, index, "grid"), "grid", grid, grids)


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
    for name, word in asset.attributes.items():
        attribute = pack.attributes.get(name)
        if attribute is None:
            yield _unknown(source, (*at, "attributes", name), f"attribute of {pack.kind}", name, set(pack.attributes))
        elif word not in (words := {value.id for value in attribute.values}):
            yield _unknown(source, (*at, "attributes", name), name, word, words)


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
