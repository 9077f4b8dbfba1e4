"""Pure. Rules into columns: which cells, leaves and rows a set of assets needs.

A row is one alarm, named `asset.rule`. A "*" rule is instantiated for every point of its asset and joined by OR, so
that a dead device gives one alarm, not one per point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from rules.codes import FAR, LeafKind
from rules.columns import Alarms, Cells, Leaves
from vocab.condition import All, Any, BadSignal, Condition, High, Low, NoData, Rate, State, Stuck
from vocab.instant import seconds_ms
from vocab.leaves import leaves
from vocab.point import Point
from vocab.quality import Reason
from vocab.rule import ANY_POINT, Rule

MASK_BITS = 63  # state codes below this fit the mask of the fast path
_RING_MOST = 4096  # readings a RATE keeps at most; beyond it the window is cut short


@dataclass(frozen=True, slots=True)
class Watched:
    """One asset to be watched: its points with the number of the edge whose time each follows, and its rules."""

    asset: str
    points: tuple[tuple[Point, int], ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The fixed columns, and the names of their rows."""

    cells: Cells
    leaves: Leaves
    alarms: Alarms
    cell_names: tuple[str, ...]  # asset/point
    leaf_names: tuple[str, ...]  # asset.rule#index: what a restart finds a leaf's memory by
    alarm_names: tuple[str, ...]  # asset.rule
    depth: int  # of the stack that `combine` needs


@dataclass(slots=True)
class _Leaf:
    kind: LeafKind
    cell: int
    row: int
    limit: float = float("nan")
    lower: float = float("nan")
    mask: int = 0
    codes: tuple[int, ...] = ()
    span_ms: int = 0
    samples: int = 0
    ring: int = 0


@dataclass(slots=True)
class _Row:
    rule: Rule
    sign: int
    cell: int
    first_leaf: int
    ops: list[int] = field(default_factory=list)
    leaf_n: int = 0


@dataclass(slots=True)
class _Draft:
    cells: dict[tuple[str, str], int] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)
    on_event: list[bool] = field(default_factory=list)
    leaves: list[_Leaf] = field(default_factory=list)
    leaf_names: list[str] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    row_names: list[str] = field(default_factory=list)


def plan(watched: Iterable[Watched]) -> Plan:
    """The columns for these assets. A rule with a point that the asset does not have is left out."""
    draft = _Draft()
    for each in watched:
        points = {point.id: point for point, _ in each.points}
        for point, source in each.points:
            draft.cells[each.asset, point.id] = len(draft.cells)
            draft.sources.append(source)
            draft.on_event.append(point.on_event)
        for rule in each.rules:
            if all(name in points for name in _named_points(rule)):
                _add_row(draft, each.asset, points, rule)
    return _columns(draft)


def _named_points(rule: Rule) -> Iterator[str]:
    for leaf in leaves(rule.when):
        name = getattr(leaf, "point", None) or rule.point
        if name != ANY_POINT:
            yield name


def _add_row(draft: _Draft, asset: str, points: dict[str, Point], rule: Rule) -> None:
    targets = [rule.point] if rule.point != ANY_POINT else list(points)
    cell = draft.cells[asset, rule.point] if rule.point != ANY_POINT else -1
    row = _Row(rule, _sign(rule.when), cell, len(draft.leaves))
    parts = 0
    for target in targets:
        if _add_condition(draft, row, asset, points, rule.when, target):
            parts += 1
    if parts == 0:
        return
    if parts > 1:
        row.ops.append(-2 * parts - 1)
    row.leaf_n = len(draft.leaves) - row.first_leaf
    draft.leaf_names += [f"{asset}.{rule.id}#{i}" for i in range(row.leaf_n)]
    draft.rows.append(row)
    draft.row_names.append(f"{asset}.{rule.id}")


def _add_condition(
    draft: _Draft, row: _Row, asset: str, points: dict[str, Point], condition: Condition, target: str
) -> bool:
    """Append a condition in postfix form; False if it can never say anything of this point."""
    if isinstance(condition, All | Any):
        n = sum(_add_condition(draft, row, asset, points, part, target) for part in condition.of)
        if n > 1:
            row.ops.append(-2 * n if isinstance(condition, All) else -2 * n - 1)
        return n > 0
    point = points[getattr(condition, "point", None) or target]
    if isinstance(condition, NoData) and point.on_event:
        return False  # silence says nothing here
    leaf = _leaf(condition, point, draft.cells[asset, point.id], len(draft.rows))
    row.ops.append(len(draft.leaves) - row.first_leaf)
    draft.leaves.append(leaf)
    return True


