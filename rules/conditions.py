"""Pure. From readings to verdicts: every condition type of vocab/rule.py, in event time, three-valued.

The law of this file
1. A reading speaks for its point until the next one (edges report by exception). A reading older than the point's last
   one is not judged here (see docs/reference/rules.md, "late readings").
2. GOOD counts. UNCERTAIN and BAD make every process condition UNKNOWN: HIGH, LOW, STATE, RATE, STUCK. UNCERTAIN is
   treated as BAD because a doubtful number must neither call somebody out at night nor send somebody home.
   The deadband, the run of equal values and the window of RATE are kept through it.
3. NO_DATA is TRUE from the moment its silence is complete, unless something is measured at that very moment, and FALSE
   at any reading, good or not. Its time is the time of the point's edge, so a silent edge makes no silent points.
4. BAD_SIGNAL is TRUE at a reading that is not GOOD for one of its reasons. A reading without contact (comm_timeout,
   comm_error) is UNKNOWN to a condition that asks for something else: nobody answered, so nothing is known of the
   sensor. Any other reading is FALSE. It starts FALSE: a signal that never came is the business of NO_DATA.
5. RATE compares the reading with the value that held `window` before it; UNKNOWN until so much is known. STUCK counts
   good readings that are exactly equal. Both are judged at readings only.
6. Readings of one alarm measured at the same moment are taken together before the alarm is judged, so the order of
   points in a poll cannot raise anything.
7. AND: false if one is false, else unknown if one is unknown, else true. OR: true if one is true, else unknown if one
   is unknown, else false. A "*" rule is an OR over the points.
8. After a gap (time for which the edge did not vouch) every condition is UNKNOWN until its next reading; silence
   counts from the end of the gap. Points that speak on events are exempt: their last word stands.
"""

from __future__ import annotations

from rules.codes import NEVER, Input, LeafKind, Verdict
from rules.columns import F8, I8, I32, I64, Leaves, Memory, Senses, Tables
from rules.kernel import step
from vocab.quality import Quality, Reason

_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_HIGH, _LOW, _STATE = int(LeafKind.HIGH), int(LeafKind.LOW), int(LeafKind.STATE)
_NO_DATA, _BAD_SIGNAL = int(LeafKind.NO_DATA), int(LeafKind.BAD_SIGNAL)
_RATE = int(LeafKind.RATE)
_GOOD = int(Quality.GOOD)
_ELAPSE = int(Input.ELAPSE)
_NEVER = NEVER
_NO_CONTACT = (1 << int(Reason.COMM_TIMEOUT)) | (1 << int(Reason.COMM_ERROR))
_MS_PER_MIN = 60_000.0


def bad_signal(mask: int, quality: int, reason: int) -> int:
    """Law 4."""
    if quality == _GOOD:
        return _FALSE
    bit = 1 << int(reason)  # wider than the column, or the shift is lost
    if mask & bit:
        return _TRUE
    if bit & _NO_CONTACT and mask & ~_NO_CONTACT:
        return _UNKNOWN
    return _FALSE


def in_state(leaves: Leaves, leaf: int, value: float) -> int:
    """Whether the code is one of the leaf's."""
    code = round(value)
    for i in range(leaves.code_at[leaf], leaves.code_at[leaf] + leaves.code_n[leaf]):
        if leaves.codes[i] == code:
            return _TRUE
    return _FALSE


