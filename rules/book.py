"""Pure. A book of alarms: the columns of one group of assets, and the driver that feeds the kernel.

Live judging, the catch-up after a gap, the edge and a backtest each hold a book and call the same verbs: `observe`
readings, `elapse` an edge's time, `interrupt` where an edge did not vouch for its time, `command` for people.
"""

from __future__ import annotations

import numpy as np

from rules import calendar, conditions, passing, quiet, truth
from rules.codes import FAR, NEVER, Input, LeafKind, Phase, StateCode, Verdict
from rules.columns import (
    F8,
    I8,
    I32,
    I64,
    Lives,
    Memory,
    Senses,
    Tables,
    copied,
    new_lives,
    new_log,
    new_memory,
    new_senses,
)
from rules.following import Room, of_sources
from rules.functions import PLAIN, Functions, fitting
from rules.names import Places
from rules.plan import Plan
from rules.transition import FirstOut, Transition, of_log

_DAY_MS = 86_400_000
_AHEAD_MS = 40 * _DAY_MS  # so far calendars are worked out beyond what is asked for
_CHUNK = 8192  # clusters that are told of time at once, so that the log stays small
_CALENDAR = (LeafKind.SCHEDULE, LeafKind.MUST_HAPPEN)
_ASKING = (LeafKind.ALARM, LeafKind.BLIND)


