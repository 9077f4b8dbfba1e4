"""What conditions are made of, which points they look at, and what an asset's numbers make of them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from vocab.condition import Condition, Expr, High
from vocab.leaves import leaves, parts, points_of
from vocab.rule import Rule, conditions_of, dates_read, points_read
from vocab.settle import Links, settled

ADAPTER: TypeAdapter[Condition] = TypeAdapter(Condition)
HIGH = {"type": "high", "limit": 5}
LOW = {"type": "low", "point": "level", "limit": {"param": "least", "factor": 2, "plus": 1}}


def condition(row: dict[str, Any]) -> Condition:
    return ADAPTER.validate_python(row)


def rule(when: dict[str, Any], **more: Any) -> Rule:
    row = {"id": "r", "name": {"en": "x", "zh": "某"}, "point": "temp", "when": when, "priority": 2}
    return Rule.model_validate(row | {"hazard": "h", "category": "hazard"} | more)


def test_a_leaf_consists_of_itself() -> None:
    leaf = condition(HIGH)

    assert parts(leaf) == ()
    assert list(leaves(leaf)) == [leaf]


def test_leaves_of_composites_come_in_the_order_written_however_deep() -> None:
    tree = condition(
        {
            "type": "any",
            "of": [
                {"type": "not", "of": {"type": "all", "of": [HIGH, {"type": "blind"}]}},
                {"type": "vote", "at_least": 2, "of": [LOW, {"type": "no_data"}, {"type": "expr", "text": "a > 1"}]},
            ],
        }
    )

    assert [leaf.type for leaf in leaves(tree)] == ["high", "blind", "low", "no_data", "expr"]
    assert len(parts(tree)) == 2


@pytest.mark.parametrize(
    ("row", "points"),
    [
        (HIGH, ["temp"]),
        (LOW, ["level"]),
        ({"type": "stuck", "while_moving": ["flow", "level"]}, ["temp", "flow", "level"]),
        ({"type": "deviation", "from_point": "level", "above": 5}, ["temp", "level"]),
        ({"type": "deviation", "from_value": 3, "above": 5}, ["temp"]),
        ({"type": "count", "of": HIGH, "at_least": 2, "window_s": 60}, ["temp"]),
        ({"type": "count", "of": {**HIGH, "point": "flow"}, "at_least": 2, "window_s": 60}, ["temp", "flow"]),
        ({"type": "expr", "text": "flow > 1 and state == 'on' and alarm('x')"}, ["flow", "state"]),
        ({"type": "schedule", "within": [{}]}, []),
        ({"type": "expiry", "date": "inspection_due"}, []),
        ({"type": "alarm", "rule": "x"}, []),
        ({"type": "blind"}, []),
    ],
)
def test_a_leaf_looks_at_these_points(row: dict[str, Any], points: list[str]) -> None:
    assert list(points_of(condition(row), "temp")) == points


def test_a_rule_looks_at_the_points_of_what_raises_and_of_what_hides_it() -> None:
    hidden = rule(
        {"type": "all", "of": [HIGH, LOW]}, suppress_when={"type": "state", "point": "mode", "is_any_of": ["x"]}
    )

    assert list(points_read(hidden)) == ["temp", "level", "mode"]
    assert [leaf.type for leaf in conditions_of(hidden)] == ["high", "low", "state"]


def test_a_rule_without_a_point_looks_at_none_by_itself() -> None:
    due = rule({"type": "expiry", "date": "inspection_due"}, point="-")

    assert list(points_read(due)) == []
    assert dates_read(due) == {"inspection_due"}


def test_limits_become_the_assets_numbers_wherever_they_stand() -> None:
    from_least = {"param": "least", "factor": 2, "plus": 1}
    rows: list[dict[str, Any]] = [
        LOW,
        {"type": "forecast", "limit": from_least, "within_s": 60, "window_s": 60},
        {"type": "count", "of": {**HIGH, "limit": from_least}, "at_least": 2, "window_s": 60},
        {"type": "must_happen", "of": {**HIGH, "limit": from_least}, "within": [{}]},
        {"type": "deviation", "from_value": from_least, "above": 5},
    ]
    tree = {"type": "all", "of": [{"type": "not", "of": row} for row in rows]}
    before = rule(tree, suppress_when={"type": "any", "of": [LOW]})

    after = settled(before, {"least": 10.0})

    limits = [_limit(leaf) for leaf in conditions_of(after)]
    assert limits == [21.0] * 6
    assert before.when == rule(tree).when, "the pack's own rule is as it was"


def _limit(leaf: Condition) -> object:
    for name in ("limit", "from_value"):
        if hasattr(leaf, name):
            return getattr(leaf, name)
    return getattr(getattr(leaf, "of", None), "limit", None)


def test_an_expression_learns_the_numbers_and_no_longer_takes_them_for_points() -> None:
    after = settled(rule({"type": "expr", "text": "flow > least * 2"}), {"least": 10.0})

    assert isinstance(after.when, Expr)
    assert after.when.params == {"least": 10.0}
    assert list(points_of(after.when, "temp")) == ["flow"]


def test_a_limit_that_is_a_number_stays() -> None:
    after = settled(rule(HIGH), {"least": 10.0})

    assert isinstance(after.when, High)
    assert after.when.limit == 5


LOST = {"type": "alarm", "rule": "bus_lost", "asset": "@bus", "pending": True}
ANY_LOST = {"type": "alarm", "rule": "bus_lost", "asset": "@any-bus"}


@pytest.mark.parametrize(
    ("hides", "links", "becomes"),
    [
        (LOST, Links(), None),
        (LOST, Links(every=("b1",)), "b1"),
        (LOST, Links(every=("b1", "b2")), "all(b1, b2)"),
        (ANY_LOST, Links(any=("b1", "b2")), "any(b1, b2)"),
        (ANY_LOST, Links(every=("b1",)), None),
        ({"type": "any", "of": [LOST, {"type": "blind"}]}, Links(), "any(blind)"),
        ({"type": "all", "of": [LOST, {"type": "blind"}]}, Links(), None),
        ({"type": "all", "of": [LOST, {"type": "blind"}]}, Links(every=("b1",)), "all(b1, blind)"),
    ],
)
def test_the_words_for_buses_become_the_buses_of_the_asset(
    hides: dict[str, Any], links: Links, becomes: str | None
) -> None:
    after = settled(rule(HIGH, suppress_when=hides), {}, links).suppress_when

    assert (None if after is None else _told(after)) == becomes


def _told(found: Condition) -> str:
    inner = parts(found)
    if inner:
        return f"{found.type}({', '.join(_told(each) for each in inner)})"
    return str(getattr(found, "asset", found.type))
