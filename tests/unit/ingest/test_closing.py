"""Closing periods changes where readings lie, and no answer: whatever is asked, whenever it is killed."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest import closed as closed_period
from ingest import duckdb_closed, duckdb_hours
from ingest.closed_files import folder_of
from ingest.closing import close_all, compact
from ingest.duckdb_copy import copy_file
from ingest.duckdb_history import DuckDbHistory
from ingest.duckdb_store import DuckDbStore
from ingest.grid import HOUR_MS
from ingest.history import History
from ingest.port import Batch, Curve, Span
from ingest.problem import NotClosedError, StoreBrokenError
from tests.history_server import history_server
from tests.samples import NOW_MS, tiny_site
from vocab import topics
from vocab.topics import Kind
from wire.catalogue import Catalogue
from wire.marks import Mark
from wire.verdict import Accepted, Source

CATALOGUE = Catalogue([tiny_site()])
BEGIN_MS = NOW_MS // HOUR_MS * HOUR_MS - 5 * HOUR_MS
FUTURE_MS = 2**52
DAY_MS = 24 * HOUR_MS
VALUES = (None, 0.0, 7.25, 13.546136856079102, 1 / 3, 900.0)


def made(
    seq: int, at_ms: int, readings: list[tuple[int, int, float | None]], late_ms: int = 0, edge: str = "e1"
) -> Accepted:
    """A frame of (series, milliseconds before it, value); it was `late_ms` on its way."""
    lane = Kind.BACKFILL if late_ms else Kind.TELE
    values = np.array([np.nan if value is None else value for _, _, value in readings], np.float64)
    return Accepted(
        Source("tiny", edge, 7), seq, at_ms, lane, at_ms + late_ms + 20,
        np.array([series for series, _, _ in readings], np.int32),
        np.array([at_ms - before for _, before, _ in readings], np.int64),
        values, np.where(np.isnan(values), 2, 0).astype(np.uint8),
        np.where(np.isnan(values), 3, 0).astype(np.uint8), topics.build("tiny", edge, lane),
    )  # fmt: skip


def evenly(count: int, first: int = 1) -> list[Accepted]:
    return [made(seq, BEGIN_MS + seq * 1000, [(0, 0, seq / 10), (1, 5, 2.0)]) for seq in range(first, first + count)]


def commit(store: DuckDbStore, *frames: Accepted) -> None:
    marks = [Mark(frames[-1].source, frames[-1].seq)] if frames else []
    store.commit(Batch(CATALOGUE, frames, marks=marks), NOW_MS)


@pytest.fixture(autouse=True)
def _small_periods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_closed, "VOLUME", 12)


@contextmanager
def opened(place: Path) -> Iterator[DuckDbStore]:
    store = DuckDbStore(str(place))
    try:
        yield store
    finally:
        store.close()


def closed_file(place: Path, number: int) -> Path:
    """The file of a closed period, there or not."""
    found = list(folder_of(place).glob(f"*-{number:010d}"))
    return found[0] if found else folder_of(place) / "none"


def curve_rows(curve: Curve) -> list[tuple[Any, ...]]:
    """Everything but the mean, which may differ in its last bit: sums are taken in another order. Readings of one
    moment are in no order."""
    columns = (curve.t_ms, curve.low, curve.high, curve.count, curve.bad)
    return sorted(tuple(map(repr, row)) for row in zip(*(column.tolist() for column in columns), strict=True))


def curves(store: DuckDbStore, from_ms: int, to_ms: int, px: int) -> tuple[list[Any], list[Any]]:
    found, means = [], []
    for asset, points in (("p1", ("level", "state", "temp")), ("p2", ("level", "temp"))):
        trend = store.trend(Span("tiny", asset, points, from_ms, to_ms, px))
        found.append((asset, trend.bucket_ms, [(curve.point, curve_rows(curve)) for curve in trend.curves]))
        means += [] if trend.raw else [curve.mean for curve in trend.curves]
    return found, means


def told(past: Any, first: int, last: int) -> list[Any]:
    found = []
    while first <= last:
        frames, first = past.arrivals("tiny", first, last)
        found += [frame_row(each) for each in frames]
    return found


def frame_row(each: Accepted) -> tuple[Any, ...]:
    columns = (each.series, each.measured_ms, each.quality, each.reason, each.values.view(np.int64))
    head = (each.source, each.seq, each.ts_ms, each.lane, each.received_ms, each.topic)
    return (*head, *(tuple(column.tolist()) for column in columns))


SPANS = [
    (BEGIN_MS - DAY_MS, BEGIN_MS + 10 * DAY_MS, 264), (BEGIN_MS, BEGIN_MS + 2 * HOUR_MS, 60),
    (BEGIN_MS, BEGIN_MS + 90_000, 5), (BEGIN_MS - 7, BEGIN_MS + 6 * HOUR_MS, 10_000),
]  # fmt: skip


def answers(store: DuckDbStore) -> tuple[list[Any], list[Any]]:
    """Whatever a store can be asked, and the means apart."""
    found: list[Any] = [store.latest(), store.counts(), store.marks(), store.past.names("tiny")]
    means: list[Any] = []
    for span in SPANS:
        rows, mean = curves(store, *span)
        found.append(rows)
        means += mean
    for from_ms, to_ms in ((None, None), (BEGIN_MS, None), (BEGIN_MS + 5_500, BEGIN_MS + 20_000), (None, BEGIN_MS)):
        stretch = store.past.stretch("tiny", from_ms, to_ms)
        found.append((stretch, stretch and told(store.past, stretch.first, stretch.last)))
        if stretch is not None:
            found.append(store.past.openings(stretch.first, stretch.last))
            found.append(told(store.past, stretch.first + 2, stretch.last - 1))
    found.append(told(store.past, 0, 10_000))
    return found, means


def must_be_the_same(before: tuple[list[Any], list[Any]], after: tuple[list[Any], list[Any]]) -> None:
    assert before[0] == after[0]
    for mine, theirs in zip(before[1], after[1], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)


READING = st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 3, 900, 70_000, -400]), st.sampled_from(VALUES))
FRAME = st.tuples(
    st.integers(0, 3 * HOUR_MS), st.lists(READING, max_size=5), st.sampled_from([0, 0, 0, 9 * HOUR_MS]),
    st.sampled_from(["e1", "e2"]),
)  # fmt: skip


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.generate]
)
@given(batches=st.lists(st.lists(FRAME, min_size=1, max_size=14), min_size=1, max_size=3))
def test_no_answer_changes_when_periods_are_closed_however_late_or_mixed_up_frames_come(
    batches: list[list[Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("closing") / "readings.duckdb"
    seq = 0
    with opened(place) as store:
        for batch in batches:
            frames = []
            for after_ms, readings, late_ms, edge in batch:
                seq += 1
                frames.append(made(seq, BEGIN_MS + after_ms, readings, late_ms, edge))
            commit(store, *frames)
            store.roll_up()
            before = answers(store)
            close_all(store, FUTURE_MS)
            after = answers(store)
            must_be_the_same(before, after)
    with opened(place) as store:
        assert told(store.past, 1, seq) == after[0][-1]


def test_a_replay_out_of_the_file_is_the_same_and_the_rows_are_gone(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"

    def replay(history: History) -> list[Any]:
        stretch = history.stretch("tiny", None, None)
        assert stretch is not None
        chunks = [(chunk.is_opening, list(chunk.frames)) for chunk in history.frames(stretch, CATALOGUE)]
        history.close()
        return [frame_row(each) for _, frames in chunks for each in frames] + [any(opening for opening, _ in chunks)]

    with opened(place) as store:
        commit(store, *evenly(50))
        store.roll_up()
    before = replay(DuckDbHistory(str(place)))
    with opened(place) as store:
        assert close_all(store, BEGIN_MS + HOUR_MS) == 96, "what does not make a whole period waits for a day"
    with duckdb.connect(str(place), read_only=True) as db:
        assert db.execute("SELECT count(*) FROM readings").fetchone() == (4,)
        assert db.execute("SELECT count(*) FROM frames").fetchone() == (2,)
    assert replay(DuckDbHistory(str(place))) == before


def test_only_what_is_old_and_rolled_up_is_closed_and_little_only_after_a_day(tmp_path: Path) -> None:
    with opened(tmp_path / "readings.duckdb") as store:
        commit(store, *evenly(10))
        assert store.pack(FUTURE_MS) is None, "it is not rolled up"
        store.roll_up()
        assert store.pack(BEGIN_MS + 6_000) is None, "half of a period is no period"
        packed = store.pack(BEGIN_MS + 8_020)
        assert packed is not None
        assert (packed.frames, packed.readings) == (6, 12)
        store.settle(packed)
        assert store.pack(BEGIN_MS + DAY_MS) is None
        rest = store.pack(BEGIN_MS + DAY_MS + 8_000)
        assert rest is not None
        assert rest.readings == 8


def test_a_store_in_memory_closes_nothing() -> None:
    store = DuckDbStore()
    commit(store, *evenly(20))
    store.roll_up()
    assert store.pack(FUTURE_MS) is None
    store.close()


class Dead(Exception):
    """The process ended here."""


def _die(*_: object) -> None:
    raise Dead


@pytest.mark.parametrize("where", ["while the file is written", "before it is named", "before the commit", "after it"])
def test_whoever_dies_while_closing_has_closed_all_or_nothing(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "readings.duckdb"
    store = DuckDbStore(str(place))
    commit(store, *evenly(50))
    store.roll_up()
    before = answers(store)
    with monkeypatch.context() as patch, suppress(Dead):
        if where == "while the file is written":
            patch.setattr("ingest.closed_files.os.replace", _die)
        packed = store.pack(FUTURE_MS)
        assert packed is not None
        if where == "before the commit":
            patch.setattr(duckdb_closed, "_name", _die)
        if where != "before it is named":
            store.settle(packed)
    store.close()  # a transaction that was begun is lost with its connection, as with its process

    with opened(place) as store:
        must_be_the_same(before, answers(store))
        left = sorted(path.name[-11:] for path in folder_of(place).iterdir())
        assert left == (["-0000000001"] if where == "after it" else [])
        close_all(store, FUTURE_MS)
        must_be_the_same(before, answers(store))


_LIFE = """
import sys
from ingest import closed, duckdb_closed
from ingest.duckdb_store import DuckDbStore
from ingest.closing import close_all
from tests.unit.ingest.test_closing import FUTURE_MS, commit, evenly
duckdb_closed.VOLUME = 400
store = DuckDbStore(sys.argv[1])
done = max((mark.high for mark in store.marks()), default=0)
while True:
    commit(store, *evenly(100, done + 1))
    done += 100
    print(done, flush=True)
    store.roll_up()
    close_all(store, FUTURE_MS)
