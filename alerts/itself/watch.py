"""Shell. Looks at Anlan itself, again and again: what is past its limit becomes a ticket, which closes by measurement.

Nothing here needs the broker or ingest: a ticket about them is opened, and somebody paged, while they are away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.backups import made_ms
from alerts.duties.book import Book
from alerts.duties.look import book_of
from alerts.duties.work import Wanted
from alerts.engine import Engine
from alerts.ingest_link import IngestLink
from alerts.itself import words
from alerts.itself.lags import judged_late_ms, skews_ms
from alerts.itself.stand import NEW, Stand, Step, look, look_every_s
from alerts.outbox.views import oldest_unsent_ms
from alerts.views import Changes
from alerts.writer import Writer
from runtime.clock import Clock
from runtime.disk import Disk, disk_of
from vocab.self_watch import Measure
from vocab.self_watch import SelfWatch as Row
from vocab.site import Site

log = structlog.get_logger()

_REPAIRER = "anlan"  # of what has repaired itself; it is accepted by the system, which is somebody else


class Of(NamedTuple):
    """What is measured, and of which cabinet or part; "": of all together."""

    measure: Measure
    subject: str = ""

    @property
    def about(self) -> str:
        """What its ticket is about."""
        return ":".join(part for part in ("self", self.measure.value, self.subject) if part)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the event loop knows; real seconds by a clock that nobody sets."""

    now_s: float
    broker_away_s: float = 0.0
    store_away_s: float = 0.0
    store_why: str = ""  # what ingest says of itself
    stored_late_s: float | None = None  # of what was stored since the last look
    disks: Mapping[str, Disk] = field(default_factory=dict)  # by part
    refused_ms: Mapping[str, int] = field(
        default_factory=dict
    )  # by cabinet: how far ahead of us its frames were, at least


class Eyes:
    """What can be seen from the event loop."""

    def __init__(
        self, ingest: IngestLink, folder: Path, speed: float, subscribed: Callable[[], bool],
        ahead: Callable[[], Mapping[str, int]],
    ) -> None:  # fmt: skip
        self._ingest, self._folder, self._speed = ingest, folder, speed
        self._subscribed, self._ahead = subscribed, ahead
        self._subscribed_s = self._ready_s = time.monotonic()
        self._stored_ms: int | None = None

    async def look(self) -> Seen:
        """Look around."""
        mine = await asyncio.to_thread(disk_of, self._folder)
        disks = {} if mine is None else {"alerts": mine}
        told, now_s = await self._ingest.readiness(), time.monotonic()
        if self._subscribed():
            self._subscribed_s = now_s
        late_s = None
        if told is not None:
            self._ready_s = now_s if told.is_ready else self._ready_s
            if told.stored_ms != self._stored_ms and told.lag_ms is not None:
                late_s = max(0, told.lag_ms) / 1000 / self._speed
            self._stored_ms = told.stored_ms
            if told.disk is not None and (mine is None or told.disk.name != mine.name):  # one disk is one ticket
                disks["ingest"] = told.disk
        why = "it does not answer" if told is None else "; ".join(told.reasons)
        away_s, store_s = now_s - self._subscribed_s, now_s - self._ready_s
        return Seen(now_s, away_s, store_s, why, late_s, disks, dict(self._ahead()))


