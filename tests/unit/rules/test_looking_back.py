"""Conditions that remember: forecast, spread, baseline, count, what must happen, and what must move meanwhile."""

from __future__ import annotations

from typing import Any

from tests.unit.rules.bench import Bench, point, rule

HOUR = 3600
MORNING = {"hours": "06:30-09:00"}
EVENING = {"hours": "15:30-18:00"}
EMPTIED = {
    "type": "must_happen", "of": {"type": "change", "fall": 40}, "within": [MORNING, EVENING], "unless_below": 50,
}  # fmt: skip


def at(hours: float) -> float:
    return hours * HOUR


def one(when: dict[str, Any], **changes: Any) -> Bench:
    return Bench(rule("r", when, **changes), points=[point("temp"), point("other"), point("event", on_event=True)])


def test_a_forecast_looks_as_far_ahead_as_it_says() -> None:
    bench = one({"type": "forecast", "limit": 100, "within_s": 600, "window_s": 60})

    bench.series(10, 11, 12, every=30).feed((90, "temp", 14.0))
    assert bench.log() == [], "2 in a minute reach 34 in ten"
    bench.feed((120, "temp", 22.0))
    assert bench.log() == [(120, "r", "unacked")], "10 in a minute reach 122"


def test_a_forecast_may_fall_and_is_true_where_it_has_arrived() -> None:
    bench = one({"type": "forecast", "limit": 0, "within_s": 60, "window_s": 60, "falling": True})

    bench.feed((0, "temp", 50.0)).feed((60, "temp", 40.0))
    assert bench.log() == [], "10 in a minute reach 30"
    bench.feed((120, "temp", 20.0))
    assert bench.log() == [(120, "r", "unacked")], "20 in a minute reach 0"

    assert one({"type": "forecast", "limit": 0, "within_s": 60, "window_s": 60, "falling": True}).feed(
        (0, "temp", -1.0)
    ).log() == [(0, "r", "unacked")]


def test_noise_that_has_grown_is_a_spread_above() -> None:
    bench = one({"type": "spread", "window_s": 240, "above": 8})

    for step in range(30):
        bench.feed((step * 10, "temp", 50.0 + (step % 2)))
    for step in range(30, 60):
        bench.feed((step * 10, "temp", 50.0 + 9 * (step % 2)))
    assert bench.log() == [(310, "r", "unacked")]


def test_a_signal_may_be_too_quiet_without_being_frozen() -> None:
    bench = one({"type": "spread", "window_s": 240, "below": 0.05})

    for step in range(40):
        bench.feed((step * 10, "temp", 0.01 * (step % 3)))
    assert bench.log() == [(240, "r", "unacked")], "not before a window was seen"
    bench.feed((400, "temp", 3.0))
    assert bench.log()[-1] == (400, "r", "rtn_unacked")


def test_a_baseline_is_learned_and_stands_still_while_the_alarm_does() -> None:
    bench = one({"type": "deviation", "baseline_s": 100, "above": 5, "deadband": 1})

    bench.series(*[20.0] * 12)
    bench.series(*[30.0] * 60, start=120)
    assert bench.log() == [(120, "r", "unacked")], "it does not get used to what it alarms of"
    bench.feed((800, "temp", 24.5)).feed((810, "temp", 23.9))
    assert bench.log()[-1] == (810, "r", "rtn_unacked"), "past the deadband"


def test_a_gap_does_not_undo_what_a_baseline_has_learnt() -> None:
    bench = one({"type": "deviation", "baseline_s": 100, "above": 5})

    bench.series(*[20.0] * 9)
    bench.book.interrupt(0, 85_000, 88_000)
    bench.feed((90, "temp", 24.0)).feed((110, "temp", 24.0)).feed((120, "temp", 26.0))
    assert bench.log() == [(120, "r", "unacked")], "twenty is the baseline, not the one value after the gap"


def test_a_slow_baseline_follows_the_season() -> None:
    bench = one({"type": "deviation", "baseline_s": 100, "above": 5, "below": 5})

    bench.series(*[20 + 0.2 * step for step in range(200)])
    assert bench.log() == []


