"""Pure. What a cabinet may be told, on the topic kind `cmd`: to be quiet, and to play a drill. Nothing else: no siren
is ever told "on", and no equipment anything."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from wire.packed import Exact

VERSION = 1
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Order(msgspec.Struct, omit_defaults=True):
    """Silence `alarm` (default: all) as far as it was raised by `before_ms`: an order that comes late must not quiet
    what nobody has seen yet. Or play a `drill`: the cabinet's own drill point shows one until `before_ms`, so that the
    whole way from a reading to a person is tried; a moment that is past ends it. Carried out again both change
    nothing."""

    v: int
    do: Literal["silence", "drill"]
    before_ms: Exact
    by: Word
    alarm: Word | None = None


class OrderError(ValueError):
    """The message is no order of this version."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Order)


def encode(order: Order) -> bytes:
    """The order as JSON."""
    return _encoder.encode(order)


def decode(payload: bytes) -> Order:
    """The order in `payload`; OrderError if it is none."""
    try:
        order = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OrderError(str(error)) from error
    if order.v != VERSION:
        raise OrderError(f"version {order.v}, this build speaks {VERSION}")
    return order
