"""Pure. What the engine reads at its start and at a change of rules, and what one of its verbs is on the way to do."""

from __future__ import annotations

from typing import NamedTuple

from alerts.filing import Filing
from alerts.judge import Judge
from alerts.outages import Outages
from alerts.position import EdgeRecord
from alerts.views import Changes
from wire.marks import Marks


class Read(NamedTuple):
    """What the database knows."""

    judge: Judge
    marks: Marks
    edges: dict[str, EdgeRecord]
    acked_by: dict[str, str | None]
    hazards: dict[tuple[str, str], int]
    outages: Outages


class Change:
    """One verb on its way into the database."""

    def __init__(self, filing: Filing) -> None:
        self.filing = filing
        self.by: str | None = None
        self.note: str | None = None
        self.done = Changes()
