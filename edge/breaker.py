"""Pure. Per slave: when to stop asking one that is silent, and when to try again.

The law: a silent slave costs at most one time-out per back-off period. The first silence opens the breaker; when the
back-off is over one probe goes out (half open); an answer closes it, silence doubles the back-off up to the longest.

    state      | answered | silent        | due (back-off over)
    -----------+----------+---------------+--------------------
    closed     | closed   | open, first   | closed
    open       | closed   | open          | half-open
    half-open  | closed   | open, doubled | half-open
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a slave is treated."""

    CLOSED = "closed"  # asked every period
    OPEN = "open"  # not asked
    HALF_OPEN = "half-open"  # one question is out


class Event(StrEnum):
    """What moves a breaker."""

    ANSWERED = "answered"  # anything at all from the slave, an exception too
    SILENT = "silent"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a silent slave is left alone. Site seconds."""

    first_s: float = 2.0
    factor: float = 2.0
    longest_s: float = 60.0
    probe_share: float = 0.1  # of a bus's time, at most, spent on slaves known to be silent


@dataclass(frozen=True, slots=True)
class Breaker:
    """Where one slave stands."""

    state: State = State.CLOSED
    until_ms: int = 0  # open: when the next probe may go out
    silences: int = 0  # in a row


NEW = Breaker()

_NEXT: dict[tuple[State, Event], State] = {
    (State.CLOSED, Event.ANSWERED): State.CLOSED,
    (State.CLOSED, Event.SILENT): State.OPEN,
    (State.CLOSED, Event.DUE): State.CLOSED,
    (State.OPEN, Event.ANSWERED): State.CLOSED,
    (State.OPEN, Event.SILENT): State.OPEN,
    (State.OPEN, Event.DUE): State.HALF_OPEN,
    (State.HALF_OPEN, Event.ANSWERED): State.CLOSED,
    (State.HALF_OPEN, Event.SILENT): State.OPEN,
    (State.HALF_OPEN, Event.DUE): State.HALF_OPEN,
}


def after(breaker: Breaker, event: Event, now_ms: int, patience: Patience, cost_ms: int = 0) -> Breaker:
    """The breaker after `event`. A back-off is counted from `now_ms`, when the silence was noticed.

    It is no shorter than `cost_ms`, the time-out itself: whoever answers later than that is not to meet a new question.
    """
    state = _NEXT[breaker.state, event]
    if state is State.CLOSED:
        return NEW
    if state is breaker.state:
        return breaker
    if state is State.HALF_OPEN:
        return Breaker(state, breaker.until_ms, breaker.silences)
    wait_ms = max(cost_ms, backoff_ms(breaker.silences, patience))
    return Breaker(state, now_ms + wait_ms, breaker.silences + 1)


def backoff_ms(silences: int, patience: Patience) -> int:
    """The back-off after one more silence than `silences` in a row."""
    # Beyond 32 doublings the power would outgrow a float long before the longest wait is lengthened by it.
    grown = patience.first_s * patience.factor ** min(silences, 32)
    return round(min(grown, patience.longest_s) * 1000)


def may_ask(breaker: Breaker, now_ms: int, patience: Patience) -> bool:
    """Whether a request may go out now. A clock set back must not keep a slave shut out for hours."""
    if breaker.state is not State.OPEN:
        return breaker.state is State.CLOSED
    return now_ms >= breaker.until_ms or breaker.until_ms - now_ms > patience.longest_s * 1000
