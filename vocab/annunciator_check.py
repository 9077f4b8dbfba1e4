"""Pure. Faults of annunciators and actions in a site file. Above all: nothing of an asset can ever be written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vocab.pack import Pack
from vocab.problem import Code, Problem
from vocab.site import Asset, Bus, Device, EdgeNode, SiteFile
from vocab.strict_toml import Path, Source

_MODBUS = ("modbus-tcp", "modbus-rtu")


def annunciators(site: SiteFile, packs: Mapping[str, Pack], source: Source) -> Iterator[Problem]:
    """Every fault of what the cabinets may switch."""
    seen: dict[str, str] = {}
    for place, edge in enumerate(site.edge):
        spots: dict[tuple[str, str, int, int], str] = {}
        for index, each in enumerate(edge.annunciator):
            at: Path = ("edge", place, "annunciator", index)
            if each.id in seen:
                message = f"the annunciator id {each.id!r} is taken"
                yield source.problem(Code.DUPLICATE_ID, (*at, "id"), message, "rename one of them")
            seen[each.id] = edge.id
            bus = next((bus for bus in edge.bus if bus.id == each.bus), None)
            if bus is None:
                hint = "known: " + (", ".join(bus.id for bus in edge.bus) or "none")
                yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "bus"), f"no bus of {edge.id} {each.bus!r}", hint)
                continue
            if bus.type not in _MODBUS:
                message = f"{each.bus!r} is no Modbus line, so it has no coils"
                yield source.problem(Code.CONTRADICTION, (*at, "bus"), message, "put it on a Modbus bus of its own")
                continue
            yield from _apart(site, edge, bus, each.unit, (at, source))
            spot = (*_line(edge, bus), each.unit, each.coil)
            if spot in spots:
                message = f"{spots[spot]!r} is this coil already"
                yield source.problem(Code.DUPLICATE_ID, (*at, "coil"), message, "two annunciators cannot share a coil")
            spots[spot] = each.id
        yield from _actions(site, packs, edge, ("edge", place), source)


def _line(edge: EdgeNode, bus: Bus) -> tuple[str, str]:
    """What tells that two buses are one wire; a bus whose address is told at start is nobody else's."""
    if bus.type == "modbus-rtu":
        return (edge.id, bus.device) if bus.device else (edge.id, f"bus {bus.id}")
    if not bus.port:
        return edge.id, f"bus {bus.id}"
    is_own = bus.host in ("127.0.0.1", "localhost", "::1")  # this loopback is the cabinet's own
    return edge.id if is_own else "", f"{bus.host}:{bus.port}"


def equipment_on(site: SiteFile, edge: EdgeNode, bus: Bus) -> list[tuple[Asset, Device]]:
    """The devices of assets that hang on the same wire as this bus, under whatever name."""
    buses = {(each.id, bus.id): (each, bus) for each in site.edge for bus in each.bus}
    line = _line(edge, bus)
    return [
        (asset, box)
        for asset in site.asset
        for box in asset.device
        if (box.edge, box.bus) in buses and _line(*buses[box.edge, box.bus]) == line
    ]


def _apart(site: SiteFile, edge: EdgeNode, bus: Bus, unit: int, told: tuple[Path, Source]) -> Iterator[Problem]:
    """An annunciator's wire bears no device of an asset.

    Another unit id on the same wire would not be enough: a box that speaks Modbus TCP itself answers to any unit id,
    and a coil that does not answer takes the time in which a gas detector is to be read.
    """
    at, source = told
    found = equipment_on(site, edge, bus)
    same = [(asset, box) for asset, box in found if box.unit == unit]
    for asset, box in (same or found)[:1]:
        if same:
            message = f"unit {unit} on {bus.id!r} is {box.id!r} of {asset.id!r}: Anlan never writes to equipment"
        else:
            message = f"{box.id!r} of {asset.id!r} hangs on {bus.id!r}: an annunciator needs a bus of its own"
        hint = "wire the siren to a relay module on a bus without equipment"
        yield source.problem(Code.FORBIDDEN, (*at, "unit" if same else "bus"), message, hint)


def _actions(site: SiteFile, packs: Mapping[str, Pack], edge: EdgeNode, at: Path, source: Source) -> Iterator[Problem]:
    known = {each.id for each in edge.annunciator}
    kinds = {asset.kind for asset in site.asset if any(box.edge == edge.id for box in asset.device)} & set(packs)
    rules = {name: rule for kind in kinds for name, rule in packs[kind].rules.items()}
    for index, action in enumerate(edge.action):
        here: Path = (*at, "action", index)
        if action.annunciator not in known:
            hint = f"known on {edge.id}: " + (", ".join(sorted(known)) or "none")
            message = f"no annunciator {action.annunciator!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*here, "annunciator"), message, hint)
        for name in action.rules:
            if name not in rules:
                safe = sorted(known for known, rule in rules.items() if rule.safety)
                hint = "safety rules here: " + (", ".join(safe) or "none")
                yield source.problem(Code.UNKNOWN_REFERENCE, (*here, "rules"), f"no rule {name!r} on {edge.id}", hint)
            elif not any(packs[kind].rules[name].safety for kind in kinds if name in packs[kind].rules):
                message = f"{name!r} is no safety rule, so no cabinet judges it by itself"
                yield source.problem(Code.CONTRADICTION, (*here, "rules"), message, "name rules with safety = true")
