"""A packed frame at the gate: judged as the same frame in JSON, and spoilt in any way accepted or rejected."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import NOW_MS, tiny_site
from vocab.quality import Quality, Reason
from vocab.reading import Reading
from wire import packed
from wire.frame import AssetColumns, Frame, encode, encode_json
from wire.gate import Gate
from wire.message import Message
from wire.packed import Packed
from wire.verdict import Accepted, Refusal, Rejected

TOPIC = "anlan/v1/tiny/e1/tele"
SITE = tiny_site()


@st.composite
def blocks(draw: st.DrawFn) -> AssetColumns:
    width = draw(st.integers(0, 4))
    doubts = st.tuples(st.integers(0, width - 1), st.integers(0, 3), st.sampled_from(["slew", "none", "x"]))
    return AssetColumns(
        draw(st.sampled_from(["p1", "p2", "q1", "e1", "x"])),
        draw(st.lists(st.sampled_from(["level", "temp", "cpu", "x"]), min_size=width, max_size=width)),
        draw(st.lists(st.none() | st.floats(-2000, 2000), min_size=width, max_size=width)),
        draw(st.none() | st.lists(st.integers(-(2**53), 2**53), min_size=width, max_size=width)),
        draw(st.lists(doubts, max_size=2)) if width else [],
    )


def read(payload: bytes) -> list[Reading]:
    gate = Gate([SITE])
    answer = gate.judge(TOPIC, payload, NOW_MS)
    assert isinstance(answer, Accepted), answer
    return answer.readings(gate.catalogue)


@given(st.lists(st.tuples(st.lists(blocks(), max_size=4), st.integers(1, 9)), max_size=4))
def test_a_packed_frame_is_judged_as_the_same_frame_in_json(frames: list[tuple[list[AssetColumns], int]]) -> None:
    made = [Frame(1, "tiny", "e1", 7, seq, NOW_MS, assets) for assets, seq in frames]
    in_json = Gate([SITE]).judge_all([Message(TOPIC, encode_json(frame)) for frame in made], NOW_MS)
    in_pack = Gate([SITE]).judge_all([Message(TOPIC, encode(frame)) for frame in made], NOW_MS)

    catalogue = Gate([SITE]).catalogue
    for one, other in zip(in_json, in_pack, strict=True):
        if isinstance(one, Accepted) and isinstance(other, Accepted):
            assert (one.source, one.seq, one.ts_ms) == (other.source, other.seq, other.ts_ms)
            assert one.refused == other.refused
            assert one.readings(catalogue) == other.readings(catalogue)
        else:
            assert isinstance(one, Rejected)
            assert isinstance(other, Rejected)
            assert one.reason == other.reason


def pack(**changed: object) -> bytes:
    names, values = packed.names_of([("p1", ["level", "temp"])]), packed.pack_values([1.0, 2.0])
    return packed.encode(msgspec.structs.replace(Packed(1, "tiny", "e1", 7, 1, NOW_MS, names, values), **changed))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (pack(names=packed.names_of([("p1", ["level"])])), Refusal.MALFORMED),
        (pack(names=packed.names_of([])), Refusal.MALFORMED),
        (pack(names=msgspec.Raw(b"\x01")), Refusal.MALFORMED),
        (pack(names=msgspec.Raw(b"\x91\x92\xa2p1\x01")), Refusal.MALFORMED),
        (pack(values=b"\x00" * 15), Refusal.MALFORMED),
        (pack(values=b""), Refusal.MALFORMED),
        (pack(offsets_ms=b"\x00" * 9), Refusal.MALFORMED),
        (pack(offsets_ms=b"\x00" * 4), Refusal.MALFORMED),
        (pack(offsets_ms=b"\x80" * 16), Refusal.MALFORMED),
        (pack(doubts=[(2, 2, "slew")]), Refusal.MALFORMED),
        (pack(doubts=[(0, 0, "slew")]), Refusal.MALFORMED),
        (pack(v=2), Refusal.WRONG_VERSION),
        (msgspec.msgpack.encode({"v": 2, "what": "ever"}), Refusal.WRONG_VERSION),
        (pack(seq=0), Refusal.MALFORMED),
        (pack(edge="e2"), Refusal.WRONG_EDGE),
        (pack(sim=True), Refusal.SIMULATED),
        (pack()[:-1], Refusal.MALFORMED),
        (pack() + b"\x00", Refusal.MALFORMED),
        (b"\x80", Refusal.MALFORMED),
    ],
)
def test_a_packed_frame_that_cannot_be_is_rejected_with_its_reason(payload: bytes, reason: Refusal) -> None:
    answer = Gate([SITE]).judge(TOPIC, payload, NOW_MS)

    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.payload) == (reason, payload)


def test_offsets_are_as_wide_as_they_must_be() -> None:
    short, wide = packed.pack_offsets([-5, 2**31 - 1]), packed.pack_offsets([-5, 2**31])

    assert (len(packed.pack_offsets([0, 0])), len(short), len(wide)) == (0, 8, 16)
    assert [each.measured_ms - NOW_MS for each in read(pack(offsets_ms=short))] == [-5, 2**31 - 1]
    assert [each.measured_ms - NOW_MS for each in read(pack(offsets_ms=wide))] == [-5, 2**31]


def test_what_is_not_finite_is_no_value() -> None:
    found = read(pack(values=packed.pack_values([float("-inf"), 2.0])))

    assert [(each.value, each.quality, each.reason) for each in found] == [
        (None, Quality.BAD, Reason.DECODE),
        (2.0, Quality.GOOD, Reason.NONE),
    ]


def test_a_cabinet_whose_frames_are_never_alike_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.layout._REMEMBERED_BYTES", 100)
    monkeypatch.setattr("wire.layout._REMEMBERED", 2)
    gate = Gate([SITE])
    kinds = (["level"], ["temp"], ["level", "temp"], ["temp", "level"])

    for seq in range(1, 40):
        points = kinds[seq % len(kinds)]
        payload = encode(Frame(1, "tiny", "e1", 7, seq, NOW_MS, [AssetColumns("p1", points, [20.0] * len(points))]))
        answer = gate.judge(TOPIC, payload, NOW_MS)
        assert isinstance(answer, Accepted)
        assert [each.point for each in answer.readings(gate.catalogue)] == points


@given(st.lists(blocks(), min_size=1, max_size=3), st.data())
def test_a_spoilt_frame_is_accepted_or_rejected(assets: list[AssetColumns], data: st.DataObject) -> None:
    payload = bytearray(encode(Frame(1, "tiny", "e1", 7, 1, NOW_MS, assets)))
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    gate = Gate([SITE])

    answer = gate.judge(TOPIC, bytes(payload), NOW_MS)

    if isinstance(answer, Accepted):
        answer.readings(gate.catalogue)  # every reading is one that the vocabulary allows
        assert len({len(column) for column in (answer.series, answer.values, answer.measured_ms, answer.quality)}) == 1
