"""Pure. The columns that the kernel works on: what is fixed by the rules, and what changes.

Three tables. A *cell* is one point of one asset. A *leaf* is one condition on one cell. A *row* is one alarm. The fixed
columns are built by `rules.plan`; the changing ones are all that has to survive a restart.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from rules.codes import FAR, NEVER, LeafKind, Phase, StateCode, Verdict

I8: TypeAlias = NDArray[np.int8]
I32: TypeAlias = NDArray[np.int32]
I64: TypeAlias = NDArray[np.int64]
F8: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


class Cells(NamedTuple):
    """One row per point of an asset; the leaves of cell i are leaves[leaf_at[i] : leaf_at[i] + leaf_n[i]]."""

    source: I32  # whose time it follows: the number of its edge
    on_event: Flags  # comes when something happens, so neither silence nor a gap says anything
    leaf_at: I32
    leaf_n: I32
    leaves: I32


class Forms(NamedTuple):
    """One row per way in which a condition asks; conditions that ask for the same share one (rules.numbering)."""

    kind: I8
    trigger: I8  # COUNT, MUST_HAPPEN: the kind of what is waited for
    flags: I8
    limit: F8  # comparisons; RATE, SPREAD, BASELINE: above; FORECAST: to be reached rising; CHANGE: by what it falls
    lower: F8  # HIGH, LOW: where it clears; RATE, SPREAD, BASELINE: below; FORECAST: falling; CHANGE: by what it rises
    slack: F8  # BASELINE: deadband; MUST_HAPPEN: what `other` must reach, nan: nothing
    mask: I64  # STATE: codes 0..62; BAD_SIGNAL: reasons
    span_ms: I64  # NO_DATA: how long a silence; STUCK: at least so long; others: the window
    ahead_ms: I64  # FORECAST
    samples: I32  # STUCK, COUNT: how many; BASELINE: the short mean
    ring_n: I32  # RATE, FORECAST, SPREAD, COUNT: how long its stretch of the rings is
    calendar: I32  # SCHEDULE, MUST_HAPPEN
    arg_n: I32


class Leaves(NamedTuple):
    """One row per condition on a cell; the leaves of one alarm stand together."""

    form: I32  # what it asks, in `Forms`
    cell: I32  # whose readings it looks at; -1: none
    source: I32  # whose time it follows
    row: I32
    other: I32  # MUST_HAPPEN: the cell that must stand high enough; ALARM, BLIND: the row that is asked for (-1: none)
    kept: I32  # its place in the long part of `Memory`; -1: it remembers its verdict only
    ring_at: I32  # one per place there: its stretch of the rings
    arg_at: I32  # in `args`: STATE: every code; STUCK: cells that must move; comparisons: a program of rules.calc
    args: I32
    consts: F8  # numbers of the programs


class Rules(NamedTuple):
    """One row per rule; alarms of the same rule, on whatever asset, share one (rules.numbering)."""

    on_ms: I64
    off_ms: I64
    on_n: I32
    off_n: I32
    latching: Flags
    safety: Flags
    linger_ms: I64  # how long suppression by design goes on when its reason is over
    realarm_ms: I64  # FAR: never
    sign: I8  # +1: worse is higher, -1: worse is lower, 0: neither
    leaf_n: I32
    timed: Flags  # has leaves that change by time alone
    op_at: I32  # its expression in `ops`, see rules.truth.combine
    op_n: I32
    veil_at: I32  # what suppresses it by design, in `ops`
    veil_n: I32
    ops: I32


class Alarms(NamedTuple):
    """One row per alarm; what an alarm asks for (conditions on alarms) stands before it."""

    rule: I32  # in `Rules`
    cell: I32  # whose value the alarm shows; -1 for a rule over every point, or none
    source: I32  # whose time it follows; -1: that of several edges
    leaf_at: I32
    asked_at: I32  # the leaves that ask for this alarm, in `asked`
    asked_n: I32
    asked: I32
    cluster: I32


class Clusters(NamedTuple):
    """Alarms that ask for one another are judged together, in the order of time; most stand alone."""

    at: I32
    n: I32
    rows: I32  # ascending within a cluster


class Calendars(NamedTuple):
    """Stretches of time, [start, end) in ms UTC, ascending; worked out as far as they are needed."""

    at: I32
    n: I32
    start_ms: I64
    end_ms: I64


class Senses(NamedTuple):
    """What was last heard of each cell."""

    measured_ms: I64
    heard_ms: I64  # silence counts from here: the last reading, or the end of a gap
    value: F8  # the last good one
    shown: F8  # the last one, nan where there was none
    quality: I8
    reason: I8
    same_n: I32  # how many good readings in a row were exactly equal
    same_ms: I64  # since when


class Memory(NamedTuple):
    """What each leaf remembers: two columns of all, and long ones of those that look back (`Leaves.kept`)."""

    verdict: I8
    armed: I8  # the last known verdict, kept through UNKNOWN: a deadband needs it
    inner: I8  # COUNT: whether its trigger was true at the last reading
    since_ms: I64  # since when it watches without a gap (SPREAD, BASELINE, MUST_HAPPEN); NEVER: not yet
    last_ms: I64  # MUST_HAPPEN: when it happened last; BASELINE: its last reading
    mark_ms: I64  # SCHEDULE, MUST_HAPPEN: up to where its calendar has been followed
    mean: F8  # BASELINE: the slow mean; CHANGE: the extreme
    fast: F8  # BASELINE: the short mean
    ring_head: I32
    ring_used: I32
    ring_ms: I64
    ring_value: F8


class Lives(NamedTuple):
    """Where each alarm stands."""

    verdict: I8
    phase: I8
    state: I8
    held: I32  # samples in the running hold
    at_ms: I64  # no event of this alarm may be dated before this
    since_ms: I64  # start of the running hold, moved on by every freeze
    frozen_ms: I64  # since when the verdict is unknown
    ready_ms: I64  # when the hold had its samples
    due_ms: I64  # when the hold ends if nothing changes
    raised_ms: I64
    cleared_ms: I64
    acked_ms: I64
    value: F8  # as last judged
    peak: F8  # the worst while active
    hidden: I8  # bits of Hidden
    beneath: I8  # the state in which it was hidden
    veil_ms: I64  # when suppression by design ends, once its reason is over
    shelf_ms: I64  # until when it is shelved
    first_out: Flags  # the first of its group to trip
    dirty: Flags  # changed since last written


class Log(NamedTuple):
    """Transitions, in the order in which they were found; `used[0]` says how many."""

    used: I32
    row: I32
    old: I8
    new: I8
    because: I8
    at_ms: I64
    value: F8
    peak: F8


class Tables(NamedTuple):
    """All columns of a book, and the scratch that the kernel needs; one argument instead of many."""

    cells: Cells
    forms: Forms
    leaves: Leaves
    rules: Rules
    alarms: Alarms
    clusters: Clusters
    calendars: Calendars
    senses: Senses
    memory: Memory
    lives: Lives
    log: Log
    stack: I8
    numbers: F8
    touched: I8  # one per alarm: 1 its condition, 2 what suppresses it; zero between calls
    taken: I8  # one per cell, zero between calls
    cell_room: I32  # one per cell: transitions that a reading can give at most, what falls due before it included
    cell_turns: I32  # one per cell: and how many more for each turn of a calendar before it
    look_ms: I64  # one per cluster: nothing of it falls due before; NEVER: not known


def new_senses(n: int) -> Senses:
    """Nothing heard yet."""
    return Senses(
        measured_ms=np.full(n, NEVER, np.int64),
        heard_ms=np.full(n, NEVER, np.int64),
        value=np.full(n, np.nan),
        shown=np.full(n, np.nan),
        quality=np.full(n, 2, np.int8),
        reason=np.zeros(n, np.int8),
        same_n=np.zeros(n, np.int32),
        same_ms=np.full(n, NEVER, np.int64),
    )


_TOLD = (LeafKind.NO_DATA, LeafKind.BAD_SIGNAL, LeafKind.ALARM, LeafKind.BLIND, LeafKind.TIGHTENED)


def new_memory(forms: Forms, leaves: Leaves) -> Memory:
    """Nothing known yet. A signal that never came is neither silent nor bad: NO_DATA counts from the first frame."""
    kept = np.flatnonzero(leaves.kept >= 0)
    n, long, room = len(leaves.form), len(kept), int(forms.ring_n[leaves.form[kept]].sum())
    told = np.where(np.isin(forms.kind, _TOLD), Verdict.FALSE, Verdict.UNKNOWN).astype(np.int8)
    return Memory(
        verdict=told[leaves.form],
        armed=np.zeros(n, np.int8),
        inner=np.zeros(long, np.int8),
        since_ms=np.full(long, NEVER, np.int64),
        last_ms=np.full(long, NEVER, np.int64),
        mark_ms=np.full(long, NEVER, np.int64),
        mean=np.full(long, np.nan),
        fast=np.full(long, np.nan),
        ring_head=np.zeros(long, np.int32),
        ring_used=np.zeros(long, np.int32),
        ring_ms=np.zeros(room, np.int64),
        ring_value=np.zeros(room),
    )


def new_lives(n: int) -> Lives:
    """Every alarm normal."""
    never = [np.full(n, NEVER, np.int64) for _ in range(7)]
    return Lives(
        verdict=np.full(n, Verdict.UNKNOWN, np.int8),
        phase=np.full(n, Phase.OFF, np.int8),
        state=np.full(n, StateCode.NORMAL, np.int8),
        held=np.zeros(n, np.int32),
        at_ms=never[0],
        since_ms=never[1],
        frozen_ms=never[2],
        ready_ms=never[3],
        due_ms=np.full(n, FAR, np.int64),
        raised_ms=never[4],
        cleared_ms=never[5],
        acked_ms=never[6],
        value=np.full(n, np.nan),
        peak=np.full(n, np.nan),
        hidden=np.zeros(n, np.int8),
        beneath=np.zeros(n, np.int8),
        veil_ms=np.full(n, FAR, np.int64),
        shelf_ms=np.full(n, NEVER, np.int64),
        first_out=np.zeros(n, np.bool_),
        dirty=np.zeros(n, np.bool_),
    )


def new_log(capacity: int) -> Log:
    """Room for so many transitions."""
    return Log(
        used=np.zeros(1, np.int32),
        row=np.zeros(capacity, np.int32),
        old=np.zeros(capacity, np.int8),
        new=np.zeros(capacity, np.int8),
        because=np.zeros(capacity, np.int8),
        at_ms=np.zeros(capacity, np.int64),
        value=np.zeros(capacity),
        peak=np.zeros(capacity),
    )


_Columns = TypeVar("_Columns", Senses, Memory, Lives)


def copied(columns: _Columns) -> _Columns:
    """Columns of one's own."""
    copies: Any = [column.copy() for column in columns]
    return type(columns)(*copies)
