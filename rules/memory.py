"""Pure. Conditions that remember: a rate, a forecast, the spread, a baseline, a count, and what must happen.

The law of this file
1. Each is judged at good readings of its cell, in their order; what it remembers is bounded.
2. RATE and FORECAST compare with the value that held a window ago; UNKNOWN until so much is known.
3. SPREAD keeps the highest and lowest value of each of 24 parts of its window, so that it looks back over one window
   and at most one part more.
4. BASELINE is a slow mean (first order, with the window as its time constant) that stands still while the condition is
   true. UNKNOWN for the first window, in which it is the plain mean of what came.
5. COUNT keeps the last moments at which its trigger became true, as many as it takes.
6. A trigger is a moment: true now and not at the reading before. CHANGE is true at the reading by which the value has
   fallen (risen) by so much from its highest (lowest) since it last was.
"""

from __future__ import annotations

from rules.codes import EVERY, NEVER, LeafKind, Verdict
from rules.columns import Leaves, Memory, Tables

_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_HIGH, _LOW, _STATE, _CHANGE = int(LeafKind.HIGH), int(LeafKind.LOW), int(LeafKind.STATE), int(LeafKind.CHANGE)
_NEVER, _EVERY = NEVER, EVERY
_MS_PER_MIN = 60_000.0
PARTS = 24  # of the window of SPREAD
_PARTS = PARTS


def in_state(leaves: Leaves, leaf: int, value: float) -> bool:
    """Whether the code is one of the leaf's."""
    code = round(value)
    for i in range(leaves.arg_at[leaf], leaves.arg_at[leaf] + leaves.arg_n[leaf]):  # noqa: SIM110 - numba has no any
        if leaves.args[i] == code:
            return True
    return False


