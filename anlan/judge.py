"""Shell. The verdict of a demo, from the files of its run and from what its API showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from anlan.audit import audit
from anlan.places import RunDir
from anlan.supervisor import Supervisor
from anlan.verdict import Expected, Raised, TicketSeen, Verdict, fault_rows, unexpected
from anlan.watch import Seen
from firmware_sim.truth import Truth, last_words
from vocab.rule import Category
from vocab.site import Site


class Struck(NamedTuple):
    """What was done to a run on purpose, and has to be allowed for."""

    excused: str = ""  # a reason of the gate's for which a reading may be on the shelf instead of in the history
    slow_ms: Mapping[str, int] = MappingProxyType({})  # by cabinet, by how much its clock was set back


def judge(
    site: Site,
    run: RunDir,
    seen: Seen,
    supervisor: Supervisor,
    interrupted_ms: int | None,
    struck: Struck | None = None,
) -> Verdict:
    """The verdict; nobody may have the store open any more. `interrupted_ms`: when a person ended the run."""
    struck = struck or Struck()
    slow = {asset.id: ms for edge, ms in struck.slow_ms.items() for asset, _ in site.devices_of(edge)}
    truth = [replace(each, slow_ms=slow.get(each.equipment, 0)) for each in read_truth(run)]
    tickets = [
        TicketSeen(each["number"], each["asset"], each["hazard"], Category(each["category"]), each["opened_ms"])
        for each in seen.tickets
        if each["kind"] != "duty"  # what people did not do is no fault that the simulator injects
    ]
    raised = [
        Raised(each["asset"], each["rule"], each["at_ms"]) for each in seen.transitions if each["new"] == "unacked"
    ]
    readings = audit(
        [run.ledger(edge.id) for edge in site.file.edge], run.store, rejected_readings(seen.counts), struck.excused
    )
    return Verdict(
        kinds=sorted({asset.kind for asset in site.file.asset}),
        edges=len(site.file.edge),
        devices=sum(len(asset.device) for asset in site.file.asset),
        faults=fault_rows(truth, raised, tickets, interrupted_ms),
        unexpected_tickets=unexpected(truth, tickets),
        readings=readings,
        parts={
            name: {
                "restarts": part.usage.restarts,
                "peak_rss_mb": round(part.usage.peak_rss_mb, 1),
                "cpu_s": round(part.usage.cpu_s, 2),
            }
            for name, part in supervisor.parts.items()
        },
        duties=dict(Counter(str(each["state"]) for each in seen.duties)),  # asdict takes no Counter
    )


def read_truth(run: RunDir) -> list[Expected]:
    """The simulator's ground truth, in the order of injection; nothing if it never wrote any."""
    if not run.truth.exists():
        return []
    return [expected(truth) for truth in last_words(run.truth.read_bytes()).values()]


def expected(truth: Truth) -> Expected:
    """One line of ground truth."""
    due = truth.expects
    return Expected(
        id=truth.id,
        kind=truth.kind,
        equipment=truth.equipment,
        fault=truth.fault,
        injected_ms=truth.injected_ms,
        rule=due.rule if due else None,
        hazard=due.hazard if due else None,
        category=Category(due.category) if due else None,
        also=frozenset(truth.also_hazards),
        bound_s=truth.bound_s,
        nature=truth.nature,
        graver=frozenset(due.graver if due else ()),
    )


def rejected_readings(counts: dict[str, Any]) -> int:
    """How many readings the gate turned away, by ingest's own count."""
    return sum(int(number) for number in counts.get("rejected_readings", {}).values())
