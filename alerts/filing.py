"""Shell. Findings into rows: transitions, tickets and what speaks for them. One hazard, one open ticket.

A raised alarm opens the ticket of its (asset, hazard), adds evidence to the open one, or opens one again that was
closed a short while ago. A more urgent alarm of the
same hazard (very high after high) raises the ticket's priority and takes over its title. An alarm that returns to
normal, is called again, or is hidden by somebody adds evidence and closes nothing. What is raised while it is hidden
opens no ticket; if it still stands when it is shown again, it is as if it were raised then. The unique index makes it
true even with two writers; the loser adds evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from alerts import texts
from alerts.database import insert
from alerts.errors import BrokenOrderError
from alerts.layout import Watch
from alerts.ledger import Finding
from alerts.tables import evidence, tickets, transitions
from alerts.tickets.cases import Cases
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.tickets.model import Source, State
from alerts.views import Both, TransitionView
from rules.codes import Because
from vocab.duties import DRILL_HAZARD
from vocab.instant import seconds_ms
from vocab.rule import Grade
from vocab.sla import span_s

_NOTED = frozenset(
    {
        Because.CLEARED, Because.HIDDEN_CLEARED, Because.HIDDEN_RAISED, Because.REALARMED,
        Because.SHELVED, Because.WINDOW_BEGAN, Because.REMOVED,
    }
)  # fmt: skip

_LAST_CLOSED = (
    select(tickets)
    .where(
        tickets.c.site == bindparam("site"),
        tickets.c.asset == bindparam("asset"),
        tickets.c.hazard == bindparam("hazard"),
        tickets.c.state.in_([State.WRITTEN_OFF.value, State.EVALUATED.value]),
    )
    .order_by(tickets.c.closed_ms.desc())
    .limit(1)
)


class Filing:
    """Writes into the transaction it is given; `touched` are the ids of tickets that changed."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self._connection: Connection = cases.connection
        self._site = cases.site.id
        self._zone = cases.clockwork.zone
        self._now_ms = cases.now_ms

    @property
    def touched(self) -> set[int]:
        """Ids of tickets that changed."""
        return self.cases.touched

    def record(self, findings: Iterable[Finding]) -> list[TransitionView]:
        """Write every transition, and what it means for tickets."""
        written = []
        for finding in findings:
            row = self._transition(finding)
            insert(self._connection, transitions, {"site": self._site} | row)
            written.append(TransitionView(**row))
            if finding.transition.raises:
                self._raised(finding)
            elif finding.transition.because in _NOTED:
                self._note(finding)
        return written

    def _transition(self, finding: Finding) -> dict[str, Any]:
        found, watch = finding.transition, finding.watch
        return {
            "alarm": watch.id,
            "asset": watch.asset.id,
            "rule": watch.rule.id,
            "old": found.old.value,
            "new": found.new.value,
            "at_ms": found.at_ms,
            "recorded_ms": self._now_ms,
            "because": found.because.word,
            "value": found.value,
            "peak": found.peak,
            "first_out": found.first_out,
            "by": finding.order.by,
            "note": finding.order.note,
            "late": finding.late,
            "until_ms": finding.order.until_ms,
            "window": finding.order.window,
        }

    def _raised(self, finding: Finding) -> None:
        watch = finding.watch
        ticket = self.open_ticket(watch)
        if ticket is None:
            ticket = self._again(finding)
        if ticket is None:
            ticket = self._open(finding)
        else:
            changes = _upgrade(ticket, watch)
            if changes:  # graver: its limits may only become shorter
                changes |= self.cases.sooner(ticket, changes)
            if finding.transition.at_ms < ticket["raised_ms"]:
                changes["raised_ms"] = finding.transition.at_ms
            if ticket["late"] and not finding.late:
                changes["late"] = False
            self._change(ticket["id"], changes)
        self._add_evidence(ticket["id"], finding)

    def _note(self, finding: Finding) -> None:
        """It belongs to a ticket that is open, and opens none."""
        ticket = self.open_ticket(finding.watch)
        if ticket is not None:
            self._add_evidence(ticket["id"], finding)

    def open_ticket(self, watch: Watch) -> RowMapping | None:
        """The open ticket of an alarm's hazard."""
        return self.cases.open_of(watch.asset.id, watch.rule.hazard)

    def _again(self, finding: Finding) -> RowMapping | None:
        """A hazard that comes back soon after its ticket was closed was never gone: the old ticket, its old clock."""
        watch, at_ms = finding.watch, finding.transition.at_ms
        if watch.rule.hazard == DRILL_HAZARD:  # each drill proves the way by a ticket of its own
            return None
        mine = {"site": self._site, "asset": watch.asset.id, "hazard": watch.rule.hazard}
        row = self._connection.execute(_LAST_CLOSED, mine).mappings().one_or_none()
        times = None if row is None else self.cases.site.sla.proof(row["priority"])
        if row is None or times is None or not 0 <= at_ms - row["closed_ms"] <= seconds_ms(span_s(times.reopen)):
            return None
        self.cases.do(row["id"], Command(Verb.REOPEN, SYSTEM, self._now_ms, note="the alarm is back · 告警再次出现"))
        return self.open_ticket(watch)

    def _open(self, finding: Finding) -> RowMapping:
        watch = finding.watch
        named = texts.title(watch)
        about = {
            "kind": watch.asset.kind, "hazard": watch.rule.hazard, "category": watch.rule.category.value,
            "grid": watch.asset.grid,
        }  # fmt: skip
        made = self.cases.open(
            about | {
                "asset": watch.asset.id, "grade": watch.rule.grade.value,
                "priority": watch.rule.priority, "rule": watch.rule.id, "title_en": named.en, "title_zh": named.zh,
                "raised_ms": finding.transition.at_ms, "late": finding.late, "source": Source.SENSOR.value,
                "outside_matrix": self.cases.owner_of(about).outside,
            }
        )  # fmt: skip
        if made is not None:
            self.cases.send_out(made)
        ticket = self.open_ticket(watch)  # ours, or that of another writer who was quicker
        if ticket is None:
            raise BrokenOrderError(f"the ticket of {watch.id} was closed by somebody in the middle of its opening")
        return ticket

    def _add_evidence(self, ticket: int, finding: Finding) -> None:
        found, watch = finding.transition, finding.watch
        text = texts.finding(finding, self._zone)
        self.add_line(ticket, text, found.at_ms, watch, found.value)

    def add_line(self, ticket: int, text: Both, at_ms: int, watch: Watch, value: float | None) -> None:
        """One line of evidence."""
        line = {
            "ticket": ticket, "at_ms": at_ms, "recorded_ms": self._now_ms,
            "alarm": watch.id, "en": text.en, "zh": text.zh,
            "point": None if watch.point is None else watch.point.id, "value": value, "unit": texts.unit(watch) or None,
        }  # fmt: skip
        insert(self._connection, evidence, line)
        self.cases.touched.add(ticket)

    def confirm(self, watches: Iterable[Watch], at_ms: int) -> None:
        """These alarms stand although they were found late: their tickets are about the present."""
        for watch in watches:
            ticket = self.open_ticket(watch)
            if ticket is not None and ticket["late"]:
                self._change(ticket["id"], {"late": False})
                self.add_line(ticket["id"], texts.still_active(watch, at_ms, self._zone), at_ms, watch, None)

    def acknowledge(self, ticket_id: int, by: str, note: str) -> None:
        """Somebody takes note of a ticket; what they say about it is kept with its evidence."""
        self.cases.acknowledge(ticket_id, by, note)

    def _change(self, ticket: int, changes: dict[str, Any]) -> None:
        self.cases.change(ticket, changes)


def _upgrade(ticket: RowMapping, watch: Watch) -> dict[str, Any]:
    """What a further alarm makes of an open ticket: only ever more urgent, only ever graver."""
    changes: dict[str, Any] = {}
    if watch.rule.priority < ticket["priority"]:
        named = texts.title(watch)
        changes |= {
            "priority": watch.rule.priority,
            "rule": watch.rule.id,
            "title_en": named.en,
            "title_zh": named.zh,
        }
    if watch.rule.grade is Grade.MAJOR and ticket["grade"] != Grade.MAJOR.value:
        changes["grade"] = Grade.MAJOR.value
    return changes
