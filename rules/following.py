"""Pure. What follows the time of one edge, and how many transitions a step can give at most."""

from __future__ import annotations

import numpy as np

from rules.codes import NEVER, LeafKind, Verdict
from rules.columns import I32, I64, Tables
from rules.plan import Plan

_DAY_MS = 86_400_000
_MOST = 6  # transitions of one alarm at one moment: two ends of suppression or holds, then what the verdict brings
_TIMED = (LeafKind.NO_DATA, LeafKind.COUNT)
_CALENDAR = (LeafKind.SCHEDULE, LeafKind.MUST_HAPPEN)
_KEPT = (LeafKind.COUNT, LeafKind.BASELINE)  # moments that were, and how much was learnt, a gap does not undo


class Following:
    """Cells, conditions and alarms of one edge."""

    def __init__(self, plan: Plan, source: int) -> None:
        mine = plan.leaves.source == source
        self.cells: I32 = np.flatnonzero(plan.cells.source == source).astype(np.int32)
        self.speaking: I32 = self.cells[~plan.cells.on_event[self.cells]]  # a gap says something of these
        self.rows: I32 = np.unique(plan.leaves.row[mine]).astype(np.int32)
        self.clusters: I32 = np.unique(plan.alarms.cluster[self.rows]).astype(np.int32)
        self.leaves: I32 = np.unique(
            [
                plan.cells.leaves[i]
                for cell in self.speaking.tolist()
                for i in range(plan.cells.leaf_at[cell], plan.cells.leaf_at[cell] + plan.cells.leaf_n[cell])
            ]
        ).astype(np.int32)
        self._mine = np.flatnonzero(mine)
        self._waiting = np.flatnonzero((plan.leaves.kind == LeafKind.MUST_HAPPEN) & mine)

    def forget(self, t: Tables, end_ms: int) -> None:
        """The edge does not vouch for the time until then: nothing is known, and silences count from its end."""
        memory, kind, leaves = t.memory, t.leaves.kind, self.leaves
        t.senses.heard_ms[self.speaking] = np.maximum(t.senses.heard_ms[self.speaking], end_ms)
        t.senses.same_n[self.speaking] = 0
        memory.verdict[leaves] = Verdict.UNKNOWN
        memory.ring_used[leaves[~np.isin(kind[leaves], _KEPT)]] = 0
        memory.since_ms[leaves[kind[leaves] == LeafKind.SPREAD]] = NEVER
        memory.since_ms[self._waiting] = np.maximum(memory.since_ms[self._waiting], end_ms)

    def set_back(self, t: Tables, at_ms: int) -> None:
        """Nothing known of the edge may lie after a moment."""
        for column in (t.senses.measured_ms, t.senses.heard_ms, t.senses.same_ms):
            column[self.cells] = np.minimum(column[self.cells], at_ms)
        for column in (t.lives.at_ms, t.lives.since_ms, t.lives.frozen_ms, t.lives.ready_ms):
            column[self.rows] = np.minimum(column[self.rows], at_ms)
        for column in (t.memory.since_ms, t.memory.last_ms, t.memory.mark_ms):
            column[self._mine] = np.minimum(column[self._mine], at_ms)
        t.lives.dirty[self.rows] = True


class Room:
    """Upper bounds for the log, so that the kernel never has to ask."""

    def __init__(self, plan: Plan) -> None:
        rows, kind = len(plan.alarm_names), plan.leaves.kind
        self._reach: I64 = np.array(plan.reach, np.int64)
        self._row: I32 = plan.leaves.row
        timed = np.bincount(self._row[np.isin(kind, _TIMED)], minlength=rows)
        dated = np.bincount(self._row[np.isin(kind, _CALENDAR)], minlength=rows)
        self._dated_leaves = np.flatnonzero(np.isin(kind, _CALENDAR))
        cluster, n = plan.alarms.cluster, len(plan.clusters.n)
        self._usual = np.bincount(cluster, _MOST * self._reach * (2 + 2 * timed), n).astype(np.int64)
        self._turns = np.bincount(cluster, _MOST * self._reach * dated, n).astype(np.int64)
        # A reading judges its alarms, twice at most, after what was due in their clusters.
        cell, row = np.repeat(np.arange(len(plan.cells.leaf_n)), plan.cells.leaf_n), self._row[plan.cells.leaves]
        usual = 2 * _MOST * self._reach[row] + self._usual[cluster[row]]
        self.of_cell: I64 = np.bincount(cell, usual, len(plan.cells.leaf_n)).astype(np.int64)
        self.turns_of_cell: I64 = np.bincount(cell, self._turns[cluster[row]], len(plan.cells.leaf_n)).astype(np.int64)

    def of_rows(self, rows: I32) -> int:
        """Each of these alarms is judged once."""
        return _MOST * int(self._reach[rows].sum())

    def of_time(self, t: Tables, clusters: I32, until_ms: int) -> int:
        """Time comes to a moment for these clusters."""
        return int(self._usual[clusters].sum()) + int(self._turns[clusters].sum()) * self.turnings(t, until_ms)

    def turnings(self, t: Tables, until_ms: int) -> int:
        """How often a calendar can turn since it was followed last: at most four windows a day are believed."""
        marks = t.memory.mark_ms[self._dated_leaves]
        oldest = int(marks[marks != NEVER].min(initial=until_ms))
        return 16 + 16 * max(0, (until_ms - oldest) // _DAY_MS)
