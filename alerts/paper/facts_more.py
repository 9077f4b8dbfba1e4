"""Shell. What else paper is made of: reports that were submitted, and alarms that are hidden. Read, never written."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from alerts.duties.book import Book
from alerts.duties.haul_views import plant_days_of
from alerts.duties.hauls import lost_of
from alerts.duties.look import days_of
from alerts.duties.tables import report_sends, reports
from alerts.hidings import open_hidings
from alerts.orders import How
from alerts.paper.context import Context
from alerts.paper.handover import HiddenAlarm
from alerts.paper.report import Report, Sent
from alerts.paper.scores import Period
from alerts.paper.waste import PlantDay
from vocab.site import Site


def hidden(connection: Connection, site: Site, grids: frozenset[str] | None) -> list[HiddenAlarm]:
    """Every alarm that somebody keeps from calling now, the next to come back first."""
    seen = {asset.id for asset in site.assets if grids is None or asset.grid in grids}
    found = [
        HiddenAlarm(each.alarm, how.value, each.by, each.why or "", each.until_ms)
        for how in How
        for each in open_hidings(connection, site.id, how)
        if not each.waits and each.alarm.split(".")[0] in seen
    ]
    return sorted(found, key=lambda each: each.until_ms)


def report_of(connection: Connection, site: str, number: int) -> Report | None:
    """A report with where it went."""
    statement = select(reports).where(reports.c.site == site, reports.c.id == number)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    went = select(report_sends).where(report_sends.c.report == number).order_by(report_sends.c.sent_ms)
    return Report(
        id=row["id"],
        schedule=row["schedule"],
        unit=row["unit"],
        from_ms=row["from_ms"],
        to_ms=row["to_ms"],
        zero=row["zero"],
        texts=json.loads(row["texts"]),
        numbers=json.loads(row["numbers"]),
        note=row["note"],
        prepared_by=row["prepared_by"],
        submitted_ms=row["submitted_ms"],
        reviewed_by=row["reviewed_by"] or "",
        reviewed_ms=row["reviewed_ms"],
        review_note=row["review_note"],
        sent=tuple(
            Sent(each["to_unit"], each["sent_ms"], each["receipt"], each["received_by"] or "", each["received_ms"])
            for each in connection.execute(went).mappings()
        ),
    )


def weighed(connection: Connection, context: Context, period: Period) -> tuple[list[PlantDay], int]:
    """Every day of the plants that whoever asks may see, and how many emptied pools never arrived."""
    site = context.site
    book = Book(connection, site, days_of(site), context.now_ms)
    seen = {asset.id for asset in site.assets if context.seen is None or asset.grid in context.seen}
    found = []
    for plant in site.duties.file.plant:
        if plant.asset in seen:
            points = {point.id: point for point in site.points_of(site.asset(plant.asset))}
            unit = points[plant.point].unit if plant.point in points else ""
            for each in plant_days_of(book, plant, period.from_ms, period.end_ms):
                told = (each.loads, each.weight, each.rounds, each.is_empty)
                found.append(PlantDay(plant.name, unit, each.day, *told))
    return sorted(found, key=lambda each: each.day), lost_of(book, sorted(seen), period.from_ms, period.end_ms)
