"""History as it arrived: every frame, in order, from a file that is not written to and from a running ingest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ingest import duckdb_past, history_stream
from ingest.arrivals import CHUNK
from ingest.duckdb_history import DuckDbHistory
from ingest.duckdb_store import DuckDbStore
from ingest.history import History
from ingest.http_history import HttpHistory
from ingest.intake import Intake
from ingest.problem import StoreError
from tests.conftest import take_port
from tests.history_server import history_server
from tests.samples import NOW_MS, frame, level, tiny_site
from vocab.site import Site
from vocab.topics import Kind
from wire.catalogue import Catalogue
from wire.frames import Frames
from wire.message import Message
from wire.verdict import Accepted

SECOND = 1_000

Opener = Callable[[Path], AbstractContextManager[History]]


@contextmanager
def from_file(place: Path) -> Iterator[History]:
    history = DuckDbHistory(str(place))
    try:
        yield history
    finally:
        history.close()


@contextmanager
def from_ingest(place: Path) -> Iterator[History]:
    with history_server(place, (tiny_site(),)) as url:
        history = HttpHistory(url)
        try:
            yield history
        finally:
            history.close()


@pytest.fixture(params=[from_file, from_ingest], ids=["file", "http"])
def opened(request: pytest.FixtureRequest) -> Opener:
    """Each adapter of the port."""
    opener: Opener = request.param
    return opener


def stored(place: Path, frames: Sequence[tuple[int, int | None, Kind]], *, start: int = 0) -> list[Accepted]:
    """Commit frames (seq, level or none, lane), one a second, in one sitting; what the gate made of them."""
    store = DuckDbStore(str(place))
    intake = Intake([tiny_site()], store.marks())
    found: list[Accepted] = []
    try:
        for second, (seq, value, lane) in enumerate(frames, start=start):
            blocks = [] if value is None else [level(float(value))]
            message = Message(f"anlan/v1/tiny/e1/{lane}", frame(*blocks, seq=seq, ts=NOW_MS + second * SECOND))
            batch = intake.batch(intake.judge([message], NOW_MS + second * SECOND))
            store.commit(batch, NOW_MS + second * SECOND)
            found += batch.frames
    finally:
        store.close()
    return found


def told(
    opened: Opener, place: Path, from_s: int | None = None, to_s: int | None = None, site: Site | None = None
) -> list[tuple[list[Accepted], bool]]:
    with opened(place) as history:
        stretch = history.stretch(
            "tiny",
            None if from_s is None else NOW_MS + from_s * SECOND,
            None if to_s is None else NOW_MS + to_s * SECOND,
        )
        assert stretch is not None
        chunks = history.frames(stretch, Catalogue([site or tiny_site()]))
        found = [(list(chunk.frames), chunk.is_opening) for chunk in chunks]
        assert sum(len(frames) for frames, _ in found) == stretch.frames
        return found


def test_every_frame_comes_back_as_it_was_judged(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    lived = stored(place, [(1, 500, Kind.TELE), (2, None, Kind.TELE), (4, 5_000, Kind.TELE), (3, 40, Kind.BACKFILL)])

    ((found, is_opening),) = told(opened, place)

    assert is_opening
    assert [len(each) for each in found] == [1, 0, 1, 1], "a frame without readings vouches for time too"
    for mine, theirs in zip(found, lived, strict=True):
        assert (mine.source, mine.seq, mine.ts_ms, mine.lane, mine.received_ms, mine.topic) == (
            theirs.source, theirs.seq, theirs.ts_ms, theirs.lane, theirs.received_ms, theirs.topic,
        )  # fmt: skip
        for column in ("series", "measured_ms", "values", "quality", "reason"):
            np.testing.assert_array_equal(getattr(mine, column), getattr(theirs, column))


def test_a_period_brings_what_arrived_after_it_but_speaks_of_it(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(seq, 1, Kind.TELE) for seq in range(1, 11)])

    assert [each.seq for frames, _ in told(opened, place, 3, 6) for each in frames] == [4, 5, 6]


def test_chunks_end_where_the_store_was_opened_again(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(1, 1, Kind.TELE), (2, 2, Kind.TELE)])
    stored(place, [(4, 4, Kind.TELE), (3, 3, Kind.TELE)], start=10)

    assert [([each.seq for each in frames], opening) for frames, opening in told(opened, place)] == [
        ([1, 2], True),
        ([4, 3], True),
    ]


def test_a_long_history_comes_in_chunks(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    store = DuckDbStore(str(place))
    intake = Intake([tiny_site()])
    messages = [Message("anlan/v1/tiny/e1/tele", frame(level(1.0), seq=seq)) for seq in range(1, CHUNK + 102)]
    store.commit(intake.batch(intake.judge(messages, NOW_MS)), NOW_MS)
    store.close()

    found = told(opened, place)

    assert [(len(frames), is_opening) for frames, is_opening in found] == [(CHUNK, True), (101, False)]
    assert [each.seq for frames, _ in found for each in frames] == list(range(1, CHUNK + 102))


def test_readings_that_the_site_no_longer_knows_are_left_out(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    store = DuckDbStore(str(place))
    intake = Intake([tiny_site(pumps=3)])
    payload = frame(level(1.0, "p1"), level(3.0, "p3"), level(2.0, "p2"))
    store.commit(intake.batch(intake.judge([Message("anlan/v1/tiny/e1/tele", payload)], NOW_MS)), NOW_MS)
    store.close()

    (((found,), _),) = told(opened, place, site=tiny_site(pumps=2))

    catalogue = Catalogue([tiny_site(pumps=2)])
    assert [(each.asset, each.value) for each in found.readings(catalogue)] == [("p1", 1.0), ("p2", 2.0)]


def test_chunks_are_cut_where_they_would_not_fit_into_memory(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(seq, seq, Kind.TELE) for seq in range(1, 11)])
    whole = told(opened, place)
    monkeypatch.setattr(duckdb_past, "MOST_READINGS", 3)

    cut = told(opened, place)

    assert [([each.seq for each in frames], opening) for frames, opening in cut] == [
        ([1, 2, 3], True), ([4, 5, 6], False), ([7, 8, 9], False), ([10], False)
    ]  # fmt: skip
    assert [len(frames) for frames, _ in whole] == [10]


def test_readings_that_do_not_lie_in_the_order_of_their_frames_still_come_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(seq, seq, Kind.TELE) for seq in range(1, 11)])
    with duckdb.connect(str(place)) as db:
        db.execute("CREATE TABLE turned AS SELECT * FROM readings ORDER BY frame DESC")
        db.execute("DELETE FROM readings; INSERT INTO readings SELECT * FROM turned; DROP TABLE turned")

    for most in (1_000, 3):
        monkeypatch.setattr(duckdb_past, "MOST_READINGS", most)
        found = [frame for frames, _ in told(from_file, place) for frame in frames]
        assert [(frame.seq, frame.values.tolist()) for frame in found] == [(seq, [seq]) for seq in range(1, 11)]


def test_frames_of_a_cabinet_that_the_site_no_longer_has_are_left_out(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(1, 1, Kind.TELE)])
    with opened(place) as history:
        stretch = history.stretch("tiny", None, None)
        assert stretch is not None

        assert list(history.frames(stretch, Catalogue([tiny_site("other")]))) == []


def test_what_is_not_there_is_said(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(1, 1, Kind.TELE)])
    with opened(place) as history:
        assert history.stretch("elsewhere", None, None) is None
        assert history.stretch("tiny", NOW_MS + 60 * SECOND, None) is None


def test_a_file_or_an_ingest_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        DuckDbHistory(str(tmp_path / "readings.duckdb"))
    history = HttpHistory(f"http://127.0.0.1:{take_port()}")
    with pytest.raises(StoreError, match=r"127\.0\.0\.1"):
        history.stretch("tiny", None, None)
    history.close()


def test_history_that_was_forgotten_meanwhile_is_never_taken_for_all_of_it(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(seq, 1, Kind.TELE) for seq in range(1, 11)])
    with from_ingest(place) as history:
        stretch = history.stretch("tiny", None, None)
        assert stretch is not None
        asked = replace(stretch, frames=stretch.frames + 1)

        with pytest.raises(StoreError, match="10 of 11 frames"):
            list(history.frames(asked, Catalogue([tiny_site()])))


def test_a_chunk_of_the_stream_holds_what_it_held(tmp_path: Path) -> None:
    place = tmp_path / "readings.duckdb"
    stored(place, [(1, 1, Kind.TELE), (2, None, Kind.BACKFILL)])
    store = DuckDbStore(str(place))
    found, following = store.past.arrivals("tiny", 1, 2)
    encoder = history_stream.Encoder(store.past.names("tiny"))
    body = encoder.chunk(found, is_opening=True) + encoder.chunk(found, is_opening=False) + encoder.end()
    store.close()

    with pa.ipc.open_stream(body) as batches:
        told_back = [history_stream.decoded(batch, "tiny") for batch in batches]

    assert following == 3
    assert [opening for _, opening in told_back] == [True, False]
    for again, _ in told_back:
        for field in fields(Frames):
            np.testing.assert_array_equal(getattr(again, field.name), getattr(found, field.name))
