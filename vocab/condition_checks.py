"""Pure. What a schema cannot see of a condition: names that nothing bears, limits that can never be reached or left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from vocab.condition import (
    BadSignal,
    Change,
    Condition,
    Count,
    Deviation,
    Forecast,
    FromParam,
    High,
    Limit,
    Low,
    MustHappen,
    NoData,
    Rate,
    Spread,
    State,
    Stuck,
    Trigger,
)
from vocab.leaves import parts, points_of
from vocab.pack import Pack
from vocab.point import Point
from vocab.problem import Code, Problem
from vocab.quality import Reason
from vocab.rule import ANY_POINT, NO_POINT, Rule
from vocab.salvage import Lost
from vocab.strict_toml import Path, Source
from vocab.units import conversion

_MOST_NAMES = 25
_NUMBERS = High | Low | Change | Rate | Forecast | Spread | Deviation
_REASONS = {reason.wire: reason for reason in Reason if reason is not Reason.NONE}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rule may speak of: its pack, the rules beside it (a draft's over the pack's), the rules of others that it
    may name (an asset of the site, `@bus`), and what could not be read."""

    pack: Pack
    rules: Mapping[str, Rule]
    lost: Lost
    others: Mapping[str, Mapping[str, Rule]]


def known(names: Mapping[str, object], meant: str = "") -> str:
    """A hint that lists what there is, or, of very much, what `meant` may have been."""
    near = get_close_matches(meant, sorted(names), n=3, cutoff=0.6) if len(names) > _MOST_NAMES else []
    return "known: " + (", ".join(near or sorted(names)) or "none") + (" …" if near else "")


def leaves_at(condition: Condition, at: Path) -> Iterator[tuple[Condition, Path]]:
    """Every leaf of a condition with its place."""
    inner = parts(condition)
    if not inner:
        yield condition, at
    for index, part in enumerate(inner):
        yield from leaves_at(part, (*at, "of") if condition.type == "not" else (*at, "of", index))


