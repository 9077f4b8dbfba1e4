"""Pure. Which items a draw takes: by a seed, so that whoever has seed, population and rule draws the same again.

Of each unit by itself: its items in the order of the SHA-256 of `seed/item`, as many from the first on as the rule
asks for. Nobody can choose, and nothing but these three decides; `sha256sum` is enough to check it.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One thing that a unit checked itself."""

    name: str  # duty:ID or ticket:ID
    unit: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How much of each unit's items is drawn: a share, rounded up, or a count."""

    share: float | None = None
    count: int | None = None

    def of(self, there: int) -> int:
        """Of so many."""
        if self.count is not None:
            return min(self.count, there)
        return min(there, math.ceil(round(there * (self.share or 0.0), 9)))  # 0.1 * 30 is a little more than 3


def drawn(seed: str, population: Iterable[Item], rule: Rule) -> list[Item]:
    """The items, by unit and then in the order of drawing; each once."""
    by_unit: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(set(population)):
        by_unit[item.unit].append(item)
    found: list[Item] = []
    for _, items in sorted(by_unit.items()):
        found += sorted(items, key=lambda item: _place(seed, item))[: rule.of(len(items))]
    return found


def _place(seed: str, item: Item) -> str:
    return hashlib.sha256(f"{seed}/{item.name}".encode()).hexdigest()
