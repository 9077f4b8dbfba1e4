"""Shell. A miss becomes work: one open ticket per subject of a schedule, with a line of evidence for each miss."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

from alerts.changing import Change
from alerts.errors import BrokenOrderError, TicketRefusedError
from alerts.tables import evidence
from alerts.tickets.cases import Cases
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.tickets.model import Source, State
from vocab.inspection import Miss
from vocab.rule import Grade
from vocab.strict_toml import Text

KIND = "duty"  # of what such a ticket is about: no equipment
_AT_WORK = (State.DISPATCHED.value, State.RECTIFYING.value)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that somebody must work on: of which subject, what, where, whose."""

    about: str  # an asset, or the schedule and its subject; one open ticket of a hazard each
    miss: Miss
    title: Text
    place: str
    unit: str
    rule: str
    source: Source = Source.SCHEDULE
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Works:
    """Opens, adds to and closes tickets inside a change."""

    change: Change

    @property
    def cases(self) -> Cases:
        """The tickets of this change."""
        return self.change.filing.cases

    def ask(self, wanted: Wanted, line: Text, at_ms: int) -> int:
        """The open ticket, a new one if there is none, with this line of evidence; its id."""
        ticket = self.open_of(wanted) or self._opened(wanted, at_ms)
        row = {"ticket": ticket, "at_ms": at_ms, "recorded_ms": self.cases.now_ms, "en": line.en, "zh": line.zh}
        self.change.connection.execute(insert(evidence).values(**row))
        self.cases.touched.add(ticket)
        return ticket

    def settle(self, ticket: int, by: str, line: Text) -> None:
        """Everything that it was about has been done: it is written off, as far as people left it to us."""
        cases, row = self.cases, self.cases.row(ticket)
        if row["closed_ms"] is not None:
            return
        cases.say(ticket, line.en, line.zh)
        try:
            if row["state"] in _AT_WORK:
                cases.do(ticket, Command(Verb.REPAIRED, by, cases.now_ms, person=by))
            cases.do(ticket, Command(Verb.ACCEPT, SYSTEM, cases.now_ms))
            cases.do(ticket, Command(Verb.WRITE_OFF, SYSTEM, cases.now_ms))
        except TicketRefusedError:  # deferred, returned: whoever holds it ends it
            return

    def open_of(self, wanted: Wanted) -> int | None:
        """The open ticket about it."""
        row = self.cases.open_of(wanted.about, wanted.miss.hazard)
        return None if row is None else int(row["id"])

    def _opened(self, wanted: Wanted, at_ms: int) -> int:
        cases, miss = self.cases, wanted.miss
        made = cases.open(
            {
                "asset": wanted.about, "kind": KIND, "hazard": miss.hazard, "category": miss.category.value,
                "grade": Grade.GENERAL.value, "priority": miss.priority, "title_en": wanted.title.en,
                "title_zh": wanted.title.zh, "grid": wanted.place, "raised_ms": at_ms, "rule": wanted.rule,
                "source": wanted.source.value, "lead_unit": wanted.unit, "campaign": wanted.campaign,
            }
        )  # fmt: skip
        if made is None:
            raise BrokenOrderError(f"the ticket of {wanted.about} was closed by somebody in the middle of its opening")
        cases.do(made, Command(Verb.CLASSIFY, SYSTEM, cases.now_ms, category=miss.category.value))
        cases.do(made, Command(Verb.GRADE, SYSTEM, cases.now_ms, grade=Grade.GENERAL))
        cases.do(made, Command(Verb.DISPATCH, SYSTEM, cases.now_ms, unit=wanted.unit))
        return made