@dataclass(frozen=True, slots=True)
class ConditionCheck:
    """Every fault of one leaf that looks at points, which stands at `at` in `source`."""

    ground: Ground
    rule: Rule
    source: Source
    at: Path

    def faults(self, leaf: Condition) -> Iterator[Problem]:
        """All of them."""
        for name in dict.fromkeys(points_of(leaf, self.rule.point)):
            yield from self._named(leaf, name)
        point = self._point(leaf)
        yield from self._leaf(leaf, point)
        match leaf:
            case BadSignal(reasons=words):
                for word in sorted(set(words) - set(_REASONS)):
                    yield self._unknown("reasons", f"no reason {word!r}", _REASONS)
            case NoData() if point is not None and point.on_event:
                hint = "it comes when something happens; ask `must_happen` of it"
                yield self._wrong((), f"the silence of {point.id!r} says nothing", hint)
            case Stuck(while_moving=names) if point is not None and point.id in names:
                yield self._wrong(("while_moving",), f"{point.id!r} would have to move and be stuck", "name others")
            case Count() | MustHappen():
                yield from self._trigger(leaf, leaf.of)

    def _named(self, leaf: Condition, name: str) -> Iterator[Problem]:
        own = getattr(leaf, "point", None)
        at: Path = (*self.at, "point") if own == name else self.at
        if name == NO_POINT:
            message = f"a {leaf.type} looks at a point, and the rule has none"
            yield self._wrong(("point",), message, "name the point here", Code.MISSING_KEY)
            return
        points, lost = self.ground.pack.points, self.ground.lost
        # An expression shows the column itself, and the rule's own point is told once.
        told_elsewhere = leaf.type == "expr" or name in (
            ANY_POINT,
            self.rule.point,
        )
        if name not in points and not told_elsewhere and not lost.has("point", name):
            yield self.source.problem(Code.UNKNOWN_REFERENCE, at, f"no point {name!r}", known(points, name))

    def _point(self, leaf: Condition | Trigger) -> Point | None:
        return self.ground.pack.points.get(getattr(leaf, "point", None) or self.rule.point)

    def _wrong(self, key: Path, message: str, hint: str, code: Code = Code.CONTRADICTION) -> Problem:
        return self.source.problem(code, (*self.at, *key), message, hint)

    def _unknown(self, key: str, message: str, names: Mapping[str, object]) -> Problem:
        return self.source.problem(Code.UNKNOWN_REFERENCE, (*self.at, key), message, known(names))

    def _leaf(self, leaf: Condition | Trigger, point: Point | None) -> Iterator[Problem]:
        """What can be said of a leaf, and of what `count` and `must_happen` wait for."""
        if isinstance(leaf, High | Low | Forecast):
            yield from self._limit(leaf.limit, point, "limit")
        if point is None:
            return
        if isinstance(leaf, _NUMBERS) and point.states:
            yield self._wrong((), f"{point.id!r} is a state, which is neither high nor low", "ask for a `state`")
            return
        match leaf:
            case State():
                yield from self._states(leaf, point)
            case High() | Low():
                yield from self._deadband(leaf, point)
            case Rate():
                yield from self._either(leaf.above_per_min, leaf.below_per_min, "above_per_min", "below_per_min")
                yield from self._window(leaf.window_s, point)
            case Spread():
                yield from self._either(leaf.above, leaf.below, "above", "below")
                yield from self._window(leaf.window_s, point)
            case Forecast():
                yield from self._window(leaf.window_s, point)
            case Deviation():
                yield from self._deviation(leaf, point)

    def _limit(self, limit: Limit, point: Point | None, key: str) -> Iterator[Problem]:
        params, found = self.ground.pack.params, limit
        if isinstance(limit, FromParam):
            if limit.param not in params:
                if not self.ground.lost.has("param", limit.param):
                    yield self._unknown(key, f"no param {limit.param!r}", params)
                return
            found = params[limit.param].default * limit.factor + limit.plus
        if point is not None and point.bounds and not point.bounds[0] <= float(found) <= point.bounds[1]:  # type: ignore[arg-type]
            what = f"{found}" if found is limit else f"{found} (by the default of {getattr(limit, 'param', '')!r})"
            message = f"the limit {what} lies outside the physical bounds {list(point.bounds)} of {point.id!r}"
            hint = "beyond the bounds a value is bad, so this alarm could never be raised"
            yield self._wrong((key,), message, hint)

    def _deadband(self, leaf: High | Low, point: Point) -> Iterator[Problem]:
        if point.bounds is None or isinstance(leaf.limit, FromParam):
            return
        is_high = isinstance(leaf, High)
        clears = leaf.limit - leaf.deadband if is_high else leaf.limit + leaf.deadband
        if clears <= point.bounds[0] if is_high else clears >= point.bounds[1]:
            message = f"it clears {'below' if is_high else 'above'} {clears}, where {point.id!r} never is"
            yield self._wrong(("deadband",), message, "an alarm that could never clear; make the deadband smaller")

    def _states(self, leaf: State, point: Point) -> Iterator[Problem]:
        names = {state.id: state for state in point.states}
        if not names:
            hint = "ask whether it is `high` or `low`"
            yield self._wrong((), f"{point.id!r} is a number and has no states", hint)
            return
        for word in sorted(set(leaf.is_any_of) - set(names)):
            yield self._unknown("is_any_of", f"point {point.id!r} has no state {word!r}", names)
        if set(leaf.is_any_of) >= set(names):
            message = f"every state of {point.id!r} is named, so it is always true"
            yield self._wrong(("is_any_of",), message, "leave out those that are in order")

    def _either(self, above: float | None, below: float | None, high: str, low: str) -> Iterator[Problem]:
        if above is None and below is None:
            hint = "without either it could never be true"
            yield self._wrong((), f"neither `{high}` nor `{low}` is given", hint, Code.MISSING_KEY)
        elif above is not None and below is not None and below >= above:
            yield self._wrong((low,), f"{below} is not below {above}, so it is always true", "turn them round")

    def _window(self, window_s: float, point: Point) -> Iterator[Problem]:
        if window_s < point.period_s and not point.on_event:
            message = f"{window_s:g} s are shorter than the {point.period_s:g} s in which {point.id!r} is read"
            yield self._wrong(("window_s",), message, "nothing could change within it; take several periods")

    def _deviation(self, leaf: Deviation, point: Point) -> Iterator[Problem]:
        if leaf.from_value is not None:
            yield from self._limit(leaf.from_value, point, "from_value")
        reference = self.ground.pack.points.get(leaf.from_point or "")
        if reference is not None and reference.id == point.id:
            yield self._wrong(("from_point",), f"{point.id!r} never deviates from itself", "name another point")
        elif reference is not None:
            try:
                conversion(reference.unit, point.unit)
            except ValueError as error:
                hint = f"{point.id!r} is in {point.unit}"
                yield self._wrong(("from_point",), str(error), hint, Code.UNIT_MISMATCH)
        least = min(each for each in (leaf.above, leaf.below) if each is not None)
        if leaf.deadband >= least:
            message = f"a deadband of {leaf.deadband:g} reaches across the reference"
            yield self._wrong(("deadband",), message, f"make it smaller than {least:g}")

    def _trigger(self, leaf: Count | MustHappen, of: Trigger) -> Iterator[Problem]:
        point = self._point(of if of.point is not None else leaf)
        inner = ConditionCheck(self.ground, self.rule, self.source, (*self.at, "of"))
        yield from inner._leaf(of, point)
        if isinstance(leaf, Count) and point is not None and not point.on_event:
            most = leaf.window_s / point.period_s
            if leaf.at_least > most:
                message = (
                    f"{point.id!r} is read {most:g} times in {leaf.window_s:g} s, never {leaf.at_least} times true"
                )
                yield self._wrong(("at_least",), message, "take a longer window")
        if isinstance(leaf, MustHappen) and leaf.unless_below is not None:
            looked_at = self._point(leaf)
            if looked_at is not None:
                yield from self._limit(leaf.unless_below, looked_at, "unless_below")
