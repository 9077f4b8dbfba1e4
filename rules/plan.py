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

from rules.calendar import Calendar
from rules.codes import LeafKind
from rules.columns import Alarms, Cells, Clusters, Leaves
from rules.drafting import Draft, Subject
from rules.numbering import CellPlaces, Numbering, Row
from rules.ordering import clusters, ordered, reach
from vocab.condition import AlarmStands, Any, Condition, Schedule
from vocab.leaves import leaves
from vocab.point import Point
from vocab.rule import ANY_POINT, Rule, points_read

_UTC = ZoneInfo("UTC")
_TIMED = (LeafKind.NO_DATA, LeafKind.COUNT, LeafKind.SCHEDULE, LeafKind.MUST_HAPPEN)


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
    leaves: Leaves
    alarms: Alarms
    clusters: Clusters
    calendars: tuple[Calendar, ...]
    zone: ZoneInfo
    cell_names: tuple[str, ...]  # asset/point
    leaf_names: tuple[str, ...]  # asset.rule#index: what a restart finds a leaf's memory by
    alarm_names: tuple[str, ...]  # asset.rule
    groups: tuple[str | None, ...]  # asset.group of each alarm that has a first-out group
    reach: tuple[int, ...]  # of each alarm: how many alarms its change may move, itself included
    depth: int  # of the stacks that conditions and expressions need


def plan(watched: Iterable[Watched], zone: ZoneInfo = _UTC) -> Plan:
    """The columns for these assets. A rule with a point or date that the asset does not have is left out.

    `zone` is the clock on the wall of the site. ValueError if alarms ask for one another in a circle.
    """
    cells: CellPlaces = {}
    rows: list[Row] = []
    for each in watched:
        points = {point.id: point for point, _ in each.points}
        for point, source in each.points:
            cells[each.asset, point.id] = len(cells), source, point.on_event
        safety = tuple(
            rule.id for rule in each.rules if rule.safety and rule.point in points and not points[rule.point].on_event
        )
        for rule in each.rules:
            if all(name in points or name == ANY_POINT for name in points_read(rule)):
                others = tuple(name for name in safety if name != rule.id)
                row = _row(Subject(each.asset, points, each.dates, others), rule)
                if row is not None:
                    row.source = each.points[0][1] if each.points else 0
                    rows.append(row)
    return _plan(Numbering(cells, rows := _in_order(rows)), rows, zone)


def _plan(numbers: Numbering, rows: list[Row], zone: ZoneInfo) -> Plan:
    drafted = numbers.leaves()
    together, cluster_of = clusters(numbers.asks)
    programs = [len(leaf.program) for row in rows for leaf in row.leaves]
    return Plan(
        cells=numbers.cells(),
        leaves=drafted,
        alarms=numbers.alarms(drafted, cluster_of),
        clusters=together,
        calendars=numbers.calendars,
        zone=zone,
        cell_names=numbers.cell_names,
        leaf_names=tuple(f"{row.name}#{i}" for row in rows for i in range(len(row.leaves))),
        alarm_names=tuple(row.name for row in rows),
        groups=tuple(row.rule.first_out and f"{row.asset}.{row.rule.first_out}" for row in rows),
        reach=tuple(reach(numbers.asks)),
        depth=max([len(row.leaves) for row in rows] + programs, default=0) + 2,
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
    return Row(subject.asset, rule, draft.leaves, ops, draft.take())


def _looks(condition: Condition) -> bool:
    """Whether it depends on the target: what names no point is the same for each."""
    return any(getattr(leaf, "point", "") is None for leaf in leaves(condition))


def _hides(rule: Rule) -> Condition | None:
    """What suppresses a rule by design: its own condition, and the alarm to which it escalates."""
    if rule.escalates_to is None:
        return rule.suppress_when
    higher = AlarmStands(type="alarm", rule=rule.escalates_to)
    return higher if rule.suppress_when is None else Any(type="any", of=(rule.suppress_when, higher))


def _in_order(rows: list[Row]) -> list[Row]:
    """What is asked for comes before who asks."""
    place = {row.name: number for number, row in enumerate(rows)}
    asks = [
        sorted({place[leaf.alarm] for leaf in row.leaves if leaf.alarm is not None and leaf.alarm in place})
        for row in rows
    ]
    return [rows[number] for number in ordered(asks, [row.name for row in rows])]
