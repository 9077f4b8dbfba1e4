"""Pure. From readings to verdicts: every condition type of vocab/condition.py, in event time, three-valued.

The law of this file
1. A reading speaks for its point until the next one (edges report by exception). A reading older than the point's last
   one is not judged here (see docs/reference/rules.md, "late readings").
2. GOOD counts. UNCERTAIN and BAD make every process condition UNKNOWN, and so does one unknown number of an expression.
   UNCERTAIN is treated as BAD because a doubtful number must neither call somebody out at night nor send somebody
   home; a rule may trust it. What conditions remember is kept through doubt.
3. NO_DATA is TRUE from the moment its silence is complete, unless something is measured at that very moment, and FALSE
   at any reading, good or not. Its time is the time of the point's edge, so a silent edge makes no silent points.
4. BAD_SIGNAL is TRUE at a reading that is not GOOD for one of its reasons. A reading without contact (comm_timeout,
   comm_error) is UNKNOWN to a condition that asks for something else: nobody answered, so nothing is known of the
   sensor. Any other reading is FALSE. It starts FALSE: a signal that never came is the business of NO_DATA.
5. STUCK counts good readings that are exactly equal. What it and the conditions of rules.memory say, they say at
   readings only; SCHEDULE, the end of a COUNT and a missed MUST_HAPPEN come with time (rules.passing).
6. ALARM looks at another alarm: TRUE while it is active; UNKNOWN while it is not and its own condition is unknown.
   BLIND is TRUE while another alarm's condition is unknown although its point was heard of.
"""

from __future__ import annotations

from rules.calc import number, reading
from rules.codes import EARLY, NEVER, LeafKind, Phase, Verdict
from rules.columns import Tables
from rules.memory import baseline, count, forecast, happening, in_state, rate, spread
from rules.states import is_active
from vocab.quality import Quality, Reason

_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_HIGH, _LOW, _STATE = int(LeafKind.HIGH), int(LeafKind.LOW), int(LeafKind.STATE)
_OVER, _UNDER = int(LeafKind.OVER), int(LeafKind.UNDER)
_NO_DATA, _BAD_SIGNAL = int(LeafKind.NO_DATA), int(LeafKind.BAD_SIGNAL)
_RATE, _FORECAST, _STUCK, _SPREAD = (
    int(LeafKind.RATE),
    int(LeafKind.FORECAST),
    int(LeafKind.STUCK),
    int(LeafKind.SPREAD),
)
_BASELINE, _COUNT, _MUST_HAPPEN = int(LeafKind.BASELINE), int(LeafKind.COUNT), int(LeafKind.MUST_HAPPEN)
_BLIND = int(LeafKind.BLIND)
_PENDING = int(Phase.PENDING)
_GOOD = int(Quality.GOOD)
_NEVER, _EARLY = NEVER, EARLY
_NO_CONTACT = (1 << int(Reason.COMM_TIMEOUT)) | (1 << int(Reason.COMM_ERROR))


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


def compare(t: Tables, leaf: int, value: float) -> int:
    """A number against a limit: an armed leaf has to come back past its deadband."""
    form = t.leaves.form[leaf]
    kind = t.forms.kind[form]
    edge = t.forms.lower[form] if t.memory.armed[leaf] == _TRUE else t.forms.limit[form]
    beyond = value == edge
    if kind == _HIGH:
        beyond = value >= edge
    elif kind == _LOW:
        beyond = value <= edge
    elif kind == _OVER:
        beyond = value > edge
    elif kind == _UNDER:
        beyond = value < edge
    return _TRUE if beyond else _FALSE


def stuck(t: Tables, leaf: int, at: int) -> int:
    """Whether the run of equal values is long enough, in samples and in time, while something else moved."""
    cell, form = t.leaves.cell[leaf], t.leaves.form[leaf]
    since = t.senses.same_ms[cell]
    if t.senses.same_n[cell] < t.forms.samples[form] or at - since < t.forms.span_ms[form]:
        return _FALSE
    if t.forms.arg_n[form] == 0:
        return _TRUE
    for i in range(t.leaves.arg_at[leaf], t.leaves.arg_at[leaf] + t.forms.arg_n[form]):
        if t.senses.same_ms[t.leaves.args[i]] > since:
            return _TRUE
    return _FALSE


def sense(t: Tables, leaf: int, at: int) -> int:
    """What the last reading of its cell makes of a leaf."""
    form, cell = t.leaves.form[leaf], t.leaves.cell[leaf]
    kind = t.forms.kind[form]
    if kind == _NO_DATA:
        return _FALSE
    if kind == _BAD_SIGNAL:
        return bad_signal(t.forms.mask[form], t.senses.quality[cell], t.senses.reason[cell])
    if kind <= _LOW or kind >= _OVER:
        value = number(t, leaf)
        return compare(t, leaf, value) if value == value else _UNKNOWN  # noqa: PLR0124 - not a number
    value = reading(t, leaf, cell)
    if value != value:  # noqa: PLR0124 - not a number
        return _UNKNOWN
    if kind == _STATE:
        return _TRUE if in_state(t, leaf, value) else _FALSE
    return remembered(t, leaf, value, at)


def remembered(t: Tables, leaf: int, value: float, at: int) -> int:
    """The conditions that look back."""
    kind = t.forms.kind[t.leaves.form[leaf]]
    verdict = _UNKNOWN
    if kind == _STUCK:
        verdict = stuck(t, leaf, at)
    elif kind == _RATE:
        verdict = rate(t, leaf, value, at)
    elif kind == _FORECAST:
        verdict = forecast(t, leaf, value, at)
    elif kind == _SPREAD:
        verdict = spread(t, leaf, value, at)
    elif kind == _BASELINE:
        verdict = baseline(t, leaf, value, at)
    elif kind == _COUNT:
        verdict = count(t, leaf, value, at)
    elif kind == _MUST_HAPPEN:
        verdict = happening(t, leaf, value, at)
    return verdict


def of_alarm(t: Tables, leaf: int) -> int:
    """Law 6."""
    row, form = t.leaves.other[leaf], t.leaves.form[leaf]
    if row < 0:
        return _FALSE
    known = t.lives.verdict[row] != _UNKNOWN
    if t.forms.kind[form] == _BLIND:
        cell = t.alarms.cell[row]
        return _FALSE if known or cell < 0 or t.senses.measured_ms[cell] == _NEVER else _TRUE
    if is_active(t.lives, row):
        return _TRUE
    if t.forms.flags[form] & _EARLY and t.lives.phase[row] == _PENDING:
        return _TRUE
    return _FALSE if known else _UNKNOWN


def shown(t: Tables, row: int) -> float:
    """The value that an alarm shows now, if there is a good one."""
    cell = t.alarms.cell[row]
    if cell >= 0 and t.senses.quality[cell] == _GOOD:
        return float(t.senses.value[cell])
    return float("nan")
