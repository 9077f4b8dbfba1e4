"""Shell. Keeps a store open and committed to, whatever happens to its file.

1. All writing is done by one thread, so the event loop never waits for the disk and commits never cross.
2. A batch is tried until it is durable. After a failure the store is closed, opened again, and asked what it has: the
   failed transaction may have been durable after all.
3. While the store is away nothing is acknowledged, the broker keeps what comes, and queries are told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from ingest.grid import HOUR_MS
from ingest.intake import Intake, Judged
from ingest.port import Batch, Store
from ingest.problem import NotClosedError, StoreError
from runtime.clock import Clock
from wire.backoff import Backoff
from wire.marks import Mark

log = structlog.get_logger()

T = TypeVar("T")
DAY_MS = 24 * HOUR_MS
LATE_MS = 2 * DAY_MS  # after the end of a month most of what comes late has come
MOST_CLOSED = 4  # periods at a time, so that forgetting and rolling up have their turn


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, in days of site time after their arrival. Hours are kept for ever."""

    readings_days: float = 90.0
    minutes_days: float = 400.0
    open_hours: float = 1.0  # before a period is closed, so that what is new stays where it is read fastest


class Keeper:
    """The store of a process, and the intake that fills it."""

    def __init__(self, opener: Callable[[], Store], intake: Intake, clock: Clock, folder: Path | None = None) -> None:
        self.trouble: str | None = "not open yet"  # what is wrong with the store, for health
        self._opener = opener
        self._intake = intake
        self._clock = clock
        self._folder = folder
        self._store: Store | None = None
        self._opening = asyncio.Lock()
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(2, "store-reader")
        self._packer = ThreadPoolExecutor(1, "store-packer")

    @property
    def folder(self) -> Path | None:
        """Where a large file may lie for a while; None: where the system puts such."""
        return self._folder

    async def open(self) -> Store:
        """The open store; opened first if it is not, with back-off, for as long as it takes."""
        async with self._opening:
            backoff = Backoff()
            while self._store is None:
                try:
                    store, marks = await self._write(self._opened)
                except StoreError as error:
                    self._tell(error)
                    await asyncio.sleep(backoff.next())
                else:
                    self._intake.resume(marks)
                    self._store = store
                    self.trouble = None
                    log.info("store open", frames_missing=self._intake.missing)
            return self._store

    def _opened(self) -> tuple[Store, list[Mark]]:
        store = self._opener()
        return store, store.marks()

    async def commit(self, judged: Judged) -> Batch:
        """Return when everything is durable, with what was new of it."""
        backoff = Backoff()
        while True:
            store = await self.open()
            batch = self._intake.batch(judged)
            try:
                await self._write(self._committing(store, batch))
            except StoreError as error:
                await self._leave(store, error)
                await asyncio.sleep(backoff.next())
            else:
                return batch

    async def read(self, question: Callable[[Store], T]) -> T:
        """An answer of the store; StoreError if it is away."""
        store = self._store
        if store is None:
            raise StoreError(self.trouble)
        return await asyncio.get_running_loop().run_in_executor(self._readers, question, store)

    async def tidy(self, retention: Retention) -> None:
        """Roll up, forget what is older than it must be, and close what is old enough."""
        store = await self.open()
        now_ms = self._clock.now_ms()
        readings_before_ms = now_ms - round(retention.readings_days * DAY_MS)
        minutes_before_ms = now_ms - round(retention.minutes_days * DAY_MS)
        try:
            frames = await self._write(store.roll_up)
            gone = await self._write(lambda: store.forget(readings_before_ms, minutes_before_ms))
            while await self._write(partial(store.sort_hours, now_ms - LATE_MS)):
                pass
            closed = await self._close_periods(store, now_ms - round(retention.open_hours * HOUR_MS))
        except StoreError as error:
            await self._leave(store, error)
        else:
            log.debug("tidied", frames=frames, readings_forgotten=gone, readings_closed=closed)

    async def _close_periods(self, store: Store, before_ms: int) -> int:
        """Close what may be; the writer's thread only names what another one packed, between two commits."""
        loop, closed = asyncio.get_running_loop(), 0
        for _ in range(MOST_CLOSED):
            try:
                packed = await loop.run_in_executor(self._packer, store.pack, before_ms)
            except NotClosedError as error:
                log.error("a period cannot be closed, its rows stay", cause=str(error))
                break
            if packed is None:
                break
            closed += await self._write(partial(store.settle, packed))
        return closed

    async def close(self) -> None:
        """Finish what is being written, and let go of the file."""
        store, self._store = self._store, None
        if store is not None:
            await self._write(store.close)
        self._writer.shutdown()
        self._readers.shutdown()
        self._packer.shutdown()

    def _committing(self, store: Store, batch: Batch) -> Callable[[], None]:
        return lambda: store.commit(batch, self._clock.now_ms())  # dated by the writing thread, when its turn comes

    async def _leave(self, store: Store, error: StoreError) -> None:
        self._tell(error)
        if self._store is store:
            self._store = None
        await self._write(store.close)

    def _tell(self, error: StoreError) -> None:
        if self.trouble != str(error):
            log.error("store away, trying again; nothing is acknowledged", cause=str(error))
        self.trouble = str(error)

    async def _write(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)
