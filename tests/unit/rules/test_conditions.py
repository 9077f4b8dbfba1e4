"""Every condition type: given these samples, expect these alarms."""

from __future__ import annotations

import pytest

from rules.codes import Verdict
from tests.unit.rules.bench import Bench, point, rule
from vocab.quality import Reason

HIGH = {"type": "high", "limit": 90, "deadband": 2}
LOW = {"type": "low", "limit": 10, "deadband": 2}
MODES = [
    {"code": code, "id": name, "name": {"en": name, "zh": name}}
    for code, name in ((0, "idle"), (1, "firing"), (2, "lockout"), (200, "service"))
]


def verdict(bench: Bench, name: str = "r") -> Verdict:
    return Verdict(int(bench.book.lives.verdict[bench.book.rows[f"a.{name}"]]))


@pytest.mark.parametrize(
    ("when", "values", "raised", "cleared"),
    [
        (HIGH, (89.9, 90.0, 88.0, 87.9), 10, 30),  # the limit itself counts; the end of the deadband still holds
        (HIGH, (0.0, 91.0, 89.0, 0.0), 10, 30),
        (LOW, (10.1, 10.0, 12.0, 12.1), 10, 30),
        (LOW, (11.0, 0.0, 12.0, 13.0), 10, 30),  # zero is a reading
        ({"type": "high", "limit": 0.0}, (-1.0, 0.0, 0.0, -0.1), 10, 30),
    ],
)
def test_a_limit_is_crossed_at_the_limit_and_left_past_the_deadband(
    when: dict[str, object], values: tuple[float, ...], raised: float, cleared: float
) -> None:
    assert Bench(rule("r", when)).series(*values).log() == [(raised, "r", "unacked"), (cleared, "r", "rtn_unacked")]


def test_a_deadband_is_remembered_through_doubt() -> None:
    bench = Bench(rule("r", HIGH)).series(91.0, None, 89.0)

    assert verdict(bench) is Verdict.TRUE, "89 is inside the deadband of an alarm that stands"


@pytest.mark.parametrize("code", [2, 200])
def test_a_state_is_told_by_its_code_even_beyond_sixty_three(code: int) -> None:
    mode = point("mode", states=MODES)
    bench = Bench(rule("r", {"type": "state", "is_any_of": ["lockout", "service"]}, on="mode"), points=[mode])

    bench.series(1, code, 7, on="mode")

    assert bench.log() == [(10, "r", "unacked"), (20, "r", "rtn_unacked")]


def test_silence_is_an_alarm_dated_when_it_was_complete() -> None:
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60}))

    bench.feed((5, "temp", 20.0)).until(184.9)
    assert bench.log() == []
    bench.until(1000).feed((1001, "temp", 20.0))
    assert bench.log() == [(185, "r", "unacked"), (1001, "r", "rtn_unacked")]


def test_a_point_that_never_speaks_is_silent_from_the_first_frame_on() -> None:
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60})).until(500)

    assert bench.log() == [(180, "r", "unacked")]


def test_a_bad_reading_breaks_a_silence_since_somebody_spoke() -> None:
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60}))

    bench.until(200).feed((210, "temp", None)).until(220)

    assert bench.log() == [(180, "r", "unacked"), (210, "r", "rtn_unacked")]


def test_a_reading_at_the_very_end_of_a_silence_breaks_it() -> None:
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60}))

    assert bench.feed((0, "temp", 1.0)).feed((180, "temp", 1.0)).until(300).log() == []


def test_a_silence_between_two_readings_is_found_without_any_look_at_the_clock() -> None:
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60}))

    bench.feed((0, "temp", 1.0)).feed((500, "temp", 1.0))

    assert bench.log() == [(180, "r", "unacked"), (500, "r", "rtn_unacked")]


