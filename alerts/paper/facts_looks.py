"""Shell. What inspections and spot checks found in a period, by committee. Read, never written."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from alerts.campaigns.views import checked_in
from alerts.duties.subjects import subject_of
from alerts.duties.tables import duty_instances
from alerts.paper.context import Context
from alerts.paper.scores import Looks, Period

_D = duty_instances.c


def looks_of(connection: Connection, context: Context, period: Period) -> dict[str, Looks]:
    """Inspections belong to the committee of the place that was inspected, spot checks to whom they checked."""
    site = context.site
    inside = (_D.done_ms >= period.from_ms, _D.done_ms < period.end_ms)
    scored = select(_D.schedule, _D.subject, _D.score, _D.score_of).where(_D.site == site.id, _D.score_of > 0, *inside)
    found: dict[str, list[float]] = defaultdict(list)
    for row in connection.execute(scored).all():
        schedule = site.duties.schedules.get(row.schedule)
        if schedule is not None:
            place = subject_of(site, schedule, row.subject).place
            found[context.committee(place)].append(row.score / row.score_of)
    checks = checked_in(connection, site, (period.from_ms, period.end_ms))
    return {
        unit: Looks(
            len(found.get(unit, ())),
            sum(found.get(unit, ())),
            checks[unit].checked if unit in checks else 0,
            checks[unit].consistent if unit in checks else 0,
        )
        for unit in {*found, *checks}
    }
