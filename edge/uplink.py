"""Shell. Frames out of the spool to the broker, QoS 1, several in flight; a frame leaves the spool with its PUBACK.

The broker away is normal: it is told once per outage, asked again with back-off, and polling never learns of it. Which
lane a frame takes is decided when it is sent: live while its youngest reading is young, else back-fill.

A broker that lost its data has lost what it confirmed and did not hand on. We know it by our birth, which is retained
there: where it is gone, everything that is still in the spool goes once more, as soon as those who listen have had
time to come back. Only then is the birth left there again. Whoever has a frame already knows it by its number.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import structlog

from edge.segment import Taken
from edge.spool import Spool
from runtime.clock import Clock
from vocab.instant import seconds_ms
from vocab.site import Asset, Site
from vocab.topics import Kind, build
from wire.address import Address
from wire.backoff import Backoff
from wire.publisher import BrokerAwayError, Publisher, Will

log = structlog.get_logger()

AGAIN_AFTER_S = 30.0  # real; consumers try to connect at least every few seconds


@dataclass(slots=True)
class Sent:
    """What the uplink counted."""

    live: int = 0
    backfill: int = 0
    events: int = 0
    outages: int = 0


@dataclass(frozen=True, slots=True)
class Manner:
    """Where to send, and how."""

    broker: Address
    live_for_s: float = 30.0  # site seconds
    window: int = 16  # frames in flight
    again_after_s: float = AGAIN_AFTER_S  # real


class Uplink:
    """The way of one edge to the broker."""

    def __init__(
        self, site: Site, edge_id: str, manner: Manner, spool: Spool, events: Spool | None, clock: Clock
    ) -> None:  # fmt: skip
        self.connected = False
        self.sent = Sent()
        self.news = asyncio.Event()  # something may be sent
        self._site = site
        self._edge = edge_id
        self._broker = manner.broker
        self._spool = spool
        self._events = events  # what the safety rules found; it goes before any reading
        self._clock = clock
        self._live_ms = seconds_ms(manner.live_for_s)
        self._window = manner.window
        self._again_after_s = manner.again_after_s
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Send what can be sent now, say goodbye, and end `run`."""
        self._stopping.set()
        self.news.set()

    async def run(self) -> None:
        """Send until `stop`, and then once more whatever waits; reconnect as often as it takes."""
        backoff = Backoff()
        told = False
        while True:
            self._spool.give_back(self._clock.now_ms() - self._live_ms)
            if self._events is not None:
                self._events.give_back(0)
            try:
                async with self._publisher() as publisher:
                    forgot = self._spool.has_arrived and not await publisher.remembers(self._topic(Kind.BIRTH))
                    await self._announce(publisher, is_known=not forgot)
                    log.info("uplink connected", broker=str(self._broker))
                    told = False
                    backoff.reset()
                    self.connected = True
                    await self._drain(publisher, forgot=forgot)
                    await publisher.publish(self._topic(Kind.STATUS), self._status("stopped"), retain=True)
            except BrokerAwayError as error:
                if not told:
                    self.sent.outages += 1
                    room_h = round(self._spool.room_h(self._clock.now_ms()), 1)
                    log.warning("broker away, spooling", broker=str(self._broker), room_h=room_h, cause=str(error))
                told = True
            finally:
                self.connected = False
            if self._stopping.is_set():
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(backoff.next()):
                    await self._stopping.wait()

    def _publisher(self) -> Publisher:
        will = Will(self._topic(Kind.STATUS), self._status("lost"))
        client_id = f"anlan-edge-{self._site.id}-{self._edge}"
        return Publisher(self._broker, client_id, will=will, in_flight=self._window)

    async def _announce(self, publisher: Publisher, *, is_known: bool) -> None:
        await publisher.publish(self._topic(Kind.BIRTH), self._birth(), retain=is_known)
        await publisher.publish(self._topic(Kind.STATUS), self._status("online"), retain=True)

    async def _say_again(self, publisher: Publisher) -> None:
        """Once those who listen are back, or when we are stopped."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._again_after_s):
                await self._stopping.wait()
        events = 0 if self._events is None else self._events.again()
        frames = self._spool.again()
        if frames or events:
            log.warning("the broker has lost its data; what it had confirmed goes again", frames=frames, events=events)
        self.news.set()
        await publisher.publish(self._topic(Kind.BIRTH), self._birth(), retain=True)

    async def _drain(self, publisher: Publisher, *, forgot: bool) -> None:
        """Keep the window full until stopping and the spool is empty; BrokerAwayError when the connection breaks."""
        out: set[asyncio.Task[None]] = set()
        if forgot:
            again = asyncio.create_task(self._say_again(publisher), name="uplink-again")
            again.add_done_callback(lambda _: self.news.set())
            out.add(again)
        lost = asyncio.create_task(publisher.lost(), name="uplink-lost")
        lost.add_done_callback(lambda _: self.news.set())
        try:
            while True:
                self.news.clear()
                while len(out) < self._window and (task := self._send_next(publisher)) is not None:
                    out.add(task)
                    task.add_done_callback(lambda _: self.news.set())
                if not out and self._stopping.is_set():
                    return
                await self.news.wait()
                for task in [task for task in out if task.done()]:
                    out.discard(task)
                    task.result()
                if lost.done():
                    raise BrokerAwayError(f"{self._broker}: the connection is lost")
        finally:
            lost.cancel()
            for task in out:
                task.cancel()
            await asyncio.gather(lost, *out, return_exceptions=True)

    def _send_next(self, publisher: Publisher) -> asyncio.Task[None] | None:
        if self._events is not None and (event := self._events.take(0)) is not None:
            sending = self._send_event(publisher, self._events, event)
            return asyncio.create_task(sending, name=f"uplink-event-{event.seq}")
        now_ms = self._clock.now_ms()
        taken = self._spool.take(now_ms - self._live_ms)
        if taken is None:
            return None
        lane = Kind.TELE if now_ms - taken.newest_ms <= self._live_ms else Kind.BACKFILL

        async def send() -> None:
            await publisher.publish(self._topic(lane), taken.payload)
            self._spool.arrived(taken.seq)
            if lane is Kind.TELE:
                self.sent.live += 1
            else:
                self.sent.backfill += 1

        return asyncio.create_task(send(), name=f"uplink-{taken.seq}")

    async def _send_event(self, publisher: Publisher, events: Spool, event: Taken) -> None:
        await publisher.publish(self._topic(Kind.EVENT), event.payload)
        events.arrived(event.seq)
        self.sent.events += 1

    def _topic(self, kind: Kind) -> str:
        return build(self._site.id, self._edge, kind)

    def _status(self, state: str) -> bytes:
        return msgspec.json.encode({"state": state, "epoch": self._spool.epoch, "ts": self._clock.now_ms()})

    def _birth(self) -> bytes:
        assets = [asset for asset in self._site.assets if self._edge in self._site.edges_of(asset)]
        return msgspec.json.encode(
            {
                "v": 1,
                "site": self._site.id,
                "edge": self._edge,
                "epoch": self._spool.epoch,
                "ts": self._clock.now_ms(),
                "assets": [{"asset": asset.id, "points": self._points(asset)} for asset in assets],
            }
        )

    def _points(self, asset: Asset) -> list[dict[str, str]]:
        return [{"id": point.id, "unit": point.unit} for point in self._site.points_of(asset)]
