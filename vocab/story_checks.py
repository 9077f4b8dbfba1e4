"""Pure. Rows of a tests.toml into stories, or every fault of them: unknown rules and points, slips in a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfoNotFoundError

from vocab.pack import COMMON, Pack, fits
from vocab.point import Point
from vocab.problem import Code, Problem
from vocab.rule import dates_read
from vocab.salvage import Lost
from vocab.site import BUS_KIND
from vocab.story import BUS_VARIANT, RuleTest, Story
from vocab.story_table import read
from vocab.strict_toml import Path, Source


class _Asked(NamedTuple):
    """Of what a table may tell."""

    kind: str
    points: Mapping[str, Point]
    lost: Lost


def stories_of(
    kind: str, tests: Sequence[RuleTest], packs: Mapping[str, Pack], source: Source, lost: Mapping[str, Lost | None]
) -> tuple[tuple[Story, ...], tuple[Problem, ...]]:
    """The stories of one file and every fault of it; `lost` says by kind what could not be read (None: its points)."""
    stories: list[Story] = []
    problems: list[Problem] = []
    for index, test in enumerate(tests):
        at: Path = ("test", index)
        found = list(_kind(kind, test, packs, at, source))
        missing = lost.get(test.kind or kind)
        if not found and missing is not None:
            pack = packs[test.kind or kind]
            found = list(_names(pack, test, at, source, missing))
            points = {point.id: point for point in pack.points_of(test.variant)} | _of_the_bus(packs)
            story, slips = _told(_Asked(pack.kind, points, missing), test, at, source)
            found += slips
            if story is not None:
                stories.append(story)
        problems += found
    return tuple(stories), tuple(problems)


def _of_the_bus(packs: Mapping[str, Pack]) -> dict[str, Point]:
    """The points of the bus on which the asset of a story hangs, as its columns name them."""
    buses = packs.get(BUS_KIND)
    return {} if buses is None else {f"{BUS_KIND}/{point.id}": point for point in buses.points_of(BUS_VARIANT)}


def _told(asked: _Asked, test: RuleTest, at: Path, source: Source) -> tuple[Story | None, list[Problem]]:
    try:
        begins = test.begins
    except (ZoneInfoNotFoundError, ValueError):
        hint = "use an IANA name such as Asia/Shanghai"
        return None, [source.problem(Code.BAD_VALUE, (*at, "timezone"), f"no time zone {test.timezone!r}", hint)]
    table: Path = (*at, "table")
    first = source.first_line(table)
    moments, slips = read(test.table, asked.points, begins, first, lambda name: asked.lost.has("point", name))
    problems = [replace(source.problem(slip.code, table, slip.message, slip.hint), line=slip.line) for slip in slips]
    return Story(test, asked.kind, source.file, source.line(at), moments), problems


def _kind(kind: str, test: RuleTest, packs: Mapping[str, Pack], at: Path, source: Source) -> Iterator[Problem]:
    known = "known: " + ", ".join(sorted(set(packs) - {COMMON}))
    if kind == COMMON and test.kind is None:
        message = "a common rule is tried on an asset of some kind"
        yield source.problem(Code.MISSING_KEY, (*at, "kind"), message, known)
    elif kind != COMMON and test.kind is not None:
        message = f"the kind is {kind!r} here"
        yield source.problem(Code.CONTRADICTION, (*at, "kind"), message, "drop the key; it is for packs/common")
    elif test.kind is not None and (test.kind not in packs or test.kind == COMMON):
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "kind"), f"no kind {test.kind!r}", known)


def _names(pack: Pack, test: RuleTest, at: Path, source: Source, lost: Lost) -> Iterator[Problem]:
    rule = pack.rules.get(test.rule)
    if rule is None and not lost.has("rule", test.rule):
        hint = "known: " + ", ".join(sorted(pack.rules))
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "rule"), f"no rule {test.rule!r}", hint)
    if pack.variants and test.variant not in pack.variants:
        hint = "one of: " + ", ".join(pack.variants)
        message = f"a {pack.kind} needs a variant" if test.variant is None else f"no variant {test.variant!r}"
        yield source.problem(Code.BAD_VALUE, (*at, "variant"), message, hint)
    elif not pack.variants and test.variant is not None:
        yield source.problem(Code.BAD_VALUE, (*at, "variant"), f"a {pack.kind} has no variants", "drop the key")
    elif rule is not None and not fits(rule.variants, test.variant) and set(rule.variants) <= set(pack.variants):
        message = f"{test.rule!r} does not watch a {test.variant!r}"
        yield source.problem(Code.CONTRADICTION, (*at, "variant"), message, "it is for: " + ", ".join(rule.variants))
    for name in sorted(name for name in set(test.params) - set(pack.params) if not lost.has("param", name)):
        hint = "known: " + (", ".join(sorted(pack.params)) or "none")
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "params", name), f"no param {name!r}", hint)
    if rule is not None:
        for name in sorted(dates_read(rule) - set(test.dates)):
            message = f"{test.rule!r} asks for the asset's date {name!r}"
            yield source.problem(Code.MISSING_KEY, (*at, "dates"), message, f"dates = {{ {name} = 2026-03-02 }}")


def untested(packs: Mapping[str, Pack]) -> list[str]:
    """`kind/rule` of every rule that no test tries. A rule that a kind has from the common pack is tried there."""
    shared = packs[COMMON].rules if COMMON in packs else {}
    return [
        f"{kind}/{rule.id}"
        for kind, pack in sorted(packs.items())
        for rule in pack.rules.values()
        if (kind == COMMON or rule != shared.get(rule.id)) and rule.id not in {each.test.rule for each in pack.stories}
    ]
