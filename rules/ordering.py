"""Pure. Alarms that ask for one another: their order, who belongs together, and how far a change can go.

`Asks` are pairs: alarm `who[i]` asks for alarm `whom[i]`; each pair once.
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import numpy as np

from rules.columns import I32, I64, Clusters

_LONG = 32  # a chain of alarms that is longer than any that people draw may be a circle


class Asks(NamedTuple):
    """Who asks for whom."""

    who: I64
    whom: I64


def asks(who: I64, whom: I64, alarms: int) -> Asks:
    """Each pair once."""
    once = np.unique(who.astype(np.int64) * alarms + whom)
    return Asks(once // max(1, alarms), once % max(1, alarms))


def ranks(pairs: Asks, names: Sequence[str]) -> I64:
    """How many alarms stand before each, one asked for by the next, at most; ValueError for a circle."""
    found, turns = np.zeros(len(names), np.int64), 0
    while True:
        before = found[pairs.who]
        np.maximum.at(found, pairs.who, found[pairs.whom] + 1)
        if (found[pairs.who] == before).all():
            return found
        turns += 1
        if turns == _LONG:
            _refuse_circle(pairs, names)


def _refuse_circle(pairs: Asks, names: Sequence[str]) -> None:
    of: dict[int, list[int]] = {}
    for who, whom in zip(pairs.who.tolist(), pairs.whom.tolist(), strict=True):
        of.setdefault(who, []).append(whom)
    try:
        TopologicalSorter(of).prepare()
    except CycleError as error:
        raise ValueError(
            "alarms ask for one another in a circle: " + " → ".join(names[i] for i in error.args[1])
        ) from None


def clusters(pairs: Asks, alarms: int) -> tuple[Clusters, I32]:
    """Everybody who is joined by asking, and the cluster of each; numbered by their first alarm."""
    first = np.arange(alarms)
    while True:
        before = first.copy()
        least = np.minimum(first[pairs.who], first[pairs.whom])
        np.minimum.at(first, pairs.who, least)
        np.minimum.at(first, pairs.whom, least)
        first = first[first]
        if (first == before).all():
            break
    leads, cluster_of, lengths = np.unique(first, return_inverse=True, return_counts=True)
    rows = np.argsort(cluster_of, kind="stable") if len(leads) < alarms else first
    together = Clusters(
        at=(np.cumsum(lengths) - lengths).astype(np.int32), n=lengths.astype(np.int32), rows=rows.astype(np.int32)
    )
    return together, cluster_of.astype(np.int32)


def reach(pairs: Asks, rank: I64) -> I32:
    """How many alarms a change of each may move, itself included, counted once for every way."""
    found = np.ones(len(rank))
    of_pair = rank[pairs.who]
    for level in range(int(of_pair.max(initial=0)), 0, -1):  # who asks comes after what is asked for
        at = of_pair == level
        np.add.at(found, pairs.whom[at], found[pairs.who[at]])
    return np.minimum(found, np.iinfo(np.int32).max).astype(np.int32)
