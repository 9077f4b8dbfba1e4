"""Shell. A ticket for the machine, with what only the site and the attachments know of it.

Whether the duty matrix speaks of it is asked anew until a unit has it: a row that the office adds to the matrix counts
at once. A missed duty is never outside, nor what a campaign found: whoever wrote the schedule, or ordered the campaign
with its basis, gave it to those units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from alerts.tickets.model import Source, State, Work
from alerts.tickets.owners import lead_of, matter_of
from alerts.tickets.store import work_of
from alerts.tickets.tables import attachments
from vocab.rule import Category
from vocab.site import Site

BEFORE, AFTER = "before", "after"
_NOT_YET_GIVEN = (State.FILED, State.CLASSIFIED, State.GRADED, State.RETURNED)


def judged(connection: Connection, site: Site, row: Mapping[Any, Any]) -> Work:
    """The row for the machine."""
    work = work_of(row)
    outside = work.outside
    if is_ordered(row):
        outside = False
    elif work.state in _NOT_YET_GIVEN:
        outside = lead_of(site, row["grid"], matter_of(site, row)).outside
    wanted = site.sla.pairs(row["category"], row["hazard"], row["source"])
    return replace(
        work,
        outside=outside,
        held=outside and site.org.file.admission is not None,
        urgent=is_urgent(site, row),
        pairs_wanted=wanted,
        pairs=whole_pairs(connection, row["id"]) if wanted else 0,
    )


def is_ordered(row: Mapping[Any, Any]) -> bool:
    """Whether a schedule or a campaign of the site has given it to those units already."""
    return row["source"] == Source.SCHEDULE.value or row.get("campaign") is not None


def waits_for_admission(site: Site, row: Mapping[Any, Any]) -> bool:
    """Whether nobody can begin before somebody has let it in."""
    is_held = row["outside_matrix"] and row["admission"] is None and site.org.file.admission is not None
    return is_held and row["state"] in _NOT_YET_GIVEN and not is_urgent(site, row)


def is_urgent(site: Site, row: Mapping[Any, Any]) -> bool:
    """Whether life may be in danger: a sensor found a hazard, or people call it as urgent as life safety is."""
    found_by_sensor = row["source"] == Source.SENSOR.value
    is_hazard = row["category"] == Category.HAZARD.value
    return is_hazard and (found_by_sensor or row["priority"] in site.policy.protected_priorities)


def whole_pairs(connection: Connection, ticket: int) -> int:
    """How many pairs of photos of a ticket have both."""
    whole = (
        select(attachments.c.pair)
        .where(attachments.c.ticket == ticket, attachments.c.phase.in_((BEFORE, AFTER)))
        .group_by(attachments.c.pair)
        .having(func.count() == 2)  # a unique index keeps either from being there twice
    )
    return int(connection.execute(select(func.count()).select_from(whole.subquery())).scalar_one())
