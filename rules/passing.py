"""Pure. What time alone does: silences, holds, counts that run out, windows that open and close.

The law of this file
1. Everything that falls due is done at its own moment and in the order of time, within a cluster of alarms that ask for
   one another. What is measured at a moment counts before what falls due at it.
2. Looking is not an input: it only does what is due.
3. `look_ms` of a cluster is never later than what falls due first in it; it may be earlier, which costs a look.
4. An edge's time moves only what follows that edge: an asset may hang on two cabinets, and one of them may be cut off.
"""

from __future__ import annotations

from rules.calc import reading
from rules.codes import FAR, NEVER, VEIL, LeafKind, Phase, Verdict
from rules.columns import I32, Calendars, Tables
from rules.conditions import of_alarm, shown
from rules.kernel import elapse, step, veil
from rules.memory import count_ends
from rules.truth import combine, hides, remember

_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_NO_DATA, _COUNT = int(LeafKind.NO_DATA), int(LeafKind.COUNT)
_SCHEDULE, _MUST_HAPPEN = int(LeafKind.SCHEDULE), int(LeafKind.MUST_HAPPEN)
_OFF = int(Phase.OFF)
_NEVER, _FAR, _VEIL = NEVER, FAR, VEIL


def last_start(calendars: Calendars, calendar: int, at: int) -> int:
    """The place of the last stretch that begins at or before a moment; -1: none."""
    low, high = calendars.at[calendar], calendars.at[calendar] + calendars.n[calendar]
    first = low
    while low < high:
        middle = (low + high) // 2
        if calendars.start_ms[middle] <= at:
            low = middle + 1
        else:
            high = middle
    return low - 1 if low > first else -1


def inside(calendars: Calendars, calendar: int, at: int) -> int:
    """SCHEDULE at a moment."""
    place = last_start(calendars, calendar, at)
    return _TRUE if place >= 0 and at < calendars.end_ms[place] else _FALSE


def next_turn(calendars: Calendars, calendar: int, after: int) -> int:
    """The first beginning or end of a stretch after a moment."""
    place = last_start(calendars, calendar, after)
    if place >= 0 and calendars.end_ms[place] > after:
        return int(calendars.end_ms[place])
    place = place + 1 if place >= 0 else calendars.at[calendar]
    return int(calendars.start_ms[place]) if place < calendars.at[calendar] + calendars.n[calendar] else _FAR


def next_end(calendars: Calendars, calendar: int, after: int) -> int:
    """The first end of a stretch after a moment."""
    place = last_start(calendars, calendar, after)
    if place < 0 or calendars.end_ms[place] <= after:
        place = place + 1 if place >= 0 else calendars.at[calendar]
    return int(calendars.end_ms[place]) if place < calendars.at[calendar] + calendars.n[calendar] else _FAR


def leaf_due(t: Tables, leaf: int) -> int:
    """When a leaf changes if nothing is measured; FAR: never."""
    form, memory = t.leaves.form[leaf], t.memory
    kind = t.forms.kind[form]
    if kind == _NO_DATA:
        heard = t.senses.heard_ms[t.leaves.cell[leaf]]
        if heard != _NEVER and memory.verdict[leaf] != _TRUE:
            return int(heard + t.forms.span_ms[form])
    elif kind == _COUNT:
        if memory.verdict[leaf] == _TRUE:
            return count_ends(t, leaf)
    elif kind in (_SCHEDULE, _MUST_HAPPEN):
        mark = memory.mark_ms[t.leaves.kept[leaf]]
        if mark != _NEVER:
            if kind == _SCHEDULE:
                return next_turn(t.calendars, t.forms.calendar[form], mark)
            return next_end(t.calendars, t.forms.calendar[form], mark)
    return _FAR


def missed(t: Tables, leaf: int, end: int) -> int:
    """MUST_HAPPEN at the end of a window: what was not watched whole says nothing."""
    memory, cell, other = t.memory, t.leaves.cell[leaf], t.leaves.other[leaf]
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    start = t.calendars.start_ms[last_start(t.calendars, t.forms.calendar[form], end - 1)]
    if memory.last_ms[kept] >= start:
        return _FALSE
    silent = not t.cells.on_event[cell] and t.senses.measured_ms[cell] < start
    if silent or memory.since_ms[kept] == _NEVER or memory.since_ms[kept] > start:
        return _UNKNOWN
    if reading(t, leaf, cell) != reading(t, leaf, cell):
        return _UNKNOWN
    least = t.forms.slack[form]
    if least == least:  # noqa: PLR0124 - a number is given
        stands = reading(t, leaf, other)
        if stands != stands:  # noqa: PLR0124 - not a number
            return _UNKNOWN
        if stands < least:
            return _FALSE
    return _TRUE


