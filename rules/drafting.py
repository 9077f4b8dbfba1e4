"""Pure. One rule of one asset into leaves and postfix operations: the words of vocab/condition.py, drafted.

A condition that can never say anything of its points (silence of a point that comes on events) is left out, and so is
what is left without parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.calendar import Calendar
from rules.codes import EARLY, EVERY, LENIENT, VEIL, Calc, LeafKind, Op, Voter
from rules.leaf import Leaf, against_a_limit, changing, in_state, looking_back, settled_number
from vocab.condition import (
    AlarmStands,
    All,
    Any,
    BadSignal,
    Blind,
    Change,
    Condition,
    Count,
    Deviation,
    Expiry,
    Expr,
    Forecast,
    High,
    Low,
    MustHappen,
    NoData,
    Not,
    Rate,
    Schedule,
    Spread,
    State,
    Stuck,
    Vote,
)
from vocab.expression import AlarmOf, Arithmetic, Compare, InState, Logic, Name, Node, Number
from vocab.instant import seconds_ms
from vocab.point import Point
from vocab.quality import Reason
from vocab.rule import Rule

_VOTERS = {"unknown": Voter.UNKNOWN, "true": Voter.TRUE, "false": Voter.FALSE, "degrade": Voter.DEGRADE}
_ARITHMETIC = {
    "+": Calc.ADD, "-": Calc.SUBTRACT, "*": Calc.MULTIPLY, "/": Calc.DIVIDE, "neg": Calc.NEGATE, "abs": Calc.ABS,
    "min": Calc.MIN, "max": Calc.MAX,
}  # fmt: skip
_COMPARED = {
    ">=": LeafKind.HIGH, "<=": LeafKind.LOW, ">": LeafKind.OVER, "<": LeafKind.UNDER, "==": LeafKind.EQUAL,
    "!=": LeafKind.EQUAL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule is drafted for."""

    points: Mapping[str, Point]
    dates: Mapping[str, date]
    safety: tuple[str, ...]  # the asset's safety rules


