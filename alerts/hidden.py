"""Shell. The report of what was hidden, from the ticket database; it is only read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from alerts.hidings import all_windows
from alerts.tables import alarms, transitions
from alerts.texts import both
from alerts.views import Both
from alerts.windows import Window
from rules.codes import Phase
from rules.hidden import BEGINS, ENDS, Move, Stretch, stretches
from rules.performance.report import HiddenTime
from vocab.condition import High, Low
from vocab.leaves import leaves
from vocab.rule import Rule
from vocab.site import Site
from vocab.units import UNITS

MS_PER_DAY = 86_400_000
_MS_PER_HOUR = 3_600_000
DEFAULT_DAYS = 7
MOST_DAYS = 400  # a year and a month: a longer period is asked in parts
_ACTIVE = (int(Phase.ON), int(Phase.CLEARING))
_AT_ONCE = 500  # alarms asked for in one statement


@dataclass(frozen=True, slots=True)
class HiddenAlarm:
    """One stretch with what it is about."""

    stretch: Stretch
    name: Both | None  # None: an alarm that is no longer there
    asset: str
    priority: int | None
    protected: bool
    unit: str


@dataclass(frozen=True, slots=True)
class HiddenReport:
    """What was hidden in [from_ms, to_ms), and by which windows."""

    from_ms: int
    to_ms: int
    hidden: tuple[HiddenAlarm, ...]
    windows: tuple[Window, ...]


def hidden_report(connection: Connection, site: Site, from_ms: int, to_ms: int) -> HiddenReport:
    """Every stretch that touches the period."""
    about = {f"{asset.id}.{rule.id}": (asset, rule) for asset in site.assets for rule in site.rules_of(asset)}
    signs = {name: _worse_is(rule) for name, (_, rule) in about.items()}
    found = stretches(_moves(connection, site.id, from_ms, to_ms), signs)
    touching = [each for each in found if each.hidden_ms(from_ms, to_ms) > 0 or each.from_ms >= from_ms]
    standing = _peaks(connection, site.id, [each.alarm for each in touching if each.to_ms is None and each.stood])
    told = []
    for each in touching:
        peak = standing.get(each.alarm) if each.to_ms is None and each.stood else None
        told.append(_told(site, about, each if peak is None else _with(each, peak, signs.get(each.alarm, 0))))
    windows = [each for each in all_windows(connection, site.id, from_ms) if each.start_ms < to_ms]
    return HiddenReport(from_ms, to_ms, tuple(told), tuple(windows))


def hidden_times(
    connection: Connection, site: Site, span: tuple[int, int], only: frozenset[str] | None = None
) -> tuple[HiddenTime, ...]:
    """How much was hidden in [from_ms, to_ms), by how; nothing is left out. `only`: of these assets."""
    from_ms, to_ms = span
    count, hours = Counter[str](), Counter[str]()
    for each in stretches(_moves(connection, site.id, from_ms, to_ms), {}):
        if only is not None and each.alarm.split(".")[0] not in only:
            continue
        count[each.how] += from_ms <= each.from_ms < to_ms
        hours[each.how] += each.hidden_ms(from_ms, to_ms)
    return tuple(HiddenTime(how, count[how], hours[how] / _MS_PER_HOUR) for how in sorted(hours))


def _worse_is(rule: Rule) -> int:
    """As the kernel sees it: that of the first limit found."""
    for leaf in leaves(rule.when):
        if isinstance(leaf, High | Low):
            return 1 if isinstance(leaf, High) else -1
    return 0


def _with(stretch: Stretch, peak: float, sign: int) -> Stretch:
    worst = stretch.worst
    is_worse = worst is None or (peak - worst) * sign > 0
    return replace(stretch, worst=peak) if is_worse else stretch


def _told(site: Site, about: dict[str, tuple[Any, Any]], stretch: Stretch) -> HiddenAlarm:
    if stretch.alarm not in about:
        return HiddenAlarm(stretch, None, stretch.alarm.split(".")[0], None, False, "")
    asset, rule = about[stretch.alarm]
    point = next((each for each in site.points_of(asset) if each.id == rule.point), None)
    unit = "" if point is None or point.states else UNITS[point.unit].label
    return HiddenAlarm(stretch, both(rule.name), asset.id, rule.priority, site.policy.protects(rule), unit)


def _moves(connection: Connection, site: str, from_ms: int, to_ms: int) -> list[Move]:
    """The rows of the period of every alarm that was hidden in it, from where its hiding began."""
    table = transitions.c
    mine = (table.site == site, table.at_ms < to_ms)
    since = dict.fromkeys(_hidden_in(connection, site, from_ms, to_ms), from_ms)
    since |= _hidden_before(connection, site, from_ms)
    names, rows = sorted(since), []
    columns = [getattr(table, name) for name in Move._fields]
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        wanted = (*mine, table.alarm.in_(some), table.at_ms >= min(since[name] for name in some))
        rows += [Move(*row) for row in connection.execute(select(*columns).where(*wanted).order_by(table.id))]
    return [move for move in rows if move.at_ms >= since[move.alarm]]


def _hidden_in(connection: Connection, site: str, from_ms: int, to_ms: int) -> set[str]:
    table = transitions.c
    wanted = (table.site == site, table.at_ms >= from_ms, table.at_ms < to_ms, table.because.in_([*BEGINS, *ENDS]))
    return set(connection.execute(select(table.alarm).where(*wanted).distinct()).scalars())


def _hidden_before(connection: Connection, site: str, from_ms: int) -> dict[str, int]:
    """When the hiding of each alarm that was hidden at `from_ms` began, or was last renewed."""
    table = transitions.c
    statement = (
        select(table.alarm, table.because, func.max(table.at_ms))
        .where(table.site == site, table.at_ms < from_ms, table.because.in_([*BEGINS, *ENDS, "withdrawn"]))
        .group_by(table.alarm, table.because)
    )
    begun: dict[tuple[str, str], int] = {}
    ended: dict[tuple[str, str], int] = {}
    for alarm, because, at_ms in connection.execute(statement):
        if because in BEGINS:
            begun[alarm, BEGINS[because]] = at_ms
        for how in [ENDS[because]] if because in ENDS else set(ENDS.values()) if because == "withdrawn" else ():
            ended[alarm, how] = max(at_ms, ended.get((alarm, how), at_ms))
    since: dict[str, int] = {}
    for (alarm, how), at_ms in begun.items():
        if at_ms > ended.get((alarm, how), at_ms - 1):
            since[alarm] = min(at_ms, since.get(alarm, at_ms))
    return since


def _peaks(connection: Connection, site: str, names: list[str]) -> dict[str, float]:
    """The worst value so far of alarms whose condition holds now."""
    found: dict[str, float] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        wanted = (alarms.c.site == site, alarms.c.id.in_(some), alarms.c.phase.in_(_ACTIVE))
        rows = connection.execute(select(alarms.c.id, alarms.c.peak).where(*wanted))
        found |= {row.id: row.peak for row in rows if row.peak is not None}
    return found
