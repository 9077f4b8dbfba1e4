"""Shell. The ingest process: subscribe, judge, commit, acknowledge; roll up; answer queries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ingest import api
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from ingest.keeper import Keeper, Retention
from ingest.metrics import Metrics
from ingest.port import Store
from ingest.problem import StoreError
from runtime.clock import Clock
from runtime.standing import all_this_stands
from runtime.web import serve_http
from vocab import topics
from vocab.quality import Quality
from vocab.site import Site
from wire.address import Address
from wire.message import Message
from wire.subscriber import Gathering, Handler, Subscriber, SubscriptionError

_RETRY_S = 1.0  # real


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may decide. Durations are real seconds; retention is in days of site time."""

    broker: str = "mqtt://127.0.0.1:1883"
    database: str = "readings.duckdb"
    host: str = "127.0.0.1"
    port: int = 8081
    client_id: str = "anlan-ingest"  # its session at the broker: another name starts without what waits there
    gathering: Gathering = field(default_factory=lambda: Gathering(rest_s=0.05, enough=500))
    retention: Retention = field(default_factory=Retention)
    tidy_every_s: float = 30.0
    ready_within_s: float = 10.0  # a batch is durable, else /readyz says that we are not ready
    store_threads: int = 2
    store_memory_mib: int = 256


async def serve(sites: Sequence[Site], settings: Settings, clock: Clock) -> None:
    """Run until cancelled."""
    intake = Intake(sites)
    metrics = Metrics()
    keeper = Keeper(
        lambda: DuckDbStore(settings.database, threads=settings.store_threads, memory_mib=settings.store_memory_mib),
        intake,
        clock,
        Path(settings.database).parent,
    )
    filters = [topics.subscription(site.id, kind) for site in sites for kind in topics.KEPT_BY_INGEST]
    subscriber = Subscriber(Address.parse(settings.broker), settings.client_id, filters, gathering=settings.gathering)

    async def take(messages: Sequence[Message]) -> None:
        judged = intake.judge(messages, clock.now_ms())
        with metrics.committing():
            batch = await keeper.commit(judged)
        metrics.stored(batch, clock.now_ms())

    pulse = api.Pulse(keeper, metrics, lambda: subscriber.subscribed, settings.ready_within_s)
    app = api.build(intake.gate.catalogue, pulse)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve_http(app, settings.host, settings.port), name="http")
            tasks.create_task(_listen(subscriber, keeper, clock, take), name="subscriber")
            await keeper.open()  # whether or not a frame comes, so that a locked store is told at once
            tasks.create_task(_tidy(keeper, settings), name="tidy")
    finally:
        await keeper.close()


async def _listen(subscriber: Subscriber, keeper: Keeper, clock: Clock, take: Handler) -> None:
    """Take frames once this machine's clock can be right, by what the store holds: else all would be from the future.

    A broker keeps frames only for sessions that exist: ours must, also while the store cannot be opened.
    """
    session = asyncio.create_task(_exist(subscriber), name="session")
    try:
        await keeper.open()
        with suppress(StoreError):
            await clock.until_believable(await keeper.read(_newest_ms))
    finally:
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)
    all_this_stands()
    await subscriber.run(take)


async def _exist(subscriber: Subscriber) -> None:
    while True:
        try:
            return await subscriber.establish()
        except SubscriptionError:
            await asyncio.sleep(_RETRY_S)


def _newest_ms(store: Store) -> int | None:
    """When the newest reading was measured that nobody doubts."""
    return max((each.measured_ms for each in store.latest() if each.quality == Quality.GOOD), default=None)


async def _tidy(keeper: Keeper, settings: Settings) -> None:
    while True:
        await asyncio.sleep(settings.tidy_every_s)
        await keeper.tidy(settings.retention)
