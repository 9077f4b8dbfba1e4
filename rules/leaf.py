"""Pure. One condition on one point as a row of columns, with names where the columns have numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.calendar import Calendar
from rules.codes import Calc, LeafKind
from rules.memory import PARTS
from vocab.condition import Change, Deviation, Forecast, High, Low, Rate, Spread, State
from vocab.instant import seconds_ms
from vocab.point import Point

MASK_BITS = 63  # state codes below this fit the mask of the fast path
_RING_MOST = 4096  # readings a RATE keeps at most; beyond it the window is cut short
_NAN, _INF = float("nan"), float("inf")


@dataclass(slots=True)
class Leaf:
    """One row of rules.columns.Leaves, with names where the columns have numbers."""

    kind: LeafKind
    point: str | None = None
    trigger: LeafKind = LeafKind.HIGH
    flags: int = 0
    limit: float = _NAN
    lower: float = _NAN
    slack: float = _NAN
    mask: int = 0
    codes: tuple[int, ...] = ()
    others: tuple[str, ...] = ()  # points: STUCK: that must move; MUST_HAPPEN: that must stand high enough
    program: list[tuple[Calc, float | str]] = field(default_factory=list)
    alarm: tuple[str | None, str] | None = None  # asset and rule; no asset: its own
    span_ms: int = 0
    ahead_ms: int = 0
    samples: int = 0
    ring: int = 0
    calendar: Calendar | None = None

    @property
    def points(self) -> list[str]:
        """Every point whose readings it looks at."""
        named = [str(operand) for code, operand in self.program if code is Calc.CELL]
        return list(dict.fromkeys(named or ([self.point] if self.point is not None else [])))


def settled_number(limit: object) -> float:
    if not isinstance(limit, int | float):
        raise TypeError(f"{limit!r} is a limit that is not settled")
    return float(limit)


def in_state(point: Point, ids: tuple[str, ...]) -> Leaf:
    codes = tuple(state.code for state in point.states if state.id in ids)
    mask = sum(1 << code for code in codes if 0 <= code < MASK_BITS)
    return Leaf(LeafKind.STATE, point.id, mask=mask, codes=codes)


def against_a_limit(condition: High | Low | State, point: Point) -> Leaf:
    if isinstance(condition, State):
        return in_state(point, condition.is_any_of)
    limit = settled_number(condition.limit)
    # "false again below limit - deadband": the clearing end itself is still true.
    if isinstance(condition, High):
        return Leaf(LeafKind.HIGH, point.id, limit=limit, lower=limit - condition.deadband)
    return Leaf(LeafKind.LOW, point.id, limit=limit, lower=limit + condition.deadband)


def changing(condition: Change, point: Point) -> Leaf:
    fall, rise = condition.fall, condition.rise
    return Leaf(
        LeafKind.CHANGE, point.id, limit=_NAN if fall is None else fall, lower=_NAN if rise is None else rise
    )  # fmt: skip


def looking_back(condition: Rate | Forecast | Spread | Deviation, point: Point) -> Leaf:
    match condition:
        case Rate(window_s=window_s, above_per_min=above, below_per_min=below):
            leaf = Leaf(LeafKind.RATE, point.id, limit=_or(above, _INF), lower=_or(below, -_INF))
        case Forecast(window_s=window_s, falling=falling):
            limit = settled_number(condition.limit)
            leaf = Leaf(
                LeafKind.FORECAST, point.id, limit=_INF if falling else limit, lower=limit if falling else -_INF
            )
            leaf.ahead_ms = seconds_ms(condition.within_s)
        case Spread(window_s=window_s, above=above, below=below):
            leaf = Leaf(LeafKind.SPREAD, point.id, limit=_or(above, _INF), lower=_or(below, -_INF))
            leaf.ring = 2 * (PARTS + 1)
        case Deviation(baseline_s=baseline_s, above=above, below=below):
            window_s = _or(baseline_s, 0.0)
            leaf = Leaf(LeafKind.BASELINE, point.id, limit=_or(above, _INF), lower=-_or(below, _INF))
            leaf.slack, leaf.samples = condition.deadband, condition.over_samples
    leaf.span_ms = seconds_ms(window_s)
    if leaf.kind in (LeafKind.RATE, LeafKind.FORECAST):
        leaf.ring = min(_RING_MOST, int(window_s / point.period_s) + 3)
    return leaf


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
