"""Pure. What a condition is made of, and which points it looks at."""

from __future__ import annotations

from collections.abc import Iterator

from vocab import expression
from vocab.condition import (
    All,
    Any,
    Condition,
    Count,
    Deviation,
    Expr,
    MustHappen,
    Not,
    OnPoint,
    Stuck,
    Vote,
)


def parts(condition: Condition) -> tuple[Condition, ...]:
    """What a composite is made of; nothing of a leaf."""
    if isinstance(condition, Not):
        return (condition.of,)
    if isinstance(condition, All | Any | Vote):
        return condition.of
    return ()


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions of a composite that are not composites themselves."""
    found = parts(condition)
    if not found:
        yield condition
    for part in found:
        yield from leaves(part)


def points_of(leaf: Condition, own: str) -> Iterator[str]:
    """Ids of the points that one leaf looks at; `own` is the rule's point."""
    if isinstance(leaf, Expr):
        yield from sorted(expression.names(leaf.tree) - set(leaf.params))
    if not isinstance(leaf, OnPoint):
        return
    yield leaf.point or own
    if isinstance(leaf, Count | MustHappen) and leaf.of.point is not None:
        yield leaf.of.point
    if isinstance(leaf, Stuck):
        yield from leaf.while_moving
    if isinstance(leaf, Deviation) and leaf.from_point is not None:
        yield leaf.from_point
