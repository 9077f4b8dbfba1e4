"""Shell. One edge agent as a process: polling and uplink side by side, sharing nothing but the spool.

One task group. Stopping: polling ends, the open frame is flushed, the uplink gets a moment to send what waits and to
say `stopped`; what it cannot send stays in the spool for the next start.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import structlog

from edge.batch import Batch, Origin
from edge.breaker import Patience
from edge.cabinet import Cabinet, Conduct
from edge.check import check
from edge.errors import PlanError, SpoolError
from edge.field import listen, subscriber
from edge.guard import Guard
from edge.ledger import Ledger
from edge.modbus import line
from edge.polling import poll
from edge.post import Post
from edge.recovery import last_ts_ms, recover, stored
from edge.room import MIB, Room
from edge.spool import Spool
from edge.uplink import AGAIN_AFTER_S, Manner, Uplink
from rules.vouched import VOUCH_MS
from runtime.clock import Clock
from vocab.annunciator_check import equipment_on
from vocab.instant import seconds_ms
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import EdgeNode, Site
from wire.address import Address

log = structlog.get_logger()

_FAREWELL_S = 3.0  # real seconds
_RETRY_S = 2.0
_EVENTS = Room(4 * MIB, MIB, 64 * 1024)  # some ten thousand, each a change of a safety alarm
_ENOUGH = 10_000  # readings; a fast site is flushed earlier, so that memory stays small


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told at its start; everything about devices stands in the site and its packs."""

    broker: str = "mqtt://127.0.0.1:1883"
    data_dir: Path = Path("edge-data")
    ledger: Path | None = None
    live_for_s: float = 30.0  # site seconds; older frames go out as back-fill
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    pipeline: int = 8  # questions out at once on one Modbus TCP connection, at most
    again_after_s: float = AGAIN_AFTER_S  # real; when a broker that lost its data is told again
    sync: bool = True  # safe from a power cut, not only from a kill
    patience: Patience = field(default_factory=Patience)
    vouch_s: float = VOUCH_MS / 1000  # the same as that of alerts


async def serve(site: Site, edge_id: str, settings: Settings, clock: Clock) -> None:
    """Run the agent until cancelled; ConfigurationError if the settings or a make cannot be worked with."""
    node = site.edge(edge_id)
    _check(site, edge_id, settings)
    spool = await _spool(settings.data_dir, clock, Room.of(node.spool_mib))
    events = _event_spool(settings.data_dir / "events", clock)
    agent = Agent(site, node, settings, clock, (spool, events))
    try:
        await agent.run()
    finally:
        agent.close()


def _check(site: Site, edge_id: str, settings: Settings) -> None:
    _keep_apart(site, site.edge(edge_id))
    try:
        Address.parse(settings.broker)
        check(site, edge_id)
    except PlanError as error:
        hint = "`anlan edge check` shows the read plan"
        problem = Problem(f"makes/{error.make}.toml", 1, Code.CONTRADICTION, error.point, str(error), hint)
        raise ConfigurationError((problem,)) from error
    except ValueError as error:
        raise ConfigurationError((Problem("(settings)", 1, Code.BAD_VALUE, "broker", str(error)),)) from error


def _keep_apart(site: Site, node: EdgeNode) -> None:
    """Addresses that were decided at start must keep annunciators off equipment just as those in the site file."""
    buses = {bus.id: bus for bus in node.bus}
    for each in node.annunciator:
        for asset, box in equipment_on(site.file, node, buses[each.bus]):
            where, what = f"{node.id}/{each.bus}", f"{each.id!r} would be on the wire of {box.id!r} of {asset.id!r}"
            hint = "give the bus of an annunciator an address of its own"
            raise ConfigurationError((Problem("(endpoints)", 1, Code.FORBIDDEN, where, what, hint),))


