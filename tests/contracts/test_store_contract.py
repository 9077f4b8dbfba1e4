"""What every time-series store must do. Each adapter runs through all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.duckdb_store import DuckDbStore
from ingest.grid import HOUR_MS, MINUTE_MS
from ingest.port import Batch, Counts, Curve, LaneCount, Latest, RejectCount, Span, Store
from tests.samples import NOW_MS, frame, level, tiny_site
from vocab.topics import Kind
from wire.frame import AssetColumns
from wire.gate import Gate
from wire.marks import Mark
from wire.verdict import Accepted, Rejected, Source

GATE = Gate([tiny_site()])
START_MS = NOW_MS // HOUR_MS * HOUR_MS - 10 * 24 * HOUR_MS
MOST_REJECTS = 12
SOURCE = Source("tiny", "e1", 7)

Opener = Callable[[], Store]


@pytest.fixture(params=["duckdb file", "duckdb memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    place = str(tmp_path / "readings.duckdb") if request.param == "duckdb file" else ":memory:"
    store = DuckDbStore(place, most_rejects=MOST_REJECTS)
    yield store
    store.close()


@pytest.fixture
def reopening(tmp_path: Path) -> Iterator[Opener]:
    """Closes what it opened last and opens it again."""
    stores: list[Store] = []

    def reopen() -> Store:
        if stores:
            stores.pop().close()
        stores.append(DuckDbStore(str(tmp_path / "readings.duckdb")))
        return stores[0]

    yield reopen
    for store in stores:
        store.close()


def judged(payload: bytes, lane: Kind = Kind.TELE, received_ms: int = NOW_MS, edge: str = "e1") -> Accepted:
    answer = GATE.judge(f"anlan/v1/tiny/{edge}/{lane}", payload, received_ms)
    assert isinstance(answer, Accepted), answer
    return answer


def levels(
    *pairs: tuple[int, float | None], seq: int = 1, received_ms: int = NOW_MS, lane: Kind = Kind.TELE
) -> Accepted:
    """A frame with the level of p1 at these moments; None is a bad reading."""
    block = AssetColumns(
        "p1",
        ["level"] * len(pairs),
        [value for _, value in pairs],
        [moment - NOW_MS for moment, _ in pairs],
        [(column, 2, "comm_timeout") for column, (_, value) in enumerate(pairs) if value is None],
    )
    return judged(frame(block, seq=seq), lane, received_ms)


def commit(store: Store, *frames: Accepted, stored_ms: int = NOW_MS, **more: object) -> None:
    store.commit(Batch(GATE.catalogue, frames, **more), stored_ms)  # type: ignore[arg-type]


def curve(store: Store, from_ms: int, to_ms: int, px: int = 800, point: str = "level") -> tuple[Curve, int]:
    trend = store.trend(Span("tiny", "p1", (point,), from_ms, to_ms, px))
    return trend.curves[0], trend.bucket_ms


def rows(found: Curve) -> list[tuple[float | None, ...]]:
    columns = (found.t_ms, found.low, found.high, found.mean, found.count, found.bad)
    return [
        tuple(None if np.isnan(value) else value for value in row)
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]


def test_an_empty_store_answers_with_nothing(opened: Store) -> None:
    assert opened.marks() == []
    assert opened.latest() == []
    assert opened.rejects(10) == []
    assert opened.counts() == Counts((), ())
    assert rows(curve(opened, START_MS, START_MS + 1000)[0]) == []
    assert opened.roll_up() == 0
    assert opened.forget(NOW_MS, NOW_MS) == 0


def test_an_empty_batch_changes_nothing(opened: Store) -> None:
    commit(opened)

    assert opened.counts() == Counts((), ())


def test_a_committed_reading_is_found_raw(opened: Store) -> None:
    commit(opened, levels((START_MS, 0.0), (START_MS + 1000, None), (START_MS + 2000, 7.5)))

    found, bucket_ms = curve(opened, START_MS, START_MS + 2001)

    assert bucket_ms == 0
    assert rows(found) == [
        (START_MS, 0.0, 0.0, 0.0, 1, 0),
        (START_MS + 1000, None, None, None, 0, 1),
        (START_MS + 2000, 7.5, 7.5, 7.5, 1, 0),
    ]


def test_the_end_of_a_span_is_not_in_it(opened: Store) -> None:
    commit(opened, levels((START_MS, 1.0), (START_MS + 1000, 2.0)))

    assert len(rows(curve(opened, START_MS, START_MS + 1000)[0])) == 1


def test_series_do_not_mix(opened: Store) -> None:
    blocks = [AssetColumns("p1", ["level", "temp"], [1.0, 2.0]), AssetColumns("p2", ["level"], [3.0])]
    commit(opened, judged(frame(*blocks)))

    trend = opened.trend(Span("tiny", "p1", ("temp", "level", "state"), NOW_MS, NOW_MS + 1, 10))

    assert [(found.point, found.low.tolist()) for found in trend.curves] == [
        ("temp", [2.0]), ("level", [1.0]), ("state", []),
    ]  # fmt: skip


def test_too_many_readings_become_buckets_that_keep_minimum_and_maximum(opened: Store) -> None:
    values = [float(value) for value in range(100)]
    values[37], values[61] = 900.0, 0.5
    commit(opened, levels(*((START_MS + 100 * place, value) for place, value in enumerate(values))))

    found, bucket_ms = curve(opened, START_MS, START_MS + 10_000, px=10)

    assert bucket_ms == 1000
    assert len(found.t_ms) == 10
    assert found.high.max() == 900.0
    assert found.low[6] == 0.5
    assert found.count.sum() == 100
    assert found.mean[0] == np.mean(values[:10])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    readings=st.lists(
        st.tuples(st.integers(0, 5 * HOUR_MS), st.none() | st.floats(0, 1000).map(lambda value: round(value, 2))),
        min_size=1,
        max_size=60,
    ),
    cuts=st.lists(st.integers(0, 60), max_size=3),
    size=st.sampled_from([MINUTE_MS, 7 * MINUTE_MS, HOUR_MS]),
)
def test_roll_ups_equal_what_is_computed_from_raw_however_late_it_came(
    readings: list[tuple[int, float | None]], cuts: list[int], size: int
) -> None:
    store = DuckDbStore()
    start = 0
    for seq, cut in enumerate([*sorted(cuts), len(readings)], 1):
        part = readings[start:cut]
        start = max(start, cut)
        if part:
            commit(store, levels(*((START_MS + moment, value) for moment, value in part), seq=seq))
            store.roll_up()
    commit(store, levels((START_MS + 5 * HOUR_MS, 5.0), seq=99))  # and one that is not rolled up yet

    to_ms = START_MS + 800 * size
    found, bucket_ms = curve(store, START_MS, to_ms, px=800)

    assert bucket_ms == size
    expected: dict[int, list[float | None]] = {}
    for moment, value in [*readings, (5 * HOUR_MS, 5.0)]:
        expected.setdefault((START_MS + moment) // size * size, []).append(value)
    assert found.t_ms.tolist() == sorted(expected)
    for row, bucket in enumerate(sorted(expected)):
        good = [value for value in expected[bucket] if value is not None]
        assert found.bad[row] == len(expected[bucket]) - len(good)
        assert found.count[row] == len(good)
        assert found.low[row] == min(good) if good else np.isnan(found.low[row])
        assert found.high[row] == max(good) if good else np.isnan(found.high[row])
        if good:
            assert found.mean[row] == pytest.approx(np.mean(good))
    store.close()


def test_latest_is_by_measured_time_and_not_by_arrival(opened: Store) -> None:
    commit(opened, levels((START_MS + 5000, 5.0), (START_MS + 9000, 9.0), (START_MS + 7000, 7.0)))
    commit(opened, levels((START_MS, 0.0), seq=2, lane=Kind.BACKFILL))

    assert opened.latest("p1") == [Latest("tiny", "p1", "level", 9.0, START_MS + 9000, 0, "none")]
    assert opened.latest("p2") == []


def test_latest_tells_a_bad_reading_as_bad(opened: Store) -> None:
    commit(opened, levels((START_MS, None)))

    assert opened.latest() == [Latest("tiny", "p1", "level", None, START_MS, 2, "comm_timeout")]


def test_latest_does_not_believe_a_clock_that_is_doubted(opened: Store) -> None:
    commit(opened, levels((NOW_MS + 8 * HOUR_MS, 1.0), (NOW_MS, 2.0)))

    assert [row.value for row in opened.latest()] == [2.0]


def test_counts_are_exact(opened: Store) -> None:
    late = levels((START_MS, 1.0), (START_MS, 2.0), seq=2, lane=Kind.BACKFILL)
    strange = judged(frame(AssetColumns("p1", ["level", "x", "y"], [1.0, 2.0, 3.0]), seq=3))
    rejected = Rejected("t", b"x", NOW_MS, GATE.judge("t", b"x", NOW_MS).reason, "why", readings=4)  # type: ignore[arg-type]
    commit(opened, levels((START_MS, 1.0)), late, duplicates={("tiny", "e1", Kind.TELE): 3})
    commit(opened, strange, rejects=[rejected, rejected])

    assert opened.counts() == Counts(
        (LaneCount("tiny", "e1", "backfill", 1, 2, 0), LaneCount("tiny", "e1", "tele", 2, 2, 3)),
        (RejectCount("unknown_point", 0, 2), RejectCount("wrong_topic", 2, 8)),
    )


def test_rejects_are_kept_with_payload_and_reason_newest_first(opened: Store) -> None:
    first = GATE.judge("nonsense", b"\x00\xff", NOW_MS)
    strange = frame(AssetColumns("p1", ["x", "level", "y"], [1.0, 2.0, 3.0]), AssetColumns("q9", ["z"], [1.0]))
    commit(opened, rejects=[first])
    commit(opened, judged(strange))

    foreign, point, whole = opened.rejects(10)

    assert (whole.topic, whole.reason, whole.payload) == ("nonsense", "wrong_topic", b"\x00\xff")
    assert (point.reason, point.detail, point.readings, point.payload) == ("unknown_point", "p1/x, p1/y", 2, strange)
    assert (foreign.reason, foreign.detail, foreign.payload) == ("unknown_asset", "q9/z", b"")
    assert opened.rejects(1) == [foreign]


def test_rejects_are_bounded_and_their_counts_are_not(opened: Store) -> None:
    for number in range(MOST_REJECTS + 3):
        commit(opened, rejects=[GATE.judge("nonsense", b"%d" % number, NOW_MS)])

    kept = [b"%d" % number for number in range(MOST_REJECTS + 2, 2, -1)]
    assert [reject.payload for reject in opened.rejects(100)] == kept
    assert opened.counts().rejects == (RejectCount("wrong_topic", MOST_REJECTS + 3, 0),)


def test_a_restart_forgets_nothing(reopening: Opener) -> None:
    store = reopening()
    duplicates = {("tiny", "e1", Kind.TELE): 1}
    commit(store, levels((START_MS, 1.0)), marks=[Mark(SOURCE, 5, ((2, 3),))], duplicates=duplicates)
    store.roll_up()
    commit(store, levels((START_MS + 1000, 2.0), seq=5), marks=[Mark(SOURCE, 6)])
    commit(store, rejects=[GATE.judge("nonsense", b"x", NOW_MS)])
    before = (store.marks(), store.latest(), store.counts(), store.rejects(9), rows(curve(store, START_MS, NOW_MS)[0]))

    store = reopening()

    assert before == (
        store.marks(), store.latest(), store.counts(), store.rejects(9), rows(curve(store, START_MS, NOW_MS)[0]),
    )  # fmt: skip
    assert store.marks() == [Mark(SOURCE, 6)]
    commit(store, levels((START_MS + 2000, 3.0), seq=7), rejects=[GATE.judge("nonsense", b"y", NOW_MS)])
    assert rows(curve(store, START_MS, START_MS + 5000)[0])[-1][1] == 3.0
    assert store.counts().lanes == (LaneCount("tiny", "e1", "tele", 3, 3, 1),)
    assert len(store.rejects(9)) == 2


def test_a_site_that_grows_keeps_its_old_series(reopening: Opener) -> None:
    commit(reopening(), levels((START_MS, 1.0)))
    store = reopening()
    grown = Gate([tiny_site(pumps=4)])
    answer = grown.judge("anlan/v1/tiny/e1/tele", frame(level(4.0, "p4"), level(2.0)), NOW_MS)
    assert isinstance(answer, Accepted)

    store.commit(Batch(grown.catalogue, [answer]), NOW_MS)

    assert {(row.asset, row.value) for row in store.latest()} == {("p1", 2.0), ("p4", 4.0)}


def test_retention_drops_what_arrived_before_and_keeps_roll_ups(reopening: Opener) -> None:
    store = reopening()
    day = 24 * HOUR_MS
    old, new = NOW_MS - 9 * day, NOW_MS
    block = AssetColumns("p1", ["level"], [4.0])
    commit(store, judged(frame(block, seq=1, ts=old), received_ms=old))
    commit(store, judged(frame(block, seq=2, ts=new), received_ms=new))

    assert store.forget(NOW_MS - day, NOW_MS - 100 * day) == 0  # what was not rolled up stays
    store.roll_up()
    assert store.forget(NOW_MS - day, NOW_MS - 100 * day) == 1

    for _ in range(2):
        assert curve(store, old - 500, old + 500)[0].count.tolist() == [1]  # from the minutes
        assert curve(store, old, NOW_MS + day)[0].count.sum() == 2
        assert store.counts().lanes[0].readings == 2
        store = reopening()
    store.forget(NOW_MS - day, NOW_MS - day)
    assert curve(store, old - 500, old + 500)[0].count.tolist() == []
    assert curve(store, old, old + 800 * HOUR_MS)[0].count.sum() == 2  # from the hours


def test_a_commit_may_bring_ten_thousand_readings(opened: Store) -> None:
    frames = [
        levels(*((START_MS + 1000 * (200 * seq + place), float(place)) for place in range(200)), seq=seq)
        for seq in range(50)
        if seq
    ]
    commit(opened, *frames)

    assert opened.counts().lanes[0].readings == 49 * 200
    assert curve(opened, START_MS, START_MS + 20_000_000)[0].count.sum() == 49 * 200