def turn(t: Tables, leaf: int, at: int) -> None:
    """What was due happens."""
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    kind = t.forms.kind[form]
    if kind == _NO_DATA:
        remember(t.memory, leaf, _TRUE)
    elif kind == _COUNT:
        remember(t.memory, leaf, _FALSE)
    elif kind == _SCHEDULE:
        t.memory.mark_ms[kept] = at
        remember(t.memory, leaf, inside(t.calendars, t.forms.calendar[form], at))
    else:
        t.memory.mark_ms[kept] = at
        if t.memory.verdict[leaf] != _TRUE:  # what was missed stays so until it happens
            remember(t.memory, leaf, missed(t, leaf, at))


def follows(t: Tables, row: int, source: int) -> bool:
    """Law 4: of several edges, any moves it."""
    return bool(t.alarms.source[row] == source or t.alarms.source[row] < 0)


def row_due(t: Tables, row: int, source: int) -> int:
    """What falls due first of one alarm; `source` below 0: whatever edge it follows."""
    due, rule = min(t.lives.due_ms[row], t.lives.veil_ms[row]), t.alarms.rule[row]
    if t.rules.timed[rule]:
        for leaf in range(t.alarms.leaf_at[row], t.alarms.leaf_at[row] + t.rules.leaf_n[rule]):
            if source < 0 or t.leaves.source[leaf] == source:
                due = min(due, leaf_due(t, leaf))
    return int(due)


def touch(t: Tables, leaf: int) -> None:
    """The alarm of a leaf is to be judged; what only says whether to suppress is no sample of its condition."""
    t.touched[t.leaves.row[leaf]] |= 2 if t.forms.flags[t.leaves.form[leaf]] & _VEIL else 1


def settle(t: Tables, row: int, at: int) -> None:
    """Judge one alarm that was touched, by what its leaves say now."""
    sampled = t.touched[row] & 1
    t.touched[row] = 0
    if t.rules.veil_n[t.alarms.rule[row]] > 0:
        veil(t, row, hides(t, row), at)
    verdict = combine(t, row) if sampled else _UNKNOWN
    if sampled and (verdict != t.lives.verdict[row] or t.lives.phase[row] != _OFF):
        step(t, row, verdict, at, shown(t, row))
    else:
        elapse(t, row, at)
    cluster = t.alarms.cluster[row]
    t.look_ms[cluster] = min(t.look_ms[cluster], t.lives.due_ms[row], t.lives.veil_ms[row])


def settle_without_sample(t: Tables, row: int, at: int) -> None:
    """The same for a change that no reading brought: nothing new is no sample of a hold."""
    if t.rules.veil_n[t.alarms.rule[row]] > 0:
        veil(t, row, hides(t, row), at)
    verdict = combine(t, row)
    if verdict != t.lives.verdict[row]:
        step(t, row, verdict, at, float("nan"))


def tell(t: Tables, row: int) -> None:
    """Whoever asks for this alarm looks at it, and is to be judged."""
    for i in range(t.alarms.asked_at[row], t.alarms.asked_at[row] + t.alarms.asked_n[row]):
        leaf = t.alarms.asked[i]
        verdict = of_alarm(t, leaf)
        if verdict != t.memory.verdict[leaf]:
            remember(t.memory, leaf, verdict)
            touch(t, leaf)


def settle_cluster(t: Tables, cluster: int, at: int) -> None:
    """Judge every alarm that was touched; what is asked for comes before who asks."""
    for i in range(t.clusters.at[cluster], t.clusters.at[cluster] + t.clusters.n[cluster]):
        row = t.clusters.rows[i]
        if t.touched[row]:
            settle(t, row, at)
            tell(t, row)


def advance(t: Tables, cluster: int, source: int, until: int) -> None:
    """Everything of a cluster that falls due up to and including a moment of one edge."""
    first, last = t.clusters.at[cluster], t.clusters.at[cluster] + t.clusters.n[cluster]
    while t.look_ms[cluster] <= until:
        due, any_due = _FAR, _FAR
        for i in range(first, last):
            row = t.clusters.rows[i]
            any_due = min(any_due, row_due(t, row, -1))
            if follows(t, row, source):
                due = min(due, row_due(t, row, source))
        if due > until:
            t.look_ms[cluster] = any_due
            return
        for i in range(first, last):
            row = t.clusters.rows[i]
            if follows(t, row, source):
                ripen(t, row, source, due)
            if t.touched[row]:
                settle(t, row, due)
                tell(t, row)


def ripen(t: Tables, row: int, source: int, due: int) -> None:
    """What of one alarm is due at this moment."""
    rule = t.alarms.rule[row]
    if t.rules.timed[rule]:
        for leaf in range(t.alarms.leaf_at[row], t.alarms.leaf_at[row] + t.rules.leaf_n[rule]):
            if t.leaves.source[leaf] == source and leaf_due(t, leaf) <= due:
                turn(t, leaf, due)
                touch(t, leaf)
    if not t.touched[row] and min(t.lives.due_ms[row], t.lives.veil_ms[row]) <= due:
        elapse(t, row, due)
        tell(t, row)


def pass_time(t: Tables, clusters: I32, source: int, until: int) -> None:
    """No reading, only the time of one edge: what falls due by `until`. The log must have room for all of it."""
    for i in range(len(clusters)):
        advance(t, clusters[i], source, until)
