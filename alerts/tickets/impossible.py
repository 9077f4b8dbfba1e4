"""Shell. What only the database and the site know to be impossible: names that are none, tickets that are closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping

from alerts.tickets.approvers import is_known
from alerts.tickets.commands import Command, Refused, Verb, Why
from alerts.tickets.guards import no
from alerts.tickets.model import Work

if TYPE_CHECKING:
    from alerts.tickets.cases import Cases


def impossible(cases: Cases, row: RowMapping, before: Work, command: Command) -> Refused | None:
    """Why not, whatever the state of the ticket says."""
    verb, refused = command.verb, None
    if verb is Verb.MERGE:
        refused = _other(cases, row, command.ticket)
    elif verb is Verb.REOPEN:
        refused = _newer(cases, row)
    elif verb is Verb.RELIEVE:
        refused = _unknown_person(cases, command.person)
    elif verb is Verb.CLASSIFY:
        refused = _unknown_sector(cases, command.sector)
    elif verb in (Verb.DISPATCH, Verb.ESCALATE) and before.held:
        refused = _unknown_units(cases, (command.unit,)) if command.unit else None
    elif verb is Verb.SUPERVISE:
        refused = _unknown_units(cases, [each.unit for each in command.joint]) or _unknown_roles(cases, command)
    return refused


def _other(cases: Cases, row: RowMapping, ticket: int | None) -> Refused | None:
    if ticket is None:
        return None
    if ticket == row["id"]:
        return no(Why.ITSELF, "a ticket is not merged into itself", "不能合并到自身")
    if cases.row(ticket)["closed_ms"] is not None:
        return no(Why.NOT_HERE, "the other ticket is closed", "目标工单已关闭")
    return None


def _newer(cases: Cases, row: RowMapping) -> Refused | None:
    other = cases.open_of(row["asset"], row["hazard"]) if row["asset"] else None
    if other is None or other["id"] == row["id"]:
        return None
    return no(Why.NOT_HERE, f"{other['number']} is open for this hazard", f"该隐患已有工单{other['number']}")


def _unknown_person(cases: Cases, person: str) -> Refused | None:
    if not person or is_known(cases.connection, cases.site, person):
        return None
    return no(Why.PERSON_UNKNOWN, f"nobody here is called {person!r}", f"没有名为“{person}”的人员")


def _unknown_sector(cases: Cases, sector: str) -> Refused | None:
    if not sector or sector in cases.site.taxonomy.ids:
        return None
    return no(Why.SECTOR_UNKNOWN, f"no sector {sector!r}", f"没有安全领域“{sector}”")


def _unknown_units(cases: Cases, units: Sequence[str]) -> Refused | None:
    """A unit that org.toml does not name. A site without one knows none; there a name has to do."""
    org = cases.site.org
    wrong = next((unit for unit in units if org and unit not in org.units), None)
    return None if wrong is None else no(Why.UNIT_UNKNOWN, f"no unit {wrong!r}", f"没有单位“{wrong}”")


def _unknown_roles(cases: Cases, command: Command) -> Refused | None:
    org = cases.site.org
    wrong = next((role for each in command.joint for role in each.roles if org and role not in org.roles), None)
    return None if wrong is None else no(Why.ROLE_UNKNOWN, f"no role {wrong!r}", f"没有角色“{wrong}”")
