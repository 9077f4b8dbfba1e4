"""Shell. Rows of instances: asked for, done, missed, waived; every step is an event of its own.

Everything happens in the transaction of a `Change`. Nothing about an instance is kept in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerts.changing import Change
from alerts.duties.due import Days, Instance, State
from alerts.duties.scoring import Given
from alerts.duties.subjects import Subject, subject_of
from alerts.duties.tables import duty_clocks, duty_events, duty_instances, duty_triggers
from alerts.duties.words import failed_title, missed_line, scored_line, settled_line, title_of
from alerts.duties.work import Wanted, Works
from alerts.errors import BrokenOrderError, NothingToDoError, NotThereError
from alerts.oncall.notices import forget_reminders
from vocab.duties import Schedule
from vocab.site import Site

OPEN_STATES = (State.OPEN.value, State.MISSED.value)
_T = duty_instances.c


class NoSuchDutyError(NotThereError):
    """No instance, report or other record of duties of that id is kept."""


@dataclass(frozen=True, slots=True)
class Book:
    """The instances of one site, inside one transaction; without a change it only reads."""

    connection: Connection
    site: Site
    days: Days
    now_ms: int
    change: Change | None = None

    @property
    def works(self) -> Works:
        """What misses become."""
        if self.change is None:
            raise BrokenOrderError("this book only reads")
        return Works(self.change)

    @property
    def zone(self) -> ZoneInfo:
        """The site's."""
        return self.days.zone

    def put(self, instances: Iterable[Instance]) -> None:
        """Ask for these; those that were asked for before stay as they are."""
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        for each in instances:
            row = {
                "site": self.site.id,
                "schedule": each.schedule,
                "subject": each.subject,
                "due_from_ms": each.due_from_ms,
                "due_to_ms": each.due_to_ms,
                "overdue_ms": each.overdue_ms,
                "state": State.OPEN.value,
            }
            made_of = dialect.insert(duty_instances).values(**row).on_conflict_do_nothing().returning(_T.id)
            made = self.connection.execute(made_of).scalar_one_or_none()
            if made is not None:
                self.tell(made, "opened", each.due_from_ms)

    def row(self, instance: int) -> RowMapping:
        """One instance; NoSuchDutyError."""
        found = select(duty_instances).where(_T.site == self.site.id, _T.id == instance)
        row = self.connection.execute(found).mappings().one_or_none()
        if row is None:
            raise NoSuchDutyError(f"no duty {instance}")
        return row

    def newest(self, schedule: str, subject: str) -> RowMapping | None:
        """The last instance that was asked for."""
        mine = (_T.site == self.site.id, _T.schedule == schedule, _T.subject == subject)
        found = select(duty_instances).where(*mine).order_by(_T.due_from_ms.desc()).limit(1)
        return self.connection.execute(found).mappings().one_or_none()

    def clock(self, schedule: str, subject: str) -> tuple[int, int]:
        """Since when a schedule is in force for a subject, and up to when its calendar was looked at."""
        key = {"site": self.site.id, "schedule": schedule, "subject": subject}
        mine = [duty_clocks.c[name] == value for name, value in key.items()]
        row = self.connection.execute(select(duty_clocks).where(*mine)).one_or_none()
        if row is None:
            self.connection.execute(insert(duty_clocks).values(**key, since_ms=self.now_ms, until_ms=self.now_ms))
            return self.now_ms, self.now_ms
        return row.since_ms, row.until_ms

    def subject(self, schedule: Schedule, name: str) -> Subject:
        """Whose it is and where; of a task: the trigger's label."""
        return subject_of(self.site, schedule, name)

    def label(self, subject: str) -> str:
        """What whoever started a deadline said that it is about."""
        if not subject.isdigit():
            return ""
        found = select(duty_triggers.c.label).where(duty_triggers.c.id == int(subject))
        return self.connection.execute(found).scalar_one_or_none() or ""

    # --- steps -----------------------------------------------------------------------------------------------------

    def done(  # noqa: PLR0913 - all that may be said of it
        self, row: RowMapping, done_ms: int, by: str, *, proof: str, note: str = "", photo: str = "",
        given: Given | None = None,
    ) -> State:  # fmt: skip
        """It was done then. Late after its time; a miss that it was is settled with its ticket."""
        if row["state"] not in OPEN_STATES:
            raise NothingToDoError(f"duty {row['id']} is {row['state']} already")
        state = State.DONE if done_ms <= row["due_to_ms"] else State.LATE
        values = {"done_ms": done_ms, "done_by": by, "proof": proof, "photo": photo or None}
        if given is not None:
            points = json.dumps(given.points, sort_keys=True)
            values |= {"score": given.score, "score_of": given.of, "passed": given.passed, "points": points}
        self._to(row["id"], state, **values)
        self.tell(row["id"], state.value, done_ms, by, note)
        self._settle(row, by)
        if given is not None:
            self._judge(row, given, by, done_ms)
        return state

    def missed(self, row: RowMapping) -> None:
        """Nobody said that it was done."""
        schedule = self.site.duties.schedules[row["schedule"]]
        subject = self.subject(schedule, row["subject"])
        label = self.label(row["subject"])
        line = missed_line(schedule, subject, label, row, self.zone)
        ticket = self.works.ask(self.wanted(schedule, subject, label), line, row["overdue_ms"])
        self._to(row["id"], State.MISSED, ticket=ticket)
        self.tell(row["id"], State.MISSED.value, row["overdue_ms"])

    def waive(self, row: RowMapping, by: str, why: str) -> None:
        """It is not needed this time."""
        if row["state"] not in OPEN_STATES:
            raise NothingToDoError(f"duty {row['id']} is {row['state']} already")
        self._to(row["id"], State.WAIVED)
        self.tell(row["id"], State.WAIVED.value, self.now_ms, by, why)
        self._settle(row, by)

    def _judge(self, row: RowMapping, given: Given, by: str, at_ms: int) -> None:
        """Below the pass mark it is work; a later inspection that is passed settles that."""
        schedule = self.site.duties.schedules[row["schedule"]]
        if schedule.score is None:
            return
        usual = self.wanted(schedule, self.subject(schedule, row["subject"]), self.label(row["subject"]))
        title = failed_title(schedule, self.subject(schedule, row["subject"]))
        wanted = replace(usual, miss=schedule.score.below, title=title, unit=schedule.score.unit or usual.unit)
        line = scored_line(schedule.score, given, by)
        open_ = self.works.open_of(wanted)
        if not given.passed:
            self.works.ask(wanted, line, at_ms)
        elif open_ is not None:
            self.works.settle(open_, by, line)

    def reopen(self, row: RowMapping, by: str, why: str) -> None:
        """What was said to be done was not good enough."""
        self._to(row["id"], State.OPEN, done_ms=None, done_by=None, proof=None)
        self.tell(row["id"], "returned", self.now_ms, by, why)

    def began(self, row: RowMapping, by: str, at_ms: int, note: str) -> None:
        """Somebody started: the bell of a round."""
        if row["state"] not in OPEN_STATES or row["began_ms"] is not None:
            raise NothingToDoError(f"duty {row['id']} is {row['state']}, or was begun before")
        self._to(row["id"], State(row["state"]), began_ms=at_ms, began_by=by)
        self.tell(row["id"], "began", at_ms, by, note)

    def wanted(self, schedule: Schedule, subject: Subject, label: str = "") -> Wanted:
        """The ticket that a miss becomes."""
        is_asset = subject.id in schedule.each.assets
        about = subject.id if is_asset else ":".join(part for part in (schedule.id, subject.id) if part)
        title = title_of(schedule, subject, label)
        return Wanted(about, schedule.miss, title, subject.place, subject.unit, f"schedule:{schedule.id}")

    def tell(self, instance: int, what: str, at_ms: int, by: str | None = None, note: str = "") -> None:
        """One event."""
        values = {"site": self.site.id, "instance": instance, "at_ms": at_ms, "recorded_ms": self.now_ms}
        self.connection.execute(duty_events.insert().values(**values, what=what, by=by, note=note))

    def _to(self, instance: int, state: State, **values: Any) -> None:
        if state in (State.DONE, State.LATE, State.WAIVED):
            forget_reminders(self.connection, self.site.id, instance)
        self.connection.execute(update(duty_instances).where(_T.id == instance).values(state=state.value, **values))

    def _settle(self, row: RowMapping, by: str) -> None:
        """The ticket of a miss is closed when nothing that it is about is missing any more."""
        if row["ticket"] is None:
            return
        left = select(_T.id).where(_T.ticket == row["ticket"], _T.state == State.MISSED.value).limit(1)
        if self.connection.execute(left).first() is None:
            self.works.settle(row["ticket"], by, settled_line(by))
