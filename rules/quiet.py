"""Pure. Which readings cannot change anything: the fast path of a frame.

Almost every reading of a healthy site leaves every alarm as it is: the verdict stays, nothing is pending, nothing is
active. Those are found for a whole frame at once and only remembered; the others go through `rules.conditions`, one by
one and in order. The law: leaving a reading out may never change a verdict, a hold or an event. When in doubt, busy.
"""

from __future__ import annotations

import numpy as np

from rules.codes import LeafKind, Phase, Verdict
from rules.columns import F8, I8, I32, I64, Flags, Senses, Tables
from rules.leaf import MASK_BITS
from vocab.quality import Quality

# An enum's member costs a look-up and a conversion in every comparison with a column.
_HIGH, _LOW, _STATE = int(LeafKind.HIGH), int(LeafKind.LOW), int(LeafKind.STATE)
_NO_DATA, _BAD_SIGNAL, _STUCK = int(LeafKind.NO_DATA), int(LeafKind.BAD_SIGNAL), int(LeafKind.STUCK)
_OFF, _FALSE, _TRUE, _GOOD = int(Phase.OFF), int(Verdict.FALSE), int(Verdict.TRUE), int(Quality.GOOD)


def busy_readings(t: Tables, cell_of: I32, values: F8, qualities: I8, ats: I64) -> Flags:
    """True for each reading that must be judged. `cell_of` may name a cell twice."""
    cells, leaves = t.cells, t.leaves
    n = len(cell_of)
    busy: Flags = (qualities != _GOOD) | repeated(cell_of, len(cells.source))
    counts = cells.leaf_n[cell_of]
    reading = np.repeat(np.arange(n, dtype=np.int32), counts)
    starts = np.cumsum(counts) - counts
    leaf = cells.leaves[np.arange(len(reading)) + np.repeat(cells.leaf_at[cell_of] - starts, counts)]
    row = leaves.row[leaf]
    loud = ~_unchanged(t, leaf, values[reading], ats[reading])
    loud |= t.lives.phase[row] != _OFF
    loud |= t.look_ms[t.alarms.cluster[row]] <= ats[reading]  # something may fall due before
    loud |= busy[reading]
    if not loud.any():
        return busy
    # All readings of an alarm go the same way, else they would be taken out of order.
    busy_rows = np.zeros(len(t.lives.phase), np.bool_)
    busy_rows[row[loud]] = True
    busy[reading[busy_rows[row]]] = True
    return busy


def repeated(cell_of: I32, cells: int) -> Flags:
    """True for every reading of a cell that occurs more than once."""
    slot = np.empty(cells, np.int32)  # never initialised: only the places just written are read
    order = np.arange(len(cell_of), dtype=np.int32)
    slot[cell_of] = order
    early: Flags = slot[cell_of] != order
    if early.any():
        twice = np.zeros(cells, np.bool_)
        twice[cell_of[early]] = True
        early = twice[cell_of]
    return early


def _unchanged(t: Tables, leaf: I32, value: F8, at: I64) -> Flags:
    """Whether a good reading leaves the leaf's verdict, for each pair of reading and leaf."""
    forms, memory = t.forms, t.memory
    form = t.leaves.form[leaf]
    kind, verdict = forms.kind[form], memory.verdict[leaf]
    edge = np.where(memory.armed[leaf] == _TRUE, forms.lower[form], forms.limit[form])
    true = np.where(kind == _HIGH, value >= edge, value <= edge)
    same: Flags = (true == verdict) & (forms.arg_n[form] == 0)  # UNKNOWN is neither, so it is a change
    rest = np.flatnonzero(kind > _LOW)
    if len(rest):
        same[rest] = _unchanged_others(t, leaf[rest], value[rest], at[rest])
    return same


def _unchanged_others(t: Tables, leaf: I32, value: F8, at: I64) -> Flags:
    forms, memory, senses = t.forms, t.memory, t.senses
    form, cell = t.leaves.form[leaf], t.leaves.cell[leaf]
    kind = forms.kind[form]
    same: Flags = memory.verdict[leaf] == _FALSE
    silent = kind == _NO_DATA
    same &= ~silent | (at <= senses.heard_ms[cell] + forms.span_ms[form])
    same &= (kind == _STATE) | (kind == _NO_DATA) | (kind == _BAD_SIGNAL) | (kind == _STUCK)  # the rest remembers more
    stuck = kind == _STUCK
    same &= ~stuck | (value != senses.value[cell]) | (senses.same_n[cell] + 1 < forms.samples[form])
    states = np.flatnonzero(kind == _STATE)
    if len(states):
        code = np.nan_to_num(value[states], nan=-1.0, posinf=-1.0, neginf=-1.0).round()
        fits = (code >= 0) & (code < MASK_BITS)
        bit = np.where(fits, code, 0).astype(np.int64)
        true = (forms.mask[form[states]] >> bit) & 1
        same[states] = fits & (true == memory.verdict[leaf[states]])
    return same


def remember(senses: Senses, cell_of: I32, values: F8, ats: I64) -> None:
    """Take good readings that change nothing; no cell twice. The same as `rules.conditions.hear` for each."""
    same = (senses.same_n[cell_of] > 0) & (values == senses.value[cell_of])
    senses.same_n[cell_of] = np.where(same, senses.same_n[cell_of] + 1, 1)
    senses.same_ms[cell_of] = np.where(same, senses.same_ms[cell_of], ats)
    senses.value[cell_of] = values
    senses.shown[cell_of] = values
    senses.measured_ms[cell_of] = ats
    senses.heard_ms[cell_of] = np.maximum(senses.heard_ms[cell_of], ats)
    senses.quality[cell_of] = _GOOD
    senses.reason[cell_of] = 0
