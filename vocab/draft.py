"""Pure. Draft rules: rows in the form of a pack's rules.toml, put over a site's packs without touching their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vocab.condition_checks import Ground
from vocab.pack import COMMON, Pack
from vocab.pack_checks import others_of
from vocab.point import Id
from vocab.problem import Code, Problem
from vocab.rule import Rule, dates_read
from vocab.rule_checks import circles, rule_faults
from vocab.salvage import Salvaged, salvage
from vocab.site import Site
from vocab.strict_toml import Path, Source, Strict


class DraftRule(Rule):
    """A row of rules.toml with the kind it is meant for; `common` means every kind, as in packs/common."""

    kind: Id


class DraftRules(Strict):
    """A file of draft rules."""

    rule: tuple[DraftRule, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What a draft does to one rule of one kind."""

    kind: str
    rule: str
    is_new: bool
    overridden: bool  # the site's own override still applies to it


def put_over(site: Site, file: str, text: str) -> tuple[Site | None, tuple[DraftChange, ...], tuple[Problem, ...]]:
    """The site with the draft's rows in its packs, and what they change; or None and every fault of the file."""
    source = Source(file, text)
    read = salvage(source, DraftRules)
    draft = read.found or DraftRules()
    found = {*read.problems, *_faults(site, draft, read)}
    if found:
        return None, (), tuple(sorted(found))
    packs, changes = dict(site.packs), []
    for row in draft.rule:
        rule = Rule.model_construct(**{name: getattr(row, name) for name in Rule.model_fields})
        for kind in _kinds(site.packs, row):
            pack = packs[kind]
            overridden = any(each.kind == kind and each.rule == rule.id for each in site.file.override)
            changes.append(DraftChange(kind, rule.id, rule.id not in pack.rules, overridden))
            packs[kind] = replace(pack, rules={**pack.rules, rule.id: rule})
    return replace(site, packs=packs), tuple(changes), ()


def _kinds(packs: Mapping[str, Pack], row: DraftRule) -> list[str]:
    """The kinds whose rule this row becomes: a kind's own row wins over the common one of the same id."""
    if row.kind != COMMON:
        return [row.kind]
    shared = packs[COMMON].rules.get(row.id)
    return [kind for kind, pack in packs.items() if row.id not in pack.rules or pack.rules[row.id] == shared]


def _faults(site: Site, draft: DraftRules, read: Salvaged[DraftRules]) -> list[Problem]:
    source, packs = read.source, site.packs
    found: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(draft.rule):
        if row.kind not in packs:
            hint = "known: " + ", ".join(sorted(packs))
            found.append(source.problem(Code.UNKNOWN_REFERENCE, ("rule", index, "kind"), f"no kind {row.kind!r}", hint))
        elif (row.kind, row.id) in seen:
            message = f"{row.id!r} of {row.kind!r} is defined twice"
            found.append(source.problem(Code.DUPLICATE_ID, ("rule", index, "id"), message, "rename one of them"))
        seen.add((row.kind, row.id))
    others = {**others_of(packs), **{asset.id: packs[asset.kind].rules for asset in site.assets}}
    for kind in sorted({kind for kind, _ in seen} & set(packs)):
        placed: list[tuple[Path, DraftRule]] = [
            (("rule", index), row) for index, row in enumerate(draft.rule) if row.kind == kind
        ]
        rules = {**packs[kind].rules, **{row.id: row for _, row in placed}}
        ground = Ground(packs[kind], rules, read.lost, others)
        for at, row in placed:
            found += rule_faults(row, ground, at, source)
            found += _dates(site, row, at, source)
        found += circles(placed, ground, source)
    return found


def _dates(site: Site, row: DraftRule, at: Path, source: Source) -> Iterator[Problem]:
    """A date that no asset has would leave the rule out everywhere, without a word."""
    there = {name for asset in site.assets if row.kind in (asset.kind, COMMON) for name in asset.dates}
    for name in sorted(dates_read(row) - there):
        hint = "known: " + (", ".join(sorted(there)) or "none")
        message = f"no {row.kind} of this site has a date {name!r}"
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "when"), message, hint)
