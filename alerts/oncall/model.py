"""Pure. A call as escalation sees it, and the orders that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rules.codes import FAR


class PageState(StrEnum):
    """Where a page stands."""

    DUE = "due"  # to be sent at `next_ms`
    DIGEST = "digest"  # waits for the next digest of its person
    SENDING = "sending"  # on its way; whether it arrived is not known yet, also if its call is over meanwhile
    SENT = "sent"  # the receipt is here
    FAILED = "failed"  # this way did not work; another was taken if there is one
    ACKED = "acked"  # sent, and its call was answered
    CANCELLED = "cancelled"  # not sent, because its call was over; with a reason: tried, and no receipt came


WAITING = (PageState.DUE, PageState.DIGEST)


@dataclass(frozen=True, slots=True)
class Call:
    """One time that somebody is to answer."""

    id: int
    at_ms: int
    priority: int
    policy: str
    grid: str = ""
    lead_unit: str = ""
    assist_units: tuple[str, ...] = ()
    late: bool = False
    drill: bool = False
    channels: tuple[str, ...] = ()  # its pages go by these first, whatever the policy says


@dataclass(frozen=True, slots=True)
class Order:
    """Page this person. Without a person: nobody was to be found, which is kept and shown."""

    step: int
    round: int
    due_ms: int
    person: str
    ways: tuple[tuple[str, str], ...]  # (channel, address), in order
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What of a call was ordered before: the last round of each step, and the steps for which nobody was found."""

    rounds: dict[int, int]
    empty: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now, and when to look again."""

    orders: tuple[Order, ...]
    next_ms: int = FAR
