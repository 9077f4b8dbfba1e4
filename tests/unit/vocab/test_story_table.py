"""The table of a rule's test: what its cells mean, and what is told of its slips."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab.point import Point
from vocab.problem import Code
from vocab.quality import Quality, Reason
from vocab.story import EVENTS, STANDINGS, Moment, Order, StorySample, said
from vocab.story_table import Slip, read

_NAME = {"en": "x", "zh": "某"}
START = datetime(2026, 3, 2, 5, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
POINTS = {
    "level": Point.model_validate({"id": "level", "name": _NAME, "period_s": 5, "bounds": [-160, 160], "unit": "mm"}),
    "burner": Point.model_validate(
        {
            "id": "burner",
            "name": _NAME,
            "period_s": 5,
            "states": [{"code": 0, "id": "off", "name": _NAME}, {"code": 4, "id": "firing", "name": _NAME}],
        }
    ),
}
HEAD = "time | level | burner | do | expect\n"


def moments(rows: str, head: str = HEAD) -> tuple[Moment, ...]:
    found, slips = read(head + rows, POINTS, START)
    assert slips == ()
    return found


def slips(rows: str, head: str = HEAD) -> tuple[Slip, ...]:
    return read(head + rows, POINTS, START, line=10)[1]


def values(rows: str) -> list[tuple[float, float | None]]:
    return [(each.at_ms / 1000, sample.value) for each in moments(rows) for sample in each.samples]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0s", 0), ("90s", 90), ("14.9s", 14.9), ("5m", 300), ("1h30m", 5400), ("2d", 172800), ("1d2h3m4s", 93784),
        ("06:40", 6000), ("05:00:30", 30), ("d1 06:40", 6000), ("d2 06:40", 92400), ("d3 00:00", 154800),
    ],
)  # fmt: skip
def test_times_count_from_the_start_or_are_read_off_the_wall(written: str, seconds: float) -> None:
    (moment,) = moments(f"{written} | 1 | | | nothing")

    assert moment.at_ms == round(seconds * 1000)


def test_a_clock_time_is_of_the_day_of_the_row_above() -> None:
    found = moments("d2 23:00 | 1 | | | nothing\n23:30 | 2\nd3 00:10 | 3\n00:20 | 4")

    assert [said(each.at_ms) for each in found] == ["1d18h", "1d18h30m", "1d19h10m", "1d19h20m"]


def test_clock_times_follow_the_clock_of_their_zone_when_it_is_changed() -> None:
    eve = datetime(2026, 3, 28, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    found, none = read("time | level | expect\nd2 12:00 | 1 | nothing", POINTS, eve)

    assert none == ()
    assert found[0].at_ms == 23 * 3_600_000, "an hour is left out that night"


def test_an_empty_cell_tells_nothing_and_silent_says_so() -> None:
    found = moments("0s | 1 | firing | | nothing\n10s | silent | off\n20s | | | acknowledge, reset |")

    assert [tuple(sample.point for sample in each.samples) for each in found] == [("level", "burner"), ("burner",), ()]
    assert found[0].samples[1].value == 4, "a state is told by its code"
    assert found[2].orders == (Order("acknowledge"), Order("reset"))


@pytest.mark.parametrize(
    ("cell", "sample"),
    [
        ("bad(sensor_fault)", StorySample("level", None, Quality.BAD, Reason.SENSOR_FAULT)),
        ("97 uncertain(slew)", StorySample("level", 97.0, Quality.UNCERTAIN, Reason.SLEW)),
        ("-999 bad(out_of_range)", StorySample("level", -999.0, Quality.BAD, Reason.OUT_OF_RANGE)),
        ("-1.5e1", StorySample("level", -15.0)),
    ],
)
def test_a_reading_has_a_quality_and_a_reason(cell: str, sample: StorySample) -> None:
    assert moments(f"0s | {cell} | | | nothing")[0].samples == (sample,)


def test_rows_of_many_moments_repeat_ramp_or_take_turns() -> None:
    assert values("0s | 1 | | | nothing\nevery 10s until 30s | 5") == [(0, 1), (10, 5), (20, 5), (30, 5)]
    assert values("1m every 1m until 3m | 0 -> -60 | | | nothing") == [(60, 0), (120, -30), (180, -60)]
    assert values("0s every 1s until 3s | 1, 2 | | | nothing") == [(0, 1), (1, 2), (2, 1), (3, 2)]
    assert [value for _, value in values("0s every 1s until 2s | | off, firing | | nothing")] == [0, 4, 0]


def test_an_event_in_a_row_of_many_moments_has_its_own_and_a_standing_counts_for_all() -> None:
    found = moments("0s every 10s until 30s | 5 | | | raised at 12.5s, stands")

    assert [(each.word, each.at_ms) for each in found[-1].expects] == [("raised", 12500), ("stands", 30000)]
    assert [each.word for moment in found[:-1] for each in moment.expects] == ["stands"] * 3


def test_a_gap_says_from_when_the_cabinet_was_down() -> None:
    (moment,) = moments("gap 1m until 5m | 7 | | | nothing")

    assert (moment.gap_ms, moment.at_ms) == (60_000, 300_000)
    assert moment.samples == (StorySample("level", 7.0),), "the first reading after it"


def test_remarks_rules_and_outer_bars_are_decoration() -> None:
    plain = moments("0s | 1 | | | nothing")
    decorated = moments("|---|---|\n# the start\n\n| 0s | 1 | | | nothing | # so it begins", f"| {HEAD.strip()} |\n")

    assert [replaced.samples for replaced in decorated] == [each.samples for each in plain]
    assert decorated[0].expects == plain[0].expects


@pytest.mark.parametrize(
    ("row", "code", "said_in"),
    [
        ("soon | 1", Code.BAD_VALUE, "'soon' is no time"),
        ("25:00 | 1", Code.BAD_VALUE, "no time of day"),
        ("04:00 | 1", Code.BAD_VALUE, "before the row above"),
        ("every 0s until 5m | 1", Code.BAD_VALUE, "no length"),
        ("10m every 1m until 5m | 1", Code.BAD_VALUE, "over before it begins"),
        ("every 1ms until 5m | 1", Code.BAD_VALUE, "is no time"),
        ("0s every 0.001s until 9d | 1", Code.BAD_VALUE, "more than"),
        ("gap 5m until 4m | 1", Code.BAD_VALUE, "the gap ends"),
        ("0s | 1 | | | nothing | more", Code.BAD_VALUE, "6 cells under 5 columns"),
        ("0s | high", Code.WRONG_TYPE, "'high' is no number"),
        ("0s | nan", Code.WRONG_TYPE, "is no number"),
        ("0s | 161", Code.CONTRADICTION, "outside the physical bounds"),
        ("0s | 1 2", Code.BAD_VALUE, "is no reading"),
        ("0s | bad", Code.WRONG_TYPE, "is no number"),
        ("0s | bad(tired)", Code.UNKNOWN_REFERENCE, "no reason 'tired'"),
        ("0s | bad(none)", Code.UNKNOWN_REFERENCE, "no reason 'none'"),
        ("0s | 1 -> 2", Code.BAD_VALUE, "needs several moments"),
        ("0s | 1, 2", Code.BAD_VALUE, "2 readings for 1 moments"),
        ("0s | | smoking", Code.UNKNOWN_REFERENCE, "no state 'smoking'"),
        ("0s | | 4", Code.UNKNOWN_REFERENCE, "no state '4'"),
        ("0s | | | kick", Code.UNKNOWN_REFERENCE, "no order 'kick'"),
        ("0s | | | shelve", Code.BAD_VALUE, "for ever"),
        ("0s | | | shelve soon", Code.BAD_VALUE, "is no time"),
        ("0s | | | | risen", Code.UNKNOWN_REFERENCE, "nothing is called 'risen'"),
        ("0s every 1s until 9s | 1 | | | raised", Code.BAD_VALUE, "at which of the row's moments"),
        ("0s every 1s until 9s | 1 | | | raised at 10s", Code.BAD_VALUE, "not within its row"),
        ("0s every 1s until 9s | 1 | | | stands at 3s", Code.BAD_VALUE, "said of a whole row"),
    ],
)
def test_a_slip_is_told_with_its_line_and_a_hint(row: str, code: Code, said_in: str) -> None:
    (slip,) = slips(f"0s | 0 | off | | nothing\n{row}\n20d | 1")

    assert (slip.line, slip.code) == (12, code)
    assert said_in in slip.message
    assert slip.hint


def test_all_slips_of_a_table_come_at_once() -> None:
    found = slips("x | 1\n0s | 1\n1s | | z | w | | v\n2s | 3", "time | level | burner | do | colour | expect | level\n")

    assert [(slip.line, slip.message.split("'")[-2]) for slip in found] == [
        (10, "colour"), (10, "level"), (11, "x"), (13, "z"), (13, "w"), (13, "v"),
    ]  # fmt: skip


def test_a_table_must_expect_something() -> None:
    (slip,) = slips("0s | 1")

    assert (slip.line, slip.code) == (10, Code.MISSING_KEY)
    assert read("", POINTS, START)[1] != ()


def test_a_table_without_times_is_told() -> None:
    assert "`time`" in slips("", "level | expect\n0s | 1\n")[0].message


@given(st.text(alphabet="0123456789smhd:.|-># ,()\nabcdefgnotuilrve", max_size=200))
def test_any_table_is_read_or_its_slips_are_told(text: str) -> None:
    found, told = read(text, POINTS, START)

    assert found or told
    assert [each.at_ms for each in found] == sorted(each.at_ms for each in found)


@given(st.integers(min_value=0, max_value=10**10).map(lambda ms: ms - ms % 100))
def test_a_time_is_said_as_it_is_read(at_ms: int) -> None:
    (moment,) = moments(f"{said(at_ms)} | 1 | | | nothing")

    assert moment.at_ms == at_ms


def test_no_word_means_two_things() -> None:
    assert set(EVENTS) & set(STANDINGS) == set()
