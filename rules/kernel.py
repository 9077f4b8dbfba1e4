"""Pure. The life cycle of an alarm: one plain function over columns, with time as an argument.

The law of this file
1. An alarm has a *verdict* (its condition now), a *phase* (after its delays) and a *state* (what people see).
2. Raising needs the verdict TRUE for `on_ms` and `on_n` samples without a FALSE between; clearing needs FALSE for
   `off_ms` and `off_n` samples without a TRUE between.
3. UNKNOWN freezes: a running hold neither grows nor breaks. It goes on where it stood when the verdict is TRUE or FALSE
   again. So doubt neither raises nor clears.
4. An event is dated when it fell due, not when somebody looked. What is measured at the very moment at which a hold
   would end counts first: two polls above the limit and one below, 5 s apart, were not above it for 10 s.
5. Looking is not an input: ELAPSE twice, once or never before the next reading gives the same events. It says that
   everything measured up to and including that moment has been judged.
6. Time never runs back inside an alarm: an input older than its last event counts at that event. People's actions carry
   their own time and do not move the alarm's.
7. Acknowledging never clears, clearing never acknowledges, and a latched alarm reaches normal only by a reset while
   its condition is known to be false.
8. Hiding (rules.states) touches neither verdict nor phase.

Everything is written in the subset that numba compiles; `rules.compiled` does so. Plain and compiled are one source.
"""

from __future__ import annotations

from rules.codes import FAR, NEVER, Because, Hidden, Input, Phase, StateCode, Verdict
from rules.columns import Lives, Tables
from rules.states import hide, move, realarm, show

# numba takes plain integers as constants; attribute look-ups on an enum also cost a third of the plain run.
_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_ELAPSE, _ACKNOWLEDGE, _RESET = int(Input.ELAPSE), int(Input.ACKNOWLEDGE), int(Input.RESET)
_SHELVE, _UNSHELVE, _SHELF_ENDS = int(Input.SHELVE), int(Input.UNSHELVE), int(Input.SHELF_ENDS)
_SUPPRESS, _UNSUPPRESS = int(Input.SUPPRESS), int(Input.UNSUPPRESS)
_REMOVE, _RETURN, _REALARM = int(Input.REMOVE), int(Input.RETURN), int(Input.REALARM)
_OFF, _PENDING, _ON, _CLEARING = int(Phase.OFF), int(Phase.PENDING), int(Phase.ON), int(Phase.CLEARING)
_NORMAL, _UNACKED, _ACKED = int(StateCode.NORMAL), int(StateCode.UNACKED), int(StateCode.ACKED)
_RTN, _LATCHED, _LATCHED_ACKED = (
    int(StateCode.RTN_UNACKED),
    int(StateCode.LATCHED_UNACKED),
    int(StateCode.LATCHED_ACKED),
)
_RAISED, _CLEARED = int(Because.RAISED), int(Because.CLEARED)
_ACKNOWLEDGED, _WAS_RESET = int(Because.ACKNOWLEDGED), int(Because.RESET)
_SHELVED, _UNSHELVED, _SHELF_ENDED = int(Because.SHELVED), int(Because.UNSHELVED), int(Because.SHELF_ENDED)
_SUPPRESSED, _UNSUPPRESSED = int(Because.SUPPRESSED), int(Because.UNSUPPRESSED)
_WINDOW_BEGAN, _WINDOW_ENDED = int(Because.WINDOW_BEGAN), int(Because.WINDOW_ENDED)
_REMOVED, _RETURNED = int(Because.REMOVED), int(Because.RETURNED)
_HIDDEN_RAISED, _HIDDEN_CLEARED = int(Because.HIDDEN_RAISED), int(Because.HIDDEN_CLEARED)
_BY_DESIGN, _BY_ORDER, _ON_SHELF = int(Hidden.BY_DESIGN), int(Hidden.BY_ORDER), int(Hidden.ON_SHELF)
_OUT = int(Hidden.OUT_OF_SERVICE)
_NEVER, _FAR = NEVER, FAR