class Draft:
    """Leaves and operations of one alarm."""

    def __init__(self, subject: Subject, rule: Rule) -> None:
        self.leaves: list[Leaf] = []
        self.ops: list[int] = []
        self._subject = subject
        self._flags = LENIENT if rule.trust_uncertain else 0

    def take(self) -> list[int]:
        """The operations so far, as one expression; what follows says when to suppress."""
        ops, self.ops = self.ops, []
        self._flags |= VEIL
        return ops

    def add(self, condition: Condition, target: str) -> bool:
        """Append a condition; `target` is the point of one that names none. False if it can never say anything."""
        match condition:
            case All() | Any() | Vote():
                said = self._join(condition, target)
            case Not(of=part):
                said = self.add(part, target)
                self.ops += [Op.NOT] * said
            case Deviation(baseline_s=None):
                said = self._deviation(condition, condition.point or target)
            case Expr():
                said = True
                self._truth(condition, condition.tree)
            case Schedule() | Expiry() | AlarmStands() | Blind():
                said = self.any_of(self._without_a_point(condition))
            case _:
                point = self._subject.points[condition.point or target]
                said = not (isinstance(condition, NoData) and point.on_event)  # silence says nothing there
                if said:
                    self._put(self._leaf(condition, point))
        return said

    def _without_a_point(self, condition: Schedule | Expiry | AlarmStands | Blind) -> list[Leaf]:
        match condition:
            case Schedule(within=windows):
                return [Leaf(LeafKind.SCHEDULE, calendar=Calendar(windows))]
            case Expiry(date=name, before_days=days):
                return [Leaf(LeafKind.SCHEDULE, calendar=Calendar((), self._subject.dates[name], days))]
            case AlarmStands(rule=rule):
                return [self._of_alarm(LeafKind.ALARM, rule, condition.asset, early=condition.pending)]
            case Blind():
                return [self._of_alarm(LeafKind.BLIND, rule) for rule in self._subject.safety]

    def any_of(self, found: list[Leaf]) -> bool:
        """Append leaves joined by OR."""
        for leaf in found:
            self._put(leaf)
        self._joined(Op.OR, len(found))
        return bool(found)

    def join_any(self, n: int) -> None:
        """OR of the last n conditions."""
        self._joined(Op.OR, n)

    def and_schedule(self, schedule: Schedule) -> None:
        """What was said so far, and only inside these windows."""
        self.add(schedule, "")
        self._joined(Op.AND, 2)

    def and_tightened(self) -> None:
        """What was said so far, and only while the asset is watched more closely."""
        self._put(Leaf(LeafKind.TIGHTENED))
        self._joined(Op.AND, 2)

    def _put(self, leaf: Leaf) -> None:
        leaf.flags |= self._flags
        self.ops.append(len(self.leaves))
        self.leaves.append(leaf)

    def _joined(self, op: Op, n: int) -> None:
        if n > 1:
            self.ops += [op, n]

    def _join(self, condition: All | Any | Vote, target: str) -> bool:
        n = sum(self.add(part, target) for part in condition.of)
        if isinstance(condition, Vote) and n > 0:
            self.ops += [Op.VOTE, n, condition.at_least, _VOTERS[condition.unknown]]
        else:
            self._joined(Op.AND if isinstance(condition, All) else Op.OR, n)
        return n > 0

    def _of_alarm(self, kind: LeafKind, rule: str, asset: str | None = None, *, early: bool = False) -> Leaf:
        return Leaf(kind, alarm=(asset, rule), flags=EARLY if early else 0)

    def _deviation(self, condition: Deviation, point: str) -> bool:
        reference: tuple[Calc, float | str] = (Calc.CELL, str(condition.from_point))
        if condition.from_point is None:
            reference = (Calc.CONST, settled_number(condition.from_value))
        program: list[tuple[Calc, float | str]] = [(Calc.CELL, point), reference, (Calc.SUBTRACT, 0)]
        found = []
        if condition.above is not None:
            lower = condition.above - condition.deadband
            found.append(Leaf(LeafKind.HIGH, point, limit=condition.above, lower=lower, program=program))
        if condition.below is not None:
            lower = condition.deadband - condition.below
            found.append(Leaf(LeafKind.LOW, point, limit=-condition.below, lower=lower, program=program))
        return self.any_of(found)

    # --- expressions -----------------------------------------------------------------------------------------------

    def _truth(self, within: Expr, node: Node) -> None:
        match node:
            case Logic(op="not", of=(part,)):
                self._truth(within, part)
                self.ops.append(Op.NOT)
            case Logic(op=op, of=parts):
                for part in parts:
                    self._truth(within, part)
                self._joined(Op.AND if op == "and" else Op.OR, len(parts))
            case AlarmOf(rule=rule):
                self._put(self._of_alarm(LeafKind.ALARM, rule))
            case InState(point=name, ids=ids, negated=negated):
                self._put(in_state(self._subject.points[name.id], ids))
                self.ops += [Op.NOT] * negated
            case Compare():
                self._compare(within, node)
            case _:
                raise TypeError(f"{node!r} is no truth")

    def _compare(self, within: Expr, node: Compare) -> None:
        program = [*_program(within, node.left), *_program(within, node.right), (Calc.SUBTRACT, 0.0)]
        back = {">": -within.deadband, ">=": -within.deadband, "<": within.deadband, "<=": within.deadband}
        leaf = Leaf(_COMPARED[node.op], limit=0.0, lower=back.get(node.op, 0.0), program=program)
        leaf.point = leaf.points[0] if leaf.points else None
        self._put(leaf)
        self.ops += [Op.NOT] * (node.op == "!=")

    # --- one point -------------------------------------------------------------------------------------------------

    def _leaf(self, condition: Condition, point: Point) -> Leaf:
        match condition:
            case High() | Low() | State():
                return against_a_limit(condition, point)
            case NoData(periods=periods, min_s=min_s):
                return Leaf(LeafKind.NO_DATA, point.id, span_ms=seconds_ms(max(periods * point.heartbeat_s, min_s)))
            case BadSignal(reasons=words):
                mask = sum(1 << Reason.from_wire(word) for word in set(words))
                return Leaf(LeafKind.BAD_SIGNAL, point.id, mask=mask)
            case Stuck(samples=samples, min_s=min_s, while_moving=others):
                return Leaf(LeafKind.STUCK, point.id, span_ms=seconds_ms(min_s), samples=samples, others=others)
            case Rate() | Forecast() | Spread() | Deviation():
                return looking_back(condition, point)
            case Count() | MustHappen():
                return self._waiting(condition, point)
        raise TypeError(f"{condition!r} is no condition on one point")

    def _waiting(self, condition: Count | MustHappen, own: Point) -> Leaf:
        point = self._subject.points[condition.of.point or own.id]
        leaf = (
            changing(condition.of, point) if isinstance(condition.of, Change) else against_a_limit(condition.of, point)
        )
        leaf.trigger = leaf.kind
        if isinstance(condition, Count):
            leaf.kind, leaf.span_ms = LeafKind.COUNT, seconds_ms(condition.window_s)
            leaf.samples = leaf.ring = condition.at_least
            leaf.flags |= EVERY if point.on_event else 0
        else:
            leaf.kind, leaf.calendar = LeafKind.MUST_HAPPEN, Calendar(condition.within)
            if condition.unless_below is not None:
                leaf.slack, leaf.others = condition.unless_below, (own.id,)
        return leaf


def _program(within: Expr, node: Node) -> list[tuple[Calc, float | str]]:
    match node:
        case Number(value=value):
            return [(Calc.CONST, value)]
        case Name(id=name):
            return [(Calc.CONST, within.params[name]) if name in within.params else (Calc.CELL, name)]
        case Arithmetic(op=op, of=parts):
            inner = [step for part in parts for step in _program(within, part)]
            return [*inner, (_ARITHMETIC[op], float(len(parts)))]
    raise TypeError(f"{node!r} is no number")
