"""The keeper tries a batch until it is durable, and believes only the store about what it has."""

from __future__ import annotations

import asyncio
import os

import pytest

from ingest import duckdb_closed
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from ingest.keeper import Keeper, Retention
from ingest.port import Batch, Store
from ingest.problem import StoreBrokenError, StoreError, StoreFullError, StoreLockedError
from runtime.clock import Clock
from tests.samples import NOW_MS, frame, level, tiny_site
from wire.message import Message

TOPIC = "anlan/v1/tiny/e1/tele"


class Flaky:
    """Opens the same store again and again, and fails where it is told to."""

    def __init__(self, path: str, *, failing_opens: int = 0, failing_commits: int = 0, after: bool = False) -> None:
        self._path = path
        self._failing_opens = failing_opens
        self.failing_commits = failing_commits
        self.after = after
        self.opened = 0

    def __call__(self) -> Store:
        if self._failing_opens:
            self._failing_opens -= 1
            raise StoreLockedError("somebody has it")
        self.opened += 1
        return _FlakyStore(self, self._path)


class _FlakyStore(DuckDbStore):
    def __init__(self, flaky: Flaky, path: str) -> None:
        super().__init__(path)
        self._flaky = flaky

    def commit(self, batch: Batch, stored_ms: int) -> None:
        fails = self._flaky.failing_commits > 0
        self._flaky.failing_commits -= 1
        if fails and not self._flaky.after:
            raise StoreFullError("no room")
        super().commit(batch, stored_ms)
        if fails:
            raise StoreBrokenError("the disk failed after the data was durable")


def messages(*seqs: int) -> list[Message]:
    return [Message(TOPIC, frame(level(float(seq)), seq=seq)) for seq in seqs]


def keeper_of(flaky: Flaky) -> tuple[Keeper, Intake]:
    intake = Intake([tiny_site()])
    return Keeper(flaky, intake, Clock()), intake


@pytest.mark.parametrize("after", [False, True], ids=["before it was durable", "after it was durable"])
async def test_a_batch_is_stored_once_whenever_the_commit_failed(after: bool, tmp_path: object) -> None:
    flaky = Flaky(f"{tmp_path}/readings.duckdb", failing_opens=2, failing_commits=2, after=after)
    keeper, intake = keeper_of(flaky)

    await keeper.commit(intake.judge(messages(1, 2), NOW_MS))
    await keeper.commit(intake.judge(messages(2, 3), NOW_MS))

    counts = await keeper.read(lambda store: store.counts())
    assert sum(row.frames for row in counts.lanes) == 3
    assert flaky.opened == 3
    assert keeper.trouble is None
    await keeper.close()


async def test_questions_are_refused_while_the_store_is_away(tmp_path: object) -> None:
    keeper, _ = keeper_of(Flaky(f"{tmp_path}/readings.duckdb", failing_opens=1000))
    opening = asyncio.create_task(keeper.open())
    await asyncio.sleep(0.05)

    with pytest.raises(StoreError, match="somebody has it"):
        await keeper.read(lambda store: store.counts())

    assert keeper.trouble == "somebody has it"
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await keeper.close()


async def test_a_restart_knows_the_frames_of_before(tmp_path: object) -> None:
    flaky = Flaky(f"{tmp_path}/readings.duckdb")
    keeper, intake = keeper_of(flaky)
    await keeper.commit(intake.judge(messages(1, 3), NOW_MS))
    await keeper.close()

    keeper, intake = keeper_of(flaky)
    batch = await keeper.commit(intake.judge(messages(1, 2, 3, 4), NOW_MS))

    assert [stored.seq for stored in batch.frames] == [2, 4]
    assert sum(batch.duplicates.values()) == 2
    await keeper.close()


async def test_tidying_closes_what_is_an_hour_old(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_closed, "VOLUME", 2)
    keeper, intake = keeper_of(Flaky(f"{tmp_path}/readings.duckdb"))
    await keeper.commit(intake.judge(messages(1, 2, 3, 4, 5), Clock().now_ms() - 3_700_000))
    await keeper.commit(intake.judge(messages(6, 7), Clock().now_ms() - 3_500_000))
    await keeper.tidy(Retention())

    stretch = await keeper.read(lambda store: store.past.stretch("tiny", None, None))
    assert stretch is not None
    assert stretch.frames == 7
    closed = sorted(name[-11:] for name in os.listdir(f"{tmp_path}/readings.duckdb.closed"))
    assert closed == ["-0000000001", "-0000000002"]
    await keeper.close()


async def test_tidying_an_empty_store_is_fine(tmp_path: object) -> None:
    keeper, _ = keeper_of(Flaky(f"{tmp_path}/readings.duckdb"))

    await keeper.tidy(Retention())

    await keeper.close()
