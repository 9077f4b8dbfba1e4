"""Pure. What follows the time of one edge, and how many transitions a step can give at most."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.codes import NEVER, LeafKind, Verdict
from rules.columns import I32, Tables
from rules.plan import Plan

_DAY_MS = 86_400_000
_MOST = 6  # transitions of one alarm at one moment: two ends of suppression or holds, then what the verdict brings
_TIMED = (LeafKind.NO_DATA, LeafKind.COUNT)
_CALENDAR = (LeafKind.SCHEDULE, LeafKind.MUST_HAPPEN)
_KEPT = (LeafKind.COUNT, LeafKind.BASELINE)  # moments that were, and how much was learnt, a gap does not undo


class Following:
    """Cells, conditions and alarms of one edge. Only what every frame needs is kept, the rest is looked up."""

    def __init__(self, plan: Plan, source: int, cells: I32, clusters: I32) -> None:
        self.cells = cells
        self.clusters = clusters
        self._plan = plan
        self._source = source

    @property
    def _mine(self) -> NDArray[np.int64]:
        return np.flatnonzero(self._plan.leaves.source == self._source)

    @property
    def rows(self) -> I32:
        """Its alarms."""
        return np.unique(self._plan.leaves.row[self._mine]).astype(np.int32)

    @property
    def _speaking(self) -> I32:
        """The cells of which a gap says something."""
        found: I32 = self.cells[~self._plan.cells.on_event[self.cells]]
        return found

    def _looking(self, speaking: I32) -> I32:
        """The conditions that look at these cells."""
        cells = self._plan.cells
        counts = cells.leaf_n[speaking].astype(np.int64)
        at = np.repeat(cells.leaf_at[speaking] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        return np.unique(cells.leaves[at]).astype(np.int32)

    def forget(self, t: Tables, end_ms: int) -> None:
        """The edge does not vouch for the time until then: nothing is known, and silences count from its end."""
        memory, speaking = t.memory, self._speaking
        leaves = self._looking(speaking)
        kind, kept = t.forms.kind[t.leaves.form[leaves]], t.leaves.kept[leaves]
        t.senses.heard_ms[speaking] = np.maximum(t.senses.heard_ms[speaking], end_ms)
        t.senses.same_n[speaking] = 0
        memory.verdict[leaves] = Verdict.UNKNOWN
        memory.ring_used[kept[(kept >= 0) & ~np.isin(kind, _KEPT)]] = 0
        memory.since_ms[kept[kind == LeafKind.SPREAD]] = NEVER
        mine = self._mine
        waiting = t.leaves.kept[mine[t.forms.kind[t.leaves.form[mine]] == LeafKind.MUST_HAPPEN]]
        memory.since_ms[waiting] = np.maximum(memory.since_ms[waiting], end_ms)

    def set_back(self, t: Tables, at_ms: int) -> None:
        """Nothing known of the edge may lie after a moment."""
        rows, kept = self.rows, t.leaves.kept[self._mine]
        kept = kept[kept >= 0]
        for column in (t.senses.measured_ms, t.senses.heard_ms, t.senses.same_ms):
            column[self.cells] = np.minimum(column[self.cells], at_ms)
        for column in (t.lives.at_ms, t.lives.since_ms, t.lives.frozen_ms, t.lives.ready_ms):
            column[rows] = np.minimum(column[rows], at_ms)
        for column in (t.memory.since_ms, t.memory.last_ms, t.memory.mark_ms):
            column[kept] = np.minimum(column[kept], at_ms)
        t.lives.dirty[rows] = True


def distinct(numbers: NDArray[Any]) -> NDArray[Any]:
    """Each number once, ascending: what `np.unique` gives, which for so many is ten times slower."""
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def of_sources(plan: Plan) -> dict[int, Following]:
    """What follows each edge of a plan."""
    cell = np.argsort(plan.cells.source, kind="stable").astype(np.int32)
    source, cluster = plan.leaves.source, plan.alarms.cluster[plan.leaves.row]
    pairs = distinct(source.astype(np.int64) * len(plan.clusters.n) + cluster)
    of_pair, cluster = np.divmod(pairs, max(1, len(plan.clusters.n)))
    sources = np.union1d(distinct(plan.cells.source), distinct(source))
    cells = np.searchsorted(plan.cells.source[cell], sources), np.searchsorted(plan.cells.source[cell], sources + 1)
    clusters = np.searchsorted(of_pair, sources), np.searchsorted(of_pair, sources + 1)
    cluster = cluster.astype(np.int32)
    return {
        number: Following(plan, number, cell[cells[0][i] : cells[1][i]], cluster[clusters[0][i] : clusters[1][i]])
        for i, number in enumerate(sources.tolist())
    }


_LARGEST = np.iinfo(np.int32).max  # a log of so many transitions cannot be had anyway


def _small(numbers: NDArray[Any]) -> I32:
    found: I32 = np.minimum(numbers, _LARGEST).astype(np.int32)
    return found


class Room:
    """Upper bounds for the log, so that the kernel never has to ask."""

    def __init__(self, plan: Plan) -> None:
        rows, kind = len(plan.alarm_names), plan.kind
        self._plan, reach = plan, plan.reach.astype(np.float64)
        row_of = plan.leaves.row
        timed = np.bincount(row_of[np.isin(kind, _TIMED)], minlength=rows)
        dated = np.bincount(row_of[np.isin(kind, _CALENDAR)], minlength=rows)
        self._dated = plan.leaves.kept[np.isin(kind, _CALENDAR)]
        cluster, n = plan.alarms.cluster, len(plan.clusters.n)
        self._usual = _small(np.bincount(cluster, _MOST * reach * (2 + 2 * timed), n))
        self._turns = _small(np.bincount(cluster, _MOST * reach * dated, n))
        # A reading judges its alarms, twice at most, after what was due in their clusters.
        cells = len(plan.cells.leaf_n)
        cell, row = np.repeat(np.arange(cells), plan.cells.leaf_n), row_of[plan.cells.leaves]
        usual = 2 * _MOST * reach[row] + self._usual[cluster[row]]
        self.of_cell = _small(np.bincount(cell, usual, cells))
        self.turns_of_cell = _small(np.bincount(cell, self._turns[cluster[row]], cells))

    def of_rows(self, rows: I32) -> int:
        """Each of these alarms is judged once."""
        return _MOST * int(self._plan.reach[rows].sum(dtype=np.int64))

    def of_time(self, t: Tables, clusters: I32, until_ms: int) -> int:
        """Time comes to a moment for these clusters."""
        usual, turns = (int(each[clusters].sum(dtype=np.int64)) for each in (self._usual, self._turns))
        return usual + turns * self.turnings(t, until_ms)

    def turnings(self, t: Tables, until_ms: int) -> int:
        """How often a calendar can turn since it was followed last: at most four windows a day are believed."""
        marks = t.memory.mark_ms[self._dated]
        oldest = int(marks[marks != NEVER].min(initial=until_ms))
        return 16 + 16 * max(0, (until_ms - oldest) // _DAY_MS)
