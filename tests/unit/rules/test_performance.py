"""Alarm performance by hand: given this log, expect these figures. Moments are seconds, `10:00` is minutes:seconds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rules.performance.activations import Event, What, pair, what_of
from rules.performance.definitions import Definitions, Verdict
from rules.performance.measure import measure
from rules.performance.metrics import Metric
from rules.performance.report import Performance, Period
from rules.performance.tuning import Known

HOUR, DAY = 3600, 86_400
_WORDS = {"up": What.RAISED, "down": What.CLEARED, "ack": What.ACKNOWLEDGED, "again": What.AGAIN,
          "hide": What.HIDDEN, "unseen": What.UNSEEN}  # fmt: skip


def log(*lines: str) -> list[Event]:
    """`SECONDS ALARM WORD [late]`."""
    events = []
    for line in lines:
        at, alarm, word, *rest = line.split()
        events.append(Event(alarm, round(float(at) * 1000), _WORDS[word], bool(rest)))
    return events


def each(alarm: str, *moments: float, lasts: float = 30) -> list[Event]:
    """The alarm raised at each moment."""
    return [
        Event(alarm, round(at * 1000), what)
        for start in moments
        for at, what in ((start, What.RAISED), (start + lasts, What.CLEARED))
    ]


def report(
    events: Sequence[Event], until_s: float, since_s: float = 0, operators: int = 1, **known: int
) -> Performance:
    alarms = {name: Known(name, "r", priority=priority) for name, priority in known.items()}
    return measure(pair(events), alarms, Period(round(since_s * 1000), round(until_s * 1000), operators))


def figure(found: Performance, name: str) -> Metric:
    return next(metric for metric in found.metrics if metric.id == name)


def value(found: Performance, name: str) -> float | None:
    return figure(found, name).value


def test_load_is_told_per_operator() -> None:
    events = [event for alarm in range(48) for event in each(f"a{alarm}", alarm * 1800)]

    one, two = report(events, DAY), report(events, DAY, operators=2)

    assert (one.calls, two.calls) == (48, 48)
    assert (value(one, "alarms_per_operator_hour"), value(two, "alarms_per_operator_hour")) == (2.0, 1.0)
    assert value(one, "alarms_per_operator_10min") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("per_hour", "verdict"),
    [(0, Verdict.OK), (6, Verdict.OK), (7, Verdict.WATCH), (12, Verdict.WATCH), (13, Verdict.ACT)],
)
def test_six_an_hour_are_well_and_more_than_twelve_ask_for_action(per_hour: int, verdict: Verdict) -> None:
    events = [event for number in range(per_hour) for event in each(f"a{number}", number * 200)]

    assert figure(report(events, HOUR), "alarms_per_operator_hour").verdict is verdict


def test_an_average_over_minutes_is_shown_and_not_judged() -> None:
    metric = figure(report(each("a", 0, 60, 120), 300), "alarms_per_operator_hour")

    assert (metric.value, metric.verdict) == (36.0, None)
    assert metric.note is not None


def test_only_calls_count() -> None:
    events = log(
        "0 a up", "10 a ack", "20 a down",  # one
        "30 b unseen", "40 b down",  # raised while shelved: nobody was called
        "50 c up", "60 c hide", "70 c down",  # one
        "80 d up late", "90 d ack", "95 d down",  # found late: nobody was called at its time
        "100 e up", "200 e ack", "300 e again", "400 e down",  # two: it sounded again
    )  # fmt: skip

    found = report(events, HOUR)

    assert found.calls == 4
    assert [(row.alarm, row.count) for row in found.top] == [("e", 2), ("a", 1), ("c", 1)]
    assert [(row.alarm, row.raised_ms, row.cleared_ms) for row in found.late] == [("d", 80_000, 95_000)]
    assert found.hidings == 1


@pytest.mark.parametrize(
    ("because", "old", "new", "what"),
    [
        ("raised", "normal", "unacked", What.RAISED),
        ("raised", "rtn_unacked", "unacked", What.RAISED),
        ("raised", "shelved", "shelved", What.UNSEEN),
        ("raised", "suppressed", "suppressed", What.UNSEEN),
        ("hidden_raised", "shelved", "shelved", What.UNSEEN),
        ("hidden_cleared", "suppressed", "suppressed", What.CLEARED),
        ("shelf_ended", "shelved", "unacked", What.AGAIN),
        ("window_began", "shelved", "shelved", None),
        ("window_ended", "suppressed", "unacked", What.AGAIN),
        ("cleared", "unacked", "rtn_unacked", What.CLEARED),
        ("cleared", "acked", "normal", What.CLEARED),
        ("cleared", "shelved", "shelved", What.CLEARED),
        ("withdrawn", "acked", "normal", What.CLEARED),
        ("acknowledged", "unacked", "acked", What.ACKNOWLEDGED),
        ("shelved", "unacked", "shelved", What.HIDDEN),
        ("suppressed", "normal", "suppressed", What.HIDDEN),
        ("unshelved", "shelved", "unacked", What.AGAIN),
        ("unshelved", "shelved", "normal", None),
        ("realarmed", "acked", "unacked", What.AGAIN),
        ("reset", "latched_acked", "normal", None),
    ],
)
def test_what_a_row_of_the_transition_table_means(because: str, old: str, new: str, what: What | None) -> None:
    assert what_of(because, old, new) is what


@pytest.mark.parametrize(
    ("moments", "busy", "most"),
    [
        (range(0, 500, 50), 0.0, 10),  # ten in the first interval are not too many
        (range(0, 550, 50), 1 / 6, 11),  # eleven are
        ([*range(540, 600, 10), *range(600, 660, 10)], 0.0, 12),  # six and six, but twelve within any ten minutes
        ([0, 600, 1200], 0.0, 1),  # a window is half-open: what happened 600 s ago is outside
    ],
)
def test_busy_intervals_are_counted_from_the_start_and_the_peak_anywhere(
    moments: Sequence[int], busy: float, most: float
) -> None:
    found = report([event for at in moments for event in each(f"a{at}", at)], HOUR)

    assert (value(found, "busy_intervals"), value(found, "peak_10min")) == (busy, most)


def test_a_flood_starts_with_the_eleventh_and_ends_when_fewer_than_five_are_left() -> None:
    events = [event for number in range(12) for event in each(f"a{number}", number * 10)]

    found = report(events, HOUR)

    (flood,) = found.floods
    # The eleventh comes at 100 s. At 600 s the first leaves the window, every 10 s one more; at 670 s four are left.
    assert (flood.start_ms, flood.end_ms, flood.alarms, flood.peak) == (100_000, 670_000, 12, 12)
    assert value(found, "time_in_flood") == pytest.approx(570 / 3600)
    assert (found.flood_count, figure(found, "time_in_flood").verdict) == (1, Verdict.ACT)


def test_a_flood_goes_on_while_five_are_left_and_is_cut_at_the_ends_of_the_period() -> None:
    moments = [*range(0, 110, 10), *range(200, 4200, 100)]
    events = [event for at in moments for event in each(f"a{at}", at)]

    whole, first, second = report(events, 2 * HOUR), report(events, HOUR), report(events, 2 * HOUR, HOUR)

    # One in 100 s is six in 10 min: neither a new flood nor the end of one. After 4100 s one leaves every 100 s: at
    # 4200 s there are five, at 4300 s four.
    assert [(flood.start_ms, flood.end_ms) for flood in whole.floods] == [(100_000, 4_300_000)]
    assert [(flood.start_ms, flood.end_ms) for flood in first.floods] == [(100_000, None)]
    assert (first.flood_count, second.flood_count, len(second.floods)) == (1, 0, 1)
    assert value(second, "time_in_flood") == pytest.approx(700 / 3600)


def test_two_operators_are_flooded_by_twice_as_many() -> None:
    events = [event for number in range(20) for event in each(f"a{number}", number)]

    assert (len(report(events, HOUR).floods), len(report(events, HOUR, operators=2).floods)) == (1, 0)


@pytest.mark.parametrize(
    ("raisings", "calls"),
    [
        ([0, 30], 0),
        ([0, 20, 40], 3),
        ([0, 30, 60], 0),  # a window is half-open
        ([0, 30, 59.9], 3),
        ([0, 20, 40, 70, 200], 4),  # 20-40-70 is a burst too; 200 is alone
    ],
)
def test_three_in_a_minute_chatter(raisings: list[float], calls: int) -> None:
    found = report(each("a", *raisings, lasts=5), HOUR)

    assert sum(row.count for row in found.chattering) == calls


def test_another_house_calls_more_than_five_in_five_minutes_chattering() -> None:
    events = each("a", 0, 20, 40, lasts=5) + each("b", 0, 50, 100, 150, 200, 250, lasts=5)
    other = Definitions(chattering_count=6, chattering_ms=300_000)

    found = measure(pair(events), {}, Period(0, HOUR * 1000), other)

    assert [row.alarm for row in found.chattering] == ["b"]


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["0 a up", "9.9 a down"], 1),
        (["0 a up", "10 a down"], 0),  # ten seconds are not less than ten
        (["0 a up", "5 a down", "64 a up", "65 a down"], 0),  # repeated after 59 s
        (["0 a up", "5 a down", "65 a up", "66 a down"], 2),  # a minute later: two lonely ones
        (["0 a up", "5 a down", "10 b up", "11 b down"], 2),  # another alarm is no repetition
        (["0 a up"], 0),  # still active
        (["0 a up", "3 a hide", "5 a down"], 0),  # nobody saw how long
        (["0 a up late", "5 a down"], 0),
        (["0 a up", "5 a ack", "400 a again", "403 a down"], 0),  # active for 403 s
    ],
)
def test_fleeting_is_shorter_than_ten_seconds_and_alone(lines: list[str], count: int) -> None:
    assert sum(row.count for row in report(log(*lines), HOUR).fleeting) == count


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["0 a up"], [("a", 0, None)]),
        (["0 a up", "50 a ack"], [("a", 0, None)]),  # acknowledging ends nothing
        (["0 a up", "86400 a down"], []),  # not more than 24 h
        (["0 a up", "90000 a down"], [("a", 0, 90_000)]),
        (["0 a up", "80000 a again"], [("a", 0, None)]),  # once, and since its condition began
        (["0 a up", "80000 a hide"], []),  # it stands in another list
        (["0 a up late"], []),
        (["100000 a up"], []),
    ],
)
def test_stale_is_active_for_more_than_a_day(lines: list[str], rows: list[tuple[str, int, int | None]]) -> None:
    found = report(log(*lines), 2 * DAY, DAY / 2)

    assert [
        (row.alarm, row.since_ms // 1000, None if row.until_ms is None else row.until_ms // 1000) for row in found.stale
    ] == rows


@pytest.mark.parametrize(("count", "verdict"), [(4, Verdict.OK), (5, Verdict.WATCH), (6, Verdict.ACT)])
def test_fewer_than_five_stale_at_once_are_well(count: int, verdict: Verdict) -> None:
    events = log(*(f"{number} a{number} up" for number in range(count)))
    events += log("0 b up", "88000 b down", "100000 c up")  # b is over before the period

    metric = figure(report(events, 2 * DAY, DAY + 2000), "stale")

    assert (metric.value, metric.verdict) == (count, verdict)


def test_shares_are_judged_from_a_hundred_alarms_on() -> None:
    few = report([event for number in range(20) for event in each(f"a{number}", number * 100)], DAY)
    many = report([event for number in range(200) for event in each(f"a{number}", number * 100)], DAY)

    assert (value(few, "top_share"), figure(few, "top_share").verdict) == (0.5, None)
    assert (value(many, "top_share"), figure(many, "top_share").verdict) == (0.05, Verdict.OK)


@pytest.mark.parametrize(
    ("counts", "deviation", "verdict"),
    [
        ((1, 5, 15, 79), 0.01, Verdict.OK),
        ((0, 5, 15, 80), 0.0, Verdict.OK),  # of the most urgent there cannot be too few
        ((1, 15, 14, 70), 0.1, Verdict.WATCH),
        ((1, 59, 10, 30), 0.54, Verdict.ACT),
    ],
)
def test_priorities_are_compared_with_80_15_5_1(
    counts: tuple[int, int, int, int], deviation: float, verdict: Verdict
) -> None:
    events = [e for priority, n in enumerate(counts, 1) for k in range(n) for e in each(f"p{priority}", k * 100)]

    found = report(events, DAY, p1=1, p2=2, p3=3, p4=4)

    assert [row.count for row in found.priorities] == list(counts)
    assert value(found, "priority_deviation") == pytest.approx(deviation)
    assert figure(found, "priority_deviation").verdict is verdict


def test_alarms_that_are_no_longer_there_have_no_priority() -> None:
    found = report(each("gone", 0) + each("p4", 100), DAY, p4=4)

    assert [(row.priority, row.count, row.share) for row in found.priorities] == [
        (1, 0, 0.0), (2, 0, 0.0), (3, 0, 0.0), (4, 1, 1.0), (None, 1, None),
    ]  # fmt: skip


def test_an_answer_counts_from_the_first_call_it_answers() -> None:
    events = log(
        "0 a up", "20 a down", "30 a up", "60 a ack",  # one answer to two calls: 60 s
        "70 a ack",  # answers nothing
        "100 b up", "130 b ack",  # 30 s
        "200 b up", "300 b ack",  # 100 s
        "400 c up", "500 c down",  # nobody
        "600 d up", "610 d hide",  # shelving it is an answer of another kind
    )  # fmt: skip

    everything, *rest = report(events, HOUR, a=1, b=2, c=2, d=3).answers

    assert (everything.answered, everything.unanswered) == (3, 1)
    assert (everything.median_s, everything.p90_s, everything.longest_s) == (60.0, 100.0, 100.0)
    assert [(row.priority, row.answered, row.unanswered, row.median_s) for row in rest] == [
        (1, 1, 0, 60.0), (2, 2, 1, 30.0),
    ]  # fmt: skip


def test_an_end_that_is_told_late_is_an_end() -> None:
    # The uplink was cut after `a` was raised. Of `b` a gap was filled while a later raising already stood.
    found = report(log("0 a up", "40 a down late", "100 b up late", "120 b down late", "110 b up", "300 b down"), HOUR)

    assert [(row.alarm, row.raised_ms, row.cleared_ms) for row in found.late] == [("b", 100_000, 120_000)]
    history = pair(log("0 a up", "40 a down late", "100 b up late", "110 b up", "120 b down late", "300 b down"))
    assert [(each.alarm, each.active_ms) for each in history.activations if not each.late] == [
        ("a", 40_000), ("b", 190_000),
    ]  # fmt: skip


def test_nothing_happened_is_a_report_too() -> None:
    found = report([], DAY)

    assert found.calls == 0
    assert {metric.id: metric.value for metric in found.metrics} == {
        "alarms_per_operator_hour": 0, "alarms_per_operator_10min": 0, "busy_intervals": 0, "peak_10min": 0,
        "time_in_flood": 0, "top_share": None, "chattering": 0, "fleeting": 0, "stale": 0,
        "priority_deviation": None, "basis_days": 1,
    }  # fmt: skip
    assert [metric.id for metric in found.metrics if metric.verdict is not Verdict.OK] == [
        "top_share", "priority_deviation", "basis_days",
    ]  # fmt: skip


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="must end after"):
        Period(5, 5)
    with pytest.raises(ValueError, match="somebody"):
        Period(0, 5, 0)
