"""Pure. What a schema cannot see of an sla.toml: hours that overlap, working time without hours, names unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from vocab.pack import Pack
from vocab.problem import Code, Problem
from vocab.sla import STEPS, Service, SlaFile
from vocab.strict_toml import Path, Source
from vocab.taxonomy import SectorsFile

COMMON = "common"


def sla_faults(
    file: SlaFile, source: Source, kinds: Collection[str], usual: SlaFile | None, sectors: SectorsFile | None = None
) -> Iterator[Problem]:
    """Every fault of an sla.toml. `usual`: the file that this one goes before; None for that file itself."""
    yield from _hours(file, source)
    yield from _limits(file, source, kinds)
    can_work = bool(file.hours or (usual and usual.hours)) and bool(file.weekdays or (usual and usual.weekdays))
    if any(row.clock == "working" for row in file.limit) and not can_work:
        message = "limits in working time, and no hours or weekdays say when that is"
        yield source.problem(Code.CONTRADICTION, ("limit",), message, "add [[hours]] and weekdays")
    for index, proof in enumerate(file.proof):
        yield from _priorities(proof.priorities, ("proof", index, "priorities"), source)
    seen: set[str] = set()
    for index, service in enumerate(file.service):
        if service.code in seen:
            message = f"the service {service.code!r} is defined twice"
            yield source.problem(Code.DUPLICATE_ID, ("service", index, "code"), message, "rename one of them")
        seen.add(service.code)
        yield from _sector(service, ("service", index), sectors, source)


def attribute_faults(file: SlaFile, source: Source, packs: Mapping[str, Pack]) -> Iterator[Problem]:
    """Attributes of equipment that no pack knows, or of which it does not know the word."""
    words: dict[str, set[str]] = {}
    for pack in packs.values():
        for attribute in pack.attributes.values():
            words.setdefault(attribute.id, set()).update(value.id for value in attribute.values)
    for index, row in enumerate(file.limit):
        for name, asked in row.attributes.items():
            at = ("limit", index, "attributes", name)
            if name not in words:
                yield source.problem(Code.UNKNOWN_REFERENCE, at, f"no attribute {name!r}", _known(words))
            else:
                for word in sorted(set(asked) - words[name]):
                    yield source.problem(Code.UNKNOWN_REFERENCE, at, f"no {name} {word!r}", _known(words[name]))


def _known(names: Collection[str]) -> str:
    return "known: " + (", ".join(sorted(names)) or "none")


def misplaced(kind: str, source: Source) -> Iterator[Problem]:
    """Limits and sectors are one table for every kind, so that two files cannot contradict each other."""
    if kind != COMMON:
        name = source.file.rsplit("/", 1)[-1]
        message = f"{kind!r} has a file {name} of its own"
        yield source.problem(Code.CONTRADICTION, (), message, f"name the kind in a row of packs/common/{name}")


def _sector(service: Service, at: Path, sectors: SectorsFile | None, source: Source) -> Iterator[Problem]:
    """A sector that is none, or another than the one to which the hazard belongs already."""
    if not service.sector or sectors is None:
        return
    known = [row.id for row in sectors.sector]
    if service.sector not in known:
        message = f"no sector {service.sector!r}"
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "sector"), message, "known: " + ", ".join(known))
    for row in sectors.sector:
        if service.hazard in row.hazards and row.id != service.sector:
            message = f"{service.hazard!r} belongs to {row.id!r} in sectors.toml"
            yield source.problem(Code.CONTRADICTION, (*at, "sector"), message, "leave `sector` out, or name that one")


def _hours(file: SlaFile, source: Source) -> Iterator[Problem]:
    for index, hours in enumerate(file.hours):
        if hours.begins >= hours.ends:
            message = f"{hours.begins} to {hours.ends} is no stretch of one day"
            yield source.problem(Code.BAD_VALUE, ("hours", index), message, "it ends on the day on which it begins")
    for first, second in pairwise(sorted(file.hours, key=lambda each: each.begins)):
        if second.begins < first.ends:
            message = f"{first.begins}-{first.ends} and {second.begins}-{second.ends} overlap"
            yield source.problem(Code.OVERLAP, ("hours",), message, "join them")


def _limits(file: SlaFile, source: Source, kinds: Collection[str]) -> Iterator[Problem]:
    for index, row in enumerate(file.limit):
        if all(getattr(row, step) is None for step in STEPS):
            hint = "give acknowledge, arrive or rectify"
            yield source.problem(Code.MISSING_KEY, ("limit", index), "the row limits nothing", hint)
        yield from _priorities(row.priorities, ("limit", index, "priorities"), source)
        for kind in row.kinds:
            if kind not in kinds:
                at = ("limit", index, "kinds")
                yield source.problem(Code.UNKNOWN_REFERENCE, at, f"no pack {kind!r}", _known(kinds))


def _priorities(priorities: tuple[int, ...], at: tuple[str | int, ...], source: Source) -> Iterator[Problem]:
    for priority in priorities:
        if priority not in range(1, 5):
            yield source.problem(Code.BAD_VALUE, at, f"there is no priority {priority}", "one of 1, 2, 3, 4")
