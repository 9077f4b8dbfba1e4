"""Shell. Campaigns as people are shown them: dates, how far each phase and committee is, samples to be drawn again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, String, and_, cast, select

from alerts.campaigns.dates import Span, asked_once, span_of, state_of, whole
from alerts.campaigns.draw import Item, Rule, drawn
from alerts.campaigns.progress import Checked, Duty, Hazards, duty_of, hazard_of, total
from alerts.campaigns.samples import campaign_of, committee_of
from alerts.campaigns.tables import sample_items, samples
from alerts.database import reading
from alerts.drilled import IS_REAL
from alerts.duties.book import NoSuchDutyError
from alerts.duties.subjects import subjects
from alerts.duties.tables import duty_instances
from alerts.duties.views import both, is_seen
from alerts.engine import Engine
from alerts.tables import tickets
from alerts.tickets.store import work_of
from vocab.campaign import Campaign, Phase
from vocab.site import Site

Seen = frozenset[str] | None  # the places of whoever asks; None: all
_S, _I, _D = samples.c, sample_items.c, duty_instances.c


def listed(engine: Engine, now_ms: int) -> list[dict[str, Any]]:
    """Every campaign of the data, the newest first."""
    found = [(whole(engine.site, each), each) for each in engine.site.duties.file.campaign]
    return [_head(each, span, now_ms) for span, each in sorted(found, key=lambda pair: -pair[0][0])]


def one(engine: Engine, name: str, seen: Seen, now_ms: int) -> dict[str, Any]:
    """One with its progress; NoSuchDutyError."""
    site = engine.site
    campaign = campaign_of(site, name)
    with reading(engine.database) as connection:
        cells = {phase.id: _cells(connection, site, campaign, phase, (seen, now_ms)) for phase in campaign.phase}
        hazards, checks = _hazards(connection, site, campaign, seen, now_ms), _checks(connection, site, campaign, seen)
        found = [_sample(connection, site, row, seen) for row in _samples(connection, site, campaign)]
    mine = [unit for unit in campaign.units if _sees(site, unit, seen)]
    units = list(dict.fromkeys([*mine, *sorted(hazards), *sorted(checks)]))
    per_unit = {unit: total(Duty, [cell[unit] for cell in cells.values() if unit in cell]) for unit in units}
    return _head(campaign, whole(site, campaign), now_ms) | {
        "phases": [
            _dated(phase.id, both(phase.name), span_of(site, campaign, phase.schedules), now_ms)
            | {
                "schedules": phase.schedules,
                "units": [_named(site, unit) | cell.counts() for unit, cell in cells[phase.id].items()],
                "total": total(Duty, cells[phase.id].values()).counts(),
            }
            for phase in campaign.phase
        ],
        "committees": [
            _named(site, unit) | _row(per_unit[unit], hazards.get(unit, Hazards()), checks.get(unit, Checked()))
            for unit in units
        ],
        "total": _row(
            total(Duty, per_unit.values()), total(Hazards, hazards.values()), total(Checked, checks.values())
        ),
        "samples": found,
    }  # fmt: skip


def sample(engine: Engine, name: str, number: int) -> dict[str, Any]:
    """One sample with its whole population, so that it can be drawn again; NoSuchDutyError."""
    site = engine.site
    campaign = campaign_of(site, name)
    with reading(engine.database) as connection:
        row = next((row for row in _samples(connection, site, campaign) if row["id"] == number), None)
        if row is None:
            raise NoSuchDutyError(f"no sample {number} of {name}")
        there = [{"item": item, "unit": unit} for item, unit in json.loads(row["population"])]
        return _sample(connection, site, row, None) | {"population": there}


def checked_in(connection: Connection, site: Site, span: Span) -> dict[str, Checked]:
    """By committee, the spot checks that were made in [from, to)."""
    mine = (_I.site == site.id, _I.checked_ms >= span[0], _I.checked_ms < span[1])
    return _counted(connection.execute(select(_I.unit, _I.outcome).where(*mine)).all())


def _head(campaign: Campaign, span: Span, now_ms: int) -> dict[str, Any]:
    basis = campaign.basis
    told = {"name": both(basis.name), "number": basis.number, "issued": basis.issued.isoformat()}
    return _dated(campaign.id, both(campaign.name), span, now_ms) | {
        "year": campaign.year,
        "basis": told,
        "units": campaign.units,
        "categories": [each.value for each in campaign.categories],
        "draws": campaign.sampling is not None,
    }


def _dated(name: str, words: Mapping[str, str] | None, span: Span, now_ms: int) -> dict[str, Any]:
    return {"id": name, "name": words, "from_ms": span[0], "to_ms": span[1], "state": state_of(span, now_ms)}


def _row(duty: Duty, hazards: Hazards, checks: Checked) -> dict[str, Any]:
    """The numbers of a committee, or of all."""
    return {
        "duty": duty.counts(),
        "tickets": hazards.counts() | {"rate": hazards.rate},
        "checks": checks.counts() | {"wrong": checks.wrong, "rate": checks.rate},
    }


def _cells(
    connection: Connection, site: Site, campaign: Campaign, phase: Phase, asked: tuple[Seen, int]
) -> dict[str, Duty]:
    """What a phase asks of each unit."""
    seen, now_ms = asked
    found: dict[str, list[Duty]] = defaultdict(list)
    for name in phase.schedules:
        schedule = site.duties.schedules[name]
        due = asked_once(site, campaign, schedule, "")
        mine = (_D.site == site.id, _D.schedule == name, _D.due_from_ms == due.due_from_ms)
        rows = {row["subject"]: row for row in connection.execute(select(duty_instances).where(*mine)).mappings()}
        for subject in subjects(site, schedule):
            if is_seen(subject.within, seen):
                found[subject.unit].append(duty_of(due, rows.get(subject.id), now_ms))
    return {unit: total(Duty, some) for unit, some in found.items()}


def _hazards(
    connection: Connection, site: Site, campaign: Campaign, seen: Seen, now_ms: int
) -> dict[str, Hazards]:  # fmt: skip
    mine = (tickets.c.site == site.id, tickets.c.campaign == campaign.id, IS_REAL)
    found: dict[str, list[Hazards]] = defaultdict(list)
    for row in connection.execute(select(tickets).where(*mine)).mappings():
        if is_seen(row["grid"], seen):
            found[committee_of(site, row["grid"])].append(hazard_of(work_of(row), now_ms))
    return {unit: total(Hazards, some) for unit, some in found.items()}


def _checks(connection: Connection, site: Site, campaign: Campaign, seen: Seen) -> dict[str, Checked]:
    mine = (_S.site == site.id, _S.campaign == campaign.id)
    rows = connection.execute(select(_I.unit, _I.outcome).join(samples, _S.id == _I.sample).where(*mine)).all()
    return _counted(row for row in rows if _sees(site, row.unit, seen))


def _counted(rows: Iterable[Any]) -> dict[str, Checked]:
    found: dict[str, list[Checked]] = defaultdict(list)
    for row in rows:
        found[row.unit].append(Checked(1, int(row.outcome is not None), int(row.outcome == "consistent")))
    return {unit: total(Checked, some) for unit, some in found.items()}


def _samples(connection: Connection, site: Site, campaign: Campaign) -> list[RowMapping]:
    mine = (_S.site == site.id, _S.campaign == campaign.id)
    return list(connection.execute(select(samples).where(*mine).order_by(_S.id.desc())).mappings())


def _sample(connection: Connection, site: Site, row: RowMapping, seen: Seen) -> dict[str, Any]:
    there = [Item(*each) for each in json.loads(row["population"])]
    rule = json.loads(row["rule"])
    again = {item.name for item in drawn(row["seed"], there, Rule(**rule))}
    is_its_check = (
        _D.site == _I.site, _D.schedule.in_(site.duties.sampled), _D.subject == cast(_I.trigger, String),
    )  # fmt: skip
    statement = (
        select(sample_items, _D.id.label("instance"), _D.state, _D.due_to_ms)
        .join(duty_instances, and_(*is_its_check), isouter=True)
        .where(_I.sample == row["id"])
        .order_by(_I.id)
    )
    items = connection.execute(statement).mappings().all()
    names = ("item", "unit", "instance", "state", "due_to_ms", "outcome", "checked_ms", "checked_by", "note", "ticket")
    return {name: row[name] for name in ("id", "seed", "drawn_ms", "drawn_by", "note")} | {
        "rule": rule,
        "there": len(there),
        "redrawn": again == {each["item"] for each in items},  # the same items come of seed, population and rule
        "items": [{name: each[name] for name in names} for each in items if _sees(site, each["unit"], seen)],
    }


def _named(site: Site, unit: str) -> dict[str, Any]:
    found = site.org.units.get(unit)
    return {"unit": unit, "name": both(site.file.name if found is None else found.name)}


def _sees(site: Site, unit: str, seen: Seen) -> bool:
    found = site.org.units.get(unit)
    return is_seen(None if found is None else found.place, seen)
