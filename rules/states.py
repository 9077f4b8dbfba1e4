"""Pure. What people see of an alarm: how a transition is written down, and how an alarm is hidden and shown again.

The law of this file
1. A hidden alarm is shelved, suppressed (by design or by an order) or out of service. It goes on evaluating: its phase,
   its holds and its worst value are those of an alarm that nobody hid. Only its state says that it is hidden.
2. Reasons to hide are independent: one may end while another goes on. The gravest names the state: out of service,
   then shelved, then suppressed.
3. When the last reason ends, what is active is annunciated anew, acknowledged or not; an alarm that latches and was
   active or latched before is latched and unacknowledged; anything else is normal.
4. Raising and clearing while hidden are transitions too, with equal old and new state.
"""

from __future__ import annotations

from rules.codes import FAR, NEVER, Because, Hidden, Phase, StateCode
from rules.columns import Lives, Tables

_NORMAL, _UNACKED, _ACKED = int(StateCode.NORMAL), int(StateCode.UNACKED), int(StateCode.ACKED)
_RTN, _LATCHED = int(StateCode.RTN_UNACKED), int(StateCode.LATCHED_UNACKED)
_SHELVED_STATE, _SUPPRESSED_STATE = int(StateCode.SHELVED), int(StateCode.SUPPRESSED)
_OUT_STATE = int(StateCode.OUT_OF_SERVICE)
_ON, _CLEARING = int(Phase.ON), int(Phase.CLEARING)
_BY_DESIGN, _BY_ORDER, _ON_SHELF = int(Hidden.BY_DESIGN), int(Hidden.BY_ORDER), int(Hidden.ON_SHELF)
_OUT = int(Hidden.OUT_OF_SERVICE)
_REALARMED = int(Because.REALARMED)
_NEVER, _FAR = NEVER, FAR


def move(t: Tables, row: int, new: int, because: int, at: int) -> None:
    """Write down one transition. (An alarm raised again out of RTN_UNACKED is one too.)"""
    n = t.log.used[0]
    t.log.row[n] = row
    t.log.old[n] = t.lives.state[row]
    t.log.new[n] = new
    t.log.because[n] = because
    t.log.at_ms[n] = at
    t.log.value[n] = t.lives.value[row]
    t.log.peak[n] = t.lives.peak[row]
    t.log.used[0] = n + 1
    t.lives.state[row] = new
    t.lives.dirty[row] = True


def cover(hidden: int) -> int:
    """Law 2: the state that these reasons give."""
    if hidden & _OUT:
        return _OUT_STATE
    return _SHELVED_STATE if hidden & _ON_SHELF else _SUPPRESSED_STATE


def is_active(lives: Lives, row: int) -> bool:
    """Whether the condition holds, its off-delay included."""
    return bool(lives.phase[row] == _ON or lives.phase[row] == _CLEARING)


def hide(t: Tables, row: int, bit: int, because: int, at: int) -> None:
    """One more reason to hide, or the same one again (a shelf that is renewed)."""
    lives = t.lives
    if lives.hidden[row] == 0:
        lives.beneath[row] = lives.state[row]
    lives.hidden[row] |= bit
    move(t, row, cover(lives.hidden[row]), because, at)


def show(t: Tables, row: int, bit: int, because: int, at: int) -> None:
    """A reason to hide is over; without it nothing happens."""
    lives = t.lives
    if lives.hidden[row] & bit == 0:
        return
    lives.hidden[row] &= ~bit
    if bit == _ON_SHELF:
        lives.shelf_ms[row] = _NEVER
    new = _NORMAL
    if lives.hidden[row]:
        new = cover(lives.hidden[row])
    elif is_active(lives, row):
        new = _UNACKED
        lives.acked_ms[row] = _NEVER
    elif t.rules.latching[t.alarms.rule[row]] and lives.beneath[row] != _NORMAL and lives.beneath[row] != _RTN:
        new = _LATCHED
    move(t, row, new, because, at)


def realarm(t: Tables, row: int, at: int) -> None:
    """Acknowledged and forgotten: annunciate again what still stands."""
    if t.lives.state[row] == _ACKED and is_active(t.lives, row):
        t.lives.acked_ms[row] = _NEVER
        move(t, row, _UNACKED, _REALARMED, at)
