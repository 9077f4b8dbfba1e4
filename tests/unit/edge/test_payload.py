"""Vendors' messages: what they say, when, and what must never leave the edge."""

from __future__ import annotations

import base64
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decode import ABSENT
from edge.device_time import Trust, dated
from edge.document import drop, find
from edge.payload import Malformed, PayloadDecoder, Told, utc_offset_ms
from tests.edge_places import packs
from vocab.quality import Reason

POINTS = packs({})["meter"].points
SHANGHAI = ZoneInfo("Asia/Shanghai")

JSON = """
[mqtt]
topic = "v/{serial}"
codec = "json"
interval_s = 60
time = { path = "at", format = "iso" }
drop = ["face", "person.name", "inner.@json.plate"]
[[mqtt.field]]
point = "temperature"
path = "inner.@json.t"
[[mqtt.field]]
point = "pressure"
path = "values.0"
unit = "kPa"
[[mqtt.field]]
point = "mode"
path = "mode"
states = [{ raw = "ON", state = "on" }, { raw = false, state = "off" }]
[[mqtt.field]]
point = "energy"
path = "person.name"
"""
TLV = """
[mqtt]
topic = "v/{serial}"
codec = "tlv"
envelope = "data"
interval_s = 60
[[mqtt.field]]
point = "temperature"
channel = 3
kind = 0x67
type = "i16"
scale = 0.1
[[mqtt.field]]
point = "distance"
channel = 0x84
kind = 0x82
type = "u16"
tail = 1
sentinels = [{ raw = 0xFFFF }]
[[mqtt.skip]]
channel = 6
kind = 1
length = 2
"""
STRUCT = """
[mqtt]
topic = "v/{serial}"
codec = "struct"
encoding = "raw"
interval_s = 60
time = { at = 0, format = "s" }
[[mqtt.field]]
point = "temperature"
at = 4
type = "i8"
[[mqtt.field]]
point = "pressure"
at = 5
type = "u16"
byte_order = "big"
scale = 0.001
"""


def decoder(text: str) -> PayloadDecoder:
    payload = packs({"one": text})["meter"].makes["one"].mqtt
    assert payload is not None
    return PayloadDecoder(payload, POINTS, SHANGHAI)


def told(text: str, body: bytes) -> dict[str, tuple[float | None, Reason]]:
    decoding = decoder(text)
    found = decoding.decode(body)
    assert isinstance(found, Told), found
    row = zip(decoding.points, found.row.values, found.row.reasons, strict=True)
    return {point: (value, Reason(reason)) for point, value, reason in row if reason != ABSENT}


def tlv(content: bytes) -> bytes:
    return json.dumps({"data": base64.b64encode(content).decode()}).encode()


def test_json_is_read_by_path_even_inside_a_string() -> None:
    body = {"inner": json.dumps({"t": 36.6, "plate": "x"}), "values": [250], "mode": "ON"}
    assert told(JSON, json.dumps(body).encode()) == {
        "temperature": (36.6, Reason.NONE), "pressure": (0.25, Reason.NONE), "mode": (1.0, Reason.NONE),
    }  # fmt: skip


def test_a_field_that_is_not_there_says_nothing() -> None:
    assert told(JSON, b'{"mode": false, "values": []}') == {"mode": (0.0, Reason.NONE)}


def test_numbers_sent_as_text_are_numbers_and_other_text_is_none() -> None:
    assert told(JSON, b'{"values": ["250"]}') == {"pressure": (0.25, Reason.NONE)}
    assert told(JSON, b'{"values": ["high"]}') == {"pressure": (None, Reason.DECODE)}
    assert told(JSON, b'{"values": [{}]}') == {"pressure": (None, Reason.DECODE)}


def test_what_is_dropped_cannot_be_read() -> None:
    assert "energy" not in told(JSON, b'{"mode": "ON", "person": {"name": 5}}')


def test_dropping_reaches_into_strings_that_hold_json() -> None:
    document = {"inner": '{"t":1,"plate":"A 12345"}', "list": [{"face": 1}], "keep": 2}
    found = drop(drop(document, ("inner", "@json", "plate")), ("list", "0", "face"))
    assert found == {"inner": '{"t":1}', "list": [{}], "keep": 2}
    assert drop(document, ("no", "such", "path")) == document
    assert find(document, ("inner", "@json", "t")) == 1


