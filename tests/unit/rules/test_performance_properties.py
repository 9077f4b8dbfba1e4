"""What must hold of alarm performance for every log."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.performance.activations import Event, What, pair
from rules.performance.definitions import Definitions
from rules.performance.load import flood_ms, floods, sliding
from rules.performance.measure import measure
from rules.performance.report import Performance, Period
from rules.performance.tuning import Known

INTERVAL = 600_000
KNOWN = {"a": Known("a", "r", priority=1), "b": Known("b", "r", priority=3), "c": Known("c", "r")}

calls = st.tuples(
    st.sampled_from(("a", "b", "c")),
    st.integers(0, 40 * 60),  # pause before it, s
    st.integers(1, 900),  # how long, s
    st.booleans(),  # whether it was found late
)
# Often a burst, seldom a pause: floods and chattering must come up.
logs = st.lists(
    st.one_of(calls, st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(1, 15), st.just(False))),
    max_size=60,
)
cuts = st.lists(st.integers(1, 60), max_size=4)  # interval numbers


def events_of(log: list[tuple[str, int, int, bool]]) -> list[Event]:
    events: list[Event] = []
    free: dict[str, int] = {}
    at = 0
    for alarm, pause, lasts, late in log:
        at = max(at + pause * 1000, free.get(alarm, 0) + 1000)
        events.append(Event(alarm, at, What.RAISED, late))
        events.append(Event(alarm, at + lasts * 1000, What.CLEARED, late))
        free[alarm] = at + lasts * 1000
    return sorted(events, key=lambda event: event.at_ms)


def totals(found: Performance) -> dict[str, float]:
    """What can be added up over parts of a period."""
    sums: dict[str, float] = {
        "calls": found.calls,
        "floods": found.flood_count,
        "late": len(found.late),
        "chattering": sum(row.count for row in found.chattering),
        "fleeting": sum(row.count for row in found.fleeting),
        "answered": found.answers[0].answered,
        "unanswered": found.answers[0].unanswered,
    }
    span = found.to_ms - found.from_ms
    for metric in found.metrics:
        if metric.id in ("time_in_flood", "busy_intervals") and metric.value is not None:
            sums[metric.id] = round(metric.value * span)
    return sums | {f"p{row.priority}": row.count for row in found.priorities if row.count}


@given(logs, cuts)
@settings(max_examples=150, deadline=None)
def test_splitting_a_period_changes_no_total(log: list[tuple[str, int, int, bool]], inner: list[int]) -> None:
    history = pair(events_of(log))
    end = 61 * INTERVAL
    edges = sorted({0, end, *(cut * INTERVAL for cut in inner)})
    parts = [measure(history, KNOWN, Period(start, stop)) for start, stop in pairwise(edges)]

    summed: dict[str, float] = {}
    for part in parts:
        for name, count in totals(part).items():
            summed[name] = summed.get(name, 0) + count

    whole = measure(history, KNOWN, Period(0, end))
    assert {name: count for name, count in summed.items() if count} == {
        name: count for name, count in totals(whole).items() if count
    }
    peaks = [metric.value for part in parts for metric in part.metrics if metric.id == "peak_10min"]
    assert max(peak for peak in peaks if peak is not None) in [m.value for m in whole.metrics if m.id == "peak_10min"]


@given(logs, st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30_000)), max_size=20))
@settings(max_examples=150, deadline=None)
def test_acknowledging_changes_no_figure(log: list[tuple[str, int, int, bool]], acks: list[tuple[str, int]]) -> None:
    events = events_of(log)
    answered = [*events, *(Event(alarm, at * 1000, What.ACKNOWLEDGED) for alarm, at in acks)]
    period = Period(0, 61 * INTERVAL)

    without, with_acks = measure(pair(events), KNOWN, period), measure(pair(answered), KNOWN, period)

    assert with_acks.metrics == without.metrics
    assert (with_acks.top, with_acks.chattering, with_acks.fleeting) == (
        without.top, without.chattering, without.fleeting,
    )  # fmt: skip


@given(logs)
@settings(max_examples=150, deadline=None)
def test_what_was_found_late_changes_no_figure(log: list[tuple[str, int, int, bool]]) -> None:
    events = events_of(log)
    period = Period(0, 61 * INTERVAL)

    without = measure(pair([event for event in events if not event.late]), KNOWN, period)
    found = measure(pair(events), KNOWN, period)

    assert found.metrics == without.metrics
    assert len(found.late) == sum(late for *_, late in log)


@given(logs, st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_rows_means_nothing(log: list[tuple[str, int, int, bool]], random: object) -> None:
    # One alarm per call: no two rows of one alarm share a moment, so the order by time is the only one.
    events = events_of([(alarm, pause, lasts, late) for alarm, pause, lasts, late in log])
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert pair(shuffled) == pair(events)


@given(st.lists(st.integers(0, 10_000), max_size=80), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_floods_never_touch_and_agree_with_counting_every_second(moments: list[int], operators: int) -> None:
    definitions = Definitions()
    at = sorted(moment * 1000 for moment in moments)

    found = floods(sliding(at, INTERVAL), operators, definitions)

    slow, flooded = 0, False
    for second in range(10_700):
        within = sum(second * 1000 - INTERVAL < moment <= second * 1000 for moment in at)
        flooded = within >= 5 * operators if flooded else within > 10 * operators
        slow += flooded
    assert flood_ms(found, 0, 10_700_000) == slow * 1000
    assert all(one.end_ms is not None and one.end_ms < two.start_ms for one, two in pairwise(found))
