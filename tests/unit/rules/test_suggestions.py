"""Suggested delays and deadbands: the arithmetic by hand, and what they do when the production rules run again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.performance.activations import Activation, Event, pair, what_of
from rules.performance.definitions import Definitions
from rules.performance.tuning import Attribute, Known, Suggestion, share_rank, suggest
from tests.unit.rules.bench import Bench, rule

ONE = Definitions(suggest_from=1)


def line(*spans: tuple[float, float], values: Sequence[float | None] = ()) -> list[Activation]:
    """Calls from and until, in seconds."""
    found = []
    for place, (start, end) in enumerate(spans):
        value = values[place] if values else None
        at = round(start * 1000)
        found.append(Activation("a.r", at, at, round(end * 1000), cleared_value=value))
    return found


def numbers(found: Sequence[Suggestion]) -> list[tuple[str, float, float | None, int, int]]:
    return [(each.attribute.value, each.now, each.suggested, each.removes, each.of) for each in found]


def test_the_rank_of_a_share_is_the_nearest() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0, 10.0, 9.0, 8.0, 7.0, 6.0]

    assert [share_rank(values, share) for share in (0.1, 0.5, 0.9, 0.91, 1.0)] == [1.0, 5.0, 9.0, 10.0, 10.0]
    assert share_rank([3.0], 0.9) == 3.0


@pytest.mark.parametrize(
    ("on_s", "off_s", "lasts", "suggested", "removes"),
    [
        # The ninth of ten lasted 4 s; 5 s is longer. The tenth lasted 9 s and stays.
        (0, 0, [1, 1, 2, 2, 2, 3, 3, 4, 4, 9], 5, 9),
        # With an on-delay of 10 s and an off-delay of 2 s an alarm of 4 s stood for 12 s of a true condition.
        (10, 2, [2, 2, 2, 2, 2, 3, 3, 4, 4, 9], 13, 9),
        # Long ones stay, whatever their number.
        (0, 0, [2, 2, 2, 500, 600, 700], 3, 3),
    ],
)
def test_an_on_delay_that_would_have_spared_nine_of_ten_fleeting_calls(
    on_s: float, off_s: float, lasts: list[int], suggested: float, removes: int
) -> None:
    known = Known("a", "r", on_delay_ms=round(on_s * 1000), off_delay_ms=round(off_s * 1000))
    calls = line(*((place * 1000, place * 1000 + last) for place, last in enumerate(lasts)))

    assert numbers(suggest(calls, known, Definitions())) == [("on_delay_s", on_s, suggested, removes, len(lasts))]


def test_the_arithmetic_is_shown_in_both_languages() -> None:
    calls = line((0, 4), (1000, 1002), (2000, 2003), (3000, 3500))

    (found,) = suggest(calls, Known("a", "r"), Definitions())

    assert found.why.en == (
        "3 of 4 calls lasted less than 10 s. 3 of these 3 conditions held for 4 s at most (on-delay 0 s + time active "
        "- off-delay 0 s). On-delay 5 s: 3 of 4 calls fewer; every other one 5 s later."
    )
    assert found.why.zh == (
        "4次报警中有3次持续不足10秒，其中3次的条件最长维持4秒（触发延时0秒＋报警时长－恢复延时0秒）。"
        "触发延时取5秒：4次中减少3次；其余各次推迟5秒。"
    )


@pytest.mark.parametrize(("lasts", "suggested"), [(4, 5.0), (5, None), (8, None)])
def test_an_alarm_for_life_safety_is_never_told_to_wait_longer_than_five_seconds(
    lasts: float, suggested: float | None
) -> None:
    calls = line(*((at, at + lasts) for at in (0, 1000, 2000)))

    (found,) = suggest(calls, Known("a", "r", is_safety=True), Definitions())

    assert found.suggested == suggested
    assert ("life safety" in found.why.en) is (suggested is None)


@pytest.mark.parametrize(
    ("on_s", "off_s", "suggested", "remaining"),
    [
        (0, 0, 26, 2),  # gaps 10, 15, 20, 25 s and an hour: the fourth of four is 25 s, 26 s is longer
        (5, 0, 21, 2),  # the condition came back 5 s before the alarm
        (0, 30, 56, 2),  # and went 30 s before the alarm ended
    ],
)
def test_an_off_delay_that_would_have_merged_repeats(
    on_s: float, off_s: float, suggested: float, remaining: int
) -> None:
    known = Known("a", "r", on_delay_ms=round(on_s * 1000), off_delay_ms=round(off_s * 1000))
    calls = line((0, 30), (40, 70), (85, 115), (135, 165), (190, 220), (3820, 3850))

    assert numbers(suggest(calls, known, Definitions())) == [("off_delay_s", off_s, suggested, 6 - remaining, 6)]


@pytest.mark.parametrize(
    ("is_high", "values", "suggested"),
    [
        (True, [89.5, 89.2, 88.7, 20.0], 1.4),  # 0.5, 0.8, 1.3 below 90
        (False, [90.5, 90.8, 91.3, 20.0], 1.4),
        (True, [88.0, 88.0, 88.0, 88.0], 2.1),
        (True, [79.9, 79.9, 79.9, 0.0], 11.0),  # two digits
    ],
)
def test_a_deadband_wider_than_the_dips(is_high: bool, values: list[float], suggested: float) -> None:
    known = Known("a", "r", limit=90.0, deadband=0.1, is_high=is_high, unit="°C")
    calls = line((0, 30), (40, 70), (80, 110), (120, 150), values=values)  # the last came not back

    _, found = suggest(calls, known, Definitions())

    assert (found.attribute, found.suggested, found.removes, found.of) == (Attribute.DEADBAND, suggested, 3, 4)
    assert "lower bound" in found.why.en


def test_nothing_is_suggested_from_two_occurrences_nor_for_long_and_lonely_calls() -> None:
    assert suggest(line((0, 2), (1000, 1002)), Known("a", "r"), Definitions()) == ()
    assert suggest(line((0, 300), (4000, 4300), (8000, 8300)), Known("a", "r"), Definitions()) == ()
    assert suggest([Activation("a.r", at, at) for at in (0, 1, 2)], Known("a", "r"), Definitions()) == ()


@pytest.mark.parametrize(
    ("on_s", "off_s", "suggests"), [(5, 4, True), (5, 4.1, False), (16, 4, True), (16.1, 4, False)]
)
def test_nothing_is_suggested_from_a_history_that_other_rules_made(on_s: float, off_s: float, suggests: bool) -> None:
    known = Known("a", "r", on_delay_ms=round(on_s * 1000), off_delay_ms=round(off_s * 1000))

    assert bool(suggest(line((0, 4), (20, 24), (40, 44), (60, 64)), known, Definitions())) is suggests


# --- the same through the production rules ------------------------------------------------------------------------


def run(values: Sequence[float], on_s: float, off_s: float, deadband: float) -> list[Activation]:
    """One reading a second."""
    when = {"type": "high", "limit": 90, "deadband": deadband}
    bench = Bench(rule("r", when, on_delay_s=on_s, off_delay_s=off_s)).series(*values, every=1)
    bench.until(len(values) + 5000)
    events = []
    for each in bench.book.take():
        what = what_of(each.because.word, each.old, each.new)
        assert what is not None
        events.append(Event(each.alarm, each.at_ms, what, value=each.value))
    return list(pair(events).activations)


runs = st.lists(st.tuples(st.sampled_from((85.0, 88.0, 89.5, 90.0, 95.0)), st.integers(1, 12)), max_size=40)
delays = st.sampled_from((0, 3, 7))


@given(runs, delays, delays, st.sampled_from((0.0, 1.0)))
@settings(max_examples=150, deadline=None)
def test_a_suggested_delay_keeps_its_promise_when_the_rules_run_again(
    plateaus: list[tuple[float, int]], on_s: int, off_s: int, deadband: float
) -> None:
    values = [value for value, seconds in plateaus for _ in range(seconds)] + [20.0] * 30
    before = run(values, on_s, off_s, deadband)
    known = Known("a", "r", on_delay_ms=on_s * 1000, off_delay_ms=off_s * 1000, limit=90.0, deadband=deadband)

    for each in suggest(before, known, ONE):
        if each.suggested is None or each.attribute is Attribute.DEADBAND:  # a lower bound, which promises nothing
            continue
        on = each.suggested if each.attribute is Attribute.ON_DELAY else on_s
        off = each.suggested if each.attribute is Attribute.OFF_DELAY else off_s
        assert len(run(values, on, off, deadband)) <= each.of - each.removes, each.why.en


def test_a_suggested_deadband_calms_a_signal_that_swings_about_its_limit() -> None:
    values = [91.0, 91.0, 89.4, 89.4] * 20
    before = run(values, 0, 0, 0)

    _, found = [each for each in suggest(before, Known("a", "r", limit=90.0), Definitions()) if each.suggested][-2:]

    assert (found.attribute, found.suggested, len(before)) == (Attribute.DEADBAND, 0.61, 20)
    assert len(run(values, 0, 0, found.suggested or 0)) == 1