def test_a_short_mean_needs_more_than_one_odd_passage() -> None:
    bench = one({"type": "deviation", "baseline_s": 1000, "above": 0.3, "over_samples": 10})

    bench.series(*[36.5] * 120, 38.5, *[36.5] * 20)
    assert bench.log() == []
    bench.series(*[37.0] * 30, start=2000)
    assert [new for _, _, new in bench.log()] == ["unacked"]


def test_starts_are_counted_in_a_window_and_forgotten_after_it() -> None:
    states = [{"code": code, "id": name, "name": {"en": "s", "zh": "s"}} for code, name in enumerate(("off", "on"))]
    of = {"type": "state", "is_any_of": ["on"]}
    bench = Bench(
        rule("r", {"type": "count", "of": of, "at_least": 3, "window_s": 600}, on="burner"),
        points=[point("burner", states=states)],
    )
    for start in (0, 100, 200):
        bench.feed((start, "burner", 1.0)).feed((start + 50, "burner", 1.0)).feed((start + 60, "burner", 0.0))

    assert bench.log() == [(200, "r", "unacked")], "staying on is one start"
    bench.until(1000)
    assert bench.log()[-1] == (600, "r", "rtn_unacked"), "when the first of them was ten minutes ago"


def test_of_a_point_that_comes_on_events_every_reading_counts() -> None:
    fever = {"type": "count", "of": {"type": "high", "limit": 37.3}, "at_least": 2, "window_s": 600}
    bench = one(fever, on="event")

    bench.feed((0, "event", 38.0)).feed((60, "event", 38.4))
    assert bench.log() == [(60, "r", "unacked")]


def test_a_bin_that_was_not_emptied_in_its_round_is_told_when_the_round_ends() -> None:
    bench = one(EMPTIED)
    for hour in range(24):
        bench.feed((at(hour), "temp", 60.0 + hour / 10)).until(at(hour))

    assert bench.log() == [(at(9), "r", "unacked")], "the evening's round tells nothing new"
    bench.feed((at(24.5), "temp", 5.0)).until(at(25))
    assert bench.log()[-1] == (at(24.5), "r", "rtn_unacked")


def test_a_bin_that_was_emptied_or_is_half_empty_is_well() -> None:
    emptied = one(EMPTIED)
    emptied.feed((at(1), "temp", 80.0)).feed((at(7), "temp", 10.0)).feed((at(8), "temp", 55.0)).until(at(10))
    assert emptied.log() == []

    empty = one(EMPTIED).feed((at(1), "temp", 30.0)).feed((at(8), "temp", 40.0)).until(at(10))
    assert empty.log() == []


def test_a_round_that_was_not_watched_whole_says_nothing() -> None:
    bench = one(EMPTIED).feed((at(1), "temp", 80.0)).feed((at(6), "temp", 80.0))

    bench.book.interrupt(0, round(at(7) * 1000), round(at(8) * 1000))
    bench.feed((at(8.5), "temp", 80.0)).until(at(10))
    assert bench.log() == []
    bench.feed((at(12), "temp", 80.0)).feed((at(16), "temp", 80.0)).until(at(19))
    assert bench.log() == [(at(18), "r", "unacked")], "the next one was"


def test_a_gate_through_which_nobody_comes_is_told_although_nothing_is_measured() -> None:
    passage = {"type": "must_happen", "of": {"type": "high", "limit": 0}, "within": [MORNING]}
    bench = one(passage, on="event")

    bench.feed((at(5), "event", 36.5)).until(at(10))
    assert bench.log() == [(at(9), "r", "unacked")]


def test_a_steady_signal_is_stuck_only_while_another_moves() -> None:
    bench = one({"type": "stuck", "samples": 5, "min_s": 60, "while_moving": ["other"]})

    for step in range(30):
        bench.feed((step * 10, "temp", 20.0), (step * 10, "other", 7.0))
    assert bench.log() == [], "the machine stands still"
    bench.feed((300, "other", 8.0)).feed((310, "temp", 20.0))
    assert bench.log() == [(310, "r", "unacked")]