def held_before(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> float:
    """The value that held a window ago, or nan; the ring holds one window of readings and takes this one too."""
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
        return float("nan")
    return float(memory.ring_value[first + head])


def rate(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> int:
    """The change over the window, per minute."""
    before = held_before(leaves, memory, leaf, value, at)
    if before != before:  # noqa: PLR0124 - not a number
        return _UNKNOWN
    slope = (value - before) * _MS_PER_MIN / leaves.span_ms[leaf]
    return _TRUE if slope >= leaves.limit[leaf] or slope <= leaves.lower[leaf] else _FALSE


def forecast(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> int:
    """Whether the limit is reached in time if the point goes on as it did over the window."""
    before = held_before(leaves, memory, leaf, value, at)
    if value >= leaves.limit[leaf] or value <= leaves.lower[leaf]:
        return _TRUE
    if before != before:  # noqa: PLR0124 - not a number
        return _UNKNOWN
    then = value + (value - before) * leaves.ahead_ms[leaf] / leaves.span_ms[leaf]
    return _TRUE if then >= leaves.limit[leaf] or then <= leaves.lower[leaf] else _FALSE


def spread(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> int:
    """The distance between the highest and the lowest value of the window."""
    first, parts = leaves.ring_at[leaf], _PARTS + 1
    number = at // max(1, leaves.span_ms[leaf] // _PARTS)
    if memory.since_ms[leaf] == _NEVER:
        memory.since_ms[leaf] = at
        for i in range(parts):
            memory.ring_ms[first + 2 * i] = _NEVER
    slot = first + 2 * (number % parts)
    if memory.ring_ms[slot] != number:
        memory.ring_ms[slot] = number
        memory.ring_value[slot] = value
        memory.ring_value[slot + 1] = value
    else:
        memory.ring_value[slot] = min(memory.ring_value[slot], value)
        memory.ring_value[slot + 1] = max(memory.ring_value[slot + 1], value)
    if at - memory.since_ms[leaf] < leaves.span_ms[leaf]:
        return _UNKNOWN
    low, high = value, value
    for i in range(parts):
        place = first + 2 * i
        if memory.ring_ms[place] > number - parts:
            low = min(low, memory.ring_value[place])
            high = max(high, memory.ring_value[place + 1])
    return _TRUE if high - low >= leaves.limit[leaf] or high - low <= leaves.lower[leaf] else _FALSE


def baseline(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> int:
    """The distance of the short mean from the slow one."""
    if memory.since_ms[leaf] == _NEVER:
        memory.since_ms[leaf] = at
        memory.last_ms[leaf] = at
        memory.mean[leaf] = value
        memory.fast[leaf] = value
        memory.ring_used[leaf] = 0
    held = memory.fast[leaf]  # what held since the last reading; the new one speaks for what comes
    short = held + (value - held) / leaves.samples[leaf]
    memory.fast[leaf] = short
    passed, span = at - memory.last_ms[leaf], leaves.span_ms[leaf]
    memory.last_ms[leaf] = at
    young = at - memory.since_ms[leaf] < span
    verdict = _UNKNOWN
    if not young:
        gap = short - memory.mean[leaf]
        slack = leaves.slack[leaf] if memory.armed[leaf] == _TRUE else 0.0
        verdict = _TRUE if gap >= leaves.limit[leaf] - slack or gap <= leaves.lower[leaf] + slack else _FALSE
    if young:
        memory.ring_used[leaf] += 1
        memory.mean[leaf] += (value - memory.mean[leaf]) / memory.ring_used[leaf]
    elif verdict == _FALSE:
        memory.mean[leaf] += (held - memory.mean[leaf]) * passed / (span + passed)
    return verdict


def changed(leaves: Leaves, memory: Memory, leaf: int, value: float) -> bool:
    """CHANGE: whether the value has come so far from its extreme; then it becomes the extreme."""
    extreme, falls = memory.mean[leaf], leaves.limit[leaf] == leaves.limit[leaf]
    if extreme != extreme:  # noqa: PLR0124 - not a number: the first reading
        memory.mean[leaf] = value
        return False
    if (falls and value <= extreme - leaves.limit[leaf]) or (not falls and value >= extreme + leaves.lower[leaf]):
        memory.mean[leaf] = value
        return True
    if (falls and value > extreme) or (not falls and value < extreme):
        memory.mean[leaf] = value
    return False


def triggered(leaves: Leaves, memory: Memory, leaf: int, value: float) -> bool:
    """Whether the trigger of COUNT or MUST_HAPPEN is true at this reading."""
    kind = leaves.trigger[leaf]
    if kind == _CHANGE:
        return changed(leaves, memory, leaf, value)
    if kind == _STATE:
        return in_state(leaves, leaf, value)
    edge = leaves.lower[leaf] if memory.inner[leaf] == _TRUE else leaves.limit[leaf]
    return bool(value >= edge) if kind == _HIGH else bool(value <= edge)


def count(leaves: Leaves, memory: Memory, leaf: int, value: float, at: int) -> int:
    """Whether the trigger became true often enough in the window."""
    now = triggered(leaves, memory, leaf, value)
    anew = now and (memory.inner[leaf] != _TRUE or leaves.flags[leaf] & _EVERY != 0)
    memory.inner[leaf] = _TRUE if now else _FALSE
    room, first = leaves.ring_n[leaf], leaves.ring_at[leaf]
    if anew:
        if memory.ring_used[leaf] == room:
            memory.ring_head[leaf] = (memory.ring_head[leaf] + 1) % room
        else:
            memory.ring_used[leaf] += 1
        memory.ring_ms[first + (memory.ring_head[leaf] + memory.ring_used[leaf] - 1) % room] = at
    return _TRUE if count_ends(leaves, memory, leaf) > at else _FALSE


def count_ends(leaves: Leaves, memory: Memory, leaf: int) -> int:
    """When the oldest of the needed moments leaves the window; NEVER while there are not so many."""
    if memory.ring_used[leaf] < leaves.ring_n[leaf]:
        return _NEVER
    return int(memory.ring_ms[leaves.ring_at[leaf] + memory.ring_head[leaf]] + leaves.span_ms[leaf])


def happening(t: Tables, leaf: int, value: float, at: int) -> int:
    """MUST_HAPPEN at a reading: if it happens nothing is missing, else what was known before is known again."""
    memory = t.memory
    if memory.since_ms[leaf] == _NEVER:
        memory.since_ms[leaf] = at
    now = triggered(t.leaves, memory, leaf, value)
    memory.inner[leaf] = _TRUE if now else _FALSE
    if now:
        memory.last_ms[leaf] = at
        return _FALSE
    return int(memory.armed[leaf])
