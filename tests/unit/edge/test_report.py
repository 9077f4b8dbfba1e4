"""Report by exception: no change beyond the deadband and no silence beyond the heartbeat goes unsaid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.report import Habit, Reporter
from tests.edge_places import packs

POINTS = packs({})["meter"].points
HABIT = Habit(deadband=0.5, heartbeat_ms=9_000)


def test_the_first_value_is_news() -> None:
    assert Reporter([HABIT]).news([1.0], [0], 0) == [0]


def test_a_change_within_the_deadband_is_not() -> None:
    reporter = Reporter([HABIT])
    reporter.news([1.0], [0], 0)
    assert reporter.news([1.4], [0], 1000) == []
    assert reporter.news([1.5], [0], 2000) == [0]


def test_one_raw_step_passes_a_deadband_of_one_raw_step() -> None:
    reporter = Reporter([Habit(deadband=0.1, heartbeat_ms=9_000)])
    reporter.news([0.2], [0], 0)
    assert reporter.news([0.3], [0], 1000) == [0]


def test_without_a_deadband_every_change_is_news_and_equality_is_not() -> None:
    reporter = Reporter([Habit(0.0, 9_000)])
    reporter.news([1.0], [0], 0)
    assert reporter.news([1.0], [0], 1) == []
    assert reporter.news([1.0000001], [0], 2) == [0]


def test_a_change_of_quality_or_reason_is_always_news() -> None:
    reporter = Reporter([HABIT])
    reporter.news([1.0], [0], 0)
    assert reporter.news([None], [1], 10) == [0]
    assert reporter.news([None], [1], 20) == []
    assert reporter.news([None], [2], 30) == [0]
    assert reporter.news([1.0], [0], 40) == [0]


def test_an_event_is_news_however_equal() -> None:
    reporter = Reporter([Habit(deadband=5, always=True)])
    assert [reporter.news([36.6], [0], now) for now in range(3)] == [[0], [0], [0]]


def test_what_was_not_read_is_not_reported() -> None:
    reporter = Reporter([HABIT, HABIT])
    assert reporter.news([None, 1.0], [-1, 0], 0) == [1]
    assert reporter.news([None, 1.0], [-1, 0], 60_000) == [1]


def test_a_clock_set_back_does_not_silence_a_point() -> None:
    reporter = Reporter([HABIT])
    reporter.news([1.0], [0], 100_000)
    assert reporter.news([1.0], [0], 50_000) == [0]


def test_event_points_count_each_message_but_not_each_poll() -> None:
    passage = POINTS["passage"]
    assert Habit.of(passage, 0, is_message=True).always
    assert not Habit.of(passage, 1000, is_message=False).always


Row = tuple[int, float | None, int]
ROWS = st.lists(
    st.tuples(st.integers(1, 4000), st.none() | st.floats(-10, 10), st.integers(0, 3)), min_size=1, max_size=80
)


@given(ROWS, st.sampled_from([0.0, 0.1, 1.0]))
def test_a_reader_of_reports_never_misses_more_than_it_may(rows: list[Row], band: float) -> None:
    period_ms, heartbeat_ms = 4000, 20_000
    reporter = Reporter([Habit(band, heartbeat_ms - period_ms)])
    now, told = 0, (0.0, -1, 0)
    for wait, value, code in rows:
        reason = 1 + code if value is None else 0
        now += wait
        if reporter.news([value], [reason], now):
            told = (0.0 if value is None else value, reason, now)
            continue
        assert told[1] == reason
        assert value is None or abs(value - told[0]) < band or value == told[0]
        assert now - told[2] < heartbeat_ms - period_ms  # and so is reported before the heartbeat is over


_ROW = st.lists(
    st.tuples(st.sampled_from([None, 0.0, 1.0, 2.0]), st.sampled_from([0, 0, 0, 1, -1])), min_size=3, max_size=3
)


@given(st.lists(st.tuples(_ROW, st.integers(-2_000, 6_000)), max_size=30))
def test_the_short_way_for_most_rows_finds_what_the_long_one_finds(
    rows: list[tuple[list[tuple[float | None, int]], int]],
) -> None:
    habits = [Habit(heartbeat_ms=5_000), Habit(heartbeat_ms=9_000), Habit(heartbeat_ms=0)]
    short, long = Reporter(habits), Reporter(habits)
    long._is_plain = False
    now_ms = 100_000
    for row, later_ms in rows:
        now_ms += later_ms
        values, reasons = [value for value, _ in row], [reason for _, reason in row]
        assert short.news(values, reasons, now_ms) == long.news(values, reasons, now_ms)
