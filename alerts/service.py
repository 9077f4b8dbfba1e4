"""Shell. The alerts process: broker, engine, API and wall in one task tree."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import make_url

from alerts import api, versions
from alerts.access.door import Door
from alerts.access.first import first_administrator
from alerts.backups import last_backup
from alerts.board import MOST_TICKETS, Board
from alerts.consumer import Consumer
from alerts.database import reading
from alerts.decisions import Decisions
from alerts.detection import Detection
from alerts.duties import look as duties
from alerts.duties import paths
from alerts.duties.drill_orders import DrillOrders
from alerts.edge_orders import EdgeOrders
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.heartbeat.heart import Heart
from alerts.ingest_link import IngestLink
from alerts.itself.watch import Eyes, SelfWatch
from alerts.kernel import Kernel, Spent, going_over, starting
from alerts.ledger import Options
from alerts.metrics import Metrics
from alerts.news import REST_S, News
from alerts.oncall.watch import Watch
from alerts.oncall.watch import metrics as roster_metrics
from alerts.outbox.office import Office
from alerts.outbox.views import metrics as outbox_metrics
from alerts.queries import Wanted
from alerts.stream import DELTA_EVERY_S, TICK_EVERY_S, Stream, every
from alerts.tickets.attachments import Cellar
from alerts.tickets.counts import closed_counts
from alerts.version_desk import Desk
from alerts.version_jobs import Jobs, JobSettings
from alerts.views import Changes
from alerts.writer import Writer
from rules.functions import Functions
from runtime.clock import Clock
from runtime.standing import all_this_stands
from runtime.web import serve_http
from vocab.instant import seconds_ms
from vocab.site import Site
from wire.address import Address
from wire.backoff import Backoff
from wire.subscriber import Handler, Subscriber

log = structlog.get_logger()
Absorb = Callable[[Changes], None]

_TICK_S = 0.5
_DUTIES_S = 5.0  # real seconds; everything is dated when it was due, so looking late only tells late
_ASK_INGEST_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may decide. `_real_s` is about networks and counts real seconds, the rest is site time."""

    broker: str = "mqtt://127.0.0.1:1883"
    database: str = "sqlite:///tickets.sqlite"
    ingest: str = "http://127.0.0.1:8081"
    host: str = "127.0.0.1"
    port: int = 8080
    client_id: str = "anlan-alerts"  # its session at the broker: another name starts without what waits there
    late_after_s: float = 120.0
    vouch_s: float = 30.0
    stopped_for_s: float = 900.0
    patience_real_s: float = 1.0  # two lanes may overtake each other by so much
    settle_real_s: float = 15.0  # a broker hands over again what we did not acknowledge within so much (NATS: 10 s)
    ready_within_real_s: float = 10.0  # the rules were gone through, else /readyz says that we are not ready
    reconnect_real_s: float = 10.0  # no cabinet is lost before it had so much to connect again
    kernel: Kernel = Kernel.AUTO
    backtest: tuple[str, ...] = ()  # the command that backtests a draft, as far as the draft's file
    backtest_timeout_real_s: float = 3600.0
    backtest_most_mib: int = 64  # of a result
    attachment_most_mib: int = 10  # a photo of a phone has 2 to 8
    attachments_most: int = 50  # of one ticket
    state: Path | None = None  # the folder of the audit log's signed head, and of the first password
    first_administrator: bool = False  # made where nobody has an account; else this machine may do everything

    def options(self, speed: float) -> Options:
        """In milliseconds of site time."""
        return Options(
            late_after_ms=seconds_ms(self.late_after_s),
            vouch_ms=seconds_ms(self.vouch_s),
            patience_ms=seconds_ms(self.patience_real_s * speed),
            settle_ms=seconds_ms(self.settle_real_s * speed),
            silence_floor_ms=seconds_ms(self.reconnect_real_s * speed),
            stopped_for_ms=seconds_ms(self.stopped_for_s),
        )

    def base_url(self, site: Site) -> str:
        """How phones reach us."""
        return site.channels.links.base_url.rstrip("/") or f"http://{self.host}:{self.port}"

    def folder(self) -> Path:
        """Where our own files are, else where the database is, if it is a file: channels of type log write there."""
        if self.state is not None:
            return self.state
        found = make_url(self.database)
        return Path(found.database).parent if found.get_backend_name() == "sqlite" and found.database else Path()

    def cellar(self) -> Cellar:
        """Where photos and papers of tickets are kept."""
        return Cellar.beside(self.database, self.attachment_most_mib, self.attachments_most)

    def jobs(self) -> JobSettings:
        """How backtests are run."""
        return JobSettings(self.backtest, self.database, self.backtest_timeout_real_s, self.backtest_most_mib * 2**20)