def test_silence_of_a_point_that_speaks_on_events_says_nothing() -> None:
    both = [point("temp"), point("passage", on_event=True)]
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60}, on="*"), points=both)

    for at in range(0, 2000, 60):
        bench.feed((at, "temp", 1.0))
    assert bench.log() == []


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.SENSOR_FAULT, Verdict.TRUE),
        (Reason.CLOCK, Verdict.TRUE),  # UNCERTAIN, but for a reason that was asked for
        (Reason.OUT_OF_RANGE, Verdict.FALSE),
        (Reason.COMM_TIMEOUT, Verdict.UNKNOWN),  # nobody answered, so nothing is known of the sensor
        (Reason.NONE, Verdict.FALSE),
    ],
)
def test_a_bad_signal_is_judged_by_its_reason(reason: Reason, expected: Verdict) -> None:
    bench = Bench(rule("r", {"type": "bad_signal", "reasons": ["sensor_fault", "clock"]}, on_delay_s=1))

    assert verdict(bench.feed((0, "temp", 1.0, reason))) is expected


def test_an_answer_of_any_kind_ends_a_loss_of_contact() -> None:
    bench = Bench(rule("r", {"type": "bad_signal", "reasons": ["comm_timeout", "comm_error"]}))

    bench.feed((0, "temp", None)).feed((10, "temp", 1.0, Reason.SENSOR_FAULT))

    assert bench.log() == [(0, "r", "unacked"), (10, "r", "rtn_unacked")]


def test_a_rate_compares_with_the_value_that_held_a_window_ago() -> None:
    bench = Bench(rule("r", {"type": "rate", "window_s": 60, "above_per_min": 5}))

    bench.feed((0, "temp", 20.0)).feed((30, "temp", 24.0))
    assert verdict(bench) is Verdict.UNKNOWN, "there is no value a minute old yet"
    bench.feed((60, "temp", 25.0))  # +5 since 0
    bench.feed((90, "temp", 28.9))  # +4.9 since 30
    assert bench.log() == [(60, "r", "unacked"), (90, "r", "rtn_unacked")]


def test_a_rate_uses_a_value_that_was_reported_long_ago_and_held() -> None:
    # Report by exception: nothing came for five minutes because nothing changed.
    bench = Bench(rule("r", {"type": "rate", "window_s": 60, "below_per_min": -3}))

    bench.feed((0, "temp", 20.0)).feed((300, "temp", 16.0))

    assert bench.log() == [(300, "r", "unacked")]


def test_a_rate_survives_more_readings_than_its_point_promised() -> None:
    bench = Bench(rule("r", {"type": "rate", "window_s": 60, "above_per_min": 5}))

    bench.series(*[20.0] * 500, every=0.5)
    assert verdict(bench) is not Verdict.TRUE
    bench.series(*[60.0] * 3, every=10, start=300)
    assert verdict(bench) is Verdict.TRUE


def test_a_stuck_sensor_needs_enough_equal_samples_and_enough_time() -> None:
    stuck = rule("r", {"type": "stuck", "samples": 5, "min_s": 60})

    assert Bench(stuck).series(*[7.0] * 20, every=1).log() == [], "many samples, but too short a time"
    assert Bench(stuck).series(*[7.0] * 4, every=30).log() == [], "long enough, but too few samples"
    assert Bench(stuck).series(*[7.0] * 8, 7.1, every=20).log() == [(80, "r", "unacked"), (160, "r", "rtn_unacked")]
    assert Bench(stuck).series(*[0.0] * 8, every=20).log() == [(80, "r", "unacked")], "zero can be stuck too"


def test_doubtful_samples_neither_feed_nor_break_a_run_of_equal_values() -> None:
    stuck = rule("r", {"type": "stuck", "samples": 5, "min_s": 60})

    assert Bench(stuck).series(7.0, 7.0, None, 7.0, 7.0, None, 7.0, every=20).log() == [(120, "r", "unacked")]


def test_readings_measured_together_are_judged_together() -> None:
    both = [point("temp"), point("mode", states=MODES)]
    hot_while_firing = {"type": "all", "of": [HIGH, {"type": "state", "point": "mode", "is_any_of": ["firing"]}]}
    bench = Bench(rule("r", hot_while_firing), points=both)

    bench.feed((0, "temp", 95.0), (0, "mode", 0))
    bench.feed((10, "mode", 1), (10, "temp", 50.0))  # in either order nothing is ever hot while firing

    assert bench.log() == []