def elapse(t: Tables, row: int, at: int) -> None:
    """Let time reach `at`: a hold that is due ends, at its own due-time, and so does a suppression that lingers."""
    lives = t.lives
    while True:
        due, veil = lives.due_ms[row], lives.veil_ms[row]
        if veil <= at and veil <= due:
            lives.veil_ms[row] = _FAR
            lives.at_ms[row] = max(lives.at_ms[row], veil)
            show(t, row, _BY_DESIGN, _UNSUPPRESSED, veil)
        elif due <= at:
            end_hold(t, row, due)
        else:
            return


def end_hold(t: Tables, row: int, due: int) -> None:
    """The delay is over: the alarm is raised, or it clears."""
    lives = t.lives
    lives.due_ms[row] = _FAR
    lives.at_ms[row] = due
    lives.since_ms[row] = _NEVER
    if lives.phase[row] == _PENDING:
        lives.phase[row] = _ON
        lives.raised_ms[row] = due
        lives.acked_ms[row] = _NEVER
        lives.peak[row] = lives.value[row]
        if lives.hidden[row]:
            move(t, row, lives.state[row], _HIDDEN_RAISED, due)
        else:
            move(t, row, _UNACKED, _RAISED, due)
        return
    lives.phase[row] = _OFF
    lives.cleared_ms[row] = due
    if lives.hidden[row]:
        move(t, row, lives.state[row], _HIDDEN_CLEARED, due)
    elif lives.state[row] == _UNACKED:
        move(t, row, _LATCHED if t.rules.latching[t.alarms.rule[row]] else _RTN, _CLEARED, due)
    else:
        move(t, row, _LATCHED_ACKED if t.rules.latching[t.alarms.rule[row]] else _NORMAL, _CLEARED, due)


def hold(lives: Lives, row: int, phase: int, at: int, needed: int) -> None:
    """Start a hold with its first sample."""
    lives.phase[row] = phase
    lives.since_ms[row] = at
    lives.held[row] = 1
    lives.ready_ms[row] = at if needed <= 1 else _NEVER


def again(lives: Lives, row: int, at: int, needed: int) -> None:
    """One more sample in a running hold."""
    lives.held[row] += 1
    if lives.held[row] >= needed and lives.ready_ms[row] == _NEVER:  # `needed` may be less than when it began
        lives.ready_ms[row] = at


def drop(lives: Lives, row: int, phase: int) -> None:
    """A hold was broken."""
    lives.phase[row] = phase
    lives.since_ms[row] = _NEVER


def schedule(t: Tables, row: int) -> None:
    """When the running hold ends if nothing changes."""
    lives = t.lives
    phase = lives.phase[row]
    due = _FAR
    waits = phase in (_PENDING, _CLEARING)
    if waits and lives.frozen_ms[row] == _NEVER and lives.ready_ms[row] != _NEVER:
        delay = t.rules.on_ms[t.alarms.rule[row]] if phase == _PENDING else t.rules.off_ms[t.alarms.rule[row]]
        due = max(lives.since_ms[row] + delay, lives.ready_ms[row])
    lives.due_ms[row] = due


def thaw(lives: Lives, row: int, verdict: int, at: int) -> None:
    """Enter or leave the time in which nothing is known."""
    frozen = lives.frozen_ms[row]
    if verdict == _UNKNOWN:
        if frozen == _NEVER:
            lives.frozen_ms[row] = at
    elif frozen != _NEVER:
        if lives.since_ms[row] != _NEVER:
            lives.since_ms[row] += at - frozen
        lives.frozen_ms[row] = _NEVER


def judge(t: Tables, row: int, verdict: int, at: int) -> None:
    """A verdict was reached at `at`: start, feed or break a hold."""
    lives = t.lives
    thaw(lives, row, verdict, at)
    phase = lives.phase[row]
    if verdict == _TRUE:
        if phase == _OFF:
            hold(lives, row, _PENDING, at, t.rules.on_n[t.alarms.rule[row]])
        elif phase == _PENDING:
            again(lives, row, at, t.rules.on_n[t.alarms.rule[row]])
        elif phase == _CLEARING:
            drop(lives, row, _ON)
    elif verdict == _FALSE:
        if phase == _ON:
            hold(lives, row, _CLEARING, at, t.rules.off_n[t.alarms.rule[row]])
        elif phase == _CLEARING:
            again(lives, row, at, t.rules.off_n[t.alarms.rule[row]])
        elif phase == _PENDING:
            drop(lives, row, _OFF)