async def serve(site: Site, settings: Settings, clock: Clock) -> None:
    """Run until cancelled."""
    functions = await asyncio.to_thread(starting, settings.kernel, spent := Spent())
    engine, notices = await _open(site, settings, clock, functions)
    writer, ingest = Writer(engine), IngestLink(settings.ingest)
    board = _board(engine)
    stream = Stream(board, clock.now_ms, secrets.token_hex(8))
    detection, decisions = Detection(lambda: engine.site), Decisions(engine.edges(), board.tickets.values())

    def absorb(changes: Changes) -> None:
        board.absorb(changes)
        heart.saw(changes)
        detection.saw(changes.transitions)
        _tell(changes, decisions, office.news, stream.news)

    consumer = Consumer(site, writer, clock, absorb)
    subscriber = Subscriber(Address.parse(settings.broker), settings.client_id, consumer.filters(site))
    office = Office(engine, writer, clock, settings.base_url(site), settings.folder(), absorb)
    heart = Heart(engine, writer, office, clock, lambda: subscriber.subscribed)
    itself = SelfWatch(clock, settings.state, Clock().now_ms)
    metrics = Metrics(
        lambda: engine.counts | consumer.events.counts,
        lambda: consumer.rejected,
        lambda: _gauges(board, stream, clock.now_ms()) | closed_counts(engine),
        detection.collect,
        spent.collect,
        lambda: outbox_metrics(engine, clock.now_ms()),
        lambda: roster_metrics(engine, clock.now_ms()),
        last_backup(settings.state, Clock().now_ms),
        heart.collect,
        lambda: paths.metrics(engine, clock.now_ms()),
        itself.collect,
    )

    door = Door(engine.database, site, clock, settings.state)
    if settings.first_administrator:
        await asyncio.to_thread(first_administrator, door)
    watch = Watch()
    jobs = Jobs(writer, settings.jobs(), clock)
    desk = Desk(site, engine, writer, board, jobs, clock, notices)
    parts = api.Parts(
        engine,
        writer,
        board,
        stream,
        ingest,
        metrics,
        clock,
        lambda: subscriber.subscribed,
        desk,
        door,
        outbox=office.health,
        uncovered=watch.uncovered,
        base_url=settings.base_url(site),
        cellar=settings.cellar(),
        heart=heart,
        ready_within_s=settings.ready_within_real_s,
    )
    app = api.build(parts)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve_http(app, settings.host, settings.port), name="http")
            tasks.create_task(_listen(subscriber, engine, clock, heart.watched(consumer.take)), name="subscriber")
            orders = EdgeOrders(engine, settings.broker, f"{settings.client_id}-orders")
            tasks.create_task(orders.run(), name="orders")
            tasks.create_task(_tick(writer, absorb, subscriber, clock, heart), name="tick")
            tasks.create_task(heart.run(), name="heartbeats")
            tasks.create_task(_duties(writer, absorb, clock, watch, heart), name="duties")
            eyes = Eyes(ingest, settings.folder(), clock.speed, lambda: subscriber.subscribed, lambda: consumer.ahead)
            tasks.create_task(itself.run(eyes, writer, absorb), name="itself")
            letters = DrillOrders(engine, writer, settings.broker, f"{settings.client_id}-drills", clock, absorb)
            tasks.create_task(letters.run(), name="drills")
            tasks.create_task(_stream(stream, writer, board), name="stream")
            tasks.create_task(_ask_ingest(ingest, engine, consumer, board), name="ingest")
            tasks.create_task(jobs.run(), name="backtests")
            tasks.create_task(office.run(), name="outbox")
            tasks.create_task(every(TICK_EVERY_S, stream.tick), name="stream-tick")
            tasks.create_task(
                going_over(settings.kernel, spent, lambda found: writer.call(Engine.use, found)), name="kernel"
            )
    finally:
        stream.close()
        await ingest.close()
        await asyncio.to_thread(writer.close)


