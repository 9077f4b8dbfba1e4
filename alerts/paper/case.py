"""Pure. A ticket as paper sees it: all that is known of a hazard, and nothing that is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.tickets.model import Level, State, Work
from vocab.rule import Category
from vocab.strict_toml import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ticket's life, as it was written down."""

    at_ms: int
    verb: str
    actor: str
    note: str
    told: Mapping[str, Any]  # what the order said beyond that


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence."""

    at_ms: int
    text: Text
    is_measured: bool = True  # or said by somebody, or of a call


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket with its equipment, its history and what was attached to it."""

    id: int
    number: str
    work: Work
    title: Text
    asset: str
    kind: str
    hazard: str
    rule: str
    grid: str
    priority: int
    opened_ms: int
    raised_ms: int
    closed_ms: int | None = None
    reopened: int = 0
    text: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    assist_units: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    evidence: tuple[Line, ...] = ()
    attachments: tuple[str, ...] = ()  # names
    campaign: str = ""  # of duties.toml

    @property
    def counts(self) -> bool:
        """Whether it is a hazard of its own: not void, and not merged into another."""
        return self.work.state not in (State.VOID, State.MERGED)

    @property
    def is_hazard(self) -> bool:
        """Whether it belongs into a register of hazards: sensor trouble and garbage have books of their own."""
        return self.work.category not in (Category.SANITATION, Category.MAINTENANCE)

    @property
    def written_off_ms(self) -> int | None:
        """When it was written off, if it is."""
        done = self.work.state in (State.WRITTEN_OFF, State.EVALUATED)
        return self.closed_ms if done else None

    def last(self, verb: str) -> Step | None:
        """The newest step of a kind."""
        return next((step for step in reversed(self.steps) if step.verb == verb), None)

    def acceptance(self, level: Level | None) -> Step | None:
        """The step that accepted the present repair at a level; None where it is not accepted there."""
        if not any(done == level for done, _ in self.work.accepted):
            return None
        wanted = None if level is None else level.value
        found = (step for step in reversed(self.steps) if step.verb == "accept" and step.told.get("level") == wanted)
        return next(found, None)
