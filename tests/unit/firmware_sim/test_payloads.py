"""Vendor messages against the vectors of their makers (domain §2) and bytes put together by hand."""

from __future__ import annotations

import base64
import json
from typing import Any

from firmware_sim.payloads import Message
from firmware_sim.physics.model import Value
from firmware_sim.signal import Signal, Spoiled
from runtime.files import load_packs

NOON_MS = 1_774_497_600_000  # 2026-03-26T04:00:00Z
PACKS = load_packs()


def message(kind: str, make: str, serial: str = "S1") -> Message:
    payload = PACKS[kind].makes[make].mqtt
    assert payload is not None
    return Message(payload, PACKS[kind].points, serial)


def write(a_message: Message, values: dict[str, Value | Signal], at_ms: int = NOON_MS) -> bytes:
    def tell(point: str) -> Signal:
        value = values.get(point)
        return value if isinstance(value, Signal) else Signal(value)

    return a_message.write(tell, at_ms)


def body(raw: bytes) -> dict[str, Any]:
    found = json.loads(raw)
    assert isinstance(found, dict)
    return found


BIN: dict[str, Value | Signal] = {"battery": 92.0, "temperature": 25.7, "distance": 2116.0, "position": "tilted"}


def second(a_message: Message, values: dict[str, Value | Signal]) -> bytes:
    """The first message of a device also tells what we do not use; the next one is plain."""
    write(a_message, values)
    return write(a_message, values)


def test_the_em400_vector_of_its_maker_comes_out() -> None:
    found = body(second(message("bin", "em400-udl"), BIN))
    assert base64.b64decode(found["data"]).hex() == "01755c03670101048244080500" + "01"
    assert found["time"] == "2026-03-26T04:00:00.000Z"


def test_a_full_em400_message_has_alarm_bytes_and_channels_that_nobody_reads() -> None:
    found = base64.b64decode(body(write(message("bin", "em400-udl"), BIN))["data"]).hex()
    assert found == "01755c" + "050001" + "8367010100" + "8482440800" + "0688" + "00" * 9


def test_the_em310_tells_distance_where_the_em400_tells_temperature() -> None:
    found = body(second(message("bin", "em310-udl"), BIN))
    assert found == {"ts": NOON_MS, "payload": "01755c" + "03824408" + "040001"}


def test_a_tlv_sentinel_is_the_make_s_own_pattern() -> None:
    lost = {**BIN, "distance": Signal(1.0, Spoiled.SENTINEL)}
    found = body(second(message("bin", "em310-udl"), lost))
    assert "0382fdff" in found["payload"]


def test_a_bare_frame_is_the_body_itself() -> None:
    values: dict[str, Value | Signal] = {
        "distance": 1240.0, "battery_mv": 3420.0, "temperature": -3.0, "position": "tilted",
    }  # fmt: skip
    found = write(message("bin", "sensoneo"), values)
    assert len(found) == 15
    assert found[8] == 62  # steps of 2 cm
    assert found[12] == 92  # 2500 + 10 v mV
    assert found[13] == 0xFD
    assert found[14] != 0


def test_the_lift_box_writes_little_endian_structs_in_base64() -> None:
    values: dict[str, Value | Signal] = {
        "condition": "trapped_off_level", "direction": "down", "levelling": "off_level", "speed": -1.7,
        "person": "present", "power": "battery", "floor": -2.0, "signal": 70.0, "battery": 88.0,
        "service_mode": "inspection", "motion": "running", "door": "closed", "car_roof_temp": 31.0,
        "safety_chain": "broken", "landing_chain": "closed", "unintended": "no",
    }  # fmt: skip
    raw = base64.b64decode(body(write(message("elevator", "roofbox-b64"), values))["D"])
    assert raw[:4] == (NOON_MS // 1000).to_bytes(4, "little")
    assert raw[5:9] == bytes((3, 2, 1, 0x100 - 17))
    assert raw[10:18] == bytes((1, 1, 0xFE, 70, 88, 1, 1, 1))
    assert raw[19] == 31
    assert raw[21:25] == bytes((1, 0, 0, 0))


def test_a_second_generation_has_other_offsets_and_steps() -> None:
    values: dict[str, Value | Signal] = {
        "condition": "ok", "direction": "none", "levelling": "level", "speed": -1.75, "floor": 4.0, "signal": 70.0,
        "motion": "stopped", "door": "open", "person": "absent", "car_roof_temp": 21.5,
    }  # fmt: skip
    raw = base64.b64decode(body(write(message("elevator", "singlebox-v2"), values))["D"])
    assert int.from_bytes(raw[10:12], "little", signed=True) == -175
    assert int.from_bytes(raw[18:20], "little", signed=True) == 2150


def test_event_codes_are_texts_where_the_vendor_writes_texts() -> None:
    found = body(write(message("elevator", "platform-b"), {"event_code": "trapped", "service_mode": "normal"}))
    assert found["eventCode"] == "0101"
    assert found["mode"] == "0400"
    unlisted = body(write(message("elevator", "platform-b"), {"event_code": "other"}))
    assert unlisted["eventCode"] not in {"0000", "0101", "0201", "0202", "0203", "0204", "0205", "0207"}


def test_a_passage_is_told_with_the_maker_s_own_slip_of_the_pen() -> None:
    passage: dict[str, Value | Signal] = {"body_temp": 36.62, "abnormal": "no", "mask": "worn"}
    found = body(write(message("thermometer", "hikvision"), passage))
    assert found["AccessControllerEvent"] == {"currTemperature": 36.6, "isAbnomalTemperature": False, "mask": "yes"}
    assert found["dateTime"] == "2026-03-26T04:00:00.000Z"


def test_between_passages_there_is_no_temperature() -> None:
    assert "AccessControllerEvent" not in body(write(message("thermometer", "hikvision"), {}))


def test_json_is_nested_in_strings_where_the_cloud_does_that() -> None:
    found = body(write(message("thermometer", "ezviz"), {"body_temp": 37.0, "abnormal": "yes"}))
    outer = json.loads(found["body"])
    assert json.loads(outer["data"]) == {"currTemperature": 98.6, "isAbnomalTemperature": True}
    assert outer["personName"] == "simulated"


def test_what_must_not_leave_the_edge_is_in_the_message() -> None:
    """Else nobody could see that the edge takes it away."""
    found = body(write(message("thermometer", "hikvision"), {}))
    assert {"pictureURL", "thermalPicUrl", "name", "employeeNoString", "cardNo"} <= found.keys()


def test_the_topic_has_the_serial_number() -> None:
    assert message("bin", "em400-udl", "24E124").topic == "lora/em400/24E124/up"


def test_a_household_alarm_tells_its_sensor_s_health_only_when_it_changes() -> None:
    values: dict[str, Value | Signal] = {
        "temperature": 21.0, "humidity": 52.0, "gas_alarm": "normal", "valve": "open", "life_left": 100.0,
        "sensor_health": None,
    }  # fmt: skip
    quiet = base64.b64decode(body(second(message("gas", "milesight-gs101"), values))["data"]).hex()
    assert quiet == "0367d200" + "046868" + "058e00" + "060101" + "0890" + (360_000).to_bytes(4, "little").hex()
    broken = {**values, "sensor_health": "failed"}
    assert base64.b64decode(body(second(message("gas", "milesight-gs101"), broken))["data"]).hex().endswith("ff3f02")
