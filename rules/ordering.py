"""Pure. Alarms that ask for one another: their order, who belongs together, and how far a change can go.

`asks[i]` are the numbers of the alarms that alarm i asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np

from rules.columns import Clusters

Asks = Sequence[Sequence[int]]


def ordered(asks: Asks, names: Sequence[str]) -> list[int]:
    """Numbers so that what is asked for comes first, else in their own order; ValueError for a circle."""
    if not any(asks):
        return list(range(len(asks)))
    sorter = TopologicalSorter(dict(enumerate(asks)))
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(
            "alarms ask for one another in a circle: " + " → ".join(names[i] for i in error.args[1])
        ) from None
    rank, level = [0] * len(asks), 0
    while sorter.is_active():
        ready = sorter.get_ready()
        for number in ready:
            rank[number] = level
            sorter.done(number)
        level += 1
    return sorted(range(len(asks)), key=lambda number: (rank[number], number))


def clusters(asks: Asks) -> tuple[Clusters, list[int]]:
    """Everybody who is joined by asking, and the cluster of each."""
    parent = list(range(len(asks)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, asked in enumerate(asks):
        for other in asked:
            parent[root(number)] = root(other)
    members: dict[int, list[int]] = {}
    for number in range(len(asks)):
        members.setdefault(root(number), []).append(number)
    cluster_of = [0] * len(asks)
    for cluster, rows in enumerate(members.values()):
        for row in rows:
            cluster_of[row] = cluster
    lengths = np.array([len(rows) for rows in members.values()], np.int32)
    together = Clusters(
        at=(np.cumsum(lengths) - lengths).astype(np.int32),
        n=lengths,
        rows=np.array([row for rows in members.values() for row in rows], np.int32),
    )
    return together, cluster_of


def reach(asks: Asks) -> list[int]:
    """How many alarms a change of each may move, itself included, counted once for every way."""
    asked_by: list[list[int]] = [[] for _ in asks]
    for number, asked in enumerate(asks):
        for other in asked:
            asked_by[other].append(number)
    found = [1] * len(asks)
    for number in reversed(range(len(asks))):  # who asks comes after what is asked for
        found[number] += sum(found[each] for each in asked_by[number])
    return found
