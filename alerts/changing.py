"""Shell. What an engine works on: what it read at the start, and one verb on its way into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy

from alerts.closer import Span
from alerts.errors import NoSuchAlarmError
from alerts.filing import Filing
from alerts.hidings import Hidings
from alerts.judge import Judge
from alerts.layout import Watch
from alerts.outages import Outages
from alerts.position import EdgeRecord
from alerts.together import RunJudge
from alerts.views import Changes
from wire.marks import Marks


class Read(NamedTuple):
    """What the database knows."""

    judge: RunJudge
    marks: Marks
    edges: dict[str, EdgeRecord]
    acked_by: dict[str, str | None]
    hazards: dict[tuple[str, str], int]
    hidings: Hidings
    outages: Outages


@dataclass(slots=True)
class Change:
    """One verb on its way into the database, and what it works on."""

    connection: sqlalchemy.Connection
    filing: Filing
    judge: Judge
    hidings: Hidings
    watches: dict[str, Watch]
    acked_by: dict[str, str | None] = field(default_factory=dict)  # the engine's: who acknowledged which alarm
    shown_anew: set[str] = field(default_factory=set)  # alarms that are told again though they did not move
    tightened: list[Span] = field(default_factory=list)  # closer watches that began or ended
    done: Changes = field(default_factory=Changes)

    def tighten(self, now_ms: int) -> bool:
        """Act on the closer watches that tickets have begun or ended since the last call; False: none."""
        spans, self.filing.cases.tightened = self.filing.cases.tightened, []
        if spans:
            self.tightened += spans
            self.judge.agenda.put_closer(*spans)
            self.judge.settle(now_ms)
        return bool(spans)

    def watch(self, alarm: str) -> Watch:
        """What an alarm is about; NoSuchAlarmError."""
        if alarm not in self.watches:
            raise NoSuchAlarmError(f"no alarm {alarm!r}")
        return self.watches[alarm]
