"""Pure. An expression against the pack that it speaks of: names that nothing bears, states that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator

from vocab.condition import Expr
from vocab.condition_checks import Ground, known
from vocab.expression import AlarmOf, Arithmetic, Compare, InState, Logic, Name, Node, Number
from vocab.problem import Code, Problem
from vocab.strict_toml import Path, Source


def expression_faults(leaf: Expr, ground: Ground, at: Path, source: Source) -> Iterator[Problem]:
    """Every fault of an expression, each with its column."""
    for node, code, message, hint in _faults(leaf.tree, ground):
        yield source.problem(code, (*at, "text"), f"column {node.at + 1}: {message}", hint)


_Fault = tuple[Node, Code, str, str]


def _faults(node: Node, ground: Ground) -> Iterator[_Fault]:
    inner: tuple[Node, ...] = ()
    match node:
        case Name():
            yield from _number(node, ground)
        case InState():
            yield from _state(node, ground)
        case AlarmOf(rule=rule) if rule not in ground.rules and not ground.lost.has("rule", rule):
            yield node, Code.UNKNOWN_REFERENCE, f"no rule {rule!r}", known(ground.rules, rule)
        case Compare(left=left, right=right):
            inner = (left, right)
            if isinstance(left, Number) and isinstance(right, Number):
                yield node, Code.CONTRADICTION, "two numbers are compared that never change", "name a point"
        case Arithmetic(of=inner) | Logic(of=inner):
            if node.op == "/" and isinstance(inner[1], Number) and inner[1].value == 0:
                yield inner[1], Code.CONTRADICTION, "division by zero", "it could never be true or false"
    for each in inner:
        yield from _faults(each, ground)


def _number(node: Name, ground: Ground) -> Iterator[_Fault]:
    point = ground.pack.points.get(node.id)
    if point is not None and point.states:
        words = ", ".join(f'"{state.id}"' for state in point.states)
        message = f"{node.id!r} is a state, not a number"
        yield node, Code.CONTRADICTION, message, f"compare it with one of its words: {words}"
        return
    is_lost = ground.lost.has("point", node.id) or ground.lost.has("param", node.id)
    if point is None and node.id not in ground.pack.params and not is_lost:
        hint = known({**ground.pack.points, **ground.pack.params}, node.id)
        yield node, Code.UNKNOWN_REFERENCE, f"no point or param {node.id!r}", hint


def _state(node: InState, ground: Ground) -> Iterator[_Fault]:
    point = ground.pack.points.get(node.point.id)
    if point is None:
        if not ground.lost.has("point", node.point.id):
            hint = known({name: each for name, each in ground.pack.points.items() if each.states})
            yield node.point, Code.UNKNOWN_REFERENCE, f"no point {node.point.id!r}", hint
        return
    states = {state.id: state for state in point.states}
    if not states:
        hint = "compare it with a number"
        yield node.point, Code.CONTRADICTION, f"{point.id!r} is a number and has no states", hint
        return
    for word in sorted(set(node.ids) - set(states)):
        yield node, Code.UNKNOWN_REFERENCE, f"point {point.id!r} has no state {word!r}", known(states)
