"""Shell. Grades of areas as people are shown them: proposed, confirmed, and what each means for the area."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from alerts.database import reading
from alerts.duties.running import checkpoints, policy_of
from alerts.duties.tables import zone_grades
from alerts.duties.views import MOST, both
from alerts.engine import Engine
from vocab.site import Site


def zone_views(engine: Engine, seen: frozenset[str] | None) -> list[dict[str, Any]]:
    """Every proposal and who confirmed what, the newest first; `in_force` is the last of an area that was confirmed."""
    mine = select(zone_grades).where(zone_grades.c.site == engine.site.id)
    if seen is not None:
        mine = mine.where(zone_grades.c.place.in_(sorted(seen)))
    with reading(engine.database) as connection:
        rows = connection.execute(mine.order_by(zone_grades.c.id.desc()).limit(MOST)).mappings().all()
    found, told = [], set[str]()
    for row in rows:
        in_force = row["grade"] is not None and row["place"] not in told
        told |= {row["place"]} if in_force else set()
        values = {name: value for name, value in row.items() if name != "site"}
        policy = _policy(engine.site, row["place"], row["grade"] or row["proposed"])
        found.append(values | {"in_force": in_force, "policy": policy})
    return found


def _policy(site: Site, place: str, grade: str) -> dict[str, Any] | None:
    """What a grade means for an area; None: the site says nothing about it."""
    policy = policy_of(site, grade)
    if policy is None or place not in site.org.places:
        return None
    gates = checkpoints(site, place, policy)
    names = (*policy.attended, *policy.closed, *policy.schedules)
    return {
        "grade": policy.grade,
        "name": both(policy.name),
        "sealed": policy.sealed,
        "passages": policy.passages,
        "attended": gates.attended,
        "closed": gates.closed,
        "schedules": names,
        "schedule_names": [both(site.duties.schedules[name].name) for name in names],
    }
