"""Pure. How much a channel bears. A window that slides, since a bucket that refills lets twice its size through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.codes import FAR
from vocab.channels import Limit
from vocab.instant import seconds_ms

_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages may go now, how many of these to what is not of priority 1, and when there is room again."""

    free: int
    ordinary: int
    next_ms: int


def room(sent_ms: Sequence[int], limits: Sequence[Limit], now_ms: int) -> Room:
    """`sent_ms`: every attempt within the longest window, in any order. An attempt counts, whether it worked or not."""
    free, ordinary, next_ms = _MANY, _MANY, FAR
    for limit in limits:
        span = seconds_ms(limit.per_s)
        inside = sorted(at for at in sent_ms if now_ms - span < at <= now_ms)
        left = limit.count - len(inside)
        free, ordinary = min(free, left), min(ordinary, left - limit.reserve)
        if inside:
            next_ms = min(next_ms, inside[0] + span)
    return Room(max(0, free), max(0, ordinary), next_ms)


def longest_ms(limits: Sequence[Limit]) -> int:
    """The longest window."""
    return max((seconds_ms(limit.per_s) for limit in limits), default=0)
