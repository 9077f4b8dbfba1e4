"""An inspection has a score beside done and missed; too bad a one becomes work, a good one settles it."""

from __future__ import annotations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from alerts.duties import orders
from alerts.duties.scoring import given
from alerts.errors import WrongOrderError
from tests.unit.alerts.duties.place import Place, ms
from vocab.inspection import Miss, ScoreItem, Scoring
from vocab.rule import Category
from vocab.strict_toml import Text

BELOW = Miss(category=Category.SANITATION, hazard="inspection_failed", priority=3)
NAME = Text(en="x", zh="x")
GOOD, BAD = {"litter": 90, "sewage": 80, "stacks": 100}, {"litter": 20, "sewage": 50, "stacks": 90}


def scoring(weights: list[float], scale: float = 100.0) -> Scoring:
    items = tuple(ScoreItem(id=f"i{n}", name=NAME, weight=weight) for n, weight in enumerate(weights))
    return Scoring(scale=scale, pass_mark=scale * 0.6, items=items, below=BELOW)


@for_all(st.lists(st.tuples(st.floats(0.01, 1000), st.floats(0, 10)), min_size=1, max_size=20))
def test_a_score_lies_between_its_worst_and_its_best_item_and_is_never_more_than_the_scale(
    found: list[tuple[float, float]],
) -> None:
    asked = scoring([weight for weight, _ in found], 10)
    score = given(asked, {f"i{n}": points for n, (_, points) in enumerate(found)})
    assert score is not None
    worst, best = min(points for _, points in found), max(points for _, points in found)
    assert worst - 1e-9 <= score.score <= best + 1e-9
    assert score.score <= score.of == 10
    assert score.passed is (score.score >= 6)


def test_points_that_were_not_asked_for_or_are_missing_are_refused() -> None:
    asked = scoring([1, 3])
    found = given(asked, {"i0": 100, "i1": 0})
    assert found is not None
    assert (found.score, found.passed) == (25, False)
    for points, reason in (
        ({"i0": 1}, "score_missing"), ({"i0": 1, "i1": 2, "i9": 1}, "unknown_item"),
        ({"i0": 1, "i1": 100.1}, "score_out_of_range"), ({"i0": 1, "i1": -0.1}, "score_out_of_range"),
        ({"i0": 1, "i1": float("nan")}, "score_out_of_range"),
    ):  # fmt: skip
        with pytest.raises(WrongOrderError) as caught:
            given(asked, points)
        assert caught.value.reason == reason
    assert given(None, {}) is None
    with pytest.raises(WrongOrderError) as caught:
        given(None, {"i0": 1})
    assert caught.value.reason == "not_scored"


def test_an_inspection_below_the_pass_mark_is_work_of_who_cleans_until_a_later_one_is_passed(place: Place) -> None:
    place.look("2026-03-25 08:00")
    for day, points in (("2026-03-25", BAD), ("2026-03-26", BAD)):
        place.look(f"{day} 15:00")
        row = next(
            each
            for each in place.duties("inspection-village")
            if each["state"] == "open" and each["subject"] == "plant-1"
        )
        with pytest.raises(WrongOrderError):
            orders.done(place.engine, row["id"], orders.Done("village-a"), ms(f"{day} 15:30"))
        orders.done(place.engine, row["id"], orders.Done("village-a", points=points), ms(f"{day} 15:30"))
    (ticket,) = place.tickets(hazard="inspection_failed")
    assert (ticket["lead_unit"], ticket["closed_ms"]) == ("riverside-sanitation", None)
    assert ticket["title_zh"] == "检查不合格：村卫生日检（河畔村垃圾处理厂）"
    told = [line for line in place.lines(ticket["id"]) if "points" in line]
    line = "41.67 of 100 points by village-a, 60 are asked for: No litter lies about 20, No sewage in the open 50, "
    assert told == [line + "Firewood and tools are stacked 90"] * 2
    done = [each for each in place.duties("inspection-village") if each["score"] is not None]
    assert {(each["state"], each["passed"], each["score_of"]) for each in done} == {("done", False, 100.0)}
    place.look("2026-03-27 15:00")
    row = next(
        each for each in place.duties("inspection-village") if each["state"] == "open" and each["subject"] == "plant-1"
    )
    orders.done(place.engine, row["id"], orders.Done("village-a", points=GOOD), ms("2026-03-27 15:30"))
    (ticket,) = place.tickets(hazard="inspection_failed")
    assert ticket["closed_ms"] == ms("2026-03-27 15:30")
