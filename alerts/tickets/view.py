"""Pure. What people see of the work on a ticket."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import asdict, replace
from typing import Any

import msgspec

from alerts.tickets.commands import Verb
from alerts.tickets.judged import is_urgent
from alerts.tickets.model import Plan, Present, State
from alerts.tickets.possible import is_possible
from alerts.tickets.store import work_of
from alerts.views import AcceptedView, Both, PresentView, TicketView, WorkView
from vocab.site import Site
from vocab.sla import span_s
from vocab.strict_toml import Text


def work_view(row: Mapping[Any, Any], site: Site) -> WorkView:
    """The part of a ticket that its workflow is about."""
    work = replace(work_of(row), urgent=is_urgent(site, row))
    work = replace(work, held=work.outside and site.org.file.admission is not None)
    unit = site.org.units.get(work.lead_unit)
    campaign = site.duties.campaigns.get(row["campaign"] or "")
    times = site.sla.proof(row["priority"]) if work.has_sensor else None
    return WorkView(
        source=work.source.value,
        hazard_word=_both(work.state.hazard_word),
        city_step=_both(work.state.city_step),
        possible=tuple(verb.value for verb in Verb if is_possible(work, verb)),
        lead_unit=work.lead_unit,
        lead_name=None if unit is None else _both(unit.name),
        assist_units=tuple(json.loads(row["assist_units"])),
        rectifier=work.rectifier,
        ack_due_ms=row["ack_due_ms"],
        arrive_due_ms=row["arrive_due_ms"],
        due_ms=row["due_ms"],
        due_assumed=row["due_assumed"],
        overdue=tuple(row["overdue"].split()),
        begun_ms=row["begun_ms"],
        repaired_ms=row["repaired_ms"],
        verification=work.proof.value,
        good_since_ms=row["good_since_ms"],
        verify_s=None if times is None else span_s(times.verify),
        plan=None if work.plan == Plan() else asdict(work.plan) | {"missing": work.plan.missing},
        upward=None if work.upward is None else asdict(work.upward),
        accepted=tuple(AcceptedView(level and level.value, person) for level, person in work.accepted),
        interim=work.interim,
        merged_into=work.merged_into,
        outside_matrix=work.outside,
        held=work.held and work.admission is None,
        admission=None if work.admission is None else asdict(work.admission),
        former=work.former,
        joint=tuple(_present(each, site) for each in work.joint),
        pairs_wanted=site.sla.pairs(work.category, row["hazard"], work.source.value),
        reopened=row["reopened"],
        text=row["text"],
        address=row["address"],
        rating=row["rating"],
        campaign=row["campaign"],
        campaign_name=None if campaign is None else _both(campaign.name),
    )


def _present(told: Present, site: Site) -> PresentView:
    unit = site.org.units.get(told.unit)
    named = (site.org.roles.get(role) for role in told.roles)
    names = tuple(
        Both(role, role) if found is None else _both(found.name) for role, found in zip(told.roles, named, strict=True)
    )
    return PresentView(told.unit, None if unit is None else _both(unit.name), told.roles, names)


def follow_hazards(hazards: MutableMapping[tuple[str, str], int], changed: Iterable[TicketView]) -> None:
    """Which open ticket belongs to which hazard, after these changed."""
    for ticket in changed:
        key = ticket.asset, ticket.hazard
        if ticket.closed_ms is None:
            hazards[key] = int(ticket.id)
        elif hazards.get(key) == int(ticket.id):
            del hazards[key]


def _both(text: Text) -> Both:
    return Both(text.en, text.zh)


class EventView(msgspec.Struct, frozen=True):
    """One step of a ticket."""

    id: str
    at_ms: int
    verb: str
    actor: str
    old: str  # states
    new: str
    old_word: Both | None  # in the words of hazard management
    new_word: Both
    approver: str
    note: str
    payload: dict[str, Any]  # what the verb said beyond that: unit, grade, level, due_ms, level of what is overdue …


def event_view(row: Mapping[Any, Any]) -> EventView:
    """A row of `ticket_events`."""
    return EventView(
        id=str(row["id"]),
        at_ms=row["at_ms"],
        verb=row["verb"],
        actor=row["actor"],
        old=row["old"],
        new=row["new"],
        old_word=_both(State(row["old"]).hazard_word) if row["old"] else None,
        new_word=_both(State(row["new"]).hazard_word),
        approver=row["approver"],
        note=row["note"],
        payload=json.loads(row["payload"]),
    )
