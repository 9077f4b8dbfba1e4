"""Pure. Was every injected fault found, exactly once, and was every reading kept, exactly once?

The verdict compares three records that were made independently: the simulator's ground truth, the tickets as a user
of the API sees them, and the edges' own ledgers of what they polled against what the store holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from vocab.instant import iso
from vocab.rule import Category


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of the simulator's ground truth."""

    id: str
    kind: str
    equipment: str
    fault: str
    injected_ms: int
    rule: str | None  # None: a disturbance, which must raise nothing
    hazard: str | None
    category: Category | None
    also: frozenset[str]  # hazards that may follow without being false
    bound_s: float | None
    nature: str = "physical"
    graver: frozenset[str] = frozenset()  # rules to which its rule escalates
    slow_ms: int = 0  # by so much the clock that dates its alarms was set back, at most

    def is_told_by(self, alarm: Raised) -> bool:
        """Whether an alarm tells of this fault: its rule, or the next level where that came first."""
        is_rule = alarm.rule == self.rule or alarm.rule in self.graver
        return alarm.equipment == self.equipment and is_rule and alarm.at_ms >= self.injected_ms - self.slow_ms


@dataclass(frozen=True, slots=True)
class Raised:
    """One raising of an alarm."""

    equipment: str
    rule: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TicketSeen:
    """One ticket."""

    number: str
    equipment: str
    hazard: str
    category: Category
    opened_ms: int


@dataclass(frozen=True, slots=True)
class FaultRow:
    """What became of one injected fault."""

    id: str
    kind: str
    equipment: str
    fault: str
    injected_at: str
    expected: str | None
    alarm_at: str | None
    delay_s: float | None
    bound_s: float | None
    tickets: int
    found: bool
    open: bool = False  # somebody ended the run before the alarm was due: nobody can tell
    nature: str = "physical"
    category: Category | None = None  # None: nothing is expected


@dataclass(frozen=True, slots=True)
class Readings:
    """What became of every reading that an edge decided to report."""

    polled: int
    stored: int
    lost: int
    duplicated: int
    rejected: int
    excused: int = 0  # polled, not stored, and kept on the shelf for a reason that was to be expected


def fault_rows(
    truth: Iterable[Expected],
    raised: Sequence[Raised],
    tickets: Sequence[TicketSeen],
    interrupted_ms: int | None = None,
) -> list[FaultRow]:
    """One row per injected fault: found means its own rule was raised after the injection and has one ticket.

    `interrupted_ms` is when a person ended the run; None for a run that ended as planned and must have found all.
    """
    rows = []
    for fault in truth:
        at_ms = min((alarm.at_ms for alarm in raised if fault.is_told_by(alarm)), default=None)
        own = [ticket for ticket in tickets if _is_of(fault, ticket)]
        rows.append(
            FaultRow(
                id=fault.id,
                kind=fault.kind,
                equipment=fault.equipment,
                fault=fault.fault,
                injected_at=iso(fault.injected_ms),
                expected=fault.rule,
                alarm_at=None if at_ms is None else iso(at_ms),
                delay_s=None if at_ms is None else (at_ms - fault.injected_ms) / 1000,
                bound_s=fault.bound_s,
                tickets=len(own),
                found=fault.rule is None or (at_ms is not None and len(own) == 1),
                open=at_ms is None and interrupted_ms is not None and interrupted_ms < _due_ms(fault),
                nature=fault.nature,
                category=fault.category,
            )
        )
    return rows


def _due_ms(fault: Expected) -> float:
    return fault.injected_ms + 1000 * (fault.bound_s or 0.0)


def _is_of(fault: Expected, ticket: TicketSeen) -> bool:
    same = ticket.equipment == fault.equipment and ticket.hazard == fault.hazard
    return same and ticket.category == fault.category


def unexpected(truth: Sequence[Expected], tickets: Iterable[TicketSeen]) -> list[TicketSeen]:
    """Tickets that no injected fault accounts for, and second tickets of one fault."""
    allowed = {(fault.equipment, hazard) for fault in truth for hazard in (fault.hazard, *fault.also)}
    seen: set[tuple[str, str]] = set()
    wrong = []
    for ticket in sorted(tickets, key=lambda each: each.opened_ms):
        key = (ticket.equipment, ticket.hazard)
        if key not in allowed or key in seen:
            wrong.append(ticket)
        seen.add(key)
    return wrong


@dataclass(frozen=True, slots=True)
class Verdict:
    """The demo's answer to "did it work?"."""

    kinds: list[str]
    edges: int
    devices: int
    faults: list[FaultRow]
    unexpected_tickets: list[TicketSeen]
    readings: Readings
    parts: Mapping[str, Mapping[str, float]]
    duties: Mapping[str, int] = field(default_factory=dict)  # what people had to do, by what became of it

    @property
    def holds(self) -> bool:
        """Whether every promise of the demo was kept."""
        return (
            all(row.found or row.open for row in self.faults)
            and not self.unexpected_tickets
            and self.readings.lost == 0
            and self.readings.duplicated == 0
            and self.readings.stored > 0
        )

    def as_json(self) -> dict[str, object]:
        """The verdict with the keys that docs/reference/demo.md promises."""
        return {"holds": self.holds, **asdict(self)}
