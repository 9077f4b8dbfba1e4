"""Shell. Whose place a duty, a report, a trigger, a mode or an item of stock is: where a right for it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import Engine as Database

from alerts.access.needs import Of
from alerts.access.numbers import number
from alerts.access.request import Request
from alerts.database import reading
from alerts.duties.modes import where_of
from alerts.duties.subjects import around, around_schedules, subject_of
from alerts.duties.tables import duty_instances, duty_triggers, modes, reports
from vocab.site import Site

Found = frozenset[str | None]
NOWHERE: Found = frozenset()  # nothing of that name is kept: its handler says so
WHOLE: Found = frozenset({None})


def place_of(database: Database, site: Site, of: Of, request: Request) -> Found:
    """Whatever of these a request is about; nothing for what is none of them."""
    names = request.names
    found = NOWHERE
    match of:
        case Of.ZONE:
            found = frozenset({names["place"].strip()} & site.org.places.keys())
        case Of.CAMPAIGN:
            found = campaign_place(site, names["campaign"])
        case Of.STOCK:
            found = stock_place(site, names["item"])
        case Of.TRIGGER if "trigger" not in names:
            found = started_place(site, request.told("trigger"))
        case Of.MODE if "number" not in names:
            found = plan_place(site, request.told("mode"))
        case Of.DUTY | Of.REPORT | Of.TRIGGER | Of.MODE:
            with reading(database) as connection:
                found = _kept(connection, site, of, request)
    return found


def _kept(connection: Connection, site: Site, of: Of, request: Request) -> Found:
    if of is Of.DUTY:
        return instance_place(connection, site, request.all("instance"))
    if of is Of.REPORT:
        return report_place(connection, site, request.names["report"])
    if of is Of.TRIGGER:
        return trigger_place(connection, site, request.names["trigger"])
    return mode_place(connection, site, request.names["number"])


def instance_place(connection: Connection, site: Site, asked: Sequence[Any]) -> Found:
    """Of instances of duties, by their numbers."""
    return _all(_instance(connection, site, each) for each in asked)


def report_place(connection: Connection, site: Site, name: Any) -> Found:
    """Of a report: of the unit that handed it in."""
    row = _row(connection, site, reports, name)
    return row if isinstance(row, frozenset) else frozenset({unit_place(site, row["unit"])})


def trigger_place(connection: Connection, site: Site, name: Any) -> Found:
    """Of a trigger that was started, by its number."""
    row = _row(connection, site, duty_triggers, name)
    return row if isinstance(row, frozenset) else started_place(site, row["trigger"])


def started_place(site: Site, trigger: Any) -> Found:
    """Of a trigger that is to be started, by its name: around all that it asks for."""
    names = [each.id for each in site.duties.of_trigger(str(trigger).strip())]
    return frozenset({around_schedules(site, names)}) if names else NOWHERE


def mode_place(connection: Connection, site: Site, name: Any) -> Found:
    """Of a mode that somebody asked for, by its number."""
    row = _row(connection, site, modes, name)
    return row if isinstance(row, frozenset) else plan_place(site, row["mode"])


def plan_place(site: Site, mode: Any) -> Found:
    """Of a mode of duties.toml, by its name."""
    plan = site.duties.modes.get(str(mode).strip())
    return NOWHERE if plan is None else frozenset({where_of(site, plan)})


def campaign_place(site: Site, name: str) -> Found:
    """Of a campaign: around all who take part."""
    found = site.duties.campaigns.get(name.strip())
    return NOWHERE if found is None else frozenset({around(site.org, [site.org.units[u].place for u in found.units])})


def stock_place(site: Site, item: str) -> Found:
    """Of an item of stock: of the unit that keeps it."""
    found = site.duties.stock.get(item.strip())
    return NOWHERE if found is None else frozenset({unit_place(site, found.unit)})


def unit_place(site: Site, unit: str) -> str | None:
    """Of a unit; None: it is not in org.toml any more, so only whoever may at the whole site."""
    found = site.org.units.get(unit)
    return None if found is None else found.place


def _instance(connection: Connection, site: Site, name: Any) -> Found:
    row = _row(connection, site, duty_instances, name)
    if isinstance(row, frozenset):
        return row
    schedule = site.duties.schedules.get(row["schedule"])
    return WHOLE if schedule is None else frozenset({subject_of(site, schedule, row["subject"]).within})


def _row(connection: Connection, site: Site, table: Any, name: Any) -> Mapping[Any, Any] | Found:
    """A row by its number. What is written in another way than a number is a number to some readers: never narrower."""
    found = number(name)
    if found is None:
        return WHOLE
    statement = select(table).where(table.c.site == site.id, table.c.id == found)
    return connection.execute(statement).mappings().one_or_none() or NOWHERE


def _all(found: Any) -> Found:
    return frozenset(place for places in found for place in places)
