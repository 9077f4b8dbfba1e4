"""Pure. The cabinet on its own: frames in, local alarms and annunciators out, and everything that a restart needs.

A restart reads what was saved and judges again the frames that the spool still holds behind it, so that the state is
exact although it is saved only now and then.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgspec

from edge.safety import Last, Safety
from edge.signals import Call, Signals
from rules.saved import names_of, packed, unpack
from rules.transition import Transition
from rules.vouched import VOUCH_MS
from vocab import topics
from vocab.site import Site
from vocab.topics import Kind
from wire import flat
from wire.event import VERSION, EdgeEvent
from wire.gate import Gate
from wire.verdict import Accepted


class _Saved(msgspec.Struct, array_like=True):
    """What lies on the disk."""

    names: bytes
    book: bytes
    last: tuple[int, int, int]
    calls: dict[str, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Local:
    """One change of one safety alarm, found here."""

    transition: Transition
    frame: tuple[int, int]  # epoch and seq
    action: list[str]  # annunciators that it sets off

    def event(self, site: Site, edge: str, number: tuple[int, int], now_ms: int) -> EdgeEvent:
        """As it travels; `number` is (epoch, seq) of its own counting."""
        found = self.transition
        return EdgeEvent(
            VERSION, site.id, edge, *number, now_ms, found.alarm, found.old.value, found.new.value,
            found.because.word, found.at_ms, self.frame, found.value, self.action, site.file.simulated,
        )  # fmt: skip


class Vigil:
    """Safety rules and signals of one cabinet."""

    def __init__(self, site: Site, edge_id: str, vouch_ms: int = VOUCH_MS) -> None:
        self._gate = Gate([site])
        self._topic = topics.build(site.id, edge_id, Kind.TELE)
        self._vouch_ms = vouch_ms
        self.safety = Safety(site, edge_id, self._gate.catalogue, vouch_ms)
        self.signals = Signals(site.edge(edge_id).action, self.safety.scope.safety)
        self.refused = 0  # frames that our own gate does not take: never, unless the site file is not the server's

    @property
    def seq(self) -> int:
        """The frame that was judged last; 0 for none."""
        return 0 if self.safety.last is None else self.safety.last.seq

    def take(self, payload: bytes) -> list[Local]:
        """A frame as it will be sent."""
        ts_ms = flat.read(payload).ts
        frame = self._gate.judge(self._topic, payload, ts_ms)
        if not isinstance(frame, Accepted):
            self.refused += 1
            return []
        found = self.safety.take(frame)
        return [Local(each, (frame.source.epoch, frame.seq), self._set_off(each, ts_ms)) for each in found]

    def _set_off(self, found: Transition, ts_ms: int) -> list[str]:
        """What was over before anybody could know of it calls nobody."""
        is_news = self.safety.is_active(found.alarm) or ts_ms - found.at_ms <= self._vouch_ms
        return self.signals.raised(found.alarm, found.at_ms) if found.raises and is_news else []

    def warm(self, payload: bytes) -> None:
        """A frame that was judged before: only the gate sees it again, which remembers how fast values moved."""
        self._gate.judge(self._topic, payload, flat.read(payload).ts)

    def sounding(self, now_ms: int) -> set[str]:
        """The annunciators that are to sound."""
        return self.signals.sounding(now_ms, self.safety.is_active)

    def saved(self) -> bytes | None:
        """Everything, to be put on the disk; None before the first frame."""
        last = self.safety.last
        if last is None:
            return None
        book = self.safety.book
        calls = {alarm: (call.raised_ms, call.silenced) for alarm, call in self.signals.calls.items()}
        whole = _Saved(names_of(book.plan), packed(book, with_lives=True), (last.epoch, last.seq, last.ts_ms), calls)
        return zlib.compress(msgspec.msgpack.encode(whole), 1)

    def restore(self, data: bytes) -> None:
        """Go on from what was saved; ValueError if it cannot be read, and then nothing has changed."""
        try:
            whole = msgspec.msgpack.decode(zlib.decompress(data), type=_Saved)
            unpack(self.safety.book, whole.book, whole.names)
        except (zlib.error, msgspec.DecodeError, IndexError, TypeError) as error:
            raise ValueError(str(error)) from error
        self.safety.last = Last(*whole.last)
        # A point that the site has got meanwhile: its silence counts from here.
        if self.safety.scope.watched:
            self.safety.book.begin(0, whole.last[2])
        known = self.signals.alarms
        self.signals.calls = {alarm: Call(*call) for alarm, call in whole.calls.items() if alarm in known}
