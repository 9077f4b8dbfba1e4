"""The life cycle: delays, latching, acknowledging, resetting (domain §3.2)."""

from __future__ import annotations

from rules.codes import Input
from tests.unit.rules.bench import Bench, point, rule

HIGH = {"type": "high", "limit": 90, "deadband": 2}


def test_an_alarm_is_dated_when_its_delay_was_over_not_when_somebody_looked() -> None:
    bench = Bench(rule("r", HIGH, on_delay_s=60, off_delay_s=30))

    bench.feed((0, "temp", 95.0)).until(4000)
    bench.feed((5000, "temp", 20.0)).feed((6000, "temp", 20.0))

    assert bench.log() == [(60, "r", "unacked"), (5030, "r", "rtn_unacked")]


def test_what_is_measured_when_a_delay_would_end_counts_first() -> None:
    below = Bench(rule("r", HIGH, on_delay_s=10)).series(95, 95, 20, every=5).until(500)
    assert below.log() == [], "it was not above the limit for 10 s: it fell between 5 and 10"

    above = Bench(rule("r", HIGH, on_delay_s=10)).series(95, 95, 95, every=5)
    assert above.log() == [(10, "r", "unacked")]


def test_a_dip_starts_the_delay_over() -> None:
    bench = Bench(rule("r", HIGH, on_delay_s=60)).series(95, 95, 20, 95, every=20).until(500)

    assert bench.log() == [(120, "r", "unacked")]


def test_doubt_freezes_the_delay_and_does_not_break_it() -> None:
    bench = Bench(rule("r", HIGH, on_delay_s=60))

    bench.feed((0, "temp", 95.0)).feed((20, "temp", None)).until(1000)
    assert bench.log() == [], "bad quality raises nothing, however long"
    bench.feed((1020, "temp", 95.0)).until(2000)
    assert bench.log() == [(1060, "r", "unacked")], "20 s before the doubt, 40 s after"


def test_doubt_does_not_clear_either() -> None:
    bench = Bench(rule("r", HIGH, off_delay_s=60))

    bench.feed((0, "temp", 95.0)).feed((10, "temp", 20.0)).feed((30, "temp", None)).until(5000)
    assert bench.log() == [(0, "r", "unacked")]
    bench.feed((5000, "temp", 20.0)).until(6000)
    assert bench.log()[1:] == [(5040, "r", "rtn_unacked")]


def test_slow_devices_are_delayed_in_samples() -> None:
    bench = Bench(rule("r", HIGH, on_samples=3, off_samples=2))

    bench.series(95, 95, 20, 95, 95, every=1800).until(20_000)
    assert bench.log() == []
    bench.feed((9000, "temp", 95.0)).feed((10_800, "temp", 20.0)).feed((12_600, "temp", 20.0))
    assert bench.log() == [(9000, "r", "unacked"), (12_600, "r", "rtn_unacked")]


def test_seconds_and_samples_must_both_be_over() -> None:
    bench = Bench(rule("r", HIGH, on_samples=2, on_delay_s=100))

    bench.feed((0, "temp", 95.0)).until(500)
    assert bench.log() == []
    assert bench.feed((600, "temp", 95.0)).log() == [(600, "r", "unacked")]


def test_acknowledging_and_returning_meet_in_either_order() -> None:
    first_acked = Bench(rule("r", HIGH)).feed((0, "temp", 95.0))
    assert first_acked.order("r", Input.ACKNOWLEDGE, 5)
    assert first_acked.feed((10, "temp", 20.0)).log()[1:] == [(5, "r", "acked"), (10, "r", "normal")]

    first_back = Bench(rule("r", HIGH)).feed((0, "temp", 95.0)).feed((10, "temp", 20.0))
    assert first_back.order("r", Input.ACKNOWLEDGE, 15)
    assert first_back.log()[1:] == [(10, "r", "rtn_unacked"), (15, "r", "normal")]


def test_acknowledging_twice_or_without_an_alarm_does_nothing() -> None:
    bench = Bench(rule("r", HIGH))
    assert not bench.order("r", Input.ACKNOWLEDGE)
    bench.feed((0, "temp", 95.0))
    assert bench.order("r", Input.ACKNOWLEDGE)
    assert not bench.order("r", Input.ACKNOWLEDGE)


def test_an_alarm_that_comes_back_has_to_be_acknowledged_again() -> None:
    bench = Bench(rule("r", HIGH)).series(95, 20, 95)

    assert [state for _, _, state in bench.log()] == ["unacked", "rtn_unacked", "unacked"]


def test_a_latched_alarm_stays_until_it_is_acknowledged_and_reset() -> None:
    bench = Bench(rule("r", HIGH, latching=True)).series(95, 20)

    assert bench.state() == "latched_unacked"
    assert not bench.order("r", Input.RESET), "nobody has seen it yet"
    assert bench.order("r", Input.ACKNOWLEDGE)
    assert bench.state() == "latched_acked"
    assert bench.order("r", Input.RESET)
    assert bench.state() == "normal"


def test_a_latched_alarm_is_not_reset_while_it_stands_or_nothing_is_known() -> None:
    bench = Bench(rule("r", HIGH, latching=True, on_delay_s=60)).feed((0, "temp", 95.0)).until(60)
    bench.order("r", Input.ACKNOWLEDGE)
    bench.feed((70, "temp", 20.0))
    assert bench.state() == "latched_acked"

    bench.feed((80, "temp", 95.0))
    assert not bench.order("r", Input.RESET), "it is on its way up again"
    bench.feed((90, "temp", None))
    assert not bench.order("r", Input.RESET), "unknown never closes a hazard"
    bench.feed((100, "temp", 20.0))
    assert bench.order("r", Input.RESET)


def test_an_order_of_a_person_does_not_move_the_alarms_own_time() -> None:
    bench = Bench(rule("r", HIGH)).feed((0, "temp", 95.0))
    bench.order("r", Input.ACKNOWLEDGE, 100)

    assert bench.feed((50, "temp", 20.0)).log()[1:] == [(50, "r", "normal"), (100, "r", "acked")]


def test_the_worst_value_is_kept_while_the_alarm_stands() -> None:
    high = Bench(rule("r", HIGH)).series(91, 99, 95, None, 92)
    assert float(high.book.lives.peak[0]) == 99
    low = Bench(rule("r", {"type": "low", "limit": 10})).series(9, 2, 5)
    assert float(low.book.lives.peak[0]) == 2


def test_a_point_on_another_edge_that_lags_behind_dates_nothing_before_what_was_said() -> None:
    both = [point("temp"), point("press")]
    when = {"type": "any", "of": [HIGH, {"type": "high", "point": "press", "limit": 5}]}
    bench = Bench(rule("r", when), points=both, sources={"press": 1})

    bench.feed((100, "temp", 95.0)).feed((60, "press", 9.0)).feed((110, "temp", 20.0)).feed((90, "press", 1.0))

    assert bench.log() == [(100, "r", "unacked"), (110, "r", "rtn_unacked")]


def test_a_clock_that_was_set_back_does_not_blind_us() -> None:
    bench = Bench(rule("r", HIGH, on_delay_s=30)).feed((7200, "temp", 20.0)).until(7200)

    bench.book.rewind(0, 3_600_000)
    bench.feed((3610, "temp", 95.0)).until(3700)

    assert (bench.late, bench.log()) == (0, [(3640, "r", "unacked")])
