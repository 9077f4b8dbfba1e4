"""Pure. What a cabinet judged by itself, as it travels: one change of one safety alarm, on the topic kind `event`.

It is a message about an alarm that the frames hold too, and never a second alarm: (site, edge, alarm, at_ms, new) names
the change however often it comes. `frame` is the frame in which the cabinet found it, by which the receiver knows
whether it has judged that frame itself.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from vocab import topics
from vocab.topics import Kind
from wire.message import Message
from wire.packed import Exact

VERSION = 1
MAX_BYTES = 4096
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class EdgeEvent(msgspec.Struct, omit_defaults=True):
    """`seq` counts the events of `epoch`, from 1. `ts` is when it was told, `at_ms` when it fell due (ms UTC)."""

    v: int
    site: str
    edge: str
    epoch: Exact
    seq: Number
    ts: Exact
    alarm: Word  # asset.rule
    old: Word
    new: Word
    because: Word
    at_ms: Exact
    frame: tuple[Exact, Number]  # epoch and seq
    value: float | None = None
    action: list[Word] = msgspec.field(default_factory=list)  # annunciators that it set off
    sim: bool = False

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What makes it the same event."""
        return self.site, self.edge, self.alarm, self.at_ms, self.new


class EventError(ValueError):
    """The message is no event that can be believed; `reason` is what to count it by."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(detail or reason)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(EdgeEvent)


def encode(event: EdgeEvent) -> bytes:
    """The event as JSON."""
    return _encoder.encode(event)


def decode(payload: bytes) -> EdgeEvent:
    """The event in `payload`; EventError if it is none."""
    if len(payload) > MAX_BYTES:
        raise EventError("event_oversized", f"{len(payload)} bytes")
    try:
        event = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EventError("event_malformed", str(error)) from error
    if event.v != VERSION:
        raise EventError("event_wrong_version", f"version {event.v}, this build speaks {VERSION}")
    if "." not in event.alarm:
        raise EventError("event_malformed", f"{event.alarm!r} is no ASSET.RULE")
    return event


def received(message: Message) -> EdgeEvent:
    """The event of a message from the broker; EventError where topic and content differ, or it is a ghost."""
    if message.retained:
        raise EventError("event_retained")
    try:
        topic = topics.parse(message.topic)
    except ValueError as error:
        raise EventError("event_wrong_topic", str(error)) from error
    event = decode(message.payload)
    if topic.kind is not Kind.EVENT or (topic.site, topic.edge) != (event.site, event.edge):
        raise EventError("event_wrong_topic", f"{event.site}/{event.edge} under {message.topic}")
    return event
