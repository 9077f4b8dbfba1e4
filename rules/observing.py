"""Pure. Readings into alarms: what fell due before, what the readings say, and then the verdict, once.

Readings of one alarm measured at the same moment are taken together before the alarm is judged, so the order of points
in a poll cannot raise anything.
"""

from __future__ import annotations

from rules.columns import F8, I8, I32, I64, Senses, Tables
from rules.conditions import sense
from rules.passing import advance, leaf_due, settle, settle_cluster, touch
from rules.truth import remember
from vocab.quality import Quality

_GOOD = int(Quality.GOOD)


def hear(senses: Senses, cell: int, value: float, quality: int, reason: int, at: int) -> None:
    """One reading of one cell. `value` stays the last good one; `shown` is what came."""
    senses.shown[cell] = value
    if quality == _GOOD:
        if senses.same_n[cell] > 0 and value == senses.value[cell]:
            senses.same_n[cell] += 1
        else:
            senses.same_n[cell] = 1
            senses.same_ms[cell] = at
        senses.value[cell] = value
    senses.measured_ms[cell] = at
    senses.heard_ms[cell] = max(senses.heard_ms[cell], at)
    senses.quality[cell] = quality
    senses.reason[cell] = reason


def wake(t: Tables, cell: int, at: int) -> None:
    """1. What fell due before a reading must be known before the reading changes anything."""
    for m in range(t.cells.leaf_at[cell], t.cells.leaf_at[cell] + t.cells.leaf_n[cell]):
        cluster = t.alarms.cluster[t.leaves.row[t.cells.leaves[m]]]
        if t.look_ms[cluster] < at:
            advance(t, cluster, t.cells.source[cell], at - 1)


def attend(t: Tables, cell: int, at: int) -> None:
    """2. Every leaf that looks at the cell looks at its new reading."""
    for m in range(t.cells.leaf_at[cell], t.cells.leaf_at[cell] + t.cells.leaf_n[cell]):
        leaf = t.cells.leaves[m]
        row = t.leaves.row[leaf]
        remember(t.memory, leaf, sense(t, leaf, at))
        touch(t, leaf)
        if t.rules.timed[t.alarms.rule[row]]:
            cluster = t.alarms.cluster[row]
            t.look_ms[cluster] = min(t.look_ms[cluster], leaf_due(t, leaf))


def decide(t: Tables, cell: int, at: int) -> None:
    """3. Every alarm that was touched is judged, once."""
    for m in range(t.cells.leaf_at[cell], t.cells.leaf_at[cell] + t.cells.leaf_n[cell]):
        row = t.leaves.row[t.cells.leaves[m]]
        if t.touched[row]:
            cluster = t.alarms.cluster[row]
            if t.clusters.n[cluster] > 1:
                settle_cluster(t, cluster, at)
            else:
                settle(t, row, at)


def together(t: Tables, i: int, cell_of: I32, ats: I64) -> int:
    """Where the readings end that were measured at one moment with reading i; a cell that comes twice starts anew."""
    j, total = i, len(cell_of)
    while j < total and ats[j] == ats[i] and t.taken[cell_of[j]] == 0:
        t.taken[cell_of[j]] = 1
        j += 1
    for k in range(i, j):
        t.taken[cell_of[k]] = 0
    return j


def observe(  # noqa: PLR0913, PLR0917
    t: Tables, limits: tuple[int, int, int], cell_of: I32, values: F8, qualities: I8, reasons: I8, ats: I64
) -> int:
    """Readings in order of time, from one on; returns the first one that is left for when the log is empty again.

    `limits`: the first reading, how many transitions the log can hold, how often a calendar can turn meanwhile.
    """
    i, room, turns = limits
    total = len(cell_of)
    while i < total:
        j, at = together(t, i, cell_of, ats), ats[i]
        needed = int(t.log.used[0])
        for k in range(i, j):
            needed += t.cell_room[cell_of[k]] + t.cell_turns[cell_of[k]] * turns
        if needed > room:
            return i
        for k in range(i, j):
            wake(t, cell_of[k], at)
        for k in range(i, j):
            hear(t.senses, cell_of[k], values[k], qualities[k], reasons[k], at)
        for k in range(i, j):
            attend(t, cell_of[k], at)
        for k in range(i, j):
            decide(t, cell_of[k], at)
        i = j
    return total