@pytest.mark.parametrize(
    ("kind", "hot", "firing", "expected"),
    [
        ("all", 95.0, 1, Verdict.TRUE),
        ("all", 95.0, None, Verdict.UNKNOWN),
        ("all", 50.0, None, Verdict.FALSE),  # whatever the other is
        ("any", 95.0, None, Verdict.TRUE),
        ("any", 50.0, None, Verdict.UNKNOWN),
        ("any", 50.0, 0, Verdict.FALSE),
    ],
)
def test_and_and_or_are_three_valued(kind: str, hot: float, firing: float | None, expected: Verdict) -> None:
    both = [point("temp"), point("mode", states=MODES)]
    when = {"type": kind, "of": [HIGH, {"type": "state", "point": "mode", "is_any_of": ["firing"]}]}
    bench = Bench(rule("r", when, on_delay_s=99), points=both)

    assert verdict(bench.feed((0, "temp", hot), (0, "mode", firing))) is expected


def test_a_composite_of_composites_is_evaluated() -> None:
    inner = {"type": "all", "of": [{"type": "high", "limit": 50}, {"type": "low", "limit": 60}]}
    bench = Bench(rule("r", {"type": "any", "of": [inner, {"type": "high", "limit": 90}]}))

    bench.series(40, 55, 70, 95)

    assert [state for _, _, state in bench.log()] == ["unacked", "rtn_unacked", "unacked"]


def test_a_dead_device_gives_one_alarm_over_all_its_points() -> None:
    three = [point(name) for name in ("temp", "press", "flow")]
    bench = Bench(rule("r", {"type": "bad_signal", "reasons": ["comm_timeout"]}, on="*"), points=three)

    bench.feed(*[(0, each.id, None) for each in three])
    bench.feed((10, "temp", 1.0)).feed((11, "press", 1.0))
    assert bench.log() == [(0, "r", "unacked")], "true while any point is out of contact"
    bench.feed((12, "flow", 1.0))
    assert bench.log()[1:] == [(12, "r", "rtn_unacked")]


def test_a_reading_older_than_the_points_last_one_is_counted_and_left_alone() -> None:
    bench = Bench(rule("r", HIGH)).feed((100, "temp", 20.0)).feed((50, "temp", 99.0))

    assert (bench.late, bench.log()) == (1, [])


def test_two_passages_at_the_same_moment_are_both_judged() -> None:
    body = point("temp", on_event=True)
    bench = Bench(rule("r", {"type": "high", "limit": 37.3}), points=[body])

    bench.feed((5, "temp", 38.2), (5, "temp", 36.5))

    assert bench.log() == [(5, "r", "unacked"), (5, "r", "rtn_unacked")]


def test_after_a_gap_everything_is_unknown_until_its_next_reading() -> None:
    bench = Bench(rule("r", HIGH, on_delay_s=60)).feed((0, "temp", 95.0)).until(30)

    bench.book.interrupt(0, 30_000, 630_000)
    bench.until(800)
    assert bench.log() == [], "nobody vouched for the time in between"
    bench.feed((810, "temp", 95.0)).until(900)
    assert bench.log() == [(840, "r", "unacked")], "30 s before the gap and 30 s after"


def test_silence_counts_from_the_end_of_a_gap() -> None:
    bench = Bench(rule("r", {"type": "no_data", "periods": 3, "min_s": 60})).feed((0, "temp", 1.0)).until(30)

    bench.book.interrupt(0, 30_000, 630_000)
    bench.until(809)
    assert bench.log() == []
    assert bench.until(811).log() == [(810, "r", "unacked")]


def test_the_last_passage_still_stands_after_a_gap() -> None:
    bench = Bench(rule("r", HIGH), points=[point("temp", on_event=True)]).feed((0, "temp", 95.0))

    bench.book.interrupt(0, 0, 60_000)

    assert verdict(bench) is Verdict.TRUE


def test_the_time_of_one_cabinet_makes_no_silence_on_another() -> None:
    both = [point("roof"), point("drive")]
    silence = rule("r", {"type": "no_data", "periods": 3, "min_s": 60}, on="*")
    bench = Bench(silence, points=both, sources={"roof": 0, "drive": 1})
    bench.feed((0, "roof", 1.0), (0, "drive", 1.0))

    for at_s in range(60, 901, 60):  # cabinet 1 is cut off; cabinet 0 goes on
        bench.feed((at_s, "roof", 1.0)).until(at_s, source=0)
    assert bench.log() == []
    bench.until(200, source=1)
    assert [state for _, _, state in bench.log()] == ["unacked"], "its own time had come"
