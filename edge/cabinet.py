"""Pure. The whole agent without a socket, a disk or a clock: what to read, what came back, what to send.

The shell around it (live) or the virtual chain (`anlan score`) does the rest:

    for request in cabinet.due(now_ms):
        cabinet.answered(request, registers_or_failure, now_ms)
    cabinet.message(bus, topic, payload, now_ms)
    while frame := cabinet.close_frame(now_ms): ...

`due` hands out what may be asked now, one request per device; ask again until it returns nothing or `next_due_ms` lies
ahead. Every batch of readings goes to `keep` in the moment it is decided, so that the shell can make it safe.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from edge.batch import Batch, Origin, Pending
from edge.breaker import NEW, Breaker, Event, Patience, State, after, may_ask
from edge.buses import Buses
from edge.device_time import Trust, dated
from edge.health import Health, Tally, Vitals
from edge.number import GOOD
from edge.payload import Malformed, Told, utc_offset_ms
from edge.request import FailureKind, ReadFailure, Request
from edge.schedule import Schedule
from edge.urgent import Urgent
from edge.wiring import Feed, Source, feeds, sources
from vocab.instant import seconds_ms
from vocab.quality import Reason
from vocab.site import Site
from wire.frame import Frame

NEVER_MS = 2**53
_REMEMBERED = 64  # messages per device, to recognise one that is delivered twice


def _nowhere(_: Batch) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Conduct:
    """How an edge treats what comes late or not at all. Site seconds."""

    live_for_s: float = 30.0  # older readings and frames are history, sent on the back-fill lane
    patience: Patience = field(default_factory=Patience)
    trust: Trust = field(default_factory=Trust)


class Cabinet:
    """One edge of a site."""

    def __init__(  # noqa: PLR0913 - where it begins is told by name
        self,
        site: Site,
        edge_id: str,
        epoch: int,
        *,
        next_seq: int = 1,
        keep: Callable[[Batch], None] = _nowhere,
        conduct: Conduct | None = None,
        since_ms: int | None = None,
    ) -> None:
        conduct = conduct or Conduct()
        node = site.edge(edge_id)
        self.vitals = Vitals()
        self.tally = Tally()
        self._keep = keep
        self._patience = conduct.patience
        self._trust = conduct.trust
        self._zone = ZoneInfo(site.file.timezone)
        self._feeds = feeds(site, node)
        self._buses = tuple(dict.fromkeys(feed.request.bus for feed in self._feeds))
        self._sources: dict[tuple[str, str], list[Source]] = {}
        spoken = sources(site, node)
        for source in spoken:
            self._sources.setdefault((source.bus, source.topic), []).append(source)
        self._watch = Buses(site, node, self._feeds, spoken)
        self._schedule: Schedule | None = None  # made at the first look at the clock
        self._breakers: dict[str, Breaker] = {feed.request.device: NEW for feed in self._feeds}
        self._reasons: dict[str, Reason] = {}  # of devices whose breaker is not closed
        self._probe_after_ms: dict[str, int] = {}  # by bus
        self._asked_ms: dict[int, int] = {}  # by block, while it is out
        self._recent: dict[str, deque[tuple[int, int]]] = {}
        self._health = Health(edge_id, site.points_of(site.asset(edge_id)))
        self._origin = Origin(site.id, edge_id, epoch, site.file.simulated)
        self._pending = Pending(self._origin, seconds_ms(conduct.live_for_s), since_ms)
        self._urgent = Urgent(site, edge_id)
        self._flush_ms = seconds_ms(node.flush_s)
        self._flushed_ms: int | None = None
        self._next_seq = next_seq
        self._closed: deque[Frame] = deque()

    # --- polling ---------------------------------------------------------------------------------------------------

    @property
    def buses(self) -> tuple[str, ...]:
        """The buses on which something is polled."""
        return self._buses

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request there is, so that a line can prepare it."""
        return tuple(feed.request for feed in self._feeds)

    @property
    def subscriptions(self) -> dict[str, tuple[str, ...]]:
        """Filters for vendors' messages by bus."""
        found: dict[str, dict[str, None]] = {}
        for group in self._sources.values():
            for source in group:
                found.setdefault(source.bus, {})[source.filter] = None
        return {bus: tuple(filters) for bus, filters in found.items()}

    @property
    def skipped(self) -> int:
        """Polling slots left out because polling was late."""
        return self._schedule.skipped if self._schedule else 0

    def breakers(self) -> dict[str, Breaker]:
        """Where every polled device stands."""
        return dict(self._breakers)

    def due(self, now_ms: int, bus: str | None = None, limit: int | None = None) -> list[Request]:
        """Requests to send now; each is out until `answered`."""
        schedule = self._scheduled(now_ms)
        found: list[Request] = []
        for name in (bus,) if bus is not None else schedule.buses:
            while limit is None or len(found) < limit:
                number = schedule.pop(name, now_ms)
                if number is None:
                    break
                feed = self._feeds[number]
                if not self._may_ask(feed.request, now_ms):
                    self._left_out(feed, now_ms)
                    continue
                self._asked_ms[number] = now_ms
                self.tally.lag_ms = max(self.tally.lag_ms, schedule.lag_ms(number, now_ms))
                found.append(feed.request)
        return found

    @property
    def next_due_ms(self) -> int:
        """When `due` has something next; NEVER_MS while everything is out or nothing is polled."""
        moments = [self.next_due_of(bus) for bus in self.buses]
        return min((moment for moment in moments if moment is not None), default=NEVER_MS)

    def next_due_of(self, bus: str) -> int | None:
        """The same for one bus, None for never."""
        return 0 if self._schedule is None else self._schedule.next_ms(bus)

    def answered(self, request: Request, answer: bytes | Sequence[int] | ReadFailure, now_ms: int) -> None:
        """The answer to a request: register or bit values, the bytes of registers as on the wire, or a failure."""
        feed = self._feeds[request.number]
        asked_ms = self._asked_ms.pop(request.number, now_ms)
        self._scheduled(now_ms).done(request.number, now_ms)
        self.tally.asked += 1
        row = feed.decode(answer)
        if isinstance(row, ReadFailure):
            self._failed(feed, row, asked_ms, now_ms)
            return
        self.tally.answered += 1
        self._watch.heard(request.bus, request.device, now_ms)
        if self._breakers[request.device] is not NEW:
            self._breakers[request.device] = NEW
            self._reasons.pop(request.device, None)
        self._take(feed.tap.told(row, now_ms, now_ms))

    def _scheduled(self, now_ms: int) -> Schedule:
        if self._schedule is None:
            self._schedule = Schedule([feed.slot for feed in self._feeds], now_ms)
        return self._schedule

    def _may_ask(self, request: Request, now_ms: int) -> bool:
        breaker = self._breakers[request.device]
        if breaker is NEW:
            return True
        budget_ms = self._probe_after_ms.get(request.bus, 0)
        exhausted = now_ms < budget_ms <= now_ms + seconds_ms(self._patience.longest_s)
        if exhausted or not may_ask(breaker, now_ms, self._patience):
            return False
        self._breakers[request.device] = after(breaker, Event.DUE, now_ms, self._patience)
        return True

    def _left_out(self, feed: Feed, now_ms: int) -> None:
        """The breaker is open: nobody is asked, and the points stay as bad as they are."""
        self._scheduled(now_ms).done(feed.request.number, now_ms, asked=False)
        self._take(feed.tap.failed(self._reasons.get(feed.request.device, Reason.COMM_TIMEOUT), now_ms))

    def _failed(self, feed: Feed, failure: ReadFailure, asked_ms: int, now_ms: int) -> None:
        request, breaker = feed.request, self._breakers[feed.request.device]
        if failure.silent:
            self._scheduled(now_ms).hasten(self._watch.silent(request.bus, request.device), now_ms)
            self._reasons[request.device] = failure.reason
            cost = max(0, now_ms - asked_ms)
            if breaker.state is not State.CLOSED:
                # A time-out took bus time from the healthy; the next probe must wait until it is a small share.
                self._probe_after_ms[request.bus] = now_ms + round(cost * (1 / self._patience.probe_share - 1))
            self._breakers[request.device] = after(breaker, Event.SILENT, now_ms, self._patience, cost)
        elif failure.kind is FailureKind.UNREACHABLE:
            # Not asked, so a probe is still to be made, and nothing is known of the slave.
            self._watch.unreachable(request.bus, request.device)
            self._breakers[request.device] = replace(breaker, state=State.OPEN) if breaker is not NEW else NEW
        else:
            self._watch.heard(request.bus, request.device, now_ms)
            self._breakers[request.device] = after(breaker, Event.ANSWERED, now_ms, self._patience)
        self._take(feed.tap.failed(failure.reason, now_ms))

    def link(self, bus: str, is_up: bool, now_ms: int) -> None:
        """The shell's word on whether the connection to a bus stands."""
        self._watch.link(bus, is_up, now_ms)

    # --- messages --------------------------------------------------------------------------------------------------

    def message(self, bus: str, topic: str, payload: bytes, now_ms: int, *, retained: bool = False) -> None:
        """A vendor's message. One that makes no sense is counted and changes nothing.

        A topic that nobody here knows is a device of another cabinet: filters cover a whole make.
        """
        for source in self._sources.get((bus, topic), ()):
            told = source.decoder.decode(payload)
            if isinstance(told, Malformed):
                self.tally.rejects[told.why] += 1
            elif self._is_repeated(source.device, told, payload):
                self.tally.duplicates += 1
            else:
                self._told(source, told, now_ms, retained=retained)

    def _told(self, source: Source, told: Told, now_ms: int, *, retained: bool) -> None:
        measured_ms, doubt = now_ms, Reason.NONE
        if not retained:
            self._watch.heard(source.bus, source.device, now_ms)
        if told.device_ms is not None:
            measured_ms, doubt = dated(told.device_ms, now_ms, utc_offset_ms(self._zone, now_ms), self._trust)
        elif retained:
            doubt = Reason.STALE  # a ghost: it may be from last year, and it does not say
        if doubt is not Reason.NONE:
            told.row.reasons[:] = [int(doubt) if reason == GOOD else reason for reason in told.row.reasons]
        self._take(source.tap.told(told.row, now_ms, measured_ms))

    def _is_repeated(self, device: str, told: Told, payload: bytes) -> bool:
        """QoS 1 delivers twice at times. Only the device's own time tells a repetition from an equal value."""
        if told.device_ms is None:
            return False
        recent = self._recent.setdefault(device, deque(maxlen=_REMEMBERED))
        mark = (told.device_ms, zlib.crc32(payload))
        if mark in recent:
            return True
        recent.append(mark)
        return False

    # --- frames ----------------------------------------------------------------------------------------------------

    def close_frame(self, now_ms: int) -> Frame | None:
        """The next frame that is ready; None when there is no more.

        At least one a flush, if need be without readings, for its `ts` says that the edge lives. `now_ms` is its `ts`:
        nothing measured before it will come in a later live frame.
        """
        if not self._closed:
            self._closed.extend(self.close(now_ms))
        return self._closed.popleft() if self._closed else None

    def close(self, now_ms: int) -> list[Frame]:
        """Every frame that is ready."""
        down = sum(breaker is not NEW for breaker in self._breakers.values())
        self._take(self._health.pulse(self.vitals, self.tally, down, now_ms))
        for batch in self._watch.pulse(now_ms):
            self._take(batch)
        flushed = self._flushed_ms
        overdue = flushed is None or not 0 <= now_ms - flushed < self._flush_ms
        frames = self._pending.close(self._next_seq, now_ms, even_empty=overdue)
        if frames:
            self._flushed_ms = now_ms
            self._next_seq += len(frames)
        return frames

    def urgent(self, seq: int) -> int:
        """How many assets of one of the frames that `close` gave last are an alarm's; they stand first."""
        return self._pending.urgent.get(seq, 0)

    @property
    def pending_readings(self) -> int:
        """Readings of the open frame."""
        return self._pending.readings

    def _take(self, batch: Batch | None) -> None:
        if batch is not None:
            batch.is_urgent = self._urgent.is_urgent(batch)
            self.tally.reported += len(batch.points)
            self._keep(batch)
            self._pending.add(batch)
