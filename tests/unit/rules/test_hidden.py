"""Hidden alarms: shelved, suppressed, out of service (domain §3.2, letters G to I). They go on evaluating."""

from __future__ import annotations

import pytest

from rules.codes import Because, Input
from rules.compiled import compiled
from rules.functions import PLAIN, Functions
from rules.transition import Transition
from tests.unit.rules.bench import Bench, point, rule

HIGH = {"type": "high", "limit": 90, "deadband": 2}


def told(bench: Bench) -> list[tuple[float, str, str, str]]:
    bench.log()
    return [(each.at_ms / 1000, each.old.value, each.new.value, each.because.word) for each in bench.found]


def shelve(bench: Bench, at_s: float, until_s: float) -> None:
    assert bench.book.shelve(bench.book.rows["a.r"], round(at_s * 1000), round(until_s * 1000))


def test_an_alarm_on_the_shelf_calls_nobody_and_keeps_the_worst_value() -> None:
    bench = Bench(rule("r", HIGH))
    shelve(bench, 0, 100)

    bench.series(95, 99, 20, every=10, start=10)

    assert told(bench) == [
        (0, "normal", "shelved", "shelved"),
        (10, "shelved", "shelved", "hidden_raised"),
        (30, "shelved", "shelved", "hidden_cleared"),
    ]
    assert [each.peak for each in bench.found if each.clears] == [99.0]
    assert not any(each.raises for each in bench.found)


def test_what_still_stands_when_the_shelf_ends_is_annunciated_anew_even_if_it_was_acknowledged() -> None:
    bench = Bench(rule("r", HIGH)).feed((0, "temp", 95.0))
    bench.order("r", Input.ACKNOWLEDGE, 5)
    shelve(bench, 10, 100)
    row = bench.book.rows["a.r"]

    assert bench.book.shelf_due(99_999) == []
    assert bench.book.shelf_due(100_000) == [row]
    bench.order("r", Input.SHELF_ENDS, 100)

    assert told(bench)[-1] == (100, "shelved", "unacked", "shelf_ended")
    assert bench.found[-1].raises
    assert bench.book.shelf_due(10**9) == []


def test_what_is_over_when_the_shelf_ends_is_normal() -> None:
    bench = Bench(rule("r", HIGH)).feed((0, "temp", 95.0))
    shelve(bench, 10, 100)
    bench.feed((20, "temp", 20.0))

    bench.order("r", Input.UNSHELVE, 30)

    assert told(bench)[-1] == (30, "shelved", "normal", "unshelved")


def test_a_latched_alarm_never_reaches_normal_by_being_hidden() -> None:
    bench = Bench(rule("r", HIGH, latching=True)).feed((0, "temp", 95.0))
    shelve(bench, 10, 100)
    bench.feed((20, "temp", 20.0))

    bench.order("r", Input.UNSHELVE, 30)
    assert bench.state() == "latched_unacked"
    bench.order("r", Input.ACKNOWLEDGE, 31)
    bench.order("r", Input.RESET, 32)
    assert bench.state() == "normal"


def test_what_began_and_ended_out_of_sight_does_not_latch() -> None:
    bench = Bench(rule("r", HIGH, latching=True))
    bench.order("r", Input.REMOVE, 0)
    bench.series(95, 20, start=10)

    bench.order("r", Input.RETURN, 50)

    assert bench.state() == "normal", "a detector that was tested under a permit is not an alarm"


def test_reasons_to_hide_are_independent_and_the_gravest_names_the_state() -> None:
    bench = Bench(rule("r", HIGH)).feed((0, "temp", 95.0))
    bench.order("r", Input.SUPPRESS, 1)
    shelve(bench, 2, 100)
    bench.order("r", Input.REMOVE, 3)
    states = [bench.state()]
    for at, what in ((4, Input.UNSHELVE), (5, Input.RETURN), (6, Input.UNSUPPRESS)):
        bench.order("r", what, at)
        states.append(bench.state())

    assert states == ["out_of_service", "out_of_service", "suppressed", "unacked"]
    bench.log()
    assert bench.found[-1].raises


@pytest.mark.parametrize("what", [Input.ACKNOWLEDGE, Input.RESET, Input.UNSHELVE, Input.UNSUPPRESS, Input.RETURN])
def test_an_order_that_means_nothing_changes_nothing(what: Input) -> None:
    bench = Bench(rule("r", HIGH))

    assert not bench.order("r", what)
    assert bench.log() == []


def test_an_acknowledged_alarm_that_is_forgotten_is_annunciated_again() -> None:
    bench = Bench(rule("r", HIGH, realarm_s=60)).feed((0, "temp", 95.0))
    row = bench.book.rows["a.r"]
    assert bench.book.realarm_due(10**9) == [], "nobody has acknowledged it yet"
    bench.order("r", Input.ACKNOWLEDGE, 10)

    assert bench.book.realarm_due(69_999) == []
    assert bench.book.realarm_due(70_000) == [row]
    bench.order("r", Input.REALARM, 70)

    assert told(bench)[-1] == (70, "acked", "unacked", "realarmed")
    assert bench.book.realarm_due(10**9) == []


def test_a_rule_without_it_never_comes_back_by_itself() -> None:
    bench = Bench(rule("r", HIGH)).feed((0, "temp", 95.0))
    bench.order("r", Input.ACKNOWLEDGE, 10)

    assert bench.book.realarm_due(10**12) == []


@pytest.mark.parametrize("functions", [PLAIN, compiled()], ids=["plain", "compiled"])
def test_every_order_does_the_same_compiled(functions: Functions) -> None:
    bench = Bench(rule("r", HIGH, latching=True), points=[point("temp")], functions=functions)
    bench.feed((0, "temp", 95.0))
    for at, what in enumerate(
        (Input.ACKNOWLEDGE, Input.REALARM, Input.SUPPRESS, Input.REMOVE, Input.UNSUPPRESS, Input.RETURN), start=1
    ):
        bench.order("r", what, at)
    shelve(bench, 10, 20)
    bench.order("r", Input.SHELF_ENDS, 20)
    bench.log()

    words: list[Because] = [each.because for each in bench.found if isinstance(each, Transition)]
    assert [each.word for each in words] == [
        "raised", "acknowledged", "realarmed", "window_began", "removed", "window_ended", "returned", "shelved",
        "shelf_ended",
    ]  # fmt: skip
    assert bench.state() == "unacked"
