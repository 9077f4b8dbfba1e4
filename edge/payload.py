"""Pure. A vendor's MQTT message into values of points and the device's own time, or a failure. Never raises.

1. JSON is parsed and the `drop` paths are cut out of it before anything else looks at it. A failure's detail never
   quotes the message, for it may hold a face, a plate or a name.
2. The envelope (a JSON path, or the whole body) is opened: base64, hex or raw bytes.
3. Fields are taken by path, by channel and type, or by offset. A field that a message does not carry is absent, which
   says nothing; a message that carries no field at all is malformed.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from edge.decode import ABSENT, Columns
from edge.document import MissingError, drop, find, parse
from edge.number import DECODE, Converter, Raw
from vocab.instant import to_ms
from vocab.make import Payload, PayloadField
from vocab.point import Point

_FORMS = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i", "f32": "f"}
_BITS = {"u8": 8, "i8": 8, "u16": 16, "i16": 16, "u32": 32, "i32": 32}
_LATEST_S = 253_402_300_799  # 9999-12-31, beyond which no date can be made


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that is not what the make promises."""

    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a message said."""

    row: Columns
    device_ms: int | None  # None: it did not say when


@dataclass(frozen=True, slots=True)
class _Field:
    column: int
    converter: Converter
    field: PayloadField
    form: struct.Struct | None
    path: tuple[str, ...]


class PayloadDecoder:
    """Decodes the messages of one make for one variant of asset."""

    def __init__(self, payload: Payload, points: Mapping[str, Point], zone: ZoneInfo) -> None:
        """`points` are those that the asset has; fields of others are ignored. `zone` is for times without offset."""
        self._payload = payload
        self._zone = zone
        fields = [field for field in payload.fields if field.point in points]
        self.points = tuple(dict.fromkeys(field.point for field in fields))
        self._fields = [
            _Field(self.points.index(field.point), _converter(field, points[field.point]), field, *_place(field))
            for field in fields
        ]
        self._channels = {(each.field.channel, each.field.kind): each for each in self._fields}
        # A channel of a point that this asset has not must still be stepped over.
        self._skips = {(f.channel, f.kind): _size(f) for f in payload.fields if f.point not in points}
        self._skips |= {(skip.channel, skip.kind): skip.length for skip in payload.skip}
        self._drops = [tuple(path.split(".")) for path in payload.drop]
        self._envelope = tuple(payload.envelope.split(".")) if payload.envelope else None
        time = payload.time
        self._time_path = tuple(time.path.split(".")) if time is not None and time.path else None

    def decode(self, body: bytes) -> Told | Malformed:
        """What `body` says, or why it says nothing."""
        try:
            document, content = self._open(body)
            raws = self._raws(document, content)
        except MissingError as error:
            return Malformed(f"no {error}")
        except (ValueError, binascii.Error):
            return Malformed("not in the make's encoding")
        values: list[float | None] = [None] * len(self.points)
        reasons = [ABSENT] * len(self.points)
        for each, raw in raws:
            values[each.column], reasons[each.column] = each.converter.settle(raw) if _fit(raw) else (None, DECODE)
        if not raws:
            return Malformed("none of the make's fields")
        return Told(Columns(values, reasons), self._device_ms(document, content))

    def _open(self, body: bytes) -> tuple[Any, bytes]:
        payload = self._payload
        if payload.codec != "json" and self._envelope is None:
            return None, _opened(body, payload.encoding)
        document = parse(body)
        for path in self._drops:
            document = drop(document, path)
        if self._envelope is None:
            return document, b""
        inner = find(document, self._envelope)
        if not isinstance(inner, str):
            raise MissingError("envelope")
        content = _opened(inner.encode(), payload.encoding)
        if payload.codec == "json":
            document = parse(content)
            for path in self._drops:
                document = drop(document, path)
        return document, content

    def _raws(self, document: Any, content: bytes) -> list[tuple[_Field, Any]]:
        match self._payload.codec:
            case "json":
                return self._by_path(document)
            case "tlv":
                return self._by_channel(content)
            case "struct":
                return self._by_offset(content)

    def _by_path(self, document: Any) -> list[tuple[_Field, Any]]:
        found = []
        for each in self._fields:
            try:
                raw = find(document, each.path)
            except MissingError:
                continue
            if raw is not None:
                found.append((each, raw))
        return found

    def _by_channel(self, content: bytes) -> list[tuple[_Field, Any]]:
        """Entries up to the first channel that no table knows: nobody can say where the next one begins."""
        found = []
        at = 0
        while at + 2 <= len(content):
            key = (content[at], content[at + 1])
            at += 2
            each = self._channels.get(key)
            size = self._skips.get(key) if each is None else _size(each.field)
            if size is None:
                break
            if at + size > len(content):
                raise ValueError("cut short")
            if each is not None and each.form is not None:
                found.append((each, each.form.unpack_from(content, at)[0]))
            at += size
        return found

    def _by_offset(self, content: bytes) -> list[tuple[_Field, Any]]:
        found = []
        for each in self._fields:
            at = each.field.at
            if each.form is not None and at is not None and at + each.form.size <= len(content):
                found.append((each, each.form.unpack_from(content, at)[0]))
        return found

    def _device_ms(self, document: Any, content: bytes) -> int | None:
        time = self._payload.time
        if time is None:
            return None
        if time.at is not None:
            if time.at + 4 > len(content):
                return None
            return int.from_bytes(content[time.at : time.at + 4], self._payload.fields[0].byte_order) * 1000
        if self._time_path is None:
            return None
        try:
            return _moment(find(document, self._time_path), time.format, self._zone)
        except (MissingError, ValueError, OverflowError):
            return 0  # a time that is none is not to be believed: 1970


def _converter(field: PayloadField, point: Point) -> Converter:
    return Converter(field, point, _BITS.get(field.type))


def _place(field: PayloadField) -> tuple[struct.Struct | None, tuple[str, ...]]:
    order = "<" if field.byte_order == "little" else ">"
    form = struct.Struct(order + _FORMS[field.type]) if field.type in _FORMS else None
    return form, tuple(field.path.split(".")) if field.path else ()


def _size(field: PayloadField) -> int:
    return struct.calcsize("<" + _FORMS.get(field.type, "")) + field.tail


def _opened(content: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            return base64.b64decode(content, validate=True)
        case "hex":
            return bytes.fromhex(content.decode("ascii"))
        case _:
            return content


def _fit(raw: Any) -> bool:
    return isinstance(raw, Raw)


def _moment(raw: Any, form: str, zone: ZoneInfo) -> int:
    if form == "iso":
        if not isinstance(raw, str):
            raise MissingError("time")
        moment = datetime.fromisoformat(raw)
        return to_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise MissingError("time")
    number = float(raw)
    seconds = number if form == "s" else number / 1000
    if not 0 <= seconds <= _LATEST_S:
        raise ValueError("time")
    return round(seconds * 1000)


def utc_offset_ms(zone: ZoneInfo, moment_ms: int) -> int:
    """The site's distance from UTC at a moment, which is how far off a device is that sends local time as UTC."""
    offset = datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)
