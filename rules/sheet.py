"""Pure. What assets with the same points and the same rules have in common: their columns, numbered from the asset's
own first cell, alarm and condition.

A site of a hundred thousand points has a few dozen of these, so what is slow is done once for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.codes import VEIL, Calc, LeafKind
from rules.columns import I8, I32, Flags
from rules.leaf import Leaf
from rules.shared import KEPT, Shared
from vocab.point import Point
from vocab.rule import ANY_POINT, NO_POINT, Rule

NOBODY, A_CELL, AN_ALARM = 0, 1, 2  # what `other` of a condition is


@dataclass(slots=True)
class Row:
    """One alarm, drafted."""

    rule: Rule
    leaves: list[Leaf]
    ops: list[int]
    veil: list[int]

    def shows(self, places: Mapping[str, int]) -> int:
        """Whose value an alarm shows: only a point that it looks at, or the value would not be that of its moment."""
        point = self.rule.point
        if point in (ANY_POINT, NO_POINT):
            return -1
        return places[point] if any(point in leaf.points for leaf in self.leaves if not leaf.flags & VEIL) else -1


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns of one asset. Numbers of cells, alarms and conditions count from its own first; -1: none."""

    point: I32  # by cell: its word
    on_event: Flags
    rule: I32  # by alarm: in rules.columns.Rules
    word: I32
    cell_shown: I32
    leaf_n: I32
    form: I32  # by condition: in rules.columns.Forms
    cell: I32
    row: I32
    other: I32
    other_is: I8
    is_kept: Flags
    ring_n: I32
    arg_n: I32
    args: I32
    arg_is_cell: Flags
    look_leaf: I32  # which conditions look at which cells, in pairs
    look_cell: I32
    asked: tuple[tuple[int, str, str], ...]  # conditions that ask for alarms of other assets: asset, rule
    groups: tuple[tuple[int, str], ...]  # alarms that have a first-out group
    depth: int  # of the stacks that conditions and expressions need


def sheet(points: Sequence[Point], rows: Sequence[Row], shared: Shared) -> Sheet:
    """The columns of these drafted alarms."""
    places = {point.id: place for place, point in enumerate(points)}
    of_rule = {row.rule.id: number for number, row in enumerate(rows)}
    found = [leaf for row in rows for leaf in row.leaves]
    args = [_args(leaf, places, shared) for leaf in found]
    others = [_other(leaf, places, of_rule) for leaf in found]
    looks = [(number, places[point]) for number, leaf in enumerate(found) for point in leaf.points]
    return Sheet(
        point=_i32(shared.word(point.id) for point in points),
        on_event=np.array([point.on_event for point in points], np.bool_),
        rule=_i32(shared.rule(row.rule, row.leaves, row.ops, row.veil) for row in rows),
        word=_i32(shared.word(row.rule.id) for row in rows),
        cell_shown=_i32(row.shows(places) for row in rows),
        leaf_n=_i32(len(row.leaves) for row in rows),
        form=_i32(shared.form(leaf, len(each)) for leaf, each in zip(found, args, strict=True)),
        cell=_i32(-1 if leaf.point is None or leaf.point == NO_POINT else places[leaf.point] for leaf in found),
        row=_i32(number for number, row in enumerate(rows) for _ in row.leaves),
        other=_i32(other for other, _ in others),
        other_is=np.array([what for _, what in others], np.int8),
        is_kept=np.array([leaf.kind in KEPT for leaf in found], np.bool_),
        ring_n=_i32(leaf.ring for leaf in found),
        arg_n=_i32(len(each) for each in args),
        args=_i32(number for each in args for number, _ in each),
        arg_is_cell=np.array([is_cell for each in args for _, is_cell in each], np.bool_),
        look_leaf=_i32(leaf for leaf, _ in looks),
        look_cell=_i32(cell for _, cell in looks),
        asked=tuple(_asked(found)),
        groups=tuple((number, row.rule.first_out) for number, row in enumerate(rows) if row.rule.first_out),
        depth=max([len(row.leaves) for row in rows] + [len(leaf.program) for leaf in found], default=0) + 2,
    )


def _i32(numbers: Any) -> NDArray[np.int32]:
    return np.array(list(numbers), np.int32)


def _args(leaf: Leaf, places: Mapping[str, int], shared: Shared) -> list[tuple[int, bool]]:
    """Numbers, and whether each is that of a cell."""
    if leaf.kind is LeafKind.STUCK:
        return [(places[point], True) for point in leaf.others]
    found: list[tuple[int, bool]] = [(code, False) for code in leaf.codes] if not leaf.program else []
    for code, operand in leaf.program:
        found.append((int(code), False))
        if isinstance(operand, str):
            found.append((places[operand], True))
        else:
            found.append((shared.const(operand) if code is Calc.CONST else int(operand), False))
    return found


def _other(leaf: Leaf, places: Mapping[str, int], of_rule: Mapping[str, int]) -> tuple[int, int]:
    if leaf.alarm is not None:
        asset, rule = leaf.alarm
        return (of_rule.get(rule, -1), AN_ALARM) if asset is None else (-1, AN_ALARM)
    if leaf.kind is LeafKind.MUST_HAPPEN and leaf.others:
        return places[leaf.others[0]], A_CELL
    return -1, NOBODY


def _asked(found: Sequence[Leaf]) -> list[tuple[int, str, str]]:
    return [
        (number, leaf.alarm[0], leaf.alarm[1])
        for number, leaf in enumerate(found)
        if leaf.alarm is not None and leaf.alarm[0] is not None
    ]
