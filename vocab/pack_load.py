"""Pure. Pack files into packs: parsed, merged with what is common to every kind, and checked across files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from vocab.faultspec import FaultSpec
from vocab.make import Make
from vocab.pack import COMMON, Faults, Head, Pack, Procedure, Procedures, Rules
from vocab.pack_checks import check
from vocab.problem import Code, Problem
from vocab.rule import Rule
from vocab.strict_toml import Source, Strict, Text, parse

_M = TypeVar("_M", bound=Strict)


def load(files: Mapping[str, str]) -> tuple[dict[str, Pack], tuple[Problem, ...]]:
    """Packs by kind from the texts of all pack files, keyed by paths such as `boiler/makes/sola.toml`.

    Rules, faults and procedures of the `common` pack are merged into every other kind, so that no kind can forget
    that a sensor may die. Returns ({}, problems) with every fault of every file if there is any.
    """
    kinds = sorted({name.split("/", 1)[0] for name in files})
    drafts: dict[str, _Draft] = {kind: _draft(kind, files) for kind in kinds}
    common = drafts.get(COMMON)
    packs: dict[str, Pack] = {}
    problems: list[Problem] = [problem for draft in drafts.values() for problem in draft.problems]
    for kind, draft in drafts.items():
        packs[kind] = pack = _assemble(draft, common if kind != COMMON else None)
        broken = draft.broken | (common.broken if common else set())
        if "pack.toml" not in draft.broken:  # else nothing is known of its points, and every mention would be a fault
            problems += (problem for problem in check(pack, draft) if _stands_in(problem) not in broken)
    return ({}, tuple(sorted(set(problems)))) if problems else (packs, ())


def _stands_in(problem: Problem) -> str | None:
    """The file in which a thing that was not found should stand: if that file is broken, nothing can be said."""
    if problem.code is not Code.UNKNOWN_REFERENCE:
        return None
    return {"procedure": "procedures.toml", "expects": "rules.toml", "also": "rules.toml"}.get(
        problem.key.rpartition(".")[2]
    )


@dataclass(slots=True)
class _Draft:
    head: Head
    rules: tuple[Rule, ...] = ()
    faults: tuple[FaultSpec, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    makes: dict[str, Make] = field(default_factory=dict)  # by file name
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # files that could not be read


def _draft(kind: str, files: Mapping[str, str]) -> _Draft:
    problems: list[Problem] = []
    sources: dict[str, Source] = {}
    broken: set[str] = set()

    def read(name: str, model: type[_M]) -> _M | None:
        path = f"{kind}/{name}"
        if path not in files:
            return None
        sources[name] = source = Source(f"packs/{path}", files[path])
        found, faults = parse(source, model)
        problems.extend(faults)
        if found is None:
            broken.add(name)
        return found

    head = read("pack.toml", Head)
    if head is None and f"{kind}/pack.toml" not in files:
        problems.append(Problem(f"packs/{kind}", 1, Code.MISSING_KEY, "pack.toml", "the folder has no pack.toml"))
        broken.add("pack.toml")
    rules = read("rules.toml", Rules) or Rules()
    faults = read("faults.toml", Faults) or Faults()
    procedures = read("procedures.toml", Procedures) or Procedures()
    names = sorted(name.split("/", 1)[1] for name in files if name.startswith(f"{kind}/makes/"))
    makes = {name: make for name in names if (make := read(name, Make)) is not None}
    problems += _twins(sources, "pack.toml", "point", (point.id for point in head.point) if head else ())
    problems += _twins(sources, "pack.toml", "param", (param.id for param in head.param) if head else ())
    problems += _twins(sources, "procedures.toml", "procedure", (step.id for step in procedures.procedure))
    problems += _twins(sources, "rules.toml", "rule", (rule.id for rule in rules.rule))
    problems += _twins(sources, "faults.toml", "fault", (fault.id for fault in faults.fault))
    return _Draft(
        head=head or Head(kind=kind, name=Text(en=kind, zh=kind), edition=""),
        rules=rules.rule,
        faults=faults.fault,
        procedures=procedures.procedure,
        makes=makes,
        sources=sources,
        problems=problems,
        broken=broken,
    )


def _twins(sources: Mapping[str, Source], name: str, table: str, ids: Iterable[str]) -> list[Problem]:
    seen: set[str] = set()
    twins: list[Problem] = []
    for index, each in enumerate(ids):
        if each in seen:
            message = f"{each!r} is defined twice"
            twins.append(sources[name].problem(Code.DUPLICATE_ID, (table, index, "id"), message, "rename one of them"))
        seen.add(each)
    return twins


def _assemble(draft: _Draft, common: _Draft | None) -> Pack:
    shared = common or _Draft(draft.head)
    head = draft.head
    return Pack(
        kind=head.kind,
        name=head.name,
        edition=head.edition,
        variants=head.variants,
        points={point.id: point for point in head.point},
        params={param.id: param for param in head.param},
        derives=head.derive,
        # A kind's own row wins over the common one of the same id.
        rules={rule.id: rule for rule in (*shared.rules, *draft.rules)},
        faults={fault.id: fault for fault in (*shared.faults, *draft.faults)},
        procedures={step.id: step for step in (*shared.procedures, *draft.procedures)},
        makes={make.make: make for make in draft.makes.values()},
    )
