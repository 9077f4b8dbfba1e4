"""Laws that hold for every history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import quiet
from rules.book import Book
from rules.codes import Because, Input
from rules.columns import copied
from rules.compiled import compiled
from rules.functions import PLAIN, Functions
from tests.unit.rules.bench import Bench, point, rule
from vocab.quality import Reason

POINTS = ("temp", "press", "mode")
MODES = [{"code": code, "id": f"m{code}", "name": {"en": "m", "zh": "m"}} for code in range(3)]


@dataclass(frozen=True)
class Frame:
    gap_s: float
    samples: tuple[tuple[float, str, float, Reason], ...]  # offset before the frame's end, point, value, reason
    tightens: bool | None = None  # a major hazard was confirmed, or written off, at its end


samples = st.tuples(
    st.sampled_from((0.0, 0.0, 0.0, 1.0, 4.0)),
    st.sampled_from(POINTS),
    st.sampled_from((0.0, 1.0, 2.0, 9.0, 10.0, 10.5, 11.0, 12.0)),
    st.sampled_from((Reason.NONE,) * 6 + (Reason.COMM_TIMEOUT, Reason.SENSOR_FAULT, Reason.SLEW)),
)
frames = st.builds(
    Frame,
    st.sampled_from((5.0, 10.0, 30.0, 200.0)),
    st.lists(samples, max_size=4).map(tuple),
    st.sampled_from((None, None, True, False)),
)
histories = st.lists(frames, min_size=1, max_size=25)

delays = st.sampled_from((0, 5, 20, 60))
counts = st.sampled_from((1, 1, 2, 3))
HIGH = {"type": "high", "limit": 10, "deadband": 1}
CONDITIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("temp", HIGH),
    ("temp", {"type": "low", "limit": 1, "deadband": 1}),
    ("mode", {"type": "state", "is_any_of": ["m1", "m2"]}),
    ("temp", {"type": "no_data", "periods": 2, "min_s": 40}),
    ("*", {"type": "no_data", "periods": 2, "min_s": 40}),
    ("*", {"type": "bad_signal", "reasons": ["comm_timeout"]}),
    ("temp", {"type": "bad_signal", "reasons": ["sensor_fault"]}),
    ("temp", {"type": "rate", "window_s": 30, "above_per_min": 4}),
    ("temp", {"type": "stuck", "samples": 3, "min_s": 30}),
    ("temp", {"type": "all", "of": [HIGH, {"type": "state", "point": "mode", "is_any_of": ["m1"]}]}),
    ("temp", {"type": "any", "of": [HIGH, {"type": "no_data", "point": "press", "periods": 3, "min_s": 40}]}),
)
RAISED = (Because.RAISED, Because.HIDDEN_RAISED)
HOURS = [{"hours": "00:02-00:04"}, {"hours": "00:05-00:10"}, {"hours": "00:20-00:30"}]
IN_M1 = {"type": "state", "point": "mode", "is_any_of": ["m1"]}
NEWER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("temp", {"type": "spread", "window_s": 48, "above": 5}),
    ("temp", {"type": "spread", "window_s": 48, "below": 1}),
    ("temp", {"type": "deviation", "baseline_s": 30, "above": 5, "below": 5, "deadband": 1, "over_samples": 2}),
    ("temp", {"type": "deviation", "from_point": "press", "above": 2, "below": 3, "deadband": 1}),
    ("temp", {"type": "forecast", "limit": 20, "within_s": 120, "window_s": 30}),
    ("temp", {"type": "stuck", "samples": 3, "min_s": 20, "while_moving": ["press"]}),
    ("mode", {"type": "count", "of": {"type": "state", "is_any_of": ["m1"]}, "at_least": 2, "window_s": 60}),
    ("temp", {"type": "count", "of": {"type": "change", "fall": 5}, "at_least": 2, "window_s": 90}),
    ("temp", {"type": "must_happen", "of": {"type": "change", "fall": 5}, "within": HOURS, "unless_below": 1}),
    ("mode", {"type": "must_happen", "of": {"type": "state", "is_any_of": ["m2"]}, "within": HOURS}),
    ("temp", {"type": "schedule", "within": HOURS}),
    ("temp", {"type": "all", "of": [HIGH, {"type": "schedule", "within": HOURS}]}),
    ("temp", {"type": "not", "of": {"type": "any", "of": [HIGH, IN_M1]}}),
    ("temp", {"type": "vote", "at_least": 2, "unknown": "degrade", "of": [HIGH, IN_M1, HIGH | {"point": "press"}]}),
    ("temp", {"type": "vote", "at_least": 2, "of": [HIGH, IN_M1, HIGH | {"point": "press"}]}),
    ("temp", {"type": "expr", "text": 'temp - press > 3 and not (mode in ["m0", "m2"] or temp == 12)', "deadband": 1}),
    ("temp", {"type": "expr", "text": "max(temp, press) / (press - 1) >= 2 or alarm('r0')"}),
    ("temp", {"type": "alarm", "rule": "r0"}),
    ("temp", {"type": "alarm", "rule": "r0", "pending": True}),
    ("temp", {"type": "blind"}),
)
conditions = st.sampled_from(CONDITIONS + NEWER)


PROCESS = ("high", "low", "state", "rate", "stuck", "spread", "deviation", "forecast")  # looks at points and no clock
HIDING: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"escalates_to": "r0"},
    {"suppress_when": IN_M1, "suppress_linger_s": 15},
    {"suppress_when": {"type": "alarm", "rule": "r0"}, "safety": True},
    {"active": HOURS},
    {"while_tightened": True},
    {"while_tightened": True, "escalates_to": "r0", "active": HOURS},
)


@st.composite
def rule_sets(draw: st.DrawFn) -> list[Any]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        on, when = draw(conditions)
        changes = {
            "on_delay_s": draw(delays),
            "off_delay_s": draw(delays),
            "on_samples": draw(counts),
            "off_samples": draw(counts),
            "latching": draw(st.booleans()),
        }
        if number == 0 and ("r0" in str(when) or when["type"] == "blind"):
            when = HIGH  # or they would ask for one another in a circle
        if number == 0:
            changes["safety"] = draw(st.booleans())
        if number == 1:
            changes |= draw(st.sampled_from(HIDING))
        found.append(rule(f"r{number}", when, on=on, **changes))
    return found


def bench(rules: list[Any], functions: Functions = PLAIN) -> Bench:
    points = [point("temp", period_s=5), point("press"), point("mode", states=MODES)]
    return Bench(*rules, points=points, functions=functions)


def tell(into: Bench, frame: Frame, end_s: float) -> None:
    into.feed(*[(end_s - before, name, value, reason) for before, name, value, reason in frame.samples])
    into.until(end_s)
    for row in into.book.closer if frame.tightens is not None else ():
        into.book.command(row, Input.TIGHTEN if frame.tightens else Input.RELAX, round(end_s * 1000))


def play(into: Bench, history: list[Frame], ticks: float | None = None) -> Bench:
    now = 0.0
    for frame in history:
        # The oldest reading of a frame lies before its end; a clock may tick until just before it.
        end = now + frame.gap_s
        until = end - max((sample[0] for sample in frame.samples), default=0.0)
        if ticks is not None:
            while (now := now + ticks) < until:
                into.until(now)
            into.until(until - 0.001)
        now = end
        tell(into, frame, now)
    return into.until(now + 1000)


@given(rule_sets(), histories, st.sampled_from((1.0, 7.0, 50.0)))
@settings(max_examples=60, deadline=None)
def test_how_often_the_clock_ticks_changes_nothing(rules: list[Any], history: list[Frame], ticks: float) -> None:
    with_ticks, without = play(bench(rules), history, ticks), play(bench(rules), history)

    assert sorted(with_ticks.log()) == sorted(without.log())
    for ticked, plain in zip(with_ticks.book.lives, without.book.lives, strict=True):
        np.testing.assert_array_equal(ticked, plain)


@given(rule_sets(), histories)
@settings(max_examples=60, deadline=None)
def test_raised_and_cleared_alternate_and_dates_never_run_back(rules: list[Any], history: list[Frame]) -> None:
    played = play(bench(rules), history)
    played.log()

    for row in range(len(rules)):
        mine = [each for each in played.found if each.row == row]
        turns = [each for each in mine if each.because in RAISED or each.clears]
        assert all(each.because in RAISED for each in turns[::2])
        assert all(each.clears for each in turns[1::2])
        assert all(earlier.at_ms <= later.at_ms for earlier, later in pairwise(mine))
        assert all(earlier.new is later.old for earlier, later in pairwise(mine))


@given(rule_sets(), histories, st.integers(0, 24), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_bad_quality_neither_raises_nor_clears_a_process_alarm(
    rules: list[Any], history: list[Frame], at: int, length: int
) -> None:
    process = [each for each in rules if each.when.type in PROCESS and not each.active]
    played = bench(process)
    now = 0.0
    for frame in history[: at + 1]:
        now += frame.gap_s
        tell(played, frame, now)
    doubt = tuple((0.0, name, 99.0, Reason.SENSOR_FAULT) for name in POINTS)
    tell(played, Frame(0.0, doubt), now)  # from here on nothing is known
    played.log()
    before = len(played.found)

    for _ in range(length):
        now += 10
        tell(played, Frame(10.0, doubt), now)

    played.log()
    assert not [each for each in played.found[before:] if each.because in RAISED or each.clears]


@given(rule_sets(), histories)
@settings(max_examples=40, deadline=None)
def test_replay_is_idempotent(rules: list[Any], history: list[Frame]) -> None:
    assert play(bench(rules), history).log() == play(bench(rules), history).log()


@given(rule_sets(), histories, st.integers(0, 24))
@settings(max_examples=40, deadline=None)
def test_a_restart_from_copied_columns_gives_the_same_events(rules: list[Any], history: list[Frame], at: int) -> None:
    whole, first = bench(rules), bench(rules)
    second = bench(rules)
    now, current = 0.0, first
    for number, frame in enumerate(history):
        if number == at:
            second.book.restore(copied(first.book.senses), copied(first.book.memory), copied(first.book.lives))
            current = second
        now += frame.gap_s
        tell(whole, frame, now)
        tell(current, frame, now)

    assert first.log() + second.log() == whole.log()


@given(rule_sets(), histories)
@settings(max_examples=60, deadline=None)
def test_leaving_quiet_readings_out_changes_nothing(rules: list[Any], history: list[Frame]) -> None:
    class Thorough(Book):
        """Judges every reading one by one."""

        def observe(self, cells: Any, values: Any, qualities: Any, reasons: Any, ats: Any) -> int:
            keep = ats >= self.senses.measured_ms[cells]
            self._judge(cells[keep], values[keep], qualities[keep], reasons[keep], ats[keep])
            return int((~keep).sum())

    fast, thorough = bench(rules), bench(rules)
    thorough.book = Thorough(thorough.book.plan)
    thorough.book.begin(0, 0)
    play(fast, history)
    play(thorough, history)

    assert fast.log() == thorough.log()
    for quick, slow in zip(
        (*fast.book.lives, *fast.book.senses, *fast.book.memory),
        (*thorough.book.lives, *thorough.book.senses, *thorough.book.memory),
        strict=True,
    ):
        np.testing.assert_array_equal(quick, slow)


@given(rule_sets(), histories)
@settings(max_examples=40, deadline=None)
def test_compiled_equals_plain(rules: list[Any], history: list[Frame]) -> None:
    fast, plain = play(bench(rules, compiled()), history), play(bench(rules), history)

    assert fast.log() == plain.log()
    for quick, slow in zip(
        (*fast.book.lives, *fast.book.senses, *fast.book.memory),
        (*plain.book.lives, *plain.book.senses, *plain.book.memory),
        strict=True,
    ):
        np.testing.assert_array_equal(quick, slow)


def test_the_quiet_path_is_really_taken() -> None:
    calm = bench([rule("r", HIGH)]).feed((0, "temp", 5.0))
    again = np.array([calm.book.cells["a/temp"]], np.int32)

    busy = quiet.busy_readings(
        calm.book.tables, again, np.array([6.0]), np.zeros(1, np.int8), np.array([10_000], np.int64)
    )

    assert busy.tolist() == [False]
