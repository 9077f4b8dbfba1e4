"""Pure. A ticket as a row and as the machine sees it, there and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from alerts.tickets.commands import Command
from alerts.tickets.model import Admission, Level, Plan, Present, Proof, Source, State, Upward, Work
from alerts.tickets.sla import Dues, Standing
from vocab.rule import Grade
from vocab.site import Site
from vocab.sla import Subject


def work_of(row: Mapping[Any, Any]) -> Work:
    """The row for the machine."""
    accepted = tuple((Level(level) if level else None, person) for level, person in json.loads(row["accepted"]))
    return Work(
        state=State(row["state"]),
        source=Source(row["source"]),
        grade=Grade(row["grade"]),
        category=row["category"],
        lead_unit=row["lead_unit"],
        rectifier=row["rectifier"],
        plan=plan_of(row),
        interim=row["interim"],
        upward=upward_of(row),
        accepted=accepted,
        proof=Proof(row["proof"]),
        due_ms=row["due_ms"],
        repaired_ms=row["repaired_ms"],
        paused_ms=row["paused_ms"],
        merged_into=row["merged_into"],
        before=None if row["before"] is None else State(row["before"]),
        sector=row["sector"],
        former=tuple(json.loads(row["former"])),
        joint=tuple(Present(unit, tuple(roles)) for unit, roles in json.loads(row["joint"])),
        outside=row["outside_matrix"],
        admission=None if row["admission"] is None else Admission(**json.loads(row["admission"])),
    )


def plan_of(row: Mapping[Any, Any]) -> Plan:
    """The five elements, filled in or not."""
    return Plan() if row["plan"] is None else Plan(**json.loads(row["plan"]))


def upward_of(row: Mapping[Any, Any]) -> Upward | None:
    """The report upward."""
    return None if row["upward"] is None else Upward(**json.loads(row["upward"]))


def values_of(work: Work) -> dict[str, Any]:
    """What the machine decided, as columns."""
    return {
        "state": work.state.value,
        "grade": work.grade.value,
        "category": work.category,
        "lead_unit": work.lead_unit,
        "rectifier": work.rectifier,
        "plan": None if work.plan == Plan() else _json(asdict(work.plan)),
        "interim": work.interim,
        "upward": None if work.upward is None else _json(asdict(work.upward)),
        "accepted": _json([[level and level.value, person] for level, person in work.accepted]),
        "proof": work.proof.value,
        "due_ms": work.due_ms,
        "repaired_ms": work.repaired_ms,
        "paused_ms": work.paused_ms,
        "merged_into": work.merged_into,
        "before": None if work.before is None else work.before.value,
        "sector": work.sector,
        "former": _json(work.former),
        "joint": _json([[each.unit, each.roles] for each in work.joint]),
        "outside_matrix": work.outside,
        "admission": None if work.admission is None else _json(asdict(work.admission)),
    }


def payload_of(command: Command) -> str:
    """What a command said beyond who, when and why."""
    told: dict[str, Any] = {
        name: value
        for name in ("unit", "person", "category", "sector", "receipt", "due_ms", "ticket", "unverified")
        if (value := getattr(command, name)) not in ("", None, False)
    }
    if command.grade is not None:
        told["grade"] = command.grade.value
    if command.level is not None:
        told["level"] = command.level.value
    if command.joint:
        told["joint"] = [asdict(each) for each in command.joint]
    if command.plan is not None:
        told["plan"] = asdict(command.plan)
    return _json(told)


def subject_of(row: Mapping[Any, Any], site: Site) -> Subject:
    """What the limits of a ticket depend on."""
    try:
        attributes = site.asset(row["asset"]).attributes
    except KeyError:  # a place without equipment, or what is no longer in the site
        attributes = {}
    return Subject(row["category"], row["hazard"], row["kind"], row["grade"], row["priority"], attributes)


def dues_of(row: Mapping[Any, Any]) -> Dues:
    """The limits of a ticket as they stand."""
    return Dues(row["ack_due_ms"], row["arrive_due_ms"], row["due_ms"], row["due_assumed"])


def due_values(dues: Dues) -> dict[str, Any]:
    """Limits as columns."""
    return {
        "ack_due_ms": dues.acknowledge_ms,
        "arrive_due_ms": dues.arrive_ms,
        "due_ms": dues.rectify_ms,
        "due_assumed": dues.assumed,
    }


def standing_of(row: Mapping[Any, Any]) -> Standing:
    """What of a ticket tells whether it is overdue."""
    told = frozenset(row["overdue"].split())
    return Standing(
        State(row["state"]), dues_of(row), row["acked_ms"], row["begun_ms"], row["repaired_ms"], told
    )  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