def test_tlv_channels_are_stepped_through() -> None:
    content = bytes.fromhex("0367 0101 0601 FFFF 8482 4408 01")
    assert told(TLV, tlv(content)) == {"temperature": (25.7, Reason.NONE), "distance": (2116.0, Reason.NONE)}


def test_tlv_keeps_what_came_before_an_unknown_channel() -> None:
    assert told(TLV, tlv(bytes.fromhex("0367 0101 99 99 01"))) == {"temperature": (25.7, Reason.NONE)}


def test_a_sentinel_is_no_distance() -> None:
    assert told(TLV, tlv(bytes.fromhex("8482 FFFF 00"))) == {"distance": (None, Reason.SENSOR_FAULT)}


def test_struct_fields_beyond_the_end_are_not_told() -> None:
    assert told(STRUCT, bytes.fromhex("00000000 EC 0190")) == {
        "temperature": (-20.0, Reason.NONE), "pressure": (0.4, Reason.NONE),
    }  # fmt: skip
    assert told(STRUCT, bytes.fromhex("00000000 EC 01")) == {"temperature": (-20.0, Reason.NONE)}


def test_the_devices_time_is_read_in_each_format() -> None:
    late = decoder(STRUCT).decode((1_700_000_000).to_bytes(4, "little") + b"\x01")
    assert isinstance(late, Told)
    assert late.device_ms == 1_700_000_000_000
    for text, expected in (
        ("2026-03-26T09:30:00+08:00", 1774488600000),
        ("2026-03-26T01:30:00Z", 1774488600000),
        ("2026-03-26T09:30:00", 1774488600000),  # without an offset: the site's
        ("yesterday", 0),
    ):
        found = decoder(JSON).decode(json.dumps({"mode": "ON", "at": text}).encode())
        assert isinstance(found, Told)
        assert found.device_ms == expected


def test_a_message_without_time_has_none() -> None:
    found = decoder(TLV).decode(tlv(bytes.fromhex("03670101")))
    assert isinstance(found, Told)
    assert found.device_ms is None


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (JSON, b""), (JSON, b"{"), (JSON, b"[]"), (JSON, b"{}"), (JSON, b"\xff\xfe"), (JSON, b'{"other": 1}'),
        (JSON, b'{"inner": "{broken"}'), (TLV, b"{}"), (TLV, b'{"data": 5}'), (TLV, b'{"data": "***"}'),
        (TLV, b'{"data": ""}'), (TLV, tlv(b"\x03\x67\x01")), (TLV, tlv(b"\x99\x99")), (STRUCT, b""), (STRUCT, b"abc"),
        (JSON, b"[" * 100_000),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_malformed_and_not_quoted(text: str, body: bytes) -> None:
    found = decoder(text).decode(body)
    assert isinstance(found, Malformed)
    assert len(found.why) < 60


DECODERS = [decoder(text) for text in (JSON, TLV, TLV.replace("[mqtt]", '[mqtt]\nencoding = "hex"'), STRUCT)]
KEYS = st.sampled_from(["inner", "values", "mode", "at", "data", "t"])
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(DECODERS), st.binary(max_size=40) | JSONS.map(lambda each: json.dumps(each).encode()))
def test_no_message_makes_the_decoder_raise(decoding: PayloadDecoder, body: bytes) -> None:
    found = decoding.decode(body)
    assert isinstance(found, Malformed | Told)


@given(st.binary(max_size=40))
def test_no_tlv_makes_the_decoder_raise(content: bytes) -> None:
    assert isinstance(DECODERS[1].decode(tlv(content)), Malformed | Told)


NOW = 1_774_488_600_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("age_ms", "measured_ms", "reason"),
    [
        (0, NOW, Reason.NONE),
        (5_000, NOW - 5_000, Reason.NONE),
        (-30_000, NOW, Reason.NONE),  # a little fast
        (-300_000, NOW, Reason.CLOCK),
        (-8 * HOUR, NOW, Reason.CLOCK),
        (8 * HOUR, NOW, Reason.CLOCK),
        (8 * HOUR - 60_000, NOW, Reason.CLOCK),
        (6 * HOUR, NOW - 6 * HOUR, Reason.NONE),  # held back
        (NOW, NOW, Reason.CLOCK),  # 1970
        (40 * 24 * HOUR, NOW, Reason.CLOCK),
    ],
)
def test_a_clock_that_cannot_be_right_is_not_believed(age_ms: int, measured_ms: int, reason: Reason) -> None:
    assert dated(NOW - age_ms, NOW, utc_offset_ms(SHANGHAI, NOW), Trust()) == (measured_ms, reason)
