"""Pure. A make: how one manufacturer's device tells its points, as a Modbus register map or an MQTT payload.

The simulator encodes by these tables and the edge decodes by them, with separate code (DESIGN §4).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vocab.point import Id, PointId, UnitCode
from vocab.strict_toml import Strict, Text

Number = Literal[
    "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64",
    "u8_high", "i8_high", "u8_low", "i8_low",  # one byte of a 16-bit register
    "bit", "bits",  # one bit; a run of bits as an unsigned number
    "bit_index",  # the position of the only set bit (Honeywell Midas unit register)
]  # fmt: skip
Table = Literal["coil", "discrete", "input", "holding"]
BadReason = Literal["sensor_fault", "out_of_range", "warmup", "calibration", "stale"]
Raw = Annotated[int, Field(ge=-(2**63), lt=2**64)]


class Sentinel(Strict):
    """A raw value that is a message, not a measurement: the bit pattern, as an unsigned number of the field's width."""

    raw: Raw
    reason: BadReason = "sensor_fault"


class Mapped(Strict):
    """A vendor's code and the pack's state id for it. Codes are not portable between makes (domain §2.3)."""

    raw: int | str | bool
    state: PointId


class _Field(Strict):
    """What register and payload fields share: how a raw number becomes a value of the point."""

    point: PointId
    scale: float = 1.0
    offset: float = 0.0  # value = raw * scale + offset, in `unit`, then converted to the point's unit
    unit: UnitCode | None = None  # default: the point's own
    sentinels: tuple[Sentinel, ...] = ()
    states: tuple[Mapped, ...] = ()  # for state points
    otherwise: PointId | None = None  # state for a code not in `states`; without it such a code is a decode error


class Register(_Field):
    """Where a point lives in a device's Modbus tables. Addresses are 0-based, as on the wire."""

    table: Table
    address: int = Field(ge=0, le=65535)
    type: Number = "u16"
    bit: int = Field(default=0, ge=0, le=15)  # for bit and bits: the lowest bit
    width: int = Field(default=1, ge=1, le=16)  # for bits
    byte_order: Literal["big", "little"] = "big"
    word_order: Literal["big", "little"] = "big"
    decimals_at: int | None = Field(default=None, ge=0, le=65535)  # register that holds the number of decimals
    period_s: float | None = Field(default=None, gt=0)  # default: the point's


class Modbus(Strict):
    """How to talk to this make, politely."""

    max_registers: int = Field(default=125, ge=1, le=125)
    max_gap: int = Field(default=8, ge=0, le=124)  # unused registers worth reading to save a request
    min_interval_ms: int = Field(default=0, ge=0)  # pause between two requests to this device
    forbidden: tuple[tuple[int, int], ...] = ()  # address ranges, both ends included, never to be read
    registers: tuple[Register, ...] = Field(alias="register", min_length=1)


class Validity(Strict):
    """Another field of the same device that says when the points must not be believed."""

    point: PointId
    bad_in: tuple[PointId, ...]  # state ids
    reason: BadReason
    applies_to: tuple[PointId, ...]


class PayloadField(_Field):
    """Where a point stands in a vendor's message; which key is used depends on the codec."""

    path: str | None = None  # json: keys joined by dots; a part `@json` opens a string that holds JSON
    channel: int | None = Field(default=None, ge=0, le=255)  # tlv: channel id
    kind: int | None = Field(default=None, ge=0, le=255)  # tlv: type id
    tail: int = Field(default=0, ge=0, le=255)  # tlv: bytes behind the value that we step over, such as an alarm byte
    at: int | None = Field(default=None, ge=0)  # struct: byte offset
    type: Literal["u8", "i8", "u16", "i16", "u32", "i32", "f32", "json"] = "json"
    byte_order: Literal["big", "little"] = "little"


class Skip(Strict):
    """tlv: a channel we do not use, with the length needed to step over it."""

    channel: int = Field(ge=0, le=255)
    kind: int = Field(ge=0, le=255)
    length: int = Field(ge=0, le=255)


class PayloadTime(Strict):
    """Where the device's own time stands. Without it a message is dated on arrival."""

    path: str | None = None
    at: int | None = Field(default=None, ge=0)  # struct: u32 seconds
    format: Literal["s", "ms", "iso"] = "ms"


class Payload(Strict):
    """How a vendor's MQTT message is laid out."""

    topic: str  # with {serial}; what the edge subscribes to
    codec: Literal["json", "tlv", "struct"]
    envelope: str | None = None  # json path of the base64 text that holds the tlv or struct; None: the raw body
    encoding: Literal["base64", "hex", "raw"] = "base64"
    interval_s: float = Field(gt=0)  # how often the device sends by itself
    time: PayloadTime | None = None
    drop: tuple[str, ...] = ()  # json paths that must never leave the edge: faces, plates, names
    fields: tuple[PayloadField, ...] = Field(alias="field", min_length=1)
    skip: tuple[Skip, ...] = ()


class Make(Strict):
    """One manufacturer's device of a kind."""

    make: Id
    name: Text
    variants: tuple[str, ...] = ()
    source: str  # the manual or the line of domain.md
    confidence: Literal["seen", "background", "uncertain", "example"]
    modbus: Modbus | None = None
    mqtt: Payload | None = None
    validity: tuple[Validity, ...] = ()

    @property
    def points(self) -> tuple[str, ...]:
        """Ids of the points that this make reports, in the order of its table."""
        fields = self.modbus.registers if self.modbus else self.mqtt.fields if self.mqtt else ()
        return tuple(dict.fromkeys(field.point for field in fields))
