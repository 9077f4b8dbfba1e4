"""Pure. Rules into columns: which cells, leaves and rows a set of assets needs.

A row is one alarm, named `asset.rule`. A "*" rule is instantiated for every point of its asset and joined by OR, so
that a dead device gives one alarm, not one per point. What an alarm asks for (an `alarm` or `blind` condition) stands
before it, and together they are a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from rules.calendar import Calendar
from rules.columns import I8, I32, I64, Alarms, Cells, Clusters, Forms, Leaves, Rules
from rules.drafting import Draft, Subject
from rules.names import Names
from rules.numbering import Numbering, Placed
from rules.ordering import clusters, reach
from rules.shared import Shared
from rules.sheet import Row, Sheet, sheet
from vocab.condition import AlarmStands, Any, Condition, Schedule
from vocab.leaves import leaves
from vocab.point import Point
from vocab.rule import ANY_POINT, Rule, points_read

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Watched:
    """One asset to be watched: its points with the number of the edge whose time each follows, and its rules."""

    asset: str
    points: tuple[tuple[Point, int], ...]
    rules: tuple[Rule, ...]
    dates: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The fixed columns, and the names of their rows."""

    cells: Cells
    forms: Forms
    leaves: Leaves
    rules: Rules
    alarms: Alarms
    clusters: Clusters
    calendars: tuple[Calendar, ...]
    zone: ZoneInfo
    cell_names: Names  # asset/point
    alarm_names: Names  # asset.rule
    groups: Mapping[int, str]  # asset.group of each alarm that has a first-out group
    reach: I32  # of each alarm: how many alarms its change may move, itself included
    depth: int  # of the stacks that conditions and expressions need

    @property
    def kind(self) -> I8:
        """What each leaf is."""
        found: I8 = self.forms.kind[self.leaves.form]
        return found

    def leaves_of(self, row: int) -> slice:
        """The conditions of an alarm."""
        at = int(self.alarms.leaf_at[row])
        return slice(at, at + int(self.rules.leaf_n[self.alarms.rule[row]]))

    def realarm_ms(self, rows: NDArray[np.integer] | int) -> I64:
        """After how long these alarms are called again; FAR: never."""
        found: I64 = self.rules.realarm_ms[self.alarms.rule[rows]]
        return found

    @property
    def leaf_names(self) -> list[str]:
        """asset.rule#index: what a restart finds a leaf's memory by."""
        lengths = self.rules.leaf_n[self.alarms.rule].tolist()
        return [f"{name}#{i}" for name, n in zip(self.alarm_names, lengths, strict=True) for i in range(n)]


def plan(watched: Iterable[Watched], zone: ZoneInfo = _UTC) -> Plan:
    """The columns for these assets. A rule with a point or date that the asset does not have is left out.

    `zone` is the clock on the wall of the site. ValueError if alarms ask for one another in a circle.
    """
    shared, placed = Shared(), Placed([], [], [])
    # Assets with the same points and rules are drafted once. They are kept, or the numbers of what is gone would come
    # to stand for something else.
    drafted: dict[tuple[object, ...], tuple[Sheet, Watched]] = {}
    for each in watched:
        same = (tuple(id(point) for point, _ in each.points), tuple(map(id, each.rules)), tuple(each.dates.items()))
        found = drafted.get(same)
        if found is None:
            found = drafted[same] = (_drafted(each, shared), each)
        placed.assets.append(each.asset)
        placed.sheets.append(found[0])
        placed.sources.append(tuple(source for _, source in each.points))
    return _plan(Numbering(placed, shared), shared, zone)


def _drafted(each: Watched, shared: Shared) -> Sheet:
    points = {point.id: point for point, _ in each.points}
    safety = tuple(
        rule.id for rule in each.rules if rule.safety and rule.point in points and not points[rule.point].on_event
    )
    rows = []
    for rule in each.rules:
        if all(name in points or name == ANY_POINT for name in points_read(rule)):
            others = tuple(name for name in safety if name != rule.id)
            row = _row(Subject(points, each.dates, others), rule)
            if row is not None:
                rows.append(row)
    return sheet([point for point, _ in each.points], rows, shared)


def _plan(numbers: Numbering, shared: Shared, zone: ZoneInfo) -> Plan:
    leaves, names = numbers.leaves(), numbers.alarm_names
    together, cluster_of = clusters(numbers.asks, len(names))
    return Plan(
        cells=numbers.cells(),
        forms=shared.forms(),
        leaves=leaves,
        rules=shared.rules(),
        alarms=numbers.alarms(leaves.source, cluster_of),
        clusters=together,
        calendars=shared.calendars,
        zone=zone,
        cell_names=numbers.cell_names,
        alarm_names=names,
        groups=numbers.groups,
        reach=reach(numbers.asks, numbers.rank),
        depth=numbers.depth,
    )


def _row(subject: Subject, rule: Rule) -> Row | None:
    draft = Draft(subject, rule)
    targets = [rule.point] if rule.point != ANY_POINT else list(subject.points)
    when: Condition = rule.when
    parts = sum(draft.add(when, target) for target in targets) if _looks(when) else int(draft.add(when, ""))
    if parts == 0:
        return None
    if parts > 1:
        draft.join_any(parts)
    if rule.active:
        draft.and_schedule(Schedule(type="schedule", within=rule.active))
    if rule.while_tightened:
        draft.and_tightened()
    ops = draft.take()
    hides = _hides(rule)
    if hides is not None:
        draft.add(hides, rule.point)
        if rule.while_tightened:  # what sleeps is not hidden either
            draft.and_tightened()
    return Row(rule, draft.leaves, ops, draft.take())


def _looks(condition: Condition) -> bool:
    """Whether it depends on the target: what names no point is the same for each."""
    return any(getattr(leaf, "point", "") is None for leaf in leaves(condition))


def _hides(rule: Rule) -> Condition | None:
    """What suppresses a rule by design: its own condition, and the alarm to which it escalates."""
    if rule.escalates_to is None:
        return rule.suppress_when
    higher = AlarmStands(type="alarm", rule=rule.escalates_to)
    return higher if rule.suppress_when is None else Any(type="any", of=(rule.suppress_when, higher))
