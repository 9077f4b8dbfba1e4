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
from rules.columns import Tables

_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_HIGH, _LOW, _STATE, _CHANGE = int(LeafKind.HIGH), int(LeafKind.LOW), int(LeafKind.STATE), int(LeafKind.CHANGE)
_NEVER, _EVERY = NEVER, EVERY
_MS_PER_MIN = 60_000.0
PARTS = 24  # of the window of SPREAD
_PARTS = PARTS


def in_state(t: Tables, leaf: int, value: float) -> bool:
    """Whether the code is one of the leaf's."""
    forms = t.forms
    form = t.leaves.form[leaf]
    code = round(value)
    for i in range(t.leaves.arg_at[leaf], t.leaves.arg_at[leaf] + forms.arg_n[form]):
        if t.leaves.args[i] == code:
            return True
    return False


def held_before(t: Tables, leaf: int, value: float, at: int) -> float:
    """The value that held a window ago, or nan; the ring holds one window of readings and takes this one too."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    room, first = forms.ring_n[form], t.leaves.ring_at[kept]
    head, used = memory.ring_head[kept], memory.ring_used[kept]
    start = at - forms.span_ms[form]
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
    memory.ring_head[kept] = head
    memory.ring_used[kept] = used + 1
    if memory.ring_ms[first + head] > start:
        return float("nan")
    return float(memory.ring_value[first + head])


def rate(t: Tables, leaf: int, value: float, at: int) -> int:
    """The change over the window, per minute."""
    forms = t.forms
    form = t.leaves.form[leaf]
    before = held_before(t, leaf, value, at)
    if before != before:  # noqa: PLR0124 - not a number
        return _UNKNOWN
    slope = (value - before) * _MS_PER_MIN / forms.span_ms[form]
    return _TRUE if slope >= forms.limit[form] or slope <= forms.lower[form] else _FALSE


def forecast(t: Tables, leaf: int, value: float, at: int) -> int:
    """Whether the limit is reached in time if the point goes on as it did over the window."""
    forms = t.forms
    form = t.leaves.form[leaf]
    before = held_before(t, leaf, value, at)
    if value >= forms.limit[form] or value <= forms.lower[form]:
        return _TRUE
    if before != before:  # noqa: PLR0124 - not a number
        return _UNKNOWN
    then = value + (value - before) * forms.ahead_ms[form] / forms.span_ms[form]
    return _TRUE if then >= forms.limit[form] or then <= forms.lower[form] else _FALSE


def spread(t: Tables, leaf: int, value: float, at: int) -> int:
    """The distance between the highest and the lowest value of the window."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    first, parts = t.leaves.ring_at[kept], _PARTS + 1
    number = at // max(1, forms.span_ms[form] // _PARTS)
    if memory.since_ms[kept] == _NEVER:
        memory.since_ms[kept] = at
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
    if at - memory.since_ms[kept] < forms.span_ms[form]:
        return _UNKNOWN
    low, high = value, value
    for i in range(parts):
        place = first + 2 * i
        if memory.ring_ms[place] > number - parts:
            low = min(low, memory.ring_value[place])
            high = max(high, memory.ring_value[place + 1])
    return _TRUE if high - low >= forms.limit[form] or high - low <= forms.lower[form] else _FALSE


def baseline(t: Tables, leaf: int, value: float, at: int) -> int:
    """The distance of the short mean from the slow one."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    if memory.since_ms[kept] == _NEVER:
        memory.since_ms[kept] = at
        memory.last_ms[kept] = at
        memory.mean[kept] = value
        memory.fast[kept] = value
        memory.ring_used[kept] = 0
    held = memory.fast[kept]  # what held since the last reading; the new one speaks for what comes
    short = held + (value - held) / forms.samples[form]
    memory.fast[kept] = short
    passed, span = at - memory.last_ms[kept], forms.span_ms[form]
    memory.last_ms[kept] = at
    young = at - memory.since_ms[kept] < span
    verdict = _UNKNOWN
    if not young:
        gap = short - memory.mean[kept]
        slack = forms.slack[form] if memory.armed[leaf] == _TRUE else 0.0
        verdict = _TRUE if gap >= forms.limit[form] - slack or gap <= forms.lower[form] + slack else _FALSE
    if young:
        memory.ring_used[kept] += 1
        memory.mean[kept] += (value - memory.mean[kept]) / memory.ring_used[kept]
    elif verdict == _FALSE:
        memory.mean[kept] += (held - memory.mean[kept]) * passed / (span + passed)
    return verdict


def changed(t: Tables, leaf: int, value: float) -> bool:
    """CHANGE: whether the value has come so far from its extreme; then it becomes the extreme."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    extreme, falls = memory.mean[kept], forms.limit[form] == forms.limit[form]
    if extreme != extreme:  # noqa: PLR0124 - not a number: the first reading
        memory.mean[kept] = value
        return False
    if (falls and value <= extreme - forms.limit[form]) or (not falls and value >= extreme + forms.lower[form]):
        memory.mean[kept] = value
        return True
    if (falls and value > extreme) or (not falls and value < extreme):
        memory.mean[kept] = value
    return False


def triggered(t: Tables, leaf: int, value: float) -> bool:
    """Whether the trigger of COUNT or MUST_HAPPEN is true at this reading."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    kind = forms.trigger[form]
    if kind == _CHANGE:
        return changed(t, leaf, value)
    if kind == _STATE:
        return in_state(t, leaf, value)
    edge = forms.lower[form] if memory.inner[kept] == _TRUE else forms.limit[form]
    return bool(value >= edge) if kind == _HIGH else bool(value <= edge)


def count(t: Tables, leaf: int, value: float, at: int) -> int:
    """Whether the trigger became true often enough in the window."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    now = triggered(t, leaf, value)
    anew = now and (memory.inner[kept] != _TRUE or forms.flags[form] & _EVERY != 0)
    memory.inner[kept] = _TRUE if now else _FALSE
    room, first = forms.ring_n[form], t.leaves.ring_at[kept]
    if anew:
        if memory.ring_used[kept] == room:
            memory.ring_head[kept] = (memory.ring_head[kept] + 1) % room
        else:
            memory.ring_used[kept] += 1
        memory.ring_ms[first + (memory.ring_head[kept] + memory.ring_used[kept] - 1) % room] = at
    return _TRUE if count_ends(t, leaf) > at else _FALSE


def count_ends(t: Tables, leaf: int) -> int:
    """When the oldest of the needed moments leaves the window; NEVER while there are not so many."""
    forms, memory = t.forms, t.memory
    form, kept = t.leaves.form[leaf], t.leaves.kept[leaf]
    if memory.ring_used[kept] < forms.ring_n[form]:
        return _NEVER
    return int(memory.ring_ms[t.leaves.ring_at[kept] + memory.ring_head[kept]] + forms.span_ms[form])


def happening(t: Tables, leaf: int, value: float, at: int) -> int:
    """MUST_HAPPEN at a reading: if it happens nothing is missing, else what was known before is known again."""
    memory = t.memory
    kept = t.leaves.kept[leaf]
    if memory.since_ms[kept] == _NEVER:
        memory.since_ms[kept] = at
    now = triggered(t, leaf, value)
    memory.inner[kept] = _TRUE if now else _FALSE
    if now:
        memory.last_ms[kept] = at
        return _FALSE
    return int(memory.armed[leaf])