def worst(t: Tables, row: int, value: float) -> None:
    """Keep the value shown, and the worst one while active; an alarm that is off keeps what it last had."""
    phase = t.lives.phase[row]
    if value != value or phase == _OFF:  # noqa: PLR0124 - not a number: there is no value
        return
    t.lives.value[row] = value
    if phase in (_ON, _CLEARING):
        peak = t.lives.peak[row]
        if peak != peak or (value - peak) * t.rules.sign[t.alarms.rule[row]] > 0:  # noqa: PLR0124
            t.lives.peak[row] = value


def acknowledge(t: Tables, row: int, at: int) -> None:
    """Somebody has seen it. Without an unacknowledged alarm nothing happens."""
    state = t.lives.state[row]
    if state == _UNACKED:
        new = _ACKED
    elif state == _RTN:
        new = _NORMAL
    elif state == _LATCHED:
        new = _LATCHED_ACKED
    else:
        return
    t.lives.acked_ms[row] = at
    move(t, row, new, _ACKNOWLEDGED, at)


def reset(t: Tables, row: int, at: int) -> None:
    """Let a latched alarm go; only after it was acknowledged, and only while its condition is known to be false."""
    lives = t.lives
    if lives.state[row] == _LATCHED_ACKED and lives.phase[row] == _OFF and lives.verdict[row] == _FALSE:
        move(t, row, _NORMAL, _WAS_RESET, at)


def veil(t: Tables, row: int, verdict: int, at: int) -> None:
    """Suppression by design. Doubt leaves it as it is, but never hides an alarm of life safety."""
    lives = t.lives
    at = max(at, lives.at_ms[row])
    elapse(t, row, at - 1)
    if verdict == _TRUE:
        lives.veil_ms[row] = _FAR
        if lives.hidden[row] & _BY_DESIGN == 0:
            hide(t, row, _BY_DESIGN, _SUPPRESSED, at)
    elif lives.hidden[row] & _BY_DESIGN and (verdict == _FALSE or t.rules.safety[t.alarms.rule[row]]):
        if lives.veil_ms[row] == _FAR:
            lives.veil_ms[row] = at + t.rules.linger_ms[t.alarms.rule[row]]
    else:
        return
    lives.at_ms[row] = at
    lives.dirty[row] = True


def order(t: Tables, row: int, what: int, at: int, until: int) -> None:
    """What people do, with its own time. The log must have room for one transition."""
    if what == _ACKNOWLEDGE:
        acknowledge(t, row, at)
    elif what == _RESET:
        reset(t, row, at)
    elif what == _REALARM:
        realarm(t, row, at)
    elif what == _SHELVE:
        t.lives.shelf_ms[row] = until
        hide(t, row, _ON_SHELF, _SHELVED, at)
    elif what == _UNSHELVE:
        show(t, row, _ON_SHELF, _UNSHELVED, at)
    elif what == _SHELF_ENDS:
        show(t, row, _ON_SHELF, _SHELF_ENDED, at)
    else:
        order_away(t, row, what, at)


def order_away(t: Tables, row: int, what: int, at: int) -> None:
    """Maintenance windows, and out of service."""
    if what == _SUPPRESS and t.lives.hidden[row] & _BY_ORDER == 0:
        hide(t, row, _BY_ORDER, _WINDOW_BEGAN, at)
    elif what == _UNSUPPRESS:
        show(t, row, _BY_ORDER, _WINDOW_ENDED, at)
    elif what == _REMOVE and t.lives.hidden[row] & _OUT == 0:
        hide(t, row, _OUT, _REMOVED, at)
    elif what == _RETURN:
        show(t, row, _OUT, _RETURNED, at)


def step(t: Tables, row: int, what: int, at: int, value: float) -> None:
    """One verdict, or only time, for one alarm. The log must have room for six transitions."""
    lives = t.lives
    at = max(at, lives.at_ms[row])
    if what == _ELAPSE:
        elapse(t, row, at)
        return
    elapse(t, row, at - 1)
    judge(t, row, what, at)
    worst(t, row, value)
    if what != lives.verdict[row] or lives.phase[row] != _OFF:
        lives.at_ms[row] = at
        lives.dirty[row] = True
    lives.verdict[row] = what
    schedule(t, row)
    elapse(t, row, at)
