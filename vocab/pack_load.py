"""Pure. Pack files into packs: parsed, merged with what is common to every kind, and checked across files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from vocab.faultspec import FaultSpec
from vocab.make import Make
from vocab.pack import COMMON, Faults, Head, Pack, Procedure, Procedures, Rules
from vocab.pack_checks import check
from vocab.policy import Policy
from vocab.policy_checks import policy_faults
from vocab.problem import Code, Problem
from vocab.rule import Rule
from vocab.salvage import Lost, salvage
from vocab.sla import SlaFile
from vocab.sla_checks import attribute_faults, misplaced, sla_faults
from vocab.story import RuleTest, RuleTests
from vocab.story_checks import stories_of
from vocab.strict_toml import Source, Strict, Text
from vocab.taxonomy import SectorsFile, sector_faults

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
        if common is not None and kind != COMMON:
            draft.lost.update(common.lost)
        packs[kind] = _assemble(draft, common if kind != COMMON else None)
    if common is not None and common.sla is not None and all(draft.has_head for draft in drafts.values()):
        problems += attribute_faults(common.sla, common.sources["sla.toml"], packs)
    for kind, draft in drafts.items():
        if draft.has_head:  # else nothing is known of its points, and every mention would be a fault
            problems += check(packs[kind], draft, packs)
        if draft.tests:
            stories, faults = stories_of(kind, draft.tests, packs, draft.sources["tests.toml"], _lost_of(drafts))
            packs[kind] = replace(packs[kind], stories=stories)
            problems += faults
    return ({}, tuple(sorted(set(problems)))) if problems else (packs, ())


def _lost_of(drafts: Mapping[str, _Draft]) -> dict[str, Lost | None]:
    return {kind: draft.lost if draft.has_head else None for kind, draft in drafts.items()}


@dataclass(slots=True)
class _Draft:
    head: Head
    rules: tuple[Rule, ...] = ()
    faults: tuple[FaultSpec, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    makes: dict[str, Make] = field(default_factory=dict)  # by file name
    policy: Policy | None = None
    sla: SlaFile | None = None
    sectors: SectorsFile | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lost: Lost = field(default_factory=Lost)
    has_head: bool = True


def _draft(kind: str, files: Mapping[str, str]) -> _Draft:
    problems: list[Problem] = []
    sources: dict[str, Source] = {}
    lost = Lost()

    def read(name: str, model: type[_M]) -> _M | None:
        path = f"{kind}/{name}"
        if path not in files:
            return None
        salvaged = salvage(Source(f"packs/{path}", files[path]), model)
        sources[name] = salvaged.source
        problems.extend(salvaged.problems)
        lost.update(salvaged.lost)
        return salvaged.found

    head = read("pack.toml", Head)
    if head is None and f"{kind}/pack.toml" not in files:
        problems.append(Problem(f"packs/{kind}", 1, Code.MISSING_KEY, "pack.toml", "the folder has no pack.toml"))
    rules = read("rules.toml", Rules) or Rules()
    faults = read("faults.toml", Faults) or Faults()
    procedures = read("procedures.toml", Procedures) or Procedures()
    tests = read("tests.toml", RuleTests) or RuleTests()
    policy = read("policy.toml", Policy)
    sla = read("sla.toml", SlaFile)
    sectors = read("sectors.toml", SectorsFile)
    names = sorted(name.split("/", 1)[1] for name in files if name.startswith(f"{kind}/makes/"))
    makes = {name: make for name in names if (make := read(name, Make)) is not None}
    for name in set(names) - set(makes):
        lost.add("make", {"id": name.removeprefix("makes/").removesuffix(".toml")})
    problems += _twins(sources, "pack.toml", "point", (point.id for point in head.point) if head else ())
    problems += _twins(sources, "pack.toml", "param", (param.id for param in head.param) if head else ())
    problems += _twins(sources, "pack.toml", "attribute", (each.id for each in head.attribute) if head else ())
    problems += _twins(sources, "procedures.toml", "procedure", (step.id for step in procedures.procedure))
    problems += _twins(sources, "rules.toml", "rule", (rule.id for rule in rules.rule))
    if policy is not None:
        problems += policy_faults(kind, policy, sources["policy.toml"])
    if sla is not None:
        kinds = {name.split("/", 1)[0] for name in files}
        problems += [*misplaced(kind, sources["sla.toml"]), *sla_faults(sla, sources["sla.toml"], kinds, None, sectors)]
    if sectors is not None:
        problems += [*misplaced(kind, sources["sectors.toml"]), *sector_faults(sectors, sources["sectors.toml"])]
    problems += _twins(sources, "faults.toml", "fault", (fault.id for fault in faults.fault))
    return _Draft(
        head=head or Head(kind=kind, name=Text(en=kind, zh=kind), edition=""),
        rules=rules.rule,
        faults=faults.fault,
        procedures=procedures.procedure,
        tests=tests.test,
        makes=makes,
        policy=policy,
        sla=sla,
        sectors=sectors,
        sources=sources,
        problems=problems,
        lost=lost,
        has_head=head is not None,
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
        attributes={attribute.id: attribute for attribute in head.attribute},
        policy=draft.policy,
        sla=draft.sla,
        sectors=draft.sectors,
        sector=head.sector or "",
    )