async def _spool(folder: Path, clock: Clock, room: Room) -> Spool:
    """The spool, as soon as its folder can be used: it may be full, or our predecessor may still be dying."""
    told = ""
    while True:
        try:
            return Spool(folder, clock.now_ms(), room)
        except SpoolError as error:
            if told != str(error):
                log.error("the spool cannot be opened, trying again", cause=str(error))
            told = str(error)
            await asyncio.sleep(_RETRY_S)


def _event_spool(folder: Path, clock: Clock) -> Spool | None:
    """Where local events wait. Without it they are only logged: it is no reason not to poll."""
    try:
        return Spool(folder, clock.now_ms(), _EVENTS)
    except SpoolError as error:
        log.error("local events cannot be kept, so the server will not hear of them", cause=str(error))
        return None


class Agent:
    """The parts of one edge, wired together."""

    def __init__(
        self, site: Site, node: EdgeNode, settings: Settings, clock: Clock, spools: tuple[Spool, Spool | None]
    ) -> None:
        self._site = site
        self._node = node
        self._settings = settings
        self._clock = clock
        self._spool, self._events = spools
        self._ledger = Ledger(settings.ledger) if settings.ledger is not None else None
        self._told_trouble: str | None = None
        self._links: dict[str, Callable[[], bool]] = {}  # by bus, when it is asked whether its connection stands
        self._enough = asyncio.Event()
        self._process = psutil.Process()
        self._recover()
        conduct = Conduct(live_for_s=settings.live_for_s, patience=settings.patience)
        spool, events = spools
        self.cabinet = Cabinet(
            site, node.id, spool.epoch, next_seq=spool.next_seq, keep=self._keep, conduct=conduct,
            since_ms=last_ts_ms(spool),
        )  # fmt: skip
        guard = Guard(site, node.id, settings.data_dir, events, clock, seconds_ms(settings.vouch_s))
        self.post = Post(site, node, guard, clock)
        self.post.recover(spool)
        self._broker = Address.parse(settings.broker)
        self.uplink = Uplink(
            site,
            node.id,
            Manner(self._broker, settings.live_for_s, again_after_s=settings.again_after_s),
            spool,
            events,
            clock,
        )

    async def run(self) -> None:
        """Everything at once, until cancelled."""
        async with asyncio.TaskGroup() as group:
            uplink = group.create_task(self.uplink.run(), name="uplink")
            local = [group.create_task(work, name=name) for name, work in self._local()]
            try:
                await asyncio.Event().wait()
            finally:
                for task in local:
                    task.cancel()
                await asyncio.gather(*local, return_exceptions=True)
                self._flush()
                await self._sync()
                await self.post.save(now=True)
                self.uplink.stop()
                await asyncio.gather(asyncio.wait([uplink], timeout=_FAREWELL_S), self.post.leave())

    def close(self) -> None:
        """Let go of the files."""
        self._spool.close()
        if self._events is not None:
            self._events.close()
        if self._ledger is not None:
            self._ledger.close()

    def _local(self) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
        """Everything but the uplink, named."""
        buses = {bus.id: bus for bus in self._node.bus}
        for name in self.cabinet.buses:
            way = line(buses[name], self.cabinet.requests, self._settings.pipeline)
            self._links[name] = partial(getattr, way, "connected")
            yield f"line-{name}", way.run()
            yield f"poll-{name}", poll(self.cabinet, name, way, self._clock)
        for name in self.cabinet.subscriptions:
            client_id = f"anlan-field-{self._site.id}-{self._node.id}-{name}"
            ear = subscriber(self.cabinet, buses[name], client_id)
            self._links[name] = partial(getattr, ear, "subscribed")
            yield f"field-{name}", listen(self.cabinet, buses[name], self._spool, self._clock, ear)
        yield "flush", self._flush_for_ever()
        yield from self.post.tasks(self._broker)
        if self._settings.metrics_port is not None:
            yield "metrics", self._serve_metrics(self._settings.metrics_port)

    def _keep(self, batch: Batch) -> None:
        self._spool.keep(batch)
        if self.cabinet.pending_readings > _ENOUGH:
            self._enough.set()
        if self._ledger is not None:
            try:
                self._ledger.write(batch)
            except OSError as error:  # the ledger is for auditors; polling goes on without it
                log.error("the ledger cannot be written", cause=error.strerror)

    def _recover(self) -> None:
        spool = self._spool
        origin = Origin(self._site.id, self._node.id, spool.epoch, self._site.file.simulated)
        rescued = recover(spool, origin, seconds_ms(self._settings.live_for_s), self._clock.now_ms())
        log.info("spool opened", epoch=spool.epoch, next_seq=spool.next_seq, waiting=spool.frames, rescued=rescued)
        if spool.lost_bytes:
            log.warning("the spool's files were torn or spoilt", lost_bytes=spool.lost_bytes)

    async def _flush_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._clock.real_seconds(self._node.flush_s)):
                    await self._enough.wait()
            self._enough.clear()
            if self._spool.newest_file[1] and self._spool.trouble is None:
                await self.post.save(now=True)  # a new file may cost an old one, which a restart would need
            self._flush()
            await self._sync()
            if self._spool.trouble is None:
                await self.post.save()
            self.uplink.news.set()

    async def _sync(self) -> None:
        for spool in (self._events, self._spool):
            if spool is None:
                continue
            file, seq = spool.descriptor()
            if file is not None:
                try:
                    if self._settings.sync:
                        await asyncio.to_thread(os.fdatasync, file)
                except OSError as error:
                    log.error("the disk cannot sync the spool", cause=error.strerror)
                finally:
                    os.close(file)
            spool.synced(seq)

    def _flush(self) -> None:
        now_ms = self._clock.now_ms()
        self._look_at_ourselves(now_ms)
        for bus, is_up in self._links.items():
            self.cabinet.link(bus, is_up(), now_ms)
        closed = self.cabinet.close(now_ms)
        frames = [stored(frame, self.cabinet.urgent(frame.seq)) for frame in closed]
        before, spool = self._spool.dropped_frames, self._spool
        spool.append(frames)
        if (lost := spool.dropped_frames - before) > 0:
            log.error("the spool is full, frames lost readings", frames=lost, readings_so_far=spool.dropped_readings,
                      of_alarms_so_far=spool.dropped_alarms)  # fmt: skip
        self.post.flushed(frames)
        trouble = self._spool.trouble
        if trouble != self._told_trouble:
            if trouble is None:
                log.info("the disk takes the spool again")
            else:
                log.error("the disk refuses the spool, keeping frames in memory", cause=trouble)
            self._told_trouble = trouble

    def _look_at_ourselves(self, now_ms: int) -> None:
        vitals, spool = self.cabinet.vitals, self._spool
        oldest_ms = spool.oldest_ms()
        vitals.uplink = self.uplink.connected
        vitals.spool_frames = spool.frames
        vitals.spool_bytes = spool.waiting_bytes
        vitals.spool_age_s = 0.0 if oldest_ms is None else max(0, now_ms - oldest_ms) / 1000
        vitals.frames_dropped = spool.dropped_frames
        vitals.spool_room_h = spool.room_h(now_ms)
        self.post.tell(vitals)
        vitals.rss_mib = round(self._process.memory_info().rss / 2**20, 1)

    async def _serve_metrics(self, port: int) -> None:
        from edge.metrics import Numbers, publish  # a cabinet whose numbers nobody asks for need not hold the library

        numbers = Numbers(self.cabinet, self._spool, self.uplink, self.post)
        while True:
            try:
                server = publish(numbers, port, self._settings.metrics_host)
            except OSError as error:
                log.warning("metrics port cannot be used, trying again", port=port, cause=error.strerror)
                await asyncio.sleep(_RETRY_S)
                continue
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.to_thread(server.shutdown)
                server.server_close()
