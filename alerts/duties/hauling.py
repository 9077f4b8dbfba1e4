"""Pure. Which load is whose: emptied pools and weighed loads, matched by plant, route and time.

The law of this file
1. A load belongs to one route: that of the pool that has waited longest of those it may belong to.
2. It may belong to a pool if it was weighed not before the pool was emptied (or so much before as its level lags) and
   not after it would count as lost.
3. Of that route it brings everything that waits and that it may belong to; one tractor empties several pools. A pool of
   the same route whose emptying is only seen later joins it.
4. Nothing but times is known of a load, so what a person knows better is said on the ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pool that was emptied and of which no load has arrived. Moments in ms UTC."""

    id: int
    route: str
    emptied_ms: int
    from_ms: int  # the earliest load that may be its own
    until_ms: int  # and the latest


@dataclass(frozen=True, slots=True)
class Load:
    """One load; `route` is whose it is already."""

    at_ms: int
    weight: float
    route: str | None = None


def arrivals(waiting: Iterable[Waiting], loads: Sequence[Load]) -> list[tuple[Waiting, Load]]:
    """What arrives with which load, the loads in the order of time."""
    left = sorted(waiting, key=lambda each: (each.emptied_ms, each.id))
    found: list[tuple[Waiting, Load]] = []
    for load in sorted(loads, key=lambda each: each.at_ms):
        fits = [each for each in left if each.from_ms <= load.at_ms <= each.until_ms]
        route = load.route or (fits[0].route if fits else None)
        mine = [each for each in fits if each.route == route]
        found += [(each, load) for each in mine]
        left = [each for each in left if each not in mine]
    return found
