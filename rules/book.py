"""Pure. A book of alarms: the columns of one group of assets, and the driver that feeds the kernel.

Live judging, the catch-up after a gap, the edge and a backtest each hold a book and call the same four verbs: `observe`
readings, `elapse` an edge's time, `interrupt` where an edge did not vouch for its time, `command` for people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rules import conditions, kernel, quiet
from rules.codes import FAR, NEVER, Because, Input, LeafKind, Phase, StateCode, Verdict
from rules.columns import (
    F8,
    I8,
    I32,
    I64,
    Flags,
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
from rules.plan import Plan
from rules.transition import Transition

_TRUE = int(Verdict.TRUE)


@dataclass(frozen=True, slots=True)
class Functions:
    """The kernel, plain or compiled."""

    observe: Callable[..., None] = conditions.observe
    pass_time: Callable[..., None] = conditions.pass_time
    order: Callable[..., None] = kernel.order


PLAIN = Functions()


class Book:
    """The alarms of one plan. `senses`, `memory` and `lives` are all there is to save."""

    def __init__(self, plan: Plan, functions: Functions = PLAIN) -> None:
        self.plan = plan
        rows = len(plan.alarm_names)
        self.tables = Tables(
            plan.cells,
            plan.leaves,
            plan.alarms,
            new_senses(len(plan.cell_names)),
            new_memory(plan.leaves),
            new_lives(rows),
            new_log(64),
            np.zeros(plan.depth, np.int8),
            np.zeros(rows, np.int32),
        )
        self.cells = {name: cell for cell, name in enumerate(plan.cell_names)}
        for row in range(rows):
            self.lives.verdict[row] = conditions.combine(self.tables, row)
        self.rows = {name: row for row, name in enumerate(plan.alarm_names)}
        self._functions = functions
        self._found: list[Transition] = []
        self._silent_leaves = int((plan.leaves.kind == LeafKind.NO_DATA).sum())
        self._of_source = {int(source): _Following(plan, int(source)) for source in np.unique(plan.cells.source)}

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
        for following in self._of_source.values():
            following.look_at_ms = NEVER

    def begin(self, source: int, at_ms: int) -> None:
        """An edge speaks for the first time: from now on its silences count."""
        cells = self._of_source[source].cells
        new = cells[self.senses.heard_ms[cells] == NEVER]
        self.senses.heard_ms[new] = at_ms
        self._of_source[source].look_at_ms = NEVER

    def observe(self, cells: I32, values: F8, qualities: I8, reasons: I8, ats: I64) -> int:
        """Readings of one frame, in any order; returns how many were older than their point's last and not judged."""
        late = ats < self.senses.measured_ms[cells]
        if late.any():
            keep = ~late
            cells, values, qualities, reasons, ats = (
                cells[keep], values[keep], qualities[keep], reasons[keep], ats[keep],
            )  # fmt: skip
        busy = quiet.busy_readings(self.tables, cells, values, qualities, ats)
        if busy.any():
            self._judge(cells[busy], values[busy], qualities[busy], reasons[busy], ats[busy])
            calm = ~busy
            cells, values, ats = cells[calm], values[calm], ats[calm]
        quiet.remember(self.senses, cells, values, ats)
        return int(late.sum())

    def _judge(self, cells: I32, values: F8, qualities: I8, reasons: I8, ats: I64) -> None:
        order = np.argsort(ats, kind="stable")
        cells, ats = cells[order], ats[order]
        self._make_room(6 * int(self.plan.cells.leaf_n[cells].sum()))
        self._functions.observe(
            self.tables, _groups(cells, ats), cells, values[order], qualities[order], reasons[order], ats
        )
        self._collect()

    def elapse(self, source: int, until_ms: int) -> None:
        """The edge vouches that nothing else was measured up to and including `until_ms`."""
        following = self._of_source[source]
        due = np.minimum(self.lives.due_ms[following.rows], self.lives.veil_ms[following.rows])
        rows = following.rows[due <= until_ms]
        if until_ms >= following.look_at_ms:
            rows = np.union1d(rows, self._fallen_silent(following, until_ms)).astype(np.int32)
        if len(rows):
            self._make_room(6 * len(rows))
            self._functions.pass_time(self.tables, rows, source, until_ms)
            self._collect()

    def _fallen_silent(self, following: _Following, until_ms: int) -> I32:
        leaves = following.silences
        if not len(leaves):
            following.look_at_ms = FAR
            return np.empty(0, np.int32)
        span = self.plan.leaves.span_ms[leaves]
        heard = self.senses.heard_ms[self.plan.leaves.cell[leaves]]
        waits = (heard != NEVER) & (self.memory.verdict[leaves] != _TRUE)
        due = np.where(waits, heard + span, FAR)
        silent = due <= until_ms
        # A reading only moves a silence on, so nothing falls due before the earliest that waits now.
        following.look_at_ms = int(min(due[~silent].min(initial=FAR), until_ms + span.min()))
        rows: I32 = np.unique(self.plan.leaves.row[leaves[silent]])
        return rows

    def interrupt(self, source: int, start_ms: int, end_ms: int) -> None:
        """The edge does not vouch for the time in between: conditions are unknown, silences count from the end."""
        following, plan = self._of_source[source], self.plan
        exempt = plan.cells.on_event
        cells = following.cells[~exempt[following.cells]]
        self.senses.heard_ms[cells] = np.maximum(self.senses.heard_ms[cells], end_ms)
        self.senses.same_n[cells] = 0
        leaves = np.flatnonzero(np.isin(plan.leaves.cell, cells))
        self.memory.verdict[leaves] = Verdict.UNKNOWN
        self.memory.ring_used[leaves] = 0
        following.look_at_ms = NEVER
        self._make_room(6 * len(following.rows))
        for row in following.rows.tolist():
            verdict = conditions.combine(self.tables, row)
            if verdict != self.lives.verdict[row]:  # an interruption is no sample
                kernel.step(self.tables, row, verdict, start_ms, float("nan"))
        self._collect()

    def rewind(self, source: int, at_ms: int) -> None:
        """The edge's clock was set back to `at_ms`: nothing known of it may lie in the future; silences begin anew."""
        following = self._of_source[source]
        self.interrupt(source, at_ms, at_ms)
        for column in (self.senses.measured_ms, self.senses.heard_ms, self.senses.same_ms):
            column[following.cells] = np.minimum(column[following.cells], at_ms)
        for column in (self.lives.at_ms, self.lives.since_ms, self.lives.frozen_ms, self.lives.ready_ms):
            column[following.rows] = np.minimum(column[following.rows], at_ms)
        self.lives.dirty[following.rows] = True

    def excuse(self, cells: list[int], at_ms: int) -> None:
        """Silences of these cells count from `at_ms` at the earliest."""
        self.senses.heard_ms[cells] = np.maximum(self.senses.heard_ms[cells], at_ms)
        for following in self._of_source.values():
            following.look_at_ms = NEVER

    def command(self, row: int, what: Input, at_ms: int) -> bool:
        """An order of a person, or one whose time has come; False if it means nothing in the alarm's state."""
        return self._order(row, what, at_ms, 0)

    def shelve(self, row: int, at_ms: int, until_ms: int) -> bool:
        """Hide an alarm until a moment, or until another one if it is shelved already."""
        return self._order(row, Input.SHELVE, at_ms, until_ms)

    def _order(self, row: int, what: Input, at_ms: int, until_ms: int) -> bool:
        self._make_room(1)
        before = len(self._found)
        # The column types of every other call: compiled, each new combination of types costs seconds.
        self._functions.order(self.tables, np.int32(row), np.int8(what), np.int64(at_ms), np.int64(until_ms))
        self._collect()
        return len(self._found) > before

    def shelf_due(self, now_ms: int) -> list[int]:
        """Rows whose time on the shelf is over."""
        found: list[int] = np.flatnonzero((self.lives.shelf_ms != NEVER) & (self.lives.shelf_ms <= now_ms)).tolist()
        return found

    def realarm_due(self, now_ms: int) -> list[int]:
        """Rows that are acknowledged and have stood so for as long as their rule allows."""
        acked = np.flatnonzero(self.lives.state == StateCode.ACKED)
        due = self.lives.acked_ms[acked] + np.minimum(self.plan.alarms.realarm_ms[acked], FAR >> 1) <= now_ms
        found: list[int] = acked[due & (self.lives.acked_ms[acked] != NEVER)].tolist()
        return found

    def take(self) -> list[Transition]:
        """What was found since the last call, by moment; of equal moments in the order found."""
        found, self._found = self._found, []
        found.sort(key=lambda each: each.at_ms)
        return found

    def fork(self) -> Book:
        """A copy that goes its own way."""
        twin = Book(self.plan, self._functions)
        twin.restore(copied(self.senses), copied(self.memory), copied(self.lives))
        return twin

    def is_active(self, row: int) -> bool:
        """Whether the alarm's condition still holds, its off-delay included."""
        return int(self.lives.phase[row]) in (Phase.ON, Phase.CLEARING)

    def _make_room(self, transitions: int) -> None:
        needed = transitions + 6 * self._silent_leaves
        if len(self.tables.log.row) < needed:
            self.tables = self.tables._replace(log=new_log(needed * 2))

    def _collect(self) -> None:
        log = self.tables.log
        for i in range(int(log.used[0])):
            row, value = int(log.row[i]), float(log.value[i])
            self._found.append(
                Transition(
                    row,
                    self.plan.alarm_names[row],
                    StateCode(int(log.old[i])).word,
                    StateCode(int(log.new[i])).word,
                    int(log.at_ms[i]),
                    Because(int(log.because[i])),
                    None if np.isnan(value) else value,
                    None if np.isnan(log.peak[i]) else float(log.peak[i]),
                )
            )
        log.used[0] = 0


