"""Conditions that join others: expressions, votes, schedules, other alarms, and what hides an alarm by design."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from rules.book import Book
from rules.plan import Watched, plan
from tests.unit.rules.bench import Bench, point, rule
from vocab.instant import iso

STATES = [{"code": code, "id": name, "name": {"en": "s", "zh": "s"}} for code, name in enumerate(("off", "firing"))]
POINTS = [point("supply"), point("back"), point("burner", states=STATES)]
HIGH = {"type": "high", "limit": 10}


def boiler(text: str, **changes: Any) -> Bench:
    return Bench(rule("r", {"type": "expr", "text": text}, on="supply", **changes), points=POINTS)


def heads(unknown: str = "unknown", at_least: int = 2) -> Bench:
    of = [HIGH | {"point": name} for name in ("a", "b", "c")]
    voted = rule("r", {"type": "vote", "at_least": at_least, "of": of, "unknown": unknown}, on="a")
    return Bench(voted, points=[point(name) for name in "abc"])


def test_an_expression_looks_at_several_points_at_once() -> None:
    bench = boiler('supply - back > 40 and burner == "firing"')

    bench.feed((0, "supply", 90.0), (0, "back", 45.0), (0, "burner", 0.0))
    bench.feed((10, "burner", 1.0))
    bench.feed((20, "back", 60.0))
    assert bench.log() == [(10, "r", "unacked"), (20, "r", "rtn_unacked")]


def test_one_unknown_number_makes_a_comparison_unknown_but_not_what_is_false_anyway() -> None:
    bench = boiler('supply - back > 40 and burner == "firing"')

    bench.feed((0, "supply", 90.0), (0, "back", None), (0, "burner", 1.0)).until(100)
    assert bench.log() == []
    assert bench.book.lives.verdict[0] == 2
    bench.feed((110, "burner", 0.0))
    assert bench.book.lives.verdict[0] == 0


def test_nothing_is_known_of_a_quotient_by_zero() -> None:
    bench = boiler("supply / back > 2").feed((0, "supply", 90.0), (0, "back", 0.0))

    assert bench.log() == []
    assert bench.book.lives.verdict[0] == 2


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("supply >= 90", True), ("supply > 90", False), ("supply <= 90", True), ("supply < 90", False),
        ("supply == 90", True), ("supply != 90", False),
        ("-supply + 100 == 10", True), ("abs(10 - supply) == 80", True),
        ("min(supply, back, 50) == 45", True), ("max(supply, back) * 2 == 180", True), ('burner in ["off"]', False),
        ('burner != "off"', True), ("not supply < 90 and (back > 50 or back == 45)", True),
    ],
)  # fmt: skip
def test_the_language_means_what_it_says(text: str, is_true: bool) -> None:
    bench = boiler(text).feed((0, "supply", 90.0), (0, "back", 45.0), (0, "burner", 1.0))

    assert bench.book.lives.verdict[0] == int(is_true)


def test_a_deadband_widens_the_comparisons_of_an_expression() -> None:
    when = {"type": "expr", "text": "supply - back > 40", "deadband": 5}
    bench = Bench(rule("r", when, on="supply"), points=POINTS)

    bench.feed((0, "supply", 90.0), (0, "back", 45.0)).feed((10, "back", 54.0)).feed((20, "back", 55.0))
    assert bench.log() == [(0, "r", "unacked"), (20, "r", "rtn_unacked")]


def test_two_of_three_outvote_one() -> None:
    bench = heads().feed((0, "a", 20.0), (0, "b", 1.0), (0, "c", 1.0))
    assert bench.log() == []
    bench.feed((10, "c", 20.0))
    assert bench.log() == [(10, "r", "unacked")]


@pytest.mark.parametrize(("unknown", "verdict"), [("unknown", 2), ("true", 1), ("false", 0), ("degrade", 1)])
def test_a_vote_says_what_an_unknown_voter_is_taken_for(unknown: str, verdict: int) -> None:
    bench = heads(unknown).feed((0, "a", 20.0), (0, "b", 1.0), (0, "c", None))

    assert bench.book.lives.verdict[0] == verdict


def test_a_vote_of_which_nothing_is_known_is_unknown_even_when_it_degrades() -> None:
    bench = heads("degrade").feed((0, "a", None), (0, "b", None), (0, "c", None))

    assert bench.book.lives.verdict[0] == 2


def test_a_higher_alarm_hides_the_lower_one_which_comes_back_when_it_is_over() -> None:
    low = rule("low", {"type": "high", "limit": 10, "deadband": 1}, escalates_to="high")
    bench = Bench(low, rule("high", {"type": "high", "limit": 25, "deadband": 1}))

    bench.series(15, 30, 15, 5)
    assert bench.log() == [
        (0, "low", "unacked"), (10, "high", "unacked"), (10, "low", "suppressed"),
        (20, "high", "rtn_unacked"), (20, "low", "unacked"), (30, "low", "rtn_unacked"),
    ]  # fmt: skip


def test_suppression_lingers_so_that_a_boiler_may_warm_up() -> None:
    off = {"type": "state", "point": "burner", "is_any_of": ["off"]}
    cold = rule("r", {"type": "low", "limit": 40}, on="supply", suppress_when=off, suppress_linger_s=600)
    bench = Bench(cold, points=POINTS)

    bench.feed((0, "burner", 0.0), (0, "supply", 20.0)).feed((100, "burner", 1.0)).until(300)
    assert [new for _, _, new in bench.log()] == ["suppressed", "suppressed"], "raised, but hidden"
    bench.feed((500, "supply", 60.0)).until(1000)
    assert bench.log()[-1] == (700, "r", "normal")


def test_doubt_about_the_reason_never_hides_an_alarm_of_life_safety() -> None:
    off = {"type": "state", "point": "burner", "is_any_of": ["off"]}
    rules = [
        rule(name, {"type": "high", "limit": 40}, on="supply", suppress_when=off, safety=safety)
        for name, safety in (("usual", False), ("vital", True))
    ]
    bench = Bench(*rules, points=POINTS)

    bench.feed((0, "burner", 0.0), (0, "supply", 90.0)).feed((10, "burner", None))
    assert bench.state("usual") == "suppressed"
    assert bench.state("vital") == "unacked"


def test_a_rule_that_is_active_by_night_is_false_by_day() -> None:
    bench = Bench(rule("r", HIGH, active=[{"hours": "22:00-06:00"}]))

    for hour in range(30):
        bench.feed((hour * 3600, "temp", 20.0)).until(hour * 3600)
    assert bench.log() == [(0, "r", "unacked"), (6 * 3600, "r", "rtn_unacked"), (22 * 3600, "r", "unacked")]


def test_unknown_is_not_safe_and_ages_into_an_alarm_of_its_own() -> None:
    gas = rule("gas", HIGH, safety=True)
    blind = rule("blind", {"type": "blind"}, on="-", on_delay_s=600)
    bench = Bench(gas, blind)

    bench.feed((0, "temp", 1.0)).feed((100, "temp", None)).until(1000)
    assert bench.log() == [(700, "blind", "unacked")]
    bench.feed((1010, "temp", 1.0))
    assert bench.log()[-1] == (1010, "blind", "rtn_unacked")


def test_a_pending_parent_keeps_its_children_quiet_from_the_beginning() -> None:
    parent = rule("parent", {"type": "low", "limit": 0}, on="temp", on_delay_s=60)
    child = rule(
        "child", {"type": "high", "limit": 10}, on="other",
        suppress_when={"type": "alarm", "rule": "parent", "pending": True},
    )  # fmt: skip
    bench = Bench(child, parent, points=[point("temp"), point("other")])

    bench.feed((0, "temp", -1.0), (0, "other", 20.0)).until(100)
    assert [each for each in bench.log() if each[2] == "unacked"] == [(60, "parent", "unacked")]


def test_alarms_that_ask_for_one_another_in_a_circle_are_refused() -> None:
    rules = [rule(name, {"type": "alarm", "rule": other}) for name, other in (("x", "y"), ("y", "x"))]

    with pytest.raises(ValueError, match=r"a\.x → a\.y|a\.y → a\.x"):
        Bench(*rules)


def test_the_first_of_a_trip_is_marked_until_the_next_trip() -> None:
    rules = [rule(name, {"type": "high", "limit": limit}, first_out="trip") for name, limit in (("x", 10), ("y", 20))]
    bench = Bench(*rules)

    bench.series(15, 25, 0, 25)
    bench.log()
    raised = [(each.alarm, each.first_out) for each in bench.found if each.raises]
    assert raised == [("a.x", True), ("a.y", False), ("a.x", True), ("a.y", False)]


def test_a_date_is_due_at_midnight_of_the_site() -> None:
    due = rule("due", {"type": "expiry", "date": "inspection_due", "before_days": 30}, on="-")
    watched = Watched("a", (), (due,), {"inspection_due": date(2027, 3, 31)})
    book = Book(plan([watched], ZoneInfo("Asia/Shanghai")))
    book.begin(0, 1_800_000_000_000)

    for day in range(60):
        book.elapse(0, 1_800_000_000_000 + day * 86_400_000)
    assert [iso(each.at_ms) for each in book.take()] == ["2027-02-28T16:00:00.000Z"]


def test_a_reading_of_what_suppresses_is_no_sample_of_the_condition() -> None:
    off = {"type": "state", "point": "burner", "is_any_of": ["off"]}
    slow = rule("r", {"type": "high", "limit": 10}, on="supply", on_samples=2, suppress_when=off)
    bench = Bench(slow, points=POINTS)

    bench.feed((0, "supply", 20.0), (0, "burner", 1.0)).feed((10, "burner", 1.0)).feed((20, "burner", 1.0)).until(30)
    assert bench.log() == []
    assert np.isnan(bench.book.lives.peak[0])