def _tell(changes: Changes, decisions: Decisions, *news: News) -> None:
    """Whoever calls people, and whoever shows them something, looks at once; the log has a line for each decision."""
    decisions.saw(changes)
    if changes.transitions or changes.tickets:
        for each in news:
            each.tell()


async def _open(site: Site, settings: Settings, clock: Clock, functions: Functions) -> tuple[Engine, list[str]]:
    """The engine with the rules in force and what has to be told of them, as soon as its database can be had."""
    backoff = Backoff()
    while True:
        try:
            return await asyncio.to_thread(_opened, site, settings, clock, functions)
        except DatabaseError as error:
            log.error("no ticket database, trying again", cause=str(error).splitlines()[0])
        await asyncio.sleep(backoff.next())


def _board(engine: Engine) -> Board:
    with reading(engine.database) as connection:
        tickets = engine.queries.tickets(connection, Wanted(is_open=True, limit=MOST_TICKETS))
    return Board(engine.alarms(), tickets, engine.edges(), engine.latest(), engine.unknown())


def _opened(site: Site, settings: Settings, clock: Clock, functions: Functions) -> tuple[Engine, list[str]]:
    in_force, notices = versions.settle(site, settings.database, clock.now_ms())
    engine = Engine(in_force, settings.database, settings.options(clock.speed), functions)
    notice = versions.resume_shadow(engine, clock.now_ms())
    return engine, notices if notice is None else [*notices, notice]


async def _listen(subscriber: Subscriber, engine: Engine, clock: Clock, take: Handler) -> None:
    """Take frames once this machine's clock can be right, by the frames judged before: else all would be from the
    future, and lost to us."""
    await clock.until_believable(max((each.ts_ms for each in engine.judge.positions.values()), default=None))
    all_this_stands()
    await subscriber.run(take)


async def _tick(writer: Writer, absorb: Absorb, subscriber: Subscriber, clock: Clock, heart: Heart) -> None:
    """Server time, for what only the server can tell: that a cabinet is silent, and that we are deaf ourselves."""
    while True:
        absorb(await writer.insist(Engine.listening, subscriber.subscribed, clock.now_ms()))
        absorb(await writer.insist(Engine.tick, clock.now_ms()))
        heart.ticked()
        # In a fast demo half a second is long: a silence that is complete before the next tick is not left waiting.
        wait_s = clock.real_seconds((await writer.call(Engine.next_silence_ms) - clock.now_ms()) / 1000)
        await asyncio.sleep(wait_s if 0 < wait_s < _TICK_S else _TICK_S)


async def _duties(writer: Writer, absorb: Absorb, clock: Clock, watch: Watch, heart: Heart) -> None:
    """What has to happen although nobody calls."""

    def rosters(engine: Engine, now_ms: int) -> Changes:
        return watch.look(engine, now_ms)

    while True:
        absorb(await writer.insist(rosters, clock.now_ms()))
        absorb(await writer.insist(duties.look, clock.now_ms()))
        heart.caught_up = True
        await asyncio.sleep(_DUTIES_S)


async def _stream(stream: Stream, writer: Writer, board: Board) -> None:
    try:
        values_at = 0.0
        while True:
            if time.monotonic() >= values_at:
                board.absorb_latest(await writer.call(Engine.take_latest))
                values_at = time.monotonic() + DELTA_EVERY_S
            stream.flush()
            await stream.news.wait(max(values_at - time.monotonic(), REST_S))
    finally:
        stream.close()


async def _ask_ingest(ingest: IngestLink, engine: Engine, consumer: Consumer, board: Board) -> None:
    while True:
        counts = engine.counts
        mine = {name: counts[name] for name in ("frames", "readings", "duplicates", "not_judged", "out_of_order")}
        board.absorb_system({"ingest": await ingest.counts(), "alerts": mine | {"rejected": dict(consumer.rejected)}})
        await asyncio.sleep(_ASK_INGEST_EVERY_S)


def _gauges(board: Board, stream: Stream, now_ms: int) -> dict[str, float]:
    return board.counts(now_ms) | {
        "open_tickets": sum(not ticket.drill for ticket in board.tickets.values()),
        "pages_open": stream.clients,
        "edges_away": sum(edge.state != "online" for edge in board.edges.values()),
    }
