"""Shell. Calls an address outside, period by period, as long as the whole way lives; else it is silent and says why.

A heartbeat is sent only after a row was written for it and everything else was seen to live in the same look. Nothing
is made up for: a heartbeat that was not sent in time is one that the other side has missed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog
from fastapi.concurrency import run_in_threadpool
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import select

from alerts.database import reading, upsert, writing
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.heartbeat.alive import PARTS, Failing, Seen, failing
from alerts.heartbeat.tables import heartbeats
from alerts.outbox.office import Office
from alerts.outbox.secrets import NoSecretError, masked, secret
from alerts.outbox.views import oldest_unsent_ms
from alerts.views import Changes
from alerts.writer import Writer
from runtime.clock import Clock
from vocab.channels import Heartbeat
from wire.message import Message

log = structlog.get_logger()

Take = Callable[[Sequence[Message]], Awaitable[None]]


@dataclass(slots=True)
class Beat:
    """One address outside, and how it stands."""

    of: Heartbeat
    failing: list[Failing] = field(default_factory=list)
    looked_ms: int | None = None
    sent_ms: int | None = None  # taken by the other side
    sent: int = 0
    refused: int = 0
    answer: str = ""  # of the other side, or why there was none
    told: frozenset[str] | None = None  # the parts that were told last; None: nothing was
    write: asyncio.Task[None] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the last look found everything alive."""
        return self.looked_ms is not None and not self.failing


