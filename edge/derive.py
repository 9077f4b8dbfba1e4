"""Pure. Points computed from others: a share of a span, such as the fill of a bin from the distance to the rubbish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.number import DECODE, GOOD
from vocab.point import Derive


@dataclass(frozen=True, slots=True)
class Span:
    """One derived column: 0 % where the source column is `zero`, 100 % where it is `full`.

    Not clipped: an overfull bin reads more than 100 %, and bounds are the gate's business.
    """

    point: str
    source: int  # column
    zero: float
    full: float

    def settle(self, value: float | None, reason: int) -> tuple[float | None, int]:
        """The derived value, as doubtful as its source."""
        if value is None:
            return None, reason
        if self.full == self.zero:
            return None, DECODE if reason == GOOD else reason
        return 100 * (value - self.zero) / (self.full - self.zero), reason


def spans(points: Sequence[str], derives: Sequence[Derive], params: Mapping[str, float]) -> tuple[Span, ...]:
    """The derived columns that the columns `points` allow."""
    return tuple(
        Span(derive.point, points.index(derive.source), params[derive.zero], params[derive.full])
        for derive in derives
        if derive.source in points
    )
