"""Pure. Vendor messages as their makes lay them out: flat or nested JSON, TLV, fixed structures, with or without wrap.

Privacy: the JSON paths that the edge must drop are really there, filled with words, so that a test can see them go.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Mapping

from firmware_sim.numbers import BITS, Layout, layout, pattern, raw_number
from firmware_sim.signal import Signal, Spoiled
from vocab.instant import iso
from vocab.make import Payload, PayloadField, PayloadTime
from vocab.point import Point

Tell = Callable[[str], Signal]
NESTED = "@json"
SKIP_EVERY = 8  # a device tells what we do not use (serial number, versions) now and then, not in every message
_PRIVATE = "simulated"

Tree = dict[str, object]


class Message:
    """How one device of a make writes its message."""

    def __init__(self, payload: Payload, points: Mapping[str, Point], serial: str) -> None:
        self._payload = payload
        self._fields = [(field, points[field.point]) for field in payload.fields if field.point in points]
        self._ways = [layout(field, point) for field, point in self._fields]
        self._tailed = {field.point for field, _ in self._fields if field.tail > 0}
        self._sent = 0
        self.topic = payload.topic.replace("{serial}", serial)
        self.points = tuple(dict.fromkeys(field.point for field, _ in self._fields))

    def write(self, tell: Tell, device_ms: int) -> bytes:
        """The message body; `device_ms` is what the device's own clock shows."""
        self._sent += 1
        match self._payload.codec:
            case "json":
                return _text(self._json(tell, device_ms))
            case "tlv":
                return self._wrapped(self._tlv(tell), device_ms)
            case "struct":
                return self._wrapped(self._struct(tell, device_ms), device_ms)

    def _json(self, tell: Tell, device_ms: int) -> Tree:
        tree = self._head(device_ms)
        for (field, point), way in zip(self._fields, self._ways, strict=True):
            if field.path is None:
                continue
            signal = tell(field.point)
            if signal.value is None and signal.spoiled is not Spoiled.SENTINEL:
                continue  # nothing to tell in this message
            _put(tree, field.path, _plain(field, point, way, signal))
        return tree

    def _head(self, device_ms: int) -> Tree:
        """What is in the message besides the points: the device's time and what must never leave the edge."""
        tree: Tree = {}
        for path in self._payload.drop:
            _put(tree, path, _PRIVATE)
        if self._payload.time is not None and self._payload.time.path is not None:
            _put(tree, self._payload.time.path, _moment(self._payload.time, device_ms))
        return tree

    def _tlv(self, tell: Tell) -> bytes:
        body = bytearray()
        is_full = self._sent % SKIP_EVERY == 1
        for (field, _), way in zip(self._fields, self._ways, strict=True):
            signal = tell(field.point)
            if signal.value is None and signal.spoiled is not Spoiled.SENTINEL:
                continue
            # A quantity that has a second form with bytes behind it is told in that form now and then.
            if (field.tail > 0) != (is_full and field.point in self._tailed):
                continue
            body += bytes((field.channel or 0, field.kind or 0)) + _binary(field, way, signal) + bytes(field.tail)
        if is_full:
            for skip in self._payload.skip:
                body += bytes((skip.channel, skip.kind)) + bytes(skip.length)
        return bytes(body)

    def _struct(self, tell: Tell, device_ms: int) -> bytes:
        time = self._payload.time
        ends = [(field.at or 0) + BITS[field.type] // 8 for field, _ in self._fields]
        if time is not None and time.at is not None:
            ends.append(time.at + 4)
        body = bytearray(max(ends))
        if time is not None and time.at is not None:
            struct.pack_into("<I", body, time.at, max(0, device_ms // 1000) & 0xFFFFFFFF)
        for (field, _), way in zip(self._fields, self._ways, strict=True):
            data = _binary(field, way, tell(field.point))
            at = field.at or 0
            for place, byte in enumerate(data, at):
                body[place] |= byte  # several fields may share a byte
        return bytes(body)

    def _wrapped(self, body: bytes, device_ms: int) -> bytes:
        match self._payload.encoding:
            case "base64":
                text = base64.b64encode(body).decode()
            case "hex":
                text = body.hex()
            case "raw":
                text = body.decode("latin-1")
        if self._payload.envelope is None:
            return body if self._payload.encoding == "raw" else text.encode()
        tree = self._head(device_ms)
        _put(tree, self._payload.envelope, text)
        return _text(tree)


def _plain(field: PayloadField, point: Point, way: Layout, signal: Signal) -> object:
    """A JSON value: numbers rounded to what a person is shown, codes as the vendor writes them."""
    if signal.value is None or signal.spoiled is Spoiled.SENTINEL:
        return field.sentinels[0].raw if field.sentinels else None
    if isinstance(signal.value, str):
        return way.codes[signal.value]
    raw = raw_number(way, signal.value)
    if field.scale != 1.0 or point.decimals == 0:
        return round(raw)
    return round(raw, point.decimals)


def _binary(field: PayloadField, way: Layout, signal: Signal) -> bytes:
    size = way.bits // 8
    little = (field.byte_order == "little") != (signal.spoiled is Spoiled.SWAPPED)
    return pattern(way, signal).to_bytes(size, "little" if little else "big")


def _moment(time: PayloadTime, device_ms: int) -> object:
    match time.format:
        case "s":
            return device_ms // 1000
        case "ms":
            return device_ms
        case "iso":
            return iso(device_ms)


def _put(tree: Tree, path: str, value: object) -> None:
    """Place `value`; below a part `@json` the tree is written as a string of JSON in the end (`_text`)."""
    *parents, last = path.split(".")
    for name in parents:
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            raise TypeError(f"{path!r}: {name!r} is a value already")  # a pack's own contradiction
        tree = below
    tree[last] = value


def _text(tree: Tree) -> bytes:
    return json.dumps(_folded(tree), ensure_ascii=False, separators=(",", ":")).encode()


def _folded(node: object) -> object:
    if not isinstance(node, dict):
        return node
    if NESTED in node:
        return json.dumps(_folded(node[NESTED]), ensure_ascii=False, separators=(",", ":"))
    return {name: _folded(below) for name, below in node.items()}
