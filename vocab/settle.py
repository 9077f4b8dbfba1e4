"""Pure. A pack's rule made one asset's: limits from its params become numbers, expressions learn its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from vocab.condition import (
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


def settled(rule: Rule, params: Mapping[str, float]) -> Rule:
    """The rule with every limit a number."""
    hides = None if rule.suppress_when is None else _settled(rule.suppress_when, params)
    return rule.model_copy(update={"when": _settled(rule.when, params), "suppress_when": hides})


def _number(limit: Limit, params: Mapping[str, float]) -> float:
    return params[limit.param] * limit.factor + limit.plus if isinstance(limit, FromParam) else limit


def _limited(leaf: High | Low | Forecast, params: Mapping[str, float]) -> High | Low | Forecast:
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