def rate(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> int:
    """Law 5: the change since the value that held a window ago, per minute. The ring holds one window of readings."""
    room, first = leaves.ring_n[leaf], leaves.ring_at[leaf]
    head, used = memory.ring_head[leaf], memory.ring_used[leaf]
    start = at - leaves.span_ms[leaf]
    # 1. Forget all but the newest reading that is a window old: it is the one whose value held at `start`.
    while used > 1 and memory.ring_ms[first + (head + 1) % room] <= start:
        head = (head + 1) % room
        used -= 1
    if used == room:  # faster than the point's period promises: the window is cut short
        head = (head + 1) % room
        used -= 1
    # 2. Remember this one.
    slot = first + (head + used) % room
    memory.ring_ms[slot] = at
    memory.ring_value[slot] = value
    memory.ring_head[leaf] = head
    memory.ring_used[leaf] = used + 1
    if memory.ring_ms[first + head] > start:
        return _UNKNOWN
    slope = (value - memory.ring_value[first + head]) * _MS_PER_MIN / leaves.span_ms[leaf]
    return _TRUE if slope >= leaves.limit[leaf] or slope <= leaves.lower[leaf] else _FALSE


def limit(t: Tables, leaf: int, value: float) -> int:
    """HIGH and LOW: an armed leaf has to come back past its deadband."""
    edge = t.leaves.lower[leaf] if t.memory.armed[leaf] == _TRUE else t.leaves.limit[leaf]
    beyond = value >= edge if t.leaves.kind[leaf] == _HIGH else value <= edge
    return _TRUE if beyond else _FALSE


def stuck(t: Tables, leaf: int, cell: int, at: int) -> int:
    """Whether the run of equal values is long enough, in samples and in time."""
    enough = t.senses.same_n[cell] >= t.leaves.samples[leaf]
    return _TRUE if enough and at - t.senses.same_ms[cell] >= t.leaves.span_ms[leaf] else _FALSE


def sense(t: Tables, leaf: int, at: int) -> int:
    """What the last reading of its cell makes of a leaf."""
    kind, cell = t.leaves.kind[leaf], t.leaves.cell[leaf]
    verdict = _UNKNOWN
    if kind == _NO_DATA:
        verdict = _FALSE
    elif kind == _BAD_SIGNAL:
        verdict = bad_signal(t.leaves.mask[leaf], t.senses.quality[cell], t.senses.reason[cell])
    elif t.senses.quality[cell] == _GOOD:
        value = t.senses.value[cell]
        if kind <= _LOW:
            verdict = limit(t, leaf, value)
        elif kind == _STATE:
            verdict = in_state(t.leaves, leaf, value)
        elif kind == _RATE:
            verdict = rate(t.leaves, t.memory, leaf, value, at)
        else:
            verdict = stuck(t, leaf, cell, at)
    return verdict


def remember(memory: Memory, leaf: int, verdict: int) -> None:
    """Write a leaf's verdict; a known one also arms or disarms its deadband."""
    memory.verdict[leaf] = verdict
    if verdict != _UNKNOWN:
        memory.armed[leaf] = verdict


def combine(t: Tables, row: int) -> int:
    """The verdict of an alarm from those of its leaves.

    Its expression is in postfix form: a number from 0 is a leaf of the row, -2n is AND and -2n-1 is OR of the last n.
    """
    first, depth = t.alarms.leaf_at[row], 0
    for i in range(t.alarms.op_at[row], t.alarms.op_at[row] + t.alarms.op_n[row]):
        op = t.alarms.ops[i]
        if op >= 0:
            t.stack[depth] = t.memory.verdict[first + op]
            depth += 1
        else:
            n, is_or = (-op) // 2, (-op) % 2
            depth -= n
            t.stack[depth] = join(t.stack, depth, n, _TRUE if is_or else _FALSE)
            depth += 1
    return int(t.stack[0])


def join(stack: I8, first: int, n: int, deciding: int) -> int:
    """Law 7: OR is decided by TRUE, AND by FALSE; otherwise one UNKNOWN makes it unknown."""
    verdict = _TRUE - deciding
    for i in range(first, first + n):
        if stack[i] == deciding:
            return deciding
        if stack[i] == _UNKNOWN:
            verdict = _UNKNOWN
    return verdict


def hush(t: Tables, row: int, source: int, until: int) -> None:
    """Law 3: let the silences of one alarm that are complete by `until` fall due, in the order of time.

    Only of points whose edge's time it is: an asset may hang on two cabinets, and one of them may be cut off.
    """
    leaves, memory = t.leaves, t.memory
    while True:
        due, silent = until + 1, -1
        for leaf in range(t.alarms.leaf_at[row], t.alarms.leaf_at[row] + t.alarms.leaf_n[row]):
            cell = leaves.cell[leaf]
            mine = leaves.kind[leaf] == _NO_DATA and t.cells.source[cell] == source
            if mine and memory.verdict[leaf] != _TRUE:
                heard = t.senses.heard_ms[cell]
                if heard != _NEVER and heard + leaves.span_ms[leaf] < due:
                    due, silent = heard + leaves.span_ms[leaf], leaf
        if silent < 0:
            return
        remember(memory, silent, _TRUE)
        step(t, row, combine(t, row), due, shown(t, row))


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


def shown(t: Tables, row: int) -> float:
    """The value that an alarm shows now, if there is a good one."""
    cell = t.alarms.cell[row]
    if cell >= 0 and t.senses.quality[cell] == _GOOD:
        return float(t.senses.value[cell])
    return float("nan")


def wake(t: Tables, cell: int, at: int) -> None:
    """1. What fell silent before a reading must be known before the reading breaks the silence."""
    for m in range(t.cells.leaf_at[cell], t.cells.leaf_at[cell] + t.cells.leaf_n[cell]):
        row = t.leaves.row[t.cells.leaves[m]]
        if t.touched[row] == 0:
            t.touched[row] = 1
            hush(t, row, t.cells.source[cell], at - 1)


def attend(t: Tables, cell: int, at: int) -> None:
    """2. Every leaf of the cell looks at its new reading."""
    for m in range(t.cells.leaf_at[cell], t.cells.leaf_at[cell] + t.cells.leaf_n[cell]):
        leaf = t.cells.leaves[m]
        remember(t.memory, leaf, sense(t, leaf, at))


def decide(t: Tables, cell: int, at: int) -> None:
    """3. Every alarm that was touched is judged, once."""
    for m in range(t.cells.leaf_at[cell], t.cells.leaf_at[cell] + t.cells.leaf_n[cell]):
        row = t.leaves.row[t.cells.leaves[m]]
        if t.touched[row] == 1:
            t.touched[row] = 0
            step(t, row, combine(t, row), at, shown(t, row))


def observe(t: Tables, groups: I32, cell_of: I32, values: F8, qualities: I8, reasons: I8, ats: I64) -> None:  # noqa: PLR0913, PLR0917
    """Readings in order of time; those of one group were measured together and no cell comes twice in a group.

    The log must have room for three transitions per pair of reading and leaf, and per NO_DATA leaf.
    """
    i, total = 0, len(cell_of)
    while i < total:
        j = i
        while j < total and groups[j] == groups[i]:
            j += 1
        at = ats[i]
        for k in range(i, j):
            wake(t, cell_of[k], at)
        for k in range(i, j):
            hear(t.senses, cell_of[k], values[k], qualities[k], reasons[k], at)
            attend(t, cell_of[k], at)
        for k in range(i, j):
            decide(t, cell_of[k], at)
        i = j


def pass_time(t: Tables, rows: I32, source: int, until: int) -> None:
    """No reading, only the time of one edge: silences and holds of these alarms that are due by `until`."""
    for i in range(len(rows)):
        hush(t, rows[i], source, until)
        step(t, rows[i], _ELAPSE, until, float("nan"))