class _Following:
    """What follows the time of one edge."""

    def __init__(self, plan: Plan, source: int) -> None:
        of_leaf = plan.cells.source[plan.leaves.cell] if len(plan.leaves.cell) else np.empty(0, np.int32)
        mine: Flags = of_leaf == source
        self.cells: I32 = np.flatnonzero(plan.cells.source == source).astype(np.int32)
        self.rows: I32 = np.unique(plan.leaves.row[mine]).astype(np.int32)
        self.silences: I32 = np.flatnonzero(mine & (plan.leaves.kind == LeafKind.NO_DATA)).astype(np.int32)
        self.look_at_ms = NEVER  # no silence falls due before


def _groups(cells: I32, ats: I64) -> I32:
    """Numbers for what was measured together; a cell that comes twice at a moment starts a new group."""
    groups = np.zeros(len(cells), np.int32)
    if len(cells) < 2:
        return groups
    np.cumsum(ats[1:] != ats[:-1], out=groups[1:])
    if not quiet.repeated(cells, int(cells.max()) + 1).any():
        return groups
    seen: set[int] = set()
    number = 0
    for i, cell in enumerate(cells.tolist()):
        if i and (ats[i] != ats[i - 1] or cell in seen):
            seen = set()
            number += 1
        seen.add(cell)
        groups[i] = number
    return groups