"""


def test_kill_9_at_any_moment_of_closing_loses_and_doubles_nothing(tmp_path: Path) -> None:
    place, chance = tmp_path / "readings.duckdb", np.random.default_rng(5)
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", _LIFE, str(place)], stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout is not None
            committed = int(life.stdout.readline())
            time.sleep(0.05 + 0.4 * chance.random())
            life.send_signal(signal.SIGKILL)
            committed = max([committed, *map(int, life.stdout.read().split())])
        with opened(place) as store:
            (mark,) = store.marks()
            assert mark.high >= committed
            stretch = store.past.stretch("tiny", None, None)
            assert stretch is not None
            found = told(store.past, stretch.first, stretch.last)
            assert found == [frame_row(each) for each in evenly(mark.high)]
    assert len(list(folder_of(place).iterdir())) > 2


def test_a_file_that_does_not_give_back_what_was_put_in_stands_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path / "s.duckdb") as store:
        commit(store, *evenly(6))
        store.roll_up()
        before = answers(store)
        sound = closed_period.closed

        def spoilt(*columns: Any) -> Any:
            heads, lengths, readings = columns
            return sound(heads, lengths, replace(readings, values=readings.values + 1e-9))

        monkeypatch.setattr(closed_period, "closed", spoilt)
        with pytest.raises(NotClosedError, match="give back"):
            store.pack(FUTURE_MS)
        monkeypatch.undo()

        assert list(folder_of(tmp_path / "s.duckdb").iterdir()) == []
        must_be_the_same(before, answers(store))


def test_forgetting_takes_whole_periods_and_leaves_their_minutes_and_hours(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    hour = (BEGIN_MS, BEGIN_MS + HOUR_MS, 60)
    with opened(place) as store:
        commit(store, *evenly(50))
        store.roll_up()
        minutes = curves(store, *hour)
        days = curves(store, BEGIN_MS, BEGIN_MS + 800 * HOUR_MS, 800)
        assert close_all(store, BEGIN_MS + HOUR_MS) == 96
        assert store.forget(BEGIN_MS + 10_000, 0) == 12, "the second period has younger frames"
        assert closed_file(place, 1).exists(), "somebody may still read it"
        must_be_the_same(minutes, curves(store, *hour))
        assert store.forget(BEGIN_MS + 49_500, 0) == 86
        assert not closed_file(place, 1).exists()
        must_be_the_same(minutes, curves(store, *hour))
        must_be_the_same(days, curves(store, BEGIN_MS, BEGIN_MS + 800 * HOUR_MS, 800))
        assert store.forget(BEGIN_MS + 10 * HOUR_MS, 0) == 2
        commit(store, made(99, BEGIN_MS + 30_000, [(0, 0, 500.0)], late_ms=9 * HOUR_MS))
        assert max(float(row[2]) for row in curves(store, *hour)[0][0][2][0][1]) == 500.0, "late, among minutes kept"
        assert store.counts().lanes[1].readings == 100
    with opened(place) as store:
        assert list(folder_of(place).iterdir()) == []
        stretch = store.past.stretch("tiny", None, None)
        assert stretch is not None
        assert stretch.frames == 1


def test_a_store_of_the_first_version_is_read_as_it_is_and_goes_on_when_it_is_opened(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    with opened(place) as store:
        commit(store, *evenly(50))
        store.roll_up()
        before = answers(store)
    with duckdb.connect(str(place)) as db:  # as version 1 left it: minutes of all that was rolled up
        db.execute(
            "INSERT INTO minutes SELECT series, measured_ms // 60000 * 60000, min(value), max(value), sum(value), "
            "count(*), 0 FROM readings GROUP BY ALL"
        )
        db.execute("UPDATE meta SET value = 1 WHERE key = 'version'")
        db.execute("DELETE FROM meta WHERE key IN ('minutes_frame', 'identity')")
        for table in ("closed", "closed_sites", "closed_pages"):
            db.execute(f"DROP TABLE {table}")
    history = DuckDbHistory(str(place))
    stretch = history.stretch("tiny", None, None)
    history.close()
    assert stretch is not None
    assert stretch.frames == 50
    copy_file(place, tmp_path / "copy.duckdb")

    with opened(place) as store:
        must_be_the_same(before, answers(store))
        close_all(store, FUTURE_MS)
        must_be_the_same(before, answers(store))
        commit(store, *evenly(30, 51))
        store.roll_up()
        before = answers(store)
        close_all(store, FUTURE_MS)
        must_be_the_same(before, answers(store))
        store.forget(BEGIN_MS + 60_000, 0)
        must_be_the_same((before[0][5:6], []), (answers(store)[0][5:6], []))


def test_a_copy_has_the_closed_periods_too_and_needs_no_room_for_them(tmp_path: Path) -> None:
    place, copied = tmp_path / "readings.duckdb", tmp_path / "other" / "copy.duckdb"
    copied.parent.mkdir()
    with opened(place) as store:
        commit(store, *evenly(50))
        store.roll_up()
        close_all(store, FUTURE_MS)
        before = answers(store)
        store.copy(copied)
        assert closed_file(copied, 1).stat().st_ino == closed_file(place, 1).stat().st_ino
    with opened(copied) as store:
        must_be_the_same(before, answers(store))


def test_a_running_ingest_hands_out_a_copy_with_the_closed_periods(tmp_path: Path) -> None:
    place, other = tmp_path / "readings.duckdb", tmp_path / "other"
    with opened(place) as store:
        commit(store, *evenly(50))
        store.roll_up()
        close_all(store, FUTURE_MS)
        before = answers(store)
    with history_server(place, (tiny_site(),)) as ingest:
        answer = httpx.post(f"{ingest}/api/v1/copy", trust_env=False, timeout=60)
        assert answer.headers["content-type"] == "application/x-tar"
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
        tar.extractall(other, filter="data")
    with opened(other / "readings.duckdb") as store:
        must_be_the_same(before, answers(store))


def test_a_store_that_is_begun_anew_leaves_the_closed_periods_of_the_one_before(tmp_path: Path) -> None:
    place, aside = tmp_path / "readings.duckdb", tmp_path / "aside.duckdb"
    with opened(place) as store:
        commit(store, *evenly(50))
        close_all(store, FUTURE_MS)
        before = answers(store)
    place.rename(aside)
    for _ in range(2):
        with opened(place) as store:
            commit(store, *evenly(20))
            close_all(store, FUTURE_MS)
    place.unlink()
    aside.rename(place)
    with opened(place) as store:
        must_be_the_same(before, answers(store))


def test_a_file_is_compacted_and_made_small_and_says_the_same(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    with opened(place) as store:
        commit(store, *evenly(5_000))
        store.roll_up()
    with opened(place) as store:
        before = store.past.stretch("tiny", None, None), told(store.past, 1, 5_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb_closed, "VOLUME", 4_000)
        assert compact(place, FUTURE_MS, lambda more: None) == 10_000
    with opened(place) as store:
        assert (store.past.stretch("tiny", None, None), told(store.past, 1, 5_000)) == before
        assert store.latest() != []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["readings.duckdb", "readings.duckdb.closed"]


def test_hours_of_a_month_that_is_over_lie_point_by_point_and_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_hours, "MOST_ROWS", 2 * 720)  # two points at a time
    place, year = tmp_path / "readings.duckdb", (BEGIN_MS - 40 * DAY_MS, BEGIN_MS + 360 * DAY_MS, 400)

    def order() -> list[tuple[int, int]]:
        with duckdb.connect(str(place)) as db:
            rows = db.execute("SELECT series, bucket_ms FROM hours ORDER BY rowid").fetchall()
        return [(series, bucket_ms) for series, bucket_ms in rows]

    with opened(place) as store:
        for hour in range(0, 60 * 24, 72):
            blocks: list[tuple[int, int, float | None]] = [(series, 0, hour / 10 + series) for series in range(5)]
            commit(store, made(hour + 1, BEGIN_MS + hour * HOUR_MS, blocks))
            store.roll_up()
        before = curves(store, *year)
        assert not store.sort_hours(BEGIN_MS), "no month is over"
        while store.sort_hours(BEGIN_MS + 60 * DAY_MS):
            must_be_the_same(before, curves(store, *year))
    rows = order()
    months = sorted({bucket_ms // duckdb_hours.MONTH_MS for _, bucket_ms in rows})[:-1]
    for month in months:
        mine = [each for each in rows if each[1] // duckdb_hours.MONTH_MS == month]
        assert mine == sorted(mine)
    with opened(place) as store:
        must_be_the_same(before, curves(store, *year))
        commit(store, made(5_000, BEGIN_MS, [(0, 0, 999.0)], late_ms=61 * DAY_MS))
        store.roll_up()
        assert not store.sort_hours(BEGIN_MS + 60 * DAY_MS)
        highest = [row[2] for row in curves(store, *year)[0][0][2][0][1]]
        assert "999.0" in highest


def test_a_missing_or_damaged_file_is_told_by_name(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    with opened(place) as store:
        commit(store, *evenly(50))
        store.roll_up()
        close_all(store, FUTURE_MS)
        path = closed_file(place, 2)
        whole = path.read_bytes()
        path.write_bytes(whole[:40] + b"x" + whole[41:])
        with pytest.raises(StoreBrokenError, match="0000000002: damaged"):
            told(store.past, 1, 50)
        path.unlink()
        with pytest.raises(StoreBrokenError, match="0000000002 is missing"):
            told(store.past, 1, 50)