class SelfWatch:
    """Of one site. Only the engine's thread calls `look`; seconds are real, `now_ms` is site time."""

    def __init__(self, clock: Clock, state: Path | None, real_ms: Callable[[], int]) -> None:
        self._clock, self._speed, self._state, self._real_ms = clock, clock.speed, state, real_ms
        self._heard: dict[str, int] = {}
        self._stands: dict[Of, Stand] = {}
        self._values: dict[Of, float] = {}  # as they were measured last
        self._open: dict[Of, bool] = {}
        self._rows: tuple[Row, ...] = ()

    async def run(self, eyes: Eyes, writer: Writer, absorb: Callable[[Changes], None]) -> None:
        """Until cancelled."""

        def look(engine: Engine, seen: Seen, now_ms: int) -> Changes:
            return self.look(engine, seen, now_ms)

        while True:
            absorb(await writer.insist(look, await eyes.look(), self._clock.now_ms()))
            await asyncio.sleep(look_every_s(self._rows))

    def look(self, engine: Engine, seen: Seen, now_ms: int) -> Changes:
        """Open and settle what is due, in one transaction."""
        stands, is_open, self._rows = dict(self._stands), {}, engine.site.duties.file.self_watch
        with engine.changing(now_ms) as change:
            book = book_of(change, engine.site, now_ms)
            values = dict(self._measured(engine, book, seen))
            heard = {edge: came_ms for edge, (came_ms, _) in engine.ages_ms().items()}
            rows = {row.measure: row for row in self._rows}
            for of, value in values.items():
                row = rows.get(of.measure)
                if row is not None:
                    stands[of], is_open[of] = self._judge(book, row, of, value, seen)
        # Only what is durable is remembered: whatever the database refused is looked at again.
        self._stands, self._open, self._heard = stands, self._open | is_open, heard
        self._values |= {of: value for of, value in values.items() if value is not None}
        return change.done

    def _measured(self, engine: Engine, book: Book, seen: Seen) -> Iterator[tuple[Of, float | None]]:
        second_ms = 1000 * self._speed  # of real time, in site time
        ages = {e: age for e, (came_ms, age) in engine.ages_ms().items() if came_ms != self._heard.get(e)}
        late_ms = judged_late_ms(ages)
        yield Of(Measure.JUDGED_LATE_S), None if late_ms is None else late_ms / second_ms
        yield Of(Measure.STORED_LATE_S), seen.stored_late_s
        yield Of(Measure.BROKER_AWAY_S), seen.broker_away_s
        yield Of(Measure.STORE_AWAY_S), seen.store_away_s
        for part, disk in seen.disks.items():
            yield Of(Measure.DISK_FREE_MIB, part), disk.free_mib
        for edge, skew_ms in skews_ms(ages, seen.refused_ms).items():
            yield Of(Measure.CLOCK_SKEW_S, edge), skew_ms / second_ms
        yield Of(Measure.BACKUP_AGE_S), self._backup_age_s(book)
        waited_ms = oldest_unsent_ms(book.connection, book.site.id, book.now_ms)
        yield Of(Measure.OUTBOX_AGE_S), waited_ms / second_ms

    def _backup_age_s(self, book: Book) -> float:
        backup_ms = made_ms(self._state)
        if backup_ms is not None:
            return (self._real_ms() - backup_ms) / 1000
        since_ms, _ = book.clock(Of(Measure.BACKUP_AGE_S).about, "")
        return (book.now_ms - since_ms) / 1000 / self._speed

    def _judge(self, book: Book, row: Row, of: Of, value: float | None, seen: Seen) -> tuple[Stand, bool]:
        wanted = _wanted(book.site, row, of)
        ticket = book.works.open_of(wanted)
        stand, step = look(row, self._stands.get(of, NEW), value, seen.now_s, is_open=ticket is not None)
        if value is None or step is Step.NOTHING:
            return stand, ticket is not None
        told = {"measure": of.measure.value, "of": of.subject, "value": round(value, 1), "limit": row.limit}
        if step is Step.ASK:
            made = book.works.ask(wanted, words.crossed(row, value, self._why(of, seen)), book.now_ms)
            log.error("Anlan itself is past a limit: a ticket is open", ticket=made, **told)
            return stand, True
        assert ticket is not None  # noqa: S101 - only an open one is settled
        book.works.settle(ticket, _REPAIRER, words.well(row, value))
        log.info("Anlan itself is well again: its ticket is settled", ticket=ticket, **told)
        return stand, False

    def _why(self, of: Of, seen: Seen) -> str:
        if of.measure is Measure.STORE_AWAY_S:
            return seen.store_why
        return "never" if of.measure is Measure.BACKUP_AGE_S and made_ms(self._state) is None else ""

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        labels = ["measure", "of"]
        value = GaugeMetricFamily("anlan_alerts_self", "what Anlan measures of itself, as it was last", labels=labels)
        alarm = GaugeMetricFamily("anlan_alerts_self_ticket", "1: a ticket about it is open", labels=labels)
        for of, measured in dict(self._values).items():
            value.add_metric([of.measure.value, of.subject], measured)
        for of, is_open in dict(self._open).items():
            alarm.add_metric([of.measure.value, of.subject], float(is_open))
        yield from (value, alarm)


def _wanted(site: Site, row: Row, of: Of) -> Wanted:
    unit = site.org.units[row.unit]
    cabinet = next((edge.name for edge in site.file.edge if edge.id == of.subject), None)
    return Wanted(of.about, row.miss, words.title(of.measure, of.subject, cabinet), unit.place, unit.id, of.about)
