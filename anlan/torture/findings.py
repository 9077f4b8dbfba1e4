"""Pure. What a tortured run must not show, and the record of what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anlan.torture.plan import Kind
from anlan.verdict import FaultRow
from runtime.steady import STEP_S
from vocab.instant import seconds_ms
from vocab.rule import Category

KEYS = ("lost", "doubled", "missed", "double_tickets", "lost_pages")


@dataclass(frozen=True, slots=True)
class Done:
    """One fault as it was injected."""

    seed: int
    at: str  # site time, ISO
    at_s: float  # real seconds since the run began
    kind: str
    how: str
    target: str
    for_s: float
    params: Mapping[str, float]
    result: str  # "done", or why it could not be


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its row says, at the end."""

    id: int
    ticket: int | None
    state: str
    due_ms: int
    next_ms: int | None
    receipt: bool
    is_over: bool  # its call was answered or ended
    is_written: bool | None = None  # whether the messenger has it; None where it cannot be asked


@dataclass(frozen=True, slots=True)
class Findings:
    """One run."""

    seed: int
    lost: int
    doubled: int
    missed: list[str]
    double_tickets: list[str]
    lost_pages: list[str]
    faults: list[Done]
    hazards: list[FaultRow]
    readings: Mapping[str, int]
    parts: Mapping[str, Mapping[str, float]]
    pages: int = 0

    @property
    def holds(self) -> bool:
        """Whether no invariant broke."""
        return not any((self.lost, self.doubled, self.missed, self.double_tickets, self.lost_pages))

    def counts(self) -> dict[str, int]:
        """The invariants as numbers."""
        return {key: value if isinstance(value := getattr(self, key), int) else len(value) for key in KEYS}


def slow_ms(done: Iterable[Done], speed: float) -> dict[str, int]:
    """By part, how far back its clock was set, in site time: alarms of a cabinet may be dated so much too early.

    A step is not followed (runtime/steady.py), so only what is worked off counts.
    """
    found: dict[str, int] = {}
    for each in done:
        back_s = -each.params.get("seconds", 0.0) if each.kind == Kind.CLOCK else 0.0
        if 0 < back_s <= STEP_S:
            found[each.target] = max(found.get(each.target, 0), seconds_ms(back_s * speed))
    return found


def missed(rows: Iterable[FaultRow]) -> list[str]:
    """Hazards of the truth that no alarm told of."""
    return [row.id for row in rows if row.category is Category.HAZARD and row.nature == "physical" and not row.alarm_at]


def double_tickets(tickets: Iterable[Mapping[str, Any]]) -> list[str]:
    """Hazards with more than one ticket: nobody closes any in such a run, so the first is still open."""
    first: dict[tuple[str, str], str] = {}
    wrong = []
    for each in sorted(tickets, key=lambda one: one["opened_ms"]):
        key = (each["asset"], each["hazard"])
        if each["kind"] != "duty" and first.setdefault(key, each["number"]) != each["number"]:
            wrong.append(f"{each['number']}: {key[0]} {key[1]} has {first[key]}")
    return wrong


def lost_pages(pages: Iterable[Page], uncalled: Iterable[str], now_ms: int, patience_ms: int) -> list[str]:
    """Pages that were due and have neither a receipt nor a next attempt; tickets for which nobody was to be called.

    `patience_ms`: how long after its moment an attempt may be under way.
    """
    wrong = [
        f"page {page.id} of ticket {page.ticket}: {why}"
        for page in pages
        if (why := _why_lost(page, now_ms - patience_ms)) is not None
    ]
    return wrong + [f"ticket {number}: nobody was called" for number in uncalled]


def _why_lost(page: Page, since_ms: int) -> str | None:
    if page.due_ms > since_ms or page.is_over:
        return None
    if page.receipt:
        return "a receipt, but the messenger has no such message" if page.is_written is False else None
    if page.state in ("due", "digest", "sending") and page.next_ms is not None and page.next_ms > since_ms:
        return None
    if page.state == "failed":
        return None  # told on the ticket, and the next way has a page of its own
    return f"{page.state} since {page.next_ms}"


def as_json(runs: Sequence[Findings], settings: Mapping[str, Any]) -> dict[str, Any]:
    """All runs together, with the keys that docs/reference/torture.md promises."""
    totals = {key: sum(run.counts()[key] for run in runs) for key in KEYS}
    return {
        "holds": all(run.holds for run in runs),
        **totals,
        "faults": [asdict(each) for run in runs for each in run.faults],
        "settings": dict(settings),
        "runs": [asdict(run) | {"holds": run.holds} | {"counts": run.counts()} for run in runs],
    }
