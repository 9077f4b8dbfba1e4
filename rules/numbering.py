"""Pure. Drafted alarms into columns: numbers for names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.calendar import Calendar
from rules.codes import FAR, VEIL, Calc, LeafKind
from rules.columns import Alarms, Cells, Leaves
from rules.leaf import Leaf
from vocab.condition import Condition, High, Low
from vocab.instant import seconds_ms
from vocab.leaves import leaves
from vocab.rule import ANY_POINT, NO_POINT, Rule

_TIMED = (LeafKind.NO_DATA, LeafKind.COUNT, LeafKind.SCHEDULE, LeafKind.MUST_HAPPEN)
CellPlaces = dict[tuple[str, str], tuple[int, int, bool]]  # (asset, point): number, source, on_event


@dataclass(slots=True)
class Row:
    """One alarm, drafted."""

    asset: str
    rule: Rule
    leaves: list[Leaf]
    ops: list[int]
    veil: list[int]
    source: int = 0  # of an alarm that looks at no point

    @property
    def name(self) -> str:
        """Of the alarm."""
        return f"{self.asset}.{self.rule.id}"


def _sign(condition: Condition) -> int:
    """Which way is worse: that of the first limit found."""
    for leaf in leaves(condition):
        if isinstance(leaf, High):
            return 1
        if isinstance(leaf, Low):
            return -1
    return 0


def _starts(lengths: list[int]) -> list[int]:
    starts, total = [], 0
    for length in lengths:
        starts.append(total)
        total += length
    return starts


class Numbering:
    """Numbers for names."""

    def __init__(self, cells: CellPlaces, rows: list[Row]) -> None:
        self._cells = cells
        self._rows = rows
        self._leaves = [(row, number, leaf) for number, row in enumerate(rows) for leaf in row.leaves]
        self._place = {row.name: number for number, row in enumerate(rows)}
        self._calendars: dict[Calendar, int] = {}
        self._consts: dict[float, int] = {}

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """Those that the leaves name, once the leaves are numbered."""
        return tuple(self._calendars)

    @property
    def cell_names(self) -> tuple[str, ...]:
        """asset/point of each."""
        return tuple(f"{asset}/{point}" for asset, point in self._cells)

    @property
    def asks(self) -> list[list[int]]:
        """The alarms that each alarm asks for."""
        return [
            sorted({self._place[leaf.alarm] for leaf in row.leaves if leaf.alarm in self._place}) for row in self._rows
        ]

    def _cell(self, asset: str, point: str | None) -> int:
        return -1 if point is None or point == NO_POINT else self._cells[asset, point][0]

    def cells(self) -> Cells:
        """The points, and the leaves that look at each."""
        of_cell: list[list[int]] = [[] for _ in self._cells]
        for index, (row, _, leaf) in enumerate(self._leaves):
            for point in leaf.points:
                of_cell[self._cell(row.asset, point)].append(index)
        return Cells(
            source=np.array([source for _, source, _ in self._cells.values()], np.int32),
            on_event=np.array([on_event for _, _, on_event in self._cells.values()], np.bool_),
            leaf_at=np.array(_starts([len(found) for found in of_cell]), np.int32),
            leaf_n=np.array([len(found) for found in of_cell], np.int32),
            leaves=np.array([leaf for found in of_cell for leaf in found], np.int32),
        )

    def _shown(self, row: Row) -> int:
        """Whose value an alarm shows: only a point that it looks at, or the value would not be that of its moment."""
        point = row.rule.point
        looks = any(point in leaf.points for leaf in row.leaves if not leaf.flags & VEIL)
        return self._cell(row.asset, point) if looks and point != ANY_POINT else -1

    def _args(self, row: Row, leaf: Leaf) -> list[int]:
        if leaf.program:
            return [
                number for code, operand in leaf.program for number in (int(code), self._operand(row, code, operand))
            ]
        if leaf.kind is LeafKind.STUCK:
            return [self._cell(row.asset, point) for point in leaf.others]
        return list(leaf.codes)

    def _operand(self, row: Row, code: Calc, operand: float | str) -> int:
        if isinstance(operand, str):
            return self._cell(row.asset, operand)
        return self._consts.setdefault(operand, len(self._consts)) if code is Calc.CONST else int(operand)

    def _other(self, row: Row, leaf: Leaf) -> int:
        if leaf.alarm is not None:
            return self._place.get(leaf.alarm, -1)
        return self._cell(row.asset, leaf.others[0]) if leaf.kind is LeafKind.MUST_HAPPEN and leaf.others else -1

    def _source(self, row: Row, leaf: Leaf) -> int:
        return row.source if leaf.point is None else self._cells[row.asset, leaf.point][1]

    def leaves(self) -> Leaves:
        """The conditions."""
        i8, i32, i64, f8 = np.int8, np.int32, np.int64, np.float64
        found = [leaf for _, _, leaf in self._leaves]
        args = [self._args(row, leaf) for row, _, leaf in self._leaves]
        rings = [leaf.ring for leaf in found]
        return Leaves(
            kind=np.array([leaf.kind for leaf in found], i8),
            trigger=np.array([leaf.trigger for leaf in found], i8),
            flags=np.array([leaf.flags for leaf in found], i8),
            cell=np.array([self._cell(row.asset, leaf.point) for row, _, leaf in self._leaves], i32),
            source=np.array([self._source(row, leaf) for row, _, leaf in self._leaves], i32),
            row=np.array([number for _, number, _ in self._leaves], i32),
            other=np.array([self._other(row, leaf) for row, _, leaf in self._leaves], i32),
            limit=np.array([leaf.limit for leaf in found], f8),
            lower=np.array([leaf.lower for leaf in found], f8),
            slack=np.array([leaf.slack for leaf in found], f8),
            mask=np.array([leaf.mask for leaf in found], i64),
            arg_at=np.array(_starts([len(each) for each in args]), i32),
            arg_n=np.array([len(each) for each in args], i32),
            args=np.array([number for each in args for number in each], i32),
            consts=np.array(list(self._consts), f8),
            span_ms=np.array([leaf.span_ms for leaf in found], i64),
            ahead_ms=np.array([leaf.ahead_ms for leaf in found], i64),
            samples=np.array([leaf.samples for leaf in found], i32),
            ring_at=np.array(_starts(rings), i32),
            ring_n=np.array(rings, i32),
            calendar=np.array([self._calendar(leaf) for leaf in found], i32),
        )

    def _calendar(self, leaf: Leaf) -> int:
        return -1 if leaf.calendar is None else self._calendars.setdefault(leaf.calendar, len(self._calendars))

    def alarms(self, drafted: Leaves, cluster_of: list[int]) -> Alarms:
        """The alarms."""
        i8, i32, i64 = np.int8, np.int32, np.int64
        rows, rules = self._rows, [row.rule for row in self._rows]
        leaf_n = [len(row.leaves) for row in rows]
        ops = [[*row.ops, *row.veil] for row in rows]
        op_at = _starts([len(each) for each in ops])
        asked: list[list[int]] = [[] for _ in rows]
        for index, (_, _, leaf) in enumerate(self._leaves):
            if leaf.alarm in self._place:
                asked[self._place[leaf.alarm]].append(index)
        leaf_at = _starts(leaf_n)
        return Alarms(
            on_ms=np.array([seconds_ms(rule.on_delay_s) for rule in rules], i64),
            off_ms=np.array([seconds_ms(rule.off_delay_s) for rule in rules], i64),
            on_n=np.array([rule.on_samples for rule in rules], i32),
            off_n=np.array([rule.off_samples for rule in rules], i32),
            latching=np.array([rule.latching for rule in rules], np.bool_),
            safety=np.array([rule.safety for rule in rules], np.bool_),
            linger_ms=np.array([seconds_ms(rule.suppress_linger_s) for rule in rules], i64),
            realarm_ms=np.array([FAR if rule.realarm_s is None else seconds_ms(rule.realarm_s) for rule in rules], i64),
            sign=np.array([_sign(rule.when) for rule in rules], i8),
            cell=np.array([self._shown(row) for row in rows], i32),
            source=np.array(
                [_only(drafted.source[at : at + n].tolist()) for at, n in zip(leaf_at, leaf_n, strict=True)], i32
            ),
            leaf_at=np.array(leaf_at, i32),
            leaf_n=np.array(leaf_n, i32),
            timed=np.array([any(leaf.kind in _TIMED for leaf in row.leaves) for row in rows], np.bool_),
            op_at=np.array(op_at, i32),
            op_n=np.array([len(row.ops) for row in rows], i32),
            veil_at=np.array([at + len(row.ops) for at, row in zip(op_at, rows, strict=True)], i32),
            veil_n=np.array([len(row.veil) for row in rows], i32),
            ops=np.array([op for each in ops for op in each], i32),
            asked_at=np.array(_starts([len(each) for each in asked]), i32),
            asked_n=np.array([len(each) for each in asked], i32),
            asked=np.array([leaf for each in asked for leaf in each], i32),
            cluster=np.array(cluster_of, i32),
        )


def _only(sources: list[int]) -> int:
    return sources[0] if len(set(sources)) == 1 else -1
