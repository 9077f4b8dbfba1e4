"""Pure. Which readings are an alarm's: what a full disk costs last.

Judged without memory of time, by the bare limits and states of the hazard rules, delays left out: a reading that may
yet become an alarm is one already, and so is every reading of that asset until all its points are back. The rules
themselves are judged elsewhere; here an error costs only an order of dropping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from edge.batch import Batch
from vocab.condition import High, Low, State
from vocab.leaves import leaves
from vocab.rule import Category, Rule, conditions_of
from vocab.site import Asset, Site

Test = Callable[[float], bool]


class Urgent:
    """Asked about every batch of one cabinet, in order."""

    def __init__(self, site: Site, edge_id: str) -> None:
        self._tests: dict[str, dict[str, tuple[Test, ...]]] = {}
        self._beyond: dict[str, set[str]] = {}  # by asset, points that are beyond a limit
        for asset in site.assets:
            if edge_id in site.edges_of(asset):
                tests = _tests(site, asset)
                if tests:
                    self._tests[asset.id] = tests

    def is_urgent(self, batch: Batch) -> bool:
        """Whether the asset was beyond a limit of a hazard, or is now."""
        tests = self._tests.get(batch.asset)
        if tests is None:
            return False
        beyond = self._beyond.get(batch.asset)
        was = bool(beyond)
        for point, value in zip(batch.points, batch.values, strict=True):
            own = tests.get(point)
            if own is None or value is None:
                continue
            if any(test(value) for test in own):
                if beyond is None:
                    beyond = self._beyond[batch.asset] = set()
                beyond.add(point)
            elif beyond:
                beyond.discard(point)
        return was or bool(beyond)


def _tests(site: Site, asset: Asset) -> dict[str, tuple[Test, ...]]:
    codes = {point.id: {state.id: float(state.code) for state in point.states} for point in site.points_of(asset)}
    found: dict[str, list[Test]] = {}
    for rule in site.rules_of(asset):
        if rule.category is Category.HAZARD:
            for point, test in _of(rule, codes):
                found.setdefault(point, []).append(test)
    return {point: tuple(tests) for point, tests in found.items()}


def _of(rule: Rule, codes: dict[str, dict[str, float]]) -> Iterator[tuple[str, Test]]:
    for whole in conditions_of(rule):
        for leaf in leaves(whole):
            if isinstance(leaf, High | Low | State):
                point = leaf.point or rule.point
                if isinstance(leaf, State):
                    yield point, _is_one_of(frozenset(codes.get(point, {}).get(each, -1.0) for each in leaf.is_any_of))
                elif isinstance(leaf.limit, float | int):
                    yield point, _above(leaf.limit) if isinstance(leaf, High) else _below(leaf.limit)


def _above(limit: float) -> Test:
    return lambda value: value >= limit


def _below(limit: float) -> Test:
    return lambda value: value <= limit


def _is_one_of(codes: frozenset[float]) -> Test:
    return lambda value: value in codes
