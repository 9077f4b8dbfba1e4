"""Pure. What a composite condition in words consists of, once it is understood (vocab/expression_parse.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float
    at: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """A point or a param."""

    id: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`op` is one of + - * / neg abs min max."""

    op: str
    of: tuple[Node, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers."""

    op: str
    left: Node
    right: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class InState:
    """A point's state, by ids."""

    point: Name
    ids: tuple[str, ...]
    negated: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class AlarmOf:
    """Whether another alarm of the asset stands."""

    rule: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Logic:
    """`op` is one of and or not."""

    op: str
    of: tuple[Node, ...]
    at: int = 0


Node = Number | Name | Arithmetic | Compare | InState | AlarmOf | Logic


def inside(node: Node) -> tuple[Node, ...]:
    """What a node consists of."""
    if isinstance(node, Arithmetic | Logic):
        return node.of
    if isinstance(node, Compare):
        return (node.left, node.right)
    return (node.point,) if isinstance(node, InState) else ()


def walk(node: Node, visit: Callable[[Node], None]) -> None:
    """Call `visit` for a node and everything below it."""
    visit(node)
    for each in inside(node):
        walk(each, visit)


def names(node: Node) -> set[str]:
    """Every point and param that is read."""
    found: set[str] = set()
    walk(node, lambda each: found.add(each.id) if isinstance(each, Name) else None)
    return found


def alarms(node: Node) -> set[str]:
    """Every alarm that is asked for."""
    found: set[str] = set()
    walk(node, lambda each: found.add(each.rule) if isinstance(each, AlarmOf) else None)
    return found
