"""Pure. How long somebody has to wait who tried a wrong password: longer each time, and not for ever."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """What an operator may decide about failed attempts."""

    free: int = 5  # failures without a wait
    first_s: float = 2.0  # then a wait, doubled by each further failure
    longest_s: float = 900.0
    forget_s: float = 3600.0  # after the last failure
    most: int = 10_000  # accounts and addresses remembered; beyond that the oldest are forgotten
    known_s: float = 180 * 86_400.0  # so long an address is one's own, after the last sign-in from there


@dataclass(frozen=True, slots=True)
class Failures:
    """What is remembered of one account or address."""

    count: int = 0
    last_ms: int = 0


def wait_ms(failures: Failures, patience: Patience, now_ms: int) -> int:
    """How long the next attempt has to wait; 0: it may be made."""
    if failures.count < patience.free or is_forgotten(failures, patience, now_ms):
        return 0
    doublings = min(failures.count - patience.free, 30)
    wait_s = min(patience.first_s * float(2**doublings), patience.longest_s)
    # A clock that was set back must not make a wait of minutes one of years.
    return max(0, min(failures.last_ms, now_ms) + round(wait_s * 1000) - now_ms)


def begun(failures: Failures, patience: Patience, now_ms: int) -> Failures:
    """An attempt counts as failed from its start, so that many at once gain nothing."""
    count = 0 if is_forgotten(failures, patience, now_ms) else failures.count
    return Failures(count + 1, now_ms)


def is_forgotten(failures: Failures, patience: Patience, now_ms: int) -> bool:
    """Whether the last failure is so long ago that it counts no more."""
    return now_ms - failures.last_ms > patience.forget_s * 1000
