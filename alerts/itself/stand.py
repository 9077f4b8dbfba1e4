"""Pure. When a measure of Anlan itself becomes a ticket, and when that ticket is settled.

The law of this file
1. What was not measured says nothing: it opens no ticket and settles none.
2. A ticket is asked for when the limit was passed at every look for `for_s`, and only while there is none.
3. It is settled when every look for `for_s` found the measure at `clear` or better; between the two limits neither.
4. Somebody may close it before: if the measure does not agree for another `for_s`, a new one is asked for.
5. Settling is tried once for each time that the measure is well again: whoever deferred the ticket ends it.
6. Looks are so frequent that the shortest `for_s` has several of them.
Moments are seconds of a clock that nobody sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from vocab.self_watch import SelfWatch


class Step(Enum):
    """What has to be done now."""

    NOTHING = auto()
    ASK = auto()  # for a ticket
    SETTLE = auto()  # the one that is open


@dataclass(frozen=True, slots=True)
class Stand:
    """What is remembered of one measure and subject between two looks."""

    over_s: float | None = None  # since when it is past the limit without a break, and without a ticket
    well_s: float | None = None  # since when it is well without a break
    is_settled: bool = False  # since then, its ticket was settled, as far as we may


NEW = Stand()


_LOOK_EVERY_S = (0.5, 5.0)  # real
_LOOKS = 3


def look_every_s(rows: Iterable[SelfWatch]) -> float:
    """How long to wait between two looks."""
    least_s, most_s = _LOOK_EVERY_S
    return max(least_s, min([most_s, *(row.for_s / _LOOKS for row in rows if row.for_s > 0)]))


def look(row: SelfWatch, stand: Stand, value: float | None, now_s: float, *, is_open: bool) -> tuple[Stand, Step]:
    """What follows from a look. `value` in the unit of the measure, None: it could not be measured."""
    if value is None:
        return stand, Step.NOTHING
    if row.is_over(value):
        over_s = now_s if stand.over_s is None or is_open else stand.over_s
        is_due = not is_open and now_s - over_s >= row.for_s
        return Stand(over_s=over_s), Step.ASK if is_due else Step.NOTHING
    if not row.is_well(value):
        return NEW, Step.NOTHING
    well_s = now_s if stand.well_s is None else stand.well_s
    is_due = is_open and not stand.is_settled and now_s - well_s >= row.for_s
    return Stand(well_s=well_s, is_settled=stand.is_settled or is_due), Step.SETTLE if is_due else Step.NOTHING
