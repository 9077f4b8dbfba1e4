"""Pure. What a schema cannot see of a rule: references, and what contradicts itself or the rules beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vocab import expression
from vocab.condition import (
    AlarmStands,
    All,
    Any,
    Blind,
    Condition,
    Expiry,
    Expr,
    FromParam,
    High,
    Low,
    NoData,
    Schedule,
)
from vocab.condition_checks import ConditionCheck, Ground, known, leaves_at
from vocab.expression_checks import expression_faults
from vocab.leaves import leaves, parts
from vocab.pack import COMMON, fits
from vocab.problem import Code, Problem
from vocab.rule import ANY_POINT, NO_POINT, Rule, points_read
from vocab.strict_toml import Path, Source

BUS_WORDS = ("@bus", "@any-bus")
_BY_THE_CLOCK = NoData | Schedule | Expiry | AlarmStands | Blind  # true at a moment, not at a reading


def rule_faults(rule: Rule, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    """Every fault of one rule, which stands at `at` in `source`."""
    yield from _names(rule, ground, at, source)
    yield from _watches(rule, ground, at, source)
    yield from _conditions(rule, ground, at, source)
    yield from _higher(rule, ground, at, source)
    if rule.while_tightened and rule.safety:
        message = "a cabinet does not know of tickets: what it judges by itself cannot wait for one"
        yield source.problem(Code.CONTRADICTION, (*at, "while_tightened"), message, "drop `safety`, or drop this")
    if rule.first_out is not None:
        others = [each for each in ground.rules.values() if each.first_out == rule.first_out and each.id != rule.id]
        if not others and not ground.lost.has("rule", rule.first_out, "first_out"):
            message = f"nothing else is in the group {rule.first_out!r}, so it is always the first"
            hint = known(dict.fromkeys(each.first_out for each in ground.rules.values() if each.first_out))
            yield source.problem(Code.CONTRADICTION, (*at, "first_out"), message, hint)


def _names(rule: Rule, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    pack, lost = ground.pack, ground.lost
    if rule.point not in (ANY_POINT, NO_POINT, *pack.points) and not lost.has("point", rule.point):
        yield source.problem(
            Code.UNKNOWN_REFERENCE, (*at, "point"), f"no point {rule.point!r}", known(pack.points, rule.point)
        )
    if rule.point == ANY_POINT and pack.kind != COMMON:
        hint = "name one point; '*' is for packs/common"
        yield source.problem(Code.BAD_VALUE, (*at, "point"), "'*' is not allowed here", hint)
    named = rule.procedure
    if named is not None and named not in pack.procedures and not lost.has("procedure", named):
        message = f"no procedure {named!r}"
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "procedure"), message, known(pack.procedures))
    for name in sorted(set(rule.variants) - set(pack.variants)):
        hint = "known: " + (", ".join(pack.variants) or "none")
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "variants"), f"no variant {name!r}", hint)


def _watches(rule: Rule, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    """Points of different variants, none of which has them all; and readings to be counted that never come."""
    pack = ground.pack
    read = [pack.points[name] for name in points_read(rule) if name in pack.points]
    watched = [each for each in rule.variants or pack.variants if each in pack.variants]
    if watched and not any(all(fits(point.variants, each) for point in read) for each in watched):
        hint = "; ".join(f"{point.id}: {', '.join(point.variants)}" for point in read if point.variants)
        message = f"no {' or '.join(watched)} has all the points that this rule looks at"
        yield source.problem(Code.CONTRADICTION, (*at, "variants"), message, hint)
    if rule.on_samples > 1 and all(isinstance(leaf, _BY_THE_CLOCK) for leaf in leaves(rule.when)):
        hint = "use `on_delay_s`"
        message = "it becomes true by the clock, not at readings that could be counted"
        yield source.problem(Code.CONTRADICTION, (*at, "on_samples"), message, hint)


def _conditions(rule: Rule, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    hides = rule.suppress_when
    for key, condition in (("when", rule.when), ("suppress_when", hides)):
        for leaf, place in leaves_at(condition, (*at, key)) if condition is not None else ():
            yield from ConditionCheck(ground, rule, source, place).faults(leaf)
            if isinstance(leaf, Expr):
                yield from expression_faults(leaf, ground, place, source)
            if isinstance(leaf, AlarmStands):
                yield from _other_alarm(leaf, ground, place, source)
    if _asks_buses(rule.when, plainly=False) or (hides is not None and _asks_buses(hides, plainly=True)):
        message = "'@bus' and '@any-bus' stand for no, one or several buses"
        hint = "use them in `suppress_when` only, and not below `not` or `vote`"
        yield source.problem(Code.CONTRADICTION, at, message, hint)


def _other_alarm(leaf: AlarmStands, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    if leaf.asset is None:
        rules: Mapping[str, Rule] | None = ground.rules
    elif leaf.asset in BUS_WORDS:
        rules = ground.others.get(leaf.asset)  # a place without the pack for buses has none that could be lost
    else:
        rules = ground.others.get(leaf.asset)
        if rules is None:
            names = {name: None for name in ground.others if name not in BUS_WORDS}
            hint = known(names) if names else "a pack knows no assets; leave out `asset`"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "asset"), f"no asset {leaf.asset!r}", hint)
    if rules is not None and leaf.rule not in rules and not ground.lost.has("rule", leaf.rule):
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "rule"), f"no rule {leaf.rule!r}", known(rules, leaf.rule))


def _asks_buses(condition: Condition, *, plainly: bool) -> bool:
    """Whether a word for buses occurs; with `plainly` only where it cannot be left out."""
    if isinstance(condition, AlarmStands):
        return condition.asset in BUS_WORDS and not plainly
    return any(_asks_buses(part, plainly=plainly and isinstance(condition, All | Any)) for part in parts(condition))


def _higher(rule: Rule, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    """What an alarm gives way to: it must be there for the same assets, be as urgent, and come later."""
    name, place = rule.escalates_to, (*at, "escalates_to")
    if name is None:
        return
    higher = ground.rules.get(name)
    if higher is None:
        if not ground.lost.has("rule", name):
            yield source.problem(Code.UNKNOWN_REFERENCE, place, f"no rule {name!r}", known(ground.rules, name))
        return
    watched = rule.variants or ground.pack.variants
    left_out = [each for each in watched if not fits(higher.variants, each)]
    if left_out:
        message = f"{name!r} does not watch a {' or '.join(left_out)}"
        yield source.problem(Code.CONTRADICTION, place, message, "give both the same `variants`")
    if higher.priority > rule.priority:
        message = f"{name!r} is less urgent ({higher.priority}) than this one ({rule.priority}), and would hide it"
        yield source.problem(Code.CONTRADICTION, place, message, "give the higher level the higher priority")
    if rule.point == higher.point and (limits := wrong_way_round(rule.when, higher.when)) is not None:
        message = f"{name!r} is reached at {limits[1]:g} already, this one only at {limits[0]:g}"
        yield source.problem(Code.CONTRADICTION, place, message, "the higher level comes last")


def wrong_way_round(lower: Condition, higher: Condition) -> tuple[float, float] | None:
    """The limits of two levels that stand the wrong way round; None if they do not, or depend on the asset."""
    if not isinstance(lower, High | Low) or not isinstance(higher, High | Low) or lower.type != higher.type:
        return None
    first, last = lower.limit, higher.limit
    if isinstance(first, FromParam) or isinstance(last, FromParam):
        return None
    wrong = first >= last if isinstance(lower, High) else first <= last
    return (first, last) if wrong else None


def circles(rules: Sequence[tuple[Path, Rule]], ground: Ground, source: Source) -> Iterator[Problem]:
    """Rules that ask for one another, to be judged or to be hidden: each circle once, at its first rule here."""
    safety = {name for name, rule in ground.rules.items() if rule.safety}
    asks = {name: set().union(*_asked(rule, safety).values()) for name, rule in ground.rules.items()}
    told: set[frozenset[str]] = set()
    for at, rule in rules:
        ring = _ring(rule.id, asks)
        if ring and frozenset(ring) not in told:
            told.add(frozenset(ring))
            following = (*ring, rule.id)[1]
            key = next(key for key, names in _asked(rule, safety).items() if following in names)
            message = f"{' -> '.join((*ring, rule.id))}: these alarms ask for one another"
            hint = "none could be judged before the other; break the circle at one of them"
            yield source.problem(Code.CONTRADICTION, (*at, key), message, hint)


def _asked(rule: Rule, safety: set[str]) -> dict[str, set[str]]:
    """By key, the alarms of the same asset for which a rule asks."""
    found: dict[str, set[str]] = {"when": set(), "suppress_when": set(), "escalates_to": set()}
    for key, condition in (("when", rule.when), ("suppress_when", rule.suppress_when)):
        for leaf in leaves(condition) if condition is not None else ():
            match leaf:
                case AlarmStands(asset=None, rule=name):
                    found[key].add(name)
                case Expr():
                    found[key] |= expression.alarms(leaf.tree)
                case Blind():
                    found[key] |= safety - {rule.id}
    if rule.escalates_to is not None:
        found["escalates_to"].add(rule.escalates_to)
    return found


def _ring(start: str, graph: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The shortest way from a rule back to itself; nothing if there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for name in sorted(graph.get(way[-1], ())):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
