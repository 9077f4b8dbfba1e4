"""Batches into frames: whole, dated, doubted, bounded, and the same after a restart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge import batch
from edge.batch import Batch, Origin, Pending, newest_ms
from edge.vigil import Vigil
from tests.edge_places import PLAIN, site, tcp_bus
from vocab.quality import Quality, Reason
from vocab.reading import Reading
from wire import frame as wire_frame

ORIGIN = Origin("demo", "e1", 7, simulated=True)
LATE_MS = 30_000


def pending(*batches: Batch) -> Pending:
    found = Pending(ORIGIN, LATE_MS)
    for each in batches:
        found.add(each)
    return found


def test_a_frame_holds_what_was_added() -> None:
    first = Batch("m0", 900, 900, ["t", "p"], [1.0, None], [0, int(Reason.COMM_TIMEOUT)])
    second = Batch("m0", 950, 950, ["t"], [2.0])
    (frame,) = pending(first, second).close(5, 1000, even_empty=False)
    assert (frame.site, frame.edge, frame.epoch, frame.seq, frame.ts, frame.sim) == ("demo", "e1", 7, 5, 1000, True)
    assert wire_frame.readings(wire_frame.decode(wire_frame.encode(frame))) == [
        Reading("m0", "t", 1.0, 900),
        Reading("m0", "p", None, 900, Quality.BAD, Reason.COMM_TIMEOUT),
        Reading("m0", "t", 2.0, 950),
    ]


def test_offsets_are_left_out_where_all_are_zero() -> None:
    (frame,) = pending(Batch("m0", 1000, 1000, ["t"], [1.0])).close(1, 1000, even_empty=False)
    assert frame.assets[0].offsets_ms is None


def test_a_usable_doubt_is_uncertain() -> None:
    (frame,) = pending(Batch("m0", 0, 0, ["t"], [1.0], [int(Reason.CLOCK)])).close(1, 0, even_empty=False)
    assert frame.assets[0].doubts == [(0, int(Quality.UNCERTAIN), "clock")]


def test_nothing_is_no_frame_unless_asked() -> None:
    assert pending().close(1, 0, even_empty=False) == []
    assert [frame.assets for frame in pending().close(1, 0, even_empty=True)] == [[]]


def test_what_a_device_held_back_gets_a_frame_of_its_own() -> None:
    live = Batch("m0", 100_000, 99_000, ["t"], [1.0])
    late = Batch("m0", 100_000, 10_000, ["t"], [2.0])
    frames = pending(late, live).close(1, 100_000, even_empty=False)
    assert [newest_ms(frame) for frame in frames] == [10_000, 99_000], "what is judged in order is told in order"


def test_frames_stay_below_the_limit_of_the_wire() -> None:
    name = "x" * 64
    found = pending(*(Batch("m0", 0, 0, [name] * 100, [-1.2345678901234567e-100] * 100, [3] * 100) for _ in range(80)))
    frames = found.close(1, 2**41, even_empty=False)
    assert len(frames) > 1
    assert max(len(wire_frame.encode(frame)) for frame in frames) <= wire_frame.MAX_BYTES
    assert sum(len(frame.assets[0].points) for frame in frames) == 8000


BATCHES = st.lists(
    st.builds(
        lambda asset, at, age, n: Batch(asset, at, at - age, ["point"] * n, [1.0] * n),
        st.sampled_from("abc"), st.integers(10**6, 10**7), st.sampled_from([0, 10, 40_000]), st.integers(1, 900),
    ),
    max_size=30,
)  # fmt: skip


@given(BATCHES)
def test_the_same_batches_give_the_same_frames(batches: list[Batch]) -> None:
    first = pending(*batches).close(3, 10**7, even_empty=False)
    again = pending(*(batch.decode(batch.encode(each)) for each in batches)).close(3, 10**7, even_empty=False)
    assert first == again
    assert sum(len(c.points) for frame in first for c in frame.assets) == sum(len(each.points) for each in batches)
    assert [frame.seq for frame in first] == list(range(3, 3 + len(first)))


def test_a_frame_of_what_was_held_back_is_closed_as_of_its_youngest_reading_but_never_before_the_last_frame() -> None:
    """Else time would have passed for its assets before their news is heard, or time would go back."""
    for since_ms, as_of in ((None, 20_000), (15_000, 20_000), (50_000, 50_000)):
        found = Pending(ORIGIN, LATE_MS, since_ms)
        found.add(Batch("m0", 100_000, 10_000, ["t"], [1.0]))
        found.add(Batch("m0", 100_000, 20_000, ["t"], [2.0]))
        found.add(Batch("m0", 100_000, 99_000, ["t"], [3.0]))
        late, live = found.close(1, 100_000, even_empty=False)
        assert (late.ts, live.ts) == (as_of, 100_000)
        assert [each.measured_ms for each in wire_frame.readings(late)] == [10_000, 20_000]


def test_a_short_hazard_that_was_held_back_is_judged_although_newer_readings_come_with_it() -> None:
    """Found by `anlan torture`: one feverish passage while the agent was being started again."""
    rule = """
[[rule]]
id = "hot"
name = { en = "Hot", zh = "热" }
point = "temperature"
when = { type = "high", limit = 90 }
safety = true
priority = 1
hazard = "hot"
category = "hazard"
basis = { source = "test", confidence = "design" }
"""
    vigil = Vigil(site({"one": PLAIN}, [("one", "unit = 1")], tcp_bus(1), rules=rule), "e1")
    found = Pending(ORIGIN, LATE_MS)
    told = []
    start = 1_774_488_600_000
    for at_ms, readings in ((0, [(0, 20.0)]), (60_000, [(25_000, 95.0), (58_000, 20.0)])):
        for measured_ms, value in readings:
            found.add(Batch("m0", start + at_ms, start + measured_ms, ["temperature"], [value]))
        seq = 1 if at_ms == 0 else 2
        for frame in found.close(seq, start + at_ms, even_empty=False):
            told += [
                (each.transition.because.word, each.transition.at_ms) for each in vigil.take(wire_frame.encode(frame))
            ]
    assert told[0] == ("raised", start + 25_000)
    assert told[1][0] == "cleared"