class Heart:
    """Sees what goes past, and beats."""

    def __init__(
        self, engine: Engine, writer: Writer, office: Office, clock: Clock, subscribed: Callable[[], bool]
    ) -> None:
        self.beats = [Beat(each) for each in engine.site.channels.heartbeats]
        self._engine, self._writer, self._office, self._clock = engine, writer, office, clock
        self._subscribed = subscribed
        self._began = time.monotonic()
        self._at = {edge.id: (edge.epoch, edge.seq) for edge in engine.edges()}  # the frame that its book judged last
        self._heard: dict[str, float] = {}
        self._ticked: float | None = None
        self.caught_up = False  # whether what fell due while we were away was gone through
        self._taking: float | None = None

    # --- what it sees ----------------------------------------------------------------------------------------------

    def saw(self, changes: Changes) -> None:
        """The books of these cabinets went on, or only their state changed."""
        for edge in changes.edges:
            if (edge.epoch, edge.seq) != self._at.get(edge.id):
                self._at[edge.id] = edge.epoch, edge.seq
                self._heard[edge.id] = time.monotonic()

    def ticked(self) -> None:
        """The rules were gone through."""
        self._ticked = time.monotonic()

    def judged_s_ago(self) -> float | None:
        """How long ago that was, in real seconds; None: not yet."""
        return None if self._ticked is None else time.monotonic() - self._ticked

    def watched(self, take: Take) -> Take:
        """The same, but it is seen how long a batch takes."""

        async def taking(batch: Sequence[Message]) -> None:
            self._taking = time.monotonic()
            try:
                await take(batch)
            finally:
                self._taking = None

        return taking

    # --- beating ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled; a site that names nobody outside has nobody to tell."""
        if self.beats:
            await self._remember()
            async with asyncio.TaskGroup() as tasks:
                for beat in self.beats:
                    tasks.create_task(self._run(beat), name=f"heartbeat-{beat.of.id}")

    async def _remember(self) -> None:
        def read() -> dict[str, int | None]:
            mine = select(heartbeats.c.id, heartbeats.c.sent_ms).where(heartbeats.c.site == self._engine.site.id)
            with reading(self._engine.database) as connection:
                return {row.id: row.sent_ms for row in connection.execute(mine)}

        try:
            known = await run_in_threadpool(read)
        except DatabaseError:
            return  # then it is not told when the last was sent before us
        for beat in self.beats:
            beat.sent_ms = known.get(beat.of.id)

    async def _run(self, beat: Beat) -> None:
        async with httpx.AsyncClient(timeout=beat.of.timeout_s, trust_env=False) as client:
            next_s = time.monotonic()
            while True:
                await self._once(beat, client)
                next_s = max(next_s + beat.of.period_s, time.monotonic())
                await asyncio.sleep(next_s - time.monotonic())

    async def _once(self, beat: Beat, client: httpx.AsyncClient) -> None:
        beat.failing = failing(beat.of, await self._seen(beat))
        beat.looked_ms = self._clock.now_ms()
        if not beat.failing:
            if beat.told:
                log.info("the whole way lives again: the heartbeat goes on", heartbeat=beat.of.id)
            beat.told = frozenset()
            if await self._call(beat, client, beat.of.url):
                beat.sent_ms, beat.sent = self._clock.now_ms(), beat.sent + 1
            else:
                beat.refused += 1
            return
        parts = frozenset(each.part for each in beat.failing if not each.new)
        if not parts or parts == beat.told:
            return
        said = "; ".join(f"{each.part}: {each.said.en}" for each in beat.failing)
        log.error("the heartbeat stops", heartbeat=beat.of.id, parts=sorted(parts), cause=said)
        if not beat.of.fail_url or await self._call(beat, client, beat.of.fail_url):
            beat.told = parts

    async def _seen(self, beat: Beat) -> Seen:
        now = time.monotonic()
        written_s, refusal = await self._written(beat)
        outbox_s: float | None = None
        try:
            outbox_s = await run_in_threadpool(self._outbox_s) if self._engine.site.oncall else None
        except DatabaseError as error:
            refusal = refusal or str(error).splitlines()[0]
        looked_s = self._office.health()["looked_s_ago"] if self._engine.site.oncall else None
        return Seen(
            started_s=now - self._began,
            subscribed=self._subscribed(),
            frames_s={
                edge.id: None if edge.id not in self._heard else now - self._heard[edge.id]
                for edge in self._engine.site.file.edge
            },
            evaluation_s=self.judged_s_ago(),
            batch_s=0.0 if self._taking is None else now - self._taking,
            outbox_s=outbox_s,
            looked_s=looked_s,
            written_s=written_s,
            database=refusal,
        )

    def _outbox_s(self) -> float:
        with reading(self._engine.database) as connection:
            waited_ms = oldest_unsent_ms(connection, self._engine.site.id, self._clock.now_ms())
        return waited_ms / 1000 / self._clock.speed

    async def _written(self, beat: Beat) -> tuple[float | None, str]:
        """How long a write took, None if it is not through in its time; or why the database refuses."""
        began = time.monotonic()
        if beat.write is None or beat.write.done():  # one that hangs is not joined by another
            row = {
                "site": self._engine.site.id, "id": beat.of.id, "looked_ms": self._clock.now_ms(),
                "sent_ms": beat.sent_ms,
            }  # fmt: skip
            beat.write = asyncio.create_task(self._writer.call(_put, row))
        await asyncio.wait([beat.write], timeout=beat.of.database_s)
        if not beat.write.done():
            return None, ""
        error = beat.write.exception()
        if isinstance(error, DatabaseError):
            return None, str(error).splitlines()[0]
        if error is not None:
            raise error
        return time.monotonic() - began, ""

    async def _call(self, beat: Beat, client: httpx.AsyncClient, url: str) -> bool:
        """Whether it was taken."""
        known: list[str] = []
        try:
            if beat.of.token is not None:
                known = [secret(beat.of.token)]
                url = url.replace("{token}", known[0])
            body = None if beat.of.method == "GET" else self._body(beat)
            answer = await client.request(beat.of.method, url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL, NoSecretError) as error:
            beat.answer = masked(f"{type(error).__name__}: {error}".rstrip(": "), known)
        else:
            beat.answer = f"HTTP {answer.status_code}"
            if answer.is_success:
                return True
        log.warning("nobody outside takes our heartbeat", heartbeat=beat.of.id, cause=beat.answer)
        return False

    def _body(self, beat: Beat) -> dict[str, Any]:
        return {
            "site": self._engine.site.id,
            "heartbeat": beat.of.id,
            "at_ms": self._clock.now_ms(),
            "alive": not beat.failing,
            "failing": [{"part": each.part, "en": each.said.en, "zh": each.said.zh} for each in beat.failing],
        }

    # --- what it tells ---------------------------------------------------------------------------------------------

    def views(self) -> list[dict[str, Any]]:
        """Every heartbeat as it stands; no address."""
        return [
            {
                "id": beat.of.id,
                "name": {"en": beat.of.name.en, "zh": beat.of.name.zh},
                "period_s": beat.of.period_s,
                "alive": beat.is_alive,
                "failing": [
                    {"part": each.part, "said": {"en": each.said.en, "zh": each.said.zh}} for each in beat.failing
                ],
                "looked_ms": beat.looked_ms,
                "sent_ms": beat.sent_ms,
                "answer": beat.answer,
            }
            for beat in self.beats
        ]

    def health(self) -> dict[str, Any]:
        """By heartbeat: whether it goes, and which parts stop it."""
        return {
            beat.of.id: {
                "alive": beat.is_alive,
                "failing": {each.part: each.said.en for each in beat.failing},
                "answer": beat.answer,
            }
            for beat in self.beats
        }

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        alive = GaugeMetricFamily("anlan_alerts_heartbeat_alive", "1: the whole way lives", labels=["heartbeat"])
        words = "1: this part stops the heartbeat"
        stopped = GaugeMetricFamily("anlan_alerts_heartbeat_stopped_by", words, labels=["heartbeat", "part"])
        sent = CounterMetricFamily("anlan_alerts_heartbeats_sent", "taken outside", labels=["heartbeat"])
        refused = CounterMetricFamily("anlan_alerts_heartbeats_refused", "not taken outside", labels=["heartbeat"])
        for beat in self.beats:
            alive.add_metric([beat.of.id], float(beat.is_alive))
            sent.add_metric([beat.of.id], beat.sent)
            refused.add_metric([beat.of.id], beat.refused)
            parts = {each.part for each in beat.failing}
            for part in PARTS:
                stopped.add_metric([beat.of.id, part], float(part in parts))
        if self.beats:
            yield from (alive, stopped, sent, refused)


def _put(engine: Engine, row: dict[str, Any]) -> None:
    with writing(engine.database) as connection:
        upsert(connection, heartbeats, [row])
