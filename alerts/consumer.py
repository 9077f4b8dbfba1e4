"""Shell. From the broker to the engine: judge a batch at the gate, commit it, and only then let it be acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import structlog

from alerts.duties.emptied import Emptied, Heard
from alerts.edge_events import EdgeEvents
from alerts.engine import Engine
from alerts.views import Changes
from alerts.writer import Writer
from runtime.clock import Clock
from runtime.sparing import is_worth_a_line
from vocab import topics
from vocab.site import Site
from vocab.topics import Kind
from wire.gate import Gate
from wire.message import Message
from wire.verdict import Accepted, Refusal

log = structlog.get_logger()


class _Status(msgspec.Struct):
    """What a cabinet says of itself; `lost` is its last will."""

    state: Literal["online", "lost", "stopped"]
    epoch: int
    ts: int


_decoder = msgspec.json.Decoder(_Status)


class Consumer:
    """Takes batches of a Subscriber."""

    def __init__(self, site: Site, writer: Writer, clock: Clock, absorb: Callable[[Changes], None]) -> None:
        self.rejected: Counter[str] = Counter()
        self.ahead: dict[str, int] = {}  # cabinets whose last frame came from the future: by how much at least, in ms
        self.events = EdgeEvents(self.rejected)
        self._site = site
        self._gate = Gate([site])
        self._emptied = Emptied(site, self._gate.catalogue)
        self._writer = writer
        self._clock = clock
        self._absorb = absorb

    @staticmethod
    def filters(site: Site) -> list[str]:
        """What to subscribe to."""
        return [topics.subscription(site.id, kind) for kind in topics.HEARD_BY_ALERTS]

    async def take(self, batch: Sequence[Message]) -> None:
        """Returns when everything in the batch is durable or refused for good."""
        now_ms = self._clock.now_ms()
        of: dict[str, list[Message]] = {}
        for message in batch:
            kind = message.topic.rpartition("/")[2]
            of.setdefault(kind if kind in (Kind.STATUS, Kind.EVENT) else "", []).append(message)
        frames = self._judge(of.get("", []), now_ms)
        if frames:
            heard = self._emptied.heard(frames)
            if heard:
                await self._writer.insist(self._note_emptied, heard)
            self._absorb(await self._writer.insist(Engine.apply, frames, now_ms))
        for message in of.get(Kind.STATUS, ()):
            await self._status(message, now_ms)
        await self._events(of.get(Kind.EVENT, []), now_ms)

    def _note_emptied(self, engine: Engine, heard: Sequence[Heard]) -> None:
        self._emptied.take(engine.database, heard)

    async def _events(self, messages: Sequence[Message], now_ms: int) -> None:
        events = self.events.read(self._site, messages)
        if events:
            self._absorb(await self._writer.insist(self.events.take, events, now_ms))
        elif self.events.is_waiting:
            self._absorb(await self._writer.insist(self.events.settle, now_ms))

    def _judge(self, messages: Sequence[Message], now_ms: int) -> list[Accepted]:
        accepted = []
        for verdict in self._gate.judge_all(messages, now_ms):
            if isinstance(verdict, Accepted):
                accepted.append(verdict)
                self.ahead.pop(verdict.edge, None)
                self.rejected.update(refused.reason.value for refused in verdict.refused)
            else:
                count = self.rejected[verdict.reason.value]
                self.rejected[verdict.reason.value] = count + 1
                if is_worth_a_line(count, count + 1):
                    told = {"reason": verdict.reason.value, "topic": verdict.topic, "cause": verdict.detail}
                    log.warning("message rejected", **told, so_far=count + 1)
                if verdict.reason is Refusal.FUTURE:
                    self.ahead[topics.parse(verdict.topic).edge] = self._gate.limits.future_ms
        return accepted

    async def _status(self, message: Message, now_ms: int) -> None:
        try:
            edge = topics.parse(message.topic).edge
            status = _decoder.decode(message.payload)
        except (ValueError, msgspec.MsgspecError):
            self.rejected["malformed_status"] += 1
            return
        verb = Engine.edge_said
        self._absorb(await self._writer.insist(verb, edge, status.state, status.epoch, status.ts, now_ms))