def _leaf(condition: Condition, point: Point, cell: int, row: int) -> _Leaf:  # noqa: PLR0911 - one per condition
    match condition:
        case High(limit=float(limit) | int(limit), deadband=deadband):
            # "false again below limit - deadband": the clearing end itself is still true.
            return _Leaf(LeafKind.HIGH, cell, row, limit=limit, lower=limit - deadband)
        case Low(limit=float(limit) | int(limit), deadband=deadband):
            return _Leaf(LeafKind.LOW, cell, row, limit=limit, lower=limit + deadband)
        case State(is_any_of=names):
            codes = tuple(state.code for state in point.states if state.id in names)
            mask = sum(1 << code for code in codes if 0 <= code < MASK_BITS)
            return _Leaf(LeafKind.STATE, cell, row, mask=mask, codes=codes)
        case NoData(periods=periods, min_s=min_s):
            span_ms = seconds_ms(max(periods * point.heartbeat_s, min_s))
            return _Leaf(LeafKind.NO_DATA, cell, row, span_ms=span_ms)
        case BadSignal(reasons=words):
            return _Leaf(LeafKind.BAD_SIGNAL, cell, row, mask=sum(1 << Reason.from_wire(word) for word in set(words)))
        case Rate(window_s=window_s, above_per_min=above, below_per_min=below):
            upper = float("inf") if above is None else above
            lower = float("-inf") if below is None else below
            room = min(_RING_MOST, int(window_s / point.period_s) + 3)
            return _Leaf(LeafKind.RATE, cell, row, limit=upper, lower=lower, span_ms=seconds_ms(window_s), ring=room)
        case Stuck(samples=samples, min_s=min_s):
            return _Leaf(LeafKind.STUCK, cell, row, span_ms=seconds_ms(min_s), samples=samples)
        case _:
            raise TypeError(f"{condition!r} has a limit that is not settled, or is no condition on one point")


def _sign(condition: Condition) -> int:
    """Which way is worse: that of the first limit found."""
    for leaf in leaves(condition):
        if isinstance(leaf, High):
            return 1
        if isinstance(leaf, Low):
            return -1
    return 0


def _realarm_ms(rule: Rule) -> int:
    return FAR if rule.realarm_s is None else seconds_ms(rule.realarm_s)


def _starts(lengths: list[int]) -> list[int]:
    starts, total = [], 0
    for length in lengths:
        starts.append(total)
        total += length
    return starts


def _columns(draft: _Draft) -> Plan:
    i8, i32, i64 = np.int8, np.int32, np.int64
    drafted, rows = draft.leaves, draft.rows
    of_cell: list[list[int]] = [[] for _ in draft.cells]
    for index, leaf in enumerate(drafted):
        of_cell[leaf.cell].append(index)
    cells = Cells(
        source=np.array(draft.sources, i32),
        on_event=np.array(draft.on_event, np.bool_),
        leaf_at=np.array(_starts([len(found) for found in of_cell]), i32),
        leaf_n=np.array([len(found) for found in of_cell], i32),
        leaves=np.array([leaf for found in of_cell for leaf in found], i32),
    )
    columns = Leaves(
        kind=np.array([leaf.kind for leaf in drafted], i8),
        cell=np.array([leaf.cell for leaf in drafted], i32),
        row=np.array([leaf.row for leaf in drafted], i32),
        limit=np.array([leaf.limit for leaf in drafted], np.float64),
        lower=np.array([leaf.lower for leaf in drafted], np.float64),
        mask=np.array([leaf.mask for leaf in drafted], i64),
        code_at=np.array(_starts([len(leaf.codes) for leaf in drafted]), i32),
        code_n=np.array([len(leaf.codes) for leaf in drafted], i32),
        codes=np.array([code for leaf in drafted for code in leaf.codes], i32),
        span_ms=np.array([leaf.span_ms for leaf in drafted], i64),
        samples=np.array([leaf.samples for leaf in drafted], i32),
        ring_at=np.array(_starts([leaf.ring for leaf in drafted]), i32),
        ring_n=np.array([leaf.ring for leaf in drafted], i32),
    )
    alarms = Alarms(
        on_ms=np.array([seconds_ms(row.rule.on_delay_s) for row in rows], i64),
        off_ms=np.array([seconds_ms(row.rule.off_delay_s) for row in rows], i64),
        on_n=np.array([row.rule.on_samples for row in rows], i32),
        off_n=np.array([row.rule.off_samples for row in rows], i32),
        latching=np.array([row.rule.latching for row in rows], np.bool_),
        safety=np.array([row.rule.safety for row in rows], np.bool_),
        linger_ms=np.array([seconds_ms(row.rule.suppress_linger_s) for row in rows], i64),
        realarm_ms=np.array([_realarm_ms(row.rule) for row in rows], i64),
        sign=np.array([row.sign for row in rows], i8),
        cell=np.array([row.cell for row in rows], i32),
        leaf_at=np.array([row.first_leaf for row in rows], i32),
        leaf_n=np.array([row.leaf_n for row in rows], i32),
        op_at=np.array(_starts([len(row.ops) for row in rows]), i32),
        op_n=np.array([len(row.ops) for row in rows], i32),
        ops=np.array([op for row in rows for op in row.ops], i32),
    )
    return Plan(
        cells=cells,
        leaves=columns,
        alarms=alarms,
        cell_names=tuple(f"{asset}/{point}" for asset, point in draft.cells),
        leaf_names=tuple(draft.leaf_names),
        alarm_names=tuple(draft.row_names),
        depth=max((row.leaf_n for row in rows), default=0) + 1,
    )
