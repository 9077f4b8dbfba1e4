"""The edge's decoders against vectors that other projects published. They are read where they lie, never copied."""

from __future__ import annotations

import base64
import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest

from edge.decode import BlockDecoder, Columns, Memory
from edge.payload import PayloadDecoder, Told
from edge.plan import read_blocks
from runtime.files import load_packs
from tests.unit.packs.dumps import SITE_ZONE, points_of
from vocab.make import Make, Modbus, Number, Register
from vocab.point import Point
from vocab.strict_toml import Text

SHARED = Path(__file__).parents[4] / "shared" / "data"
TYPES: dict[str, Number] = {
    "BIT": "bit", "UINT8L": "u8_low", "UINT8H": "u8_high", "INT8L": "i8_low", "INT8H": "i8_high",
    "UINT16": "u16", "INT16": "i16", "UINT32": "u32", "INT32": "i32", "UINT64": "u64", "INT64": "i64",
    "FLOAT32-IEEE": "f32", "FLOAT64-IEEE": "f64",
}  # fmt: skip
# "FIXED" is an integer as wide as its registers.
FIXED: dict[tuple[str, int], Number] = {
    ("FIXED", 2): "i16", ("FIXED", 4): "i32", ("FIXED", 8): "i64",
    ("UFIXED", 2): "u16", ("UFIXED", 4): "u32", ("UFIXED", 8): "u64",
}  # fmt: skip
NOT_OURS = {
    "STRING": "the value of a point is a number or a state",
    "FLOAT16-IEEE": "no make of our packs sends half floats",
}


def recorded(name: str) -> list[dict[str, Any]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(
            f"NOT TESTED: the recorded vectors are not there ({path.name} of ../shared/data)", allow_module_level=True
        )
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


REGISTERS = recorded("modbus_vectors/telegraf_register.json")
UPLINKS = recorded("lorawan_vectors/ttn.json")
PACKS = load_packs()


def register_of(case: dict[str, Any], data: bytes) -> Register:
    order = case["byte_order"]  # A is the most significant byte
    swaps_bytes = order[0] > order[1]
    swaps_words = len(order) > 2 and order[0] > order[-1]
    return Register(
        point="x",
        table="holding",
        address=case["address"],
        type=TYPES.get(case["type"]) or FIXED[case["type"], len(data)],
        bit=int(case.get("bit", 0)),
        byte_order="little" if swaps_bytes else "big",
        word_order="little" if swaps_words else "big",
        scale=case.get("scale") or 1.0,
    )


def decoded(register: Register, data: bytes) -> float | None:
    make = Make(
        make="x",
        name=Text(en="x", zh="x"),
        source="recorded",
        confidence="seen",
        modbus=Modbus(register=(register,)),
    )
    point = Point(id="x", name=Text(en="x", zh="x"), period_s=1)
    (block,) = read_blocks(make, {"x": 1000})
    columns = BlockDecoder(block, {"x": point}).decode(data[: block.count * 2], Memory())
    assert isinstance(columns, Columns)
    assert columns.reasons == [0]
    return columns.values[0]


@pytest.mark.parametrize(
    "case", [case for case in REGISTERS if case["type"] not in NOT_OURS], ids=lambda case: str(case["name"])
)
def test_a_register_is_read_as_telegraf_reads_it(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["registers_hex"])
    found = decoded(register_of(case, data), data)

    assert found is not None
    if "int" in case["expected_type"]:
        # Telegraf cuts a scaled integer off at the point; a reading keeps what stands behind it.
        assert math.trunc(found) == case["expected"]
    elif case["expected_type"] == "float32":
        assert struct.pack(">f", found) == struct.pack(">f", case["expected"])
    else:
        assert found == pytest.approx(case["expected"], rel=1e-15)


def test_only_strings_and_half_floats_are_left_out() -> None:
    assert {case["type"] for case in REGISTERS} - set(TYPES) - {"FIXED", "UFIXED"} == set(NOT_OURS)


OURS = {
    "milesight/em310-udl": ("em310-udl", {"battery": "battery", "distance": "distance", "position": "tilt"}),
    "milesight/em400-mud": (
        "em400-udl",
        {"battery": "battery", "temperature": "temperature", "distance": "distance", "position": "position"},
    ),
    "milesight/gs301": (
        "gs301",
        {"battery": "battery", "temperature": "temperature", "humidity": "humidity", "nh3": "nh3", "h2s": "h2s"},
    ),
}
WORDS = {"tilt": "tilted", "normal": "upright"}
WITHOUT_MAKE = {"netvox/r718x", "dragino/ldds75"}


@pytest.mark.parametrize(
    "case", [case for case in UPLINKS if case["device"] in OURS], ids=lambda case: str(case["device"])
)
def test_an_uplink_is_read_as_its_public_codec_reads_it(case: dict[str, Any]) -> None:
    name, fields = OURS[case["device"]]
    make = PACKS["bin"].makes[name]
    assert make.mqtt is not None
    content = bytes.fromhex(case["hex"])
    inner = content.hex() if make.mqtt.encoding == "hex" else base64.b64encode(content).decode()
    points = points_of(PACKS["bin"], make)
    decoder = PayloadDecoder(make.mqtt, points, SITE_ZONE)
    told = decoder.decode(json.dumps({make.mqtt.envelope: inner}).encode())

    assert isinstance(told, Told)
    values = dict(zip(decoder.points, told.row.values, strict=True))
    for point, key in fields.items():
        wanted = case["decoded"][key]
        if isinstance(wanted, str):
            wanted = next(state.code for state in points[point].states if state.id == WORDS[wanted])
        assert values[point] == pytest.approx(wanted, rel=1e-12), point


def test_the_devices_without_a_make_of_ours_are_known() -> None:
    assert {case["device"] for case in UPLINKS} == set(OURS) | WITHOUT_MAKE
