"""Pure. A pack's rule made one asset's: limits from its params become numbers, expressions learn its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vocab.condition import (
    AlarmStands,
    All,
    Any,
    Condition,
    Count,
    Deviation,
    Expr,
    Forecast,
    FromParam,
    High,
    Limit,
    Low,
    MustHappen,
    Not,
    Vote,
)
from vocab.rule import Rule


class Links(NamedTuple):
    """What the words for buses stand for: those of which every one must be lost, and those of which one is enough."""

    every: tuple[str, ...] = ()  # @bus
    any: tuple[str, ...] = ()  # @any-bus


NO_LINKS = Links()


def settled(rule: Rule, params: Mapping[str, float], links: Links = NO_LINKS) -> Rule:
    """The rule with every limit a number and every word for buses an asset; without a bus, what asks for one can
    never be true and is left out. The rule itself where that changes nothing: a large site has many assets a kind."""
    hides = None if rule.suppress_when is None else _linked(rule.suppress_when, links)
    hides = None if hides is None else _settled(hides, params)
    when = _settled(rule.when, params)
    if when is rule.when and hides is rule.suppress_when:
        return rule
    return rule.model_copy(update={"when": when, "suppress_when": hides})


def _linked(condition: Condition, links: Links) -> Condition | None:
    """The condition with real buses; None if it can never be true."""
    match condition:
        case AlarmStands(asset="@bus" | "@any-bus"):
            is_any = condition.asset == "@any-bus"
            buses = links.any if is_any else links.every
            stands = tuple(condition.model_copy(update={"asset": bus}) for bus in buses)
            if len(stands) < 2:
                return stands[0] if stands else None
            return Any(type="any", of=stands) if is_any else All(type="all", of=stands)
        case All() | Any():
            found = tuple(_linked(part, links) for part in condition.of)
            left = tuple(part for part in found if part is not None)
            if not left or (isinstance(condition, All) and len(left) < len(found)):
                return None
            return condition.model_copy(update={"of": left})
        case _:
            return condition


def _number(limit: Limit, params: Mapping[str, float]) -> float:
    return params[limit.param] * limit.factor + limit.plus if isinstance(limit, FromParam) else limit


def _limited(leaf: High | Low | Forecast, params: Mapping[str, float]) -> High | Low | Forecast:
    if not isinstance(leaf.limit, FromParam):
        return leaf
    return leaf.model_copy(update={"limit": _number(leaf.limit, params)})


def _settled(condition: Condition, params: Mapping[str, float]) -> Condition:
    update: dict[str, object] = {}
    match condition:
        case High() | Low() | Forecast():
            return _limited(condition, params)
        case Deviation() if condition.from_value is not None:
            update["from_value"] = _number(condition.from_value, params)
        case Count() | MustHappen() if isinstance(condition.of, High | Low):
            update["of"] = _limited(condition.of, params)
        case Expr():
            update["params"] = dict(params)
        case Not():
            update["of"] = _settled(condition.of, params)
        case All() | Any() | Vote():
            update["of"] = tuple(_settled(part, params) for part in condition.of)
        case _:
            return condition
    return condition.model_copy(update=update)