class Book:
    """The alarms of one plan. `senses`, `memory` and `lives` are all there is to save."""

    def __init__(self, plan: Plan, functions: Functions = PLAIN) -> None:
        self.plan = plan
        self._functions = functions
        rows = len(plan.alarm_names)
        self._room = Room(plan)
        self.tables = Tables(
            cells=plan.cells,
            forms=plan.forms,
            leaves=plan.leaves,
            rules=plan.rules,
            alarms=plan.alarms,
            clusters=plan.clusters,
            calendars=calendar.columns(plan.calendars, plan.zone, 0, 0),
            senses=new_senses(len(plan.cell_names)),
            memory=new_memory(plan.forms, plan.leaves),
            lives=new_lives(rows),
            log=new_log(4096),
            stack=np.zeros(plan.depth, np.int8),
            numbers=np.zeros(plan.depth),
            touched=np.zeros(rows, np.int8),
            taken=np.zeros(len(plan.cell_names), np.int8),
            cell_room=self._room.of_cell,
            cell_turns=self._room.turns_of_cell,
            look_ms=np.full(len(plan.clusters.n), NEVER, np.int64),
        )
        self.cells = Places(plan.cell_names)
        self.rows = Places(plan.alarm_names)
        self._found: list[Transition] = []
        self._of_source = of_sources(plan)
        self._by_calendar, self._asking = (np.flatnonzero(np.isin(plan.kind, each)) for each in (_CALENDAR, _ASKING))
        self.closer: dict[int, list[int]] = {}  # rows that sleep until it is tightened, and the leaves that say so
        for leaf in np.flatnonzero(plan.kind == LeafKind.TIGHTENED).tolist():
            self.closer.setdefault(int(plan.leaves.row[leaf]), []).append(leaf)
        self._covered_ms = (FAR, NEVER)  # the calendars, from and to
        self.lives.verdict[:] = truth.at_first(self.tables)
        self.refresh()
        self._first_out = FirstOut(plan.groups, self.is_active)

    @property
    def tables(self) -> Tables:
        """All columns."""
        return self._tables

    @tables.setter
    def tables(self, tables: Tables) -> None:
        self._tables = tables
        self._handle = self._functions.handle(tables)

    def use(self, functions: Functions) -> None:
        """Go on with the plain or the compiled kernel: they are one."""
        self._functions = functions
        self.tables = self._tables

    @property
    def senses(self) -> Senses:
        """What was last heard of each cell."""
        return self.tables.senses

    @property
    def memory(self) -> Memory:
        """What each leaf remembers."""
        return self.tables.memory

    @property
    def lives(self) -> Lives:
        """Where each alarm stands."""
        return self.tables.lives

    def restore(self, senses: Senses, memory: Memory, lives: Lives) -> None:
        """Go on from what was saved."""
        self.tables = self.tables._replace(senses=senses, memory=memory, lives=lives)
        self.refresh()

    def refresh(self) -> None:
        """Columns were written from outside: what is derived from them is derived anew."""
        for leaf in self._asking.tolist():
            truth.remember(self.memory, leaf, conditions.of_alarm(self.tables, leaf))
        self.tables.look_ms[:] = NEVER
        self._covered_ms = (FAR, NEVER)
        self._first_out = FirstOut(self.plan.groups, self.is_active)

    def begin(self, source: int, at_ms: int) -> None:
        """An edge speaks for the first time: from now on its silences count, and its windows."""
        following, memory = self._of_source[source], self.memory
        new = following.cells[self.senses.heard_ms[following.cells] == NEVER]
        self.senses.heard_ms[new] = at_ms
        self.tables.look_ms[:] = NEVER
        marks = memory.mark_ms[self.plan.leaves.kept[self._by_calendar]]
        fresh = self._by_calendar[(self.plan.leaves.source[self._by_calendar] == source) & (marks == NEVER)]
        if not len(fresh):
            return
        self._cover(at_ms, at_ms)
        kept = self.plan.leaves.kept[fresh]
        memory.mark_ms[kept], memory.since_ms[kept] = at_ms, at_ms
        for leaf, form in zip(fresh.tolist(), self.plan.leaves.form[fresh].tolist(), strict=True):
            if self.plan.forms.kind[form] == LeafKind.SCHEDULE:
                now = passing.inside(self.tables.calendars, self.plan.forms.calendar[form], at_ms)
                truth.remember(memory, leaf, now)
        self._unsettle(np.unique(self.plan.leaves.row[fresh]), at_ms)

    def observe(self, cells: I32, values: F8, qualities: I8, reasons: I8, ats: I64) -> int:
        """Readings of a frame or of a run of frames, in any order; returns how many were not judged, being older than
        what their point said before this call."""
        late = ats < self.senses.measured_ms[cells]
        if late.any():
            keep = ~late
            cells, values, qualities, reasons, ats = (
                cells[keep], values[keep], qualities[keep], reasons[keep], ats[keep],
            )  # fmt: skip
        if self._functions.is_plain:  # compiled, judging a reading costs less than asking whether it must be
            busy = quiet.busy_readings(self.tables, cells, values, qualities, ats)
            calm = ~busy
            quiet.remember(self.senses, cells[calm], values[calm], ats[calm])
            cells, values, qualities, reasons, ats = (
                cells[busy], values[busy], qualities[busy], reasons[busy], ats[busy],
            )  # fmt: skip
        self._judge(cells, values, qualities, reasons, ats)
        return int(late.sum())

    def _judge(self, cells: I32, values: F8, qualities: I8, reasons: I8, ats: I64) -> None:
        if not len(ats):
            return
        if (ats[1:] < ats[:-1]).any():
            order = np.argsort(ats, kind="stable")
            cells, values, ats = cells[order], values[order], ats[order]
            qualities, reasons = qualities[order], reasons[order]
        last = int(ats[-1])
        self._cover(int(ats[0]), last)
        turns = self._room.turnings(self.tables, last)
        columns = [fitting(each) for each in (cells, values, qualities, reasons, ats)]
        done = 0
        while done < len(ats):
            limits = (done, len(self.tables.log.row), turns)
            done = int(self._functions.observe(self._handle, limits, *columns))
            self._collect()
            if done == limits[0]:
                self._make_room(limits[1] + 1)

    def elapse(self, source: int, until_ms: int) -> None:
        """The edge vouches that nothing else was measured up to and including `until_ms`."""
        following = self._of_source[source]
        self._cover(until_ms, until_ms)
        due = following.clusters[self.tables.look_ms[following.clusters] <= until_ms]
        for at in range(0, len(due), _CHUNK):
            chunk = due[at : at + _CHUNK]
            self._make_room(self._room.of_time(self.tables, chunk, until_ms))
            self._functions.pass_time(self._handle, chunk, np.int32(source), np.int64(until_ms))
            self._collect()

    def _cover(self, from_ms: int, to_ms: int) -> None:
        """Work the calendars out as far as they are needed."""
        if not self.plan.calendars or (self._covered_ms[0] <= from_ms and to_ms <= self._covered_ms[1]):
            return
        marks = self.memory.mark_ms[self.plan.leaves.kept[self._by_calendar]]
        begin = min(from_ms, int(marks[marks != NEVER].min(initial=from_ms))) - 2 * _DAY_MS
        end = to_ms + _AHEAD_MS
        columns = calendar.columns(self.plan.calendars, self.plan.zone, begin, end)
        self.tables = self.tables._replace(calendars=columns)
        self.tables.look_ms[:] = NEVER
        self._covered_ms = begin + _DAY_MS, end - 2 * _DAY_MS

    def interrupt(self, source: int, start_ms: int, end_ms: int) -> None:
        """The edge does not vouch for the time in between: conditions are unknown, silences count from the end."""
        following = self._of_source[source]
        following.forget(self.tables, end_ms)
        self.tables.look_ms[:] = NEVER
        self._unsettle(following.rows, start_ms)

    def _unsettle(self, rows: I32, at_ms: int) -> None:
        """Judge these alarms, and whoever asks for them, by what was written into their leaves: that is no sample."""
        self._make_room(self._room.of_rows(rows))
        self.tables.touched[rows] = 1
        row = 0
        while len(left := np.flatnonzero(self.tables.touched[row:])):
            row += int(left[0])
            self.tables.touched[row] = 0
            passing.settle_without_sample(self.tables, row, at_ms)
            passing.tell(self.tables, row)
        self._collect()

    def rewind(self, source: int, at_ms: int) -> None:
        """The edge's clock was set back to `at_ms`: nothing known of it may lie in the future; silences begin anew."""
        self.interrupt(source, at_ms, at_ms)
        self._of_source[source].set_back(self.tables, at_ms)

    def excuse(self, cells: list[int], at_ms: int) -> None:
        """Silences of these cells count from `at_ms` at the earliest."""
        self.senses.heard_ms[cells] = np.maximum(self.senses.heard_ms[cells], at_ms)
        self.tables.look_ms[:] = NEVER

    def command(self, row: int, what: Input, at_ms: int) -> bool:
        """An order of a person, or one whose time has come; False if it means nothing in the alarm's state."""
        if what in (Input.TIGHTEN, Input.RELAX):
            return self._tighten(row, what is Input.TIGHTEN, at_ms)
        return self._order(row, what, at_ms, 0)

    def shelve(self, row: int, at_ms: int, until_ms: int) -> bool:
        """Hide an alarm until a moment, or until another one if it is shelved already."""
        return self._order(row, Input.SHELVE, at_ms, until_ms)

    def _order(self, row: int, what: Input, at_ms: int, until_ms: int) -> bool:
        self._make_room(1)
        before = len(self._found)
        # The column types of every other call: compiled, each new combination of types costs seconds.
        self._functions.order(self._handle, np.int32(row), np.int8(what), np.int64(at_ms), np.int64(until_ms))
        self._collect()
        return len(self._found) > before

    def _tighten(self, row: int, is_tightened: bool, at_ms: int) -> bool:
        """The rule of a row that watches more closely is awake from now on, or sleeps: that is no sample of a hold."""
        if row not in self.closer or is_tightened is self.is_tightened(row):
            return False
        for leaf in self.closer[row]:
            truth.remember(self.memory, leaf, Verdict.TRUE if is_tightened else Verdict.FALSE)
        self.tables.look_ms[self.plan.alarms.cluster[row]] = NEVER
        self._unsettle(np.array([row], np.int32), at_ms)
        return True

    def is_tightened(self, row: int) -> bool:
        """Whether the rule of a row that watches more closely is awake."""
        return any(self.memory.verdict[leaf] == Verdict.TRUE for leaf in self.closer.get(row, ()))

    def shelf_due(self, now_ms: int) -> list[int]:
        """Rows whose time on the shelf is over."""
        found: list[int] = np.flatnonzero((self.lives.shelf_ms != NEVER) & (self.lives.shelf_ms <= now_ms)).tolist()
        return found

    def realarm_due(self, now_ms: int) -> list[int]:
        """Rows that are acknowledged and have stood so for as long as their rule allows."""
        acked = np.flatnonzero(self.lives.state == StateCode.ACKED)
        due = self.lives.acked_ms[acked] + np.minimum(self.plan.realarm_ms(acked), FAR >> 1) <= now_ms
        found: list[int] = acked[due & (self.lives.acked_ms[acked] != NEVER)].tolist()
        return found

    def take(self) -> list[Transition]:
        """What was found since the last call, by moment; of equal moments in the order found."""
        found, self._found = self._found, []
        found.sort(key=lambda each: each.at_ms)
        return self._first_out.mark(found, self.lives.first_out, self.lives.dirty)

    def fork(self) -> Book:
        """A copy that goes its own way."""
        twin = Book(self.plan, self._functions)
        twin.restore(copied(self.senses), copied(self.memory), copied(self.lives))
        return twin

    def is_active(self, row: int) -> bool:
        """Whether the alarm's condition still holds, its off-delay included."""
        return int(self.lives.phase[row]) in (Phase.ON, Phase.CLEARING)

    def _make_room(self, transitions: int) -> None:
        if len(self.tables.log.row) < transitions:
            self.tables = self.tables._replace(log=new_log(transitions * 2))

    def _collect(self) -> None:
        self._found += of_log(self.tables.log, self.plan.alarm_names)
