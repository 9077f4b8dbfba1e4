"""Shell. Alarm performance from the ticket database: the rows that a period needs, and what the rules say of alarms.

A period needs more than its own rows: a flood, a burst or an alarm may have begun before it, an end or an answer may
come after it. So a day on both sides is read too, and of every alarm the last that it did before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from alerts.drilled import drill_alarms
from alerts.hidden import hidden_times
from alerts.tables import transitions
from alerts.tickets.counts import closings
from rules.performance.activations import Event, pair, what_of
from rules.performance.definitions import MS_PER_DAY, Definitions
from rules.performance.measure import measure
from rules.performance.report import Performance, Period
from rules.performance.tuning import Known
from vocab.condition import FromParam, High, Low
from vocab.instant import seconds_ms
from vocab.rule import Rule
from vocab.site import Asset, Site
from vocab.units import UNITS

DEFAULT_DAYS = 30  # ISA-18.2 wants at least 30 days of data
_AROUND_MS = MS_PER_DAY
_SAYS_NOTHING = ("acknowledged", "reset")


def performance(
    connection: Connection,
    site: Site,
    period: Period,
    definitions: Definitions | None = None,
    grids: frozenset[str] | None = None,
) -> Performance:
    """How the alarms of a site behaved in a period; of the equipment in these grids alone (None: all)."""
    only = None if grids is None else frozenset(site.assets_in(grids))
    known = {
        f"{asset.id}.{rule.id}": _known(site, asset, rule)
        for asset in site.assets
        for rule in site.rules_of(asset)
        if only is None or asset.id in only
    }
    events, drills = [], drill_alarms(site)
    for alarm, asset, rule, old, new, at_ms, because, value, late in _rows(connection, site.id, period):
        if alarm in drills or (only is not None and asset not in only):
            continue
        if alarm not in known:
            known[alarm] = Known(asset, rule)
        what = what_of(because, old, new)
        if what is not None:
            events.append(Event(alarm, at_ms, what, late, value))
    found = measure(pair(events), known, period, definitions)
    hidden = hidden_times(connection, site, (period.from_ms, period.to_ms), only)
    closed = closings(connection, site.id, (period.from_ms, period.to_ms), grids)
    return replace(found, hidden=hidden, closed=closed)


def default_period(
    connection: Connection, site: str, from_ms: int | None, to_ms: int | None, now_ms: int | None, operators: int
) -> Period | None:
    """Fill in what was not asked: 30 days up to now or to the last record, not before the first; None: no records.

    Time before the first record would make every average look better than it is.
    """
    statement = select(func.min(transitions.c.at_ms), func.max(transitions.c.at_ms)).where(transitions.c.site == site)
    first, last = connection.execute(statement).one()
    if to_ms is None:
        to_ms = now_ms if now_ms is not None else None if last is None else last + 1
    if to_ms is None:
        return None
    if from_ms is None:
        from_ms = max(to_ms - DEFAULT_DAYS * MS_PER_DAY, to_ms - MS_PER_DAY if first is None else min(first, to_ms - 1))
    return Period(from_ms, to_ms, operators)


def _rows(connection: Connection, site: str, period: Period) -> Sequence[Any]:
    table = transitions.c
    start, end = period.from_ms - _AROUND_MS, period.to_ms + _AROUND_MS
    place = func.row_number().over(partition_by=table.alarm, order_by=(table.at_ms.desc(), table.id.desc()))
    before = and_(table.at_ms < start, table.because.not_in(_SAYS_NOTHING), table.late.is_(False))
    latest = select(table.id, place.label("place")).where(table.site == site, before).subquery()
    wanted = or_(
        and_(table.at_ms >= start, table.at_ms < end),
        table.id.in_(select(latest.c.id).where(latest.c.place == 1)),
    )
    statement = select(
        table.alarm, table.asset, table.rule, table.old, table.new, table.at_ms, table.because, table.value, table.late
    ).where(table.site == site, wanted)
    return connection.execute(statement.order_by(table.at_ms, table.id)).all()


def _known(site: Site, asset: Asset, rule: Rule) -> Known:
    known = Known(
        asset=asset.id,
        rule=rule.id,
        kind=asset.kind,
        priority=rule.priority,
        on_delay_ms=seconds_ms(rule.on_delay_s),
        off_delay_ms=seconds_ms(rule.off_delay_s),
        is_safety=rule.safety,
    )
    when = rule.when
    if not isinstance(when, High | Low) or isinstance(when.limit, FromParam) or when.point not in (None, rule.point):
        return known
    unit = next((UNITS[point.unit].label for point in site.points_of(asset) if point.id == rule.point), "")
    return replace(known, limit=when.limit, deadband=when.deadband, is_high=isinstance(when, High), unit=unit)
