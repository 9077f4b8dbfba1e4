"""The gate: any bytes are accepted or rejected with a reason, and one message never harms the next."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import NOW_MS, frame, level, tiny_site
from vocab.quality import Quality, Reason
from vocab.reading import Reading
from vocab.topics import Kind
from wire.frame import MAX_BYTES, AssetColumns, Frame, readings
from wire.gate import Gate
from wire.lean import Lean, LeanColumns
from wire.message import Message
from wire.verdict import Accepted, Refusal, Refused, Rejected, Source

TOPIC = "anlan/v1/tiny/e1/tele"
SITE = tiny_site()


def accepted(gate: Gate, payload: bytes, topic: str = TOPIC) -> Accepted:
    answer = gate.judge(topic, payload, NOW_MS)
    assert isinstance(answer, Accepted), answer
    return answer


def read(gate: Gate, payload: bytes) -> list[Reading]:
    return accepted(gate, payload).readings(gate.catalogue)


def reason_of(payload: bytes, topic: str = TOPIC, *, retained: bool = False) -> Refusal:
    answer = Gate([SITE]).judge(topic, payload, NOW_MS, retained=retained)
    assert isinstance(answer, Rejected)
    assert answer.payload == payload
    return answer.reason


def test_a_good_frame_passes_with_all_it_said() -> None:
    blocks = (
        AssetColumns("p1", ["level", "temp"], [12.5, 80.0], [-250, 0]),
        AssetColumns("e1", ["cpu"], [0.0]),
        AssetColumns("p2", ["temp", "level"], [None, 3.0], doubts=[(0, 2, "comm_timeout")]),
    )
    gate = Gate([SITE])

    answer = accepted(gate, frame(*blocks, seq=9))

    assert answer.source == Source("tiny", "e1", 7)
    assert (answer.seq, answer.ts_ms, answer.lane, answer.received_ms) == (9, NOW_MS, Kind.TELE, NOW_MS)
    assert answer.refused == ()
    assert answer.readings(gate.catalogue) == readings(Frame(1, "tiny", "e1", 7, 9, NOW_MS, list(blocks)))


def test_the_lane_is_the_topic() -> None:
    assert accepted(Gate([SITE]), frame(), "anlan/v1/tiny/e1/backfill").lane is Kind.BACKFILL


@pytest.mark.parametrize(
    ("payload", "topic", "reason"),
    [
        (b" " * (MAX_BYTES + 1), TOPIC, Refusal.OVERSIZED),
        (b"", TOPIC, Refusal.MALFORMED),
        (b'{"v":1,', TOPIC, Refusal.MALFORMED),
        (b"\xff\xfe", TOPIC, Refusal.MALFORMED),
        (b"[" * 100_000, TOPIC, Refusal.MALFORMED),
        (frame(seq=0), TOPIC, Refusal.MALFORMED),
        (frame(ts=2**60), TOPIC, Refusal.MALFORMED),
        (frame(AssetColumns("p1", ["level"], [1.0, 2.0])), TOPIC, Refusal.MALFORMED),
        (frame(AssetColumns("p1", ["level"], [1.0], [1, 2])), TOPIC, Refusal.MALFORMED),
        (frame(AssetColumns("p1", ["level"], [1.0], doubts=[(1, 2, "slew")])), TOPIC, Refusal.MALFORMED),
        (frame(AssetColumns("p1", ["level"], [1.0], doubts=[(0, 0, "slew")])), TOPIC, Refusal.MALFORMED),
        (frame(AssetColumns("p1", ["level"], [1.0], doubts=[(0, 2, "none")])), TOPIC, Refusal.MALFORMED),
        (frame().replace(b'"edge"', b'"a":[{"a":"p1","p":{"level":1},"x":[1]}],"edge"'), TOPIC, None),
        (b'{"v":2,"what":"ever"}', TOPIC, Refusal.WRONG_VERSION),
        (frame(v=2), TOPIC, Refusal.WRONG_VERSION),
        (frame(), "anlan/v2/tiny/e1/tele", Refusal.WRONG_TOPIC),
        (frame(), "anlan/v1/tiny/e1/birth", Refusal.WRONG_TOPIC),
        (frame(), "anlan/v1/tiny/E1/tele", Refusal.WRONG_TOPIC),
        (frame(), "something/else", Refusal.WRONG_TOPIC),
        (frame(), "anlan/v1/other/e1/tele", Refusal.WRONG_SITE),
        (frame(site="other"), TOPIC, Refusal.WRONG_SITE),
        (frame(), "anlan/v1/tiny/e9/tele", Refusal.UNKNOWN_EDGE),
        (frame(edge="e2"), TOPIC, Refusal.WRONG_EDGE),
        (frame(ts=NOW_MS + 5 * 60_000 + 1), TOPIC, Refusal.FUTURE),
        (frame(sim=True), TOPIC, Refusal.SIMULATED),
    ],
)
def test_a_frame_that_cannot_be_is_rejected_with_its_reason(payload: bytes, topic: str, reason: Refusal | None) -> None:
    gate = Gate([SITE])

    answer = gate.judge(topic, payload, NOW_MS)

    assert (answer.reason if isinstance(answer, Rejected) else None) == reason
    assert len(accepted(gate, frame(level(1.0)))) == 1  # and the next frame is unaffected


def test_points_that_are_no_list_are_malformed() -> None:
    assert reason_of(frame(level(1.0)).replace(b'["level"]', b'{"level":1}')) is Refusal.MALFORMED


def test_a_retained_frame_is_a_ghost() -> None:
    assert reason_of(frame(level(1.0)), retained=True) is Refusal.RETAINED


def test_a_frame_a_little_ahead_or_long_delayed_passes() -> None:
    gate = Gate([SITE])

    assert len(accepted(gate, frame(level(1.0), ts=NOW_MS + 5 * 60_000))) == 1
    assert len(accepted(gate, frame(level(1.0), ts=NOW_MS - 30 * 86_400_000))) == 1


def test_a_simulated_frame_passes_where_the_site_is_simulated() -> None:
    assert len(accepted(Gate([tiny_site(simulated=True)]), frame(level(1.0), sim=True))) == 1


def test_unknown_fields_are_ignored() -> None:
    payload = frame(level(1.0)).replace(b'"v":1', b'"v":1,"mood":{"x":[1]}')

    assert len(accepted(Gate([SITE]), payload)) == 1


def test_an_unknown_asset_or_point_is_refused_alone_and_the_frame_is_kept() -> None:
    gate = Gate([SITE])
    payload = frame(
        AssetColumns("p1", ["level", "colour", "temp"], [1.0, 2.0, 3.0], [-1, -2, -3], [(2, 1, "slew")]),
        AssetColumns("nobody", ["level"], [4.0]),
        AssetColumns("q1", ["level"], [5.0], doubts=[(0, 2, "comm_error")]),
    )

    for _ in range(2):  # the second time from the remembered layouts
        answer = accepted(gate, payload)

        assert answer.readings(gate.catalogue) == [
            Reading("p1", "level", 1.0, NOW_MS - 1),
            Reading("p1", "temp", 3.0, NOW_MS - 3, Quality.UNCERTAIN, Reason.SLEW),
        ]
        assert answer.refused == (
            Refused("p1", "colour", Refusal.UNKNOWN_POINT),
            Refused("nobody", "level", Refusal.UNKNOWN_ASSET),
            Refused("q1", "level", Refusal.FOREIGN_ASSET),
        )
        assert answer.payload == payload


def test_beyond_the_bounds_is_bad_and_the_bounds_themselves_are_good() -> None:
    gate = Gate([SITE])
    found = read(gate, frame(AssetColumns("p1", ["level"] * 4, [0.0, 1000.0, -0.1, 1000.1])))

    assert [reading.quality for reading in found] == [Quality.GOOD, Quality.GOOD, Quality.BAD, Quality.BAD]
    assert found[3] == Reading("p1", "level", 1000.1, NOW_MS, Quality.BAD, Reason.OUT_OF_RANGE)


def test_what_the_edge_called_bad_stays_as_the_edge_called_it() -> None:
    block = AssetColumns("p1", ["level"], [5000.0], doubts=[(0, 2, "sensor_fault")])

    assert read(Gate([SITE]), frame(block))[0].reason is Reason.SENSOR_FAULT


def test_a_reason_of_a_newer_edge_is_kept_as_other() -> None:
    block = AssetColumns("p1", ["level"], [5.0], doubts=[(0, 1, "moonlight")])

    assert read(Gate([SITE]), frame(block)) == [Reading("p1", "level", 5.0, NOW_MS, Quality.UNCERTAIN, Reason.OTHER)]


def test_no_value_and_no_reason_is_bad() -> None:
    assert read(Gate([SITE]), frame(level(None))) == [Reading("p1", "level", None, NOW_MS, Quality.BAD, Reason.DECODE)]


@pytest.mark.parametrize("offset", [-NOW_MS, -10 * 365 * 86_400_000, 6 * 60_000])
def test_an_impossible_time_is_a_doubt_about_the_clock(offset: int) -> None:
    found = read(Gate([SITE]), frame(AssetColumns("p1", ["level"], [1.0], [offset])))

    assert (found[0].quality, found[0].reason) == (Quality.UNCERTAIN, Reason.CLOCK)


def temps(gate: Gate, *pairs: tuple[int, float]) -> list[bool]:
    """Which of these (offset in s, temperature) were doubted; all in one frame."""
    block = AssetColumns("p1", ["temp"] * len(pairs), [value for _, value in pairs], [s * 1000 for s, _ in pairs])
    return [reading.reason is Reason.SLEW for reading in read(gate, frame(block))]


def test_a_spike_costs_one_doubt() -> None:
    assert temps(Gate([SITE]), (-4, 20.0), (-3, 21.0), (-2, 90.0), (-1, 22.0), (0, 23.0)) == [
        False, False, True, False, False,
    ]  # fmt: skip


def test_a_true_step_costs_one_doubt_and_is_then_believed() -> None:
    assert temps(Gate([SITE]), (-3, 20.0), (-2, 90.0), (-1, 91.0), (0, 92.0)) == [False, True, False, False]


def test_slew_is_remembered_from_frame_to_frame() -> None:
    gate = Gate([SITE])

    assert temps(gate, (-3, 20.0)) == [False]
    assert temps(gate, (-2, 90.0)) == [True]
    assert temps(gate, (-1, 20.5)) == [False]
    assert temps(gate, (0, 25.0)) == [False]


def test_a_late_reading_is_not_compared() -> None:
    gate = Gate([SITE])

    assert temps(gate, (0, 20.0)) == [False]
    assert temps(gate, (-2, 90.0)) == [False]
    assert temps(gate, (0, 21.0)) == [False]


def test_the_backfill_lane_does_not_disturb_the_live_one() -> None:
    gate = Gate([SITE])
    temps(gate, (0, 20.0))
    accepted(gate, frame(AssetColumns("p1", ["temp"], [90.0])), "anlan/v1/tiny/e1/backfill")

    assert temps(gate, (0, 20.0)) == [False]


@given(st.lists(st.tuples(st.integers(-100, 0), st.floats(0, 100)), min_size=1, max_size=30), st.integers(0, 30))
def test_how_readings_are_cut_into_frames_changes_no_verdict(pairs: list[tuple[int, float]], cut: int) -> None:
    whole, parts = Gate([SITE]), Gate([SITE])
    expected = temps(whole, *pairs)

    found = [doubt for part in (pairs[:cut], pairs[cut:]) if part for doubt in temps(parts, *part)]

    assert found == expected


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 100), st.sampled_from(["p1", "p2"])), max_size=30))
def test_a_batch_is_judged_as_its_frames_one_by_one(steps: list[tuple[int, float, str]]) -> None:
    payloads = [
        frame(AssetColumns(asset, ["temp"], [value]), seq=1 + seq, ts=NOW_MS - 1000 * age)
        for seq, (age, value, asset) in enumerate(steps)
    ]
    gate, batched = Gate([SITE]), Gate([SITE])

    one_by_one = [accepted(gate, payload).quality.tolist() for payload in payloads]
    together = batched.judge_all([Message(TOPIC, payload) for payload in payloads], NOW_MS)

    assert [answer.quality.tolist() for answer in together if isinstance(answer, Accepted)] == one_by_one


def test_an_empty_batch_and_an_empty_frame_are_fine() -> None:
    gate = Gate([SITE])

    assert gate.judge_all([], NOW_MS) == []
    assert len(accepted(gate, frame())) == 0


def test_rejected_frames_leave_no_trace_in_their_neighbours() -> None:
    gate = Gate([SITE])
    torn = frame(level(5.0), AssetColumns("p2", ["level"], []))

    answers = gate.judge_all(
        [Message(TOPIC, payload) for payload in (frame(level(1.0)), torn, frame(level(2.0), level(3.0, "p2")))],
        NOW_MS,
    )

    assert [type(answer) for answer in answers] == [Accepted, Rejected, Accepted]
    assert [answer.values.tolist() for answer in answers if isinstance(answer, Accepted)] == [[1.0], [2.0, 3.0]]


@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_bytes_under_any_topic_are_accepted_or_rejected(payload: bytes, topic: str) -> None:
    gate = Gate([SITE])

    for name in (TOPIC, topic):
        assert isinstance(gate.judge(name, payload, NOW_MS), Accepted | Rejected)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.none()
DOUBTS = st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.sampled_from(["slew", "none", "x"]))
BLOCK = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["p1", "q1", "x"]) | JSON,
        "p": st.lists(st.sampled_from(["level", "temp", "x", "\x00"]), max_size=3) | JSON,
        "x": st.lists(NUMBERS, max_size=3),
    },
    optional={"dt": st.lists(st.integers(), max_size=3) | JSON, "q": st.lists(DOUBTS) | JSON},
)
NEARLY = st.fixed_dictionaries(
    {
        "v": st.just(1) | JSON,
        "site": st.just("tiny"),
        "edge": st.just("e1"),
        "epoch": st.just(1) | JSON,
        "seq": st.integers(1, 9) | JSON,
        "ts": st.just(NOW_MS) | st.integers(),
    },
    optional={"assets": st.lists(BLOCK, max_size=3) | JSON, "sim": JSON},
)


@given(NEARLY)
def test_anything_that_is_nearly_a_frame_is_accepted_or_rejected(value: object) -> None:
    gate = Gate([SITE])

    answer = gate.judge(TOPIC, msgspec.json.encode(value), NOW_MS)

    if isinstance(answer, Accepted):
        answer.readings(gate.catalogue)  # every reading is one that the vocabulary allows
        assert len({len(column) for column in (answer.series, answer.values, answer.measured_ms, answer.quality)}) == 1


def test_the_lean_frame_has_the_fields_of_the_whole_one() -> None:
    def names(struct: type[msgspec.Struct]) -> tuple[str, ...]:
        return struct.__struct_encode_fields__

    assert names(Lean) == names(Frame)
    assert names(LeanColumns) == names(AssetColumns)


def test_the_same_sites_give_the_same_numbers() -> None:
    gate = Gate([SITE])

    assert gate.catalogue.series == Gate([tiny_site()]).catalogue.series
    series = gate.catalogue.series[gate.catalogue.number("tiny", "p1", "temp")]
    assert (series.asset, series.point, series.unit) == ("p1", "temp", "Cel")
    assert np.isinf(gate.catalogue.high[gate.catalogue.number("tiny", "e1", "cpu")])
