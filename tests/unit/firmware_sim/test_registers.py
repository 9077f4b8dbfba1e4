"""Registers as the manuals print them, computed by hand."""

from __future__ import annotations

import struct

import pytest

from firmware_sim.registers import RegisterMap
from firmware_sim.signal import Signal, Spoiled
from runtime.files import load_packs
from vocab.make import Modbus
from vocab.point import Point, StateName
from vocab.strict_toml import Text

NAME = Text(en="n", zh="名")


def point(name: str, unit: str = "1", **more: object) -> Point:
    return Point.model_validate({"id": name, "name": NAME, "unit": unit, "period_s": 1.0, **more})


def states(*names: str) -> tuple[StateName, ...]:
    return tuple(StateName(code=code, id=name, name=NAME) for code, name in enumerate(names))


def read(rows: list[dict[str, object]], points: list[Point], values: dict[str, object], where: tuple[str, int, int],
         **modbus: object) -> list[int] | int:  # fmt: skip
    """What a device with these rows answers."""
    table = Modbus.model_validate({"register": rows, **modbus})
    tables = RegisterMap(table, {each.id: each for each in points})
    signals = {name: each if isinstance(each, Signal) else Signal(each) for name, each in values.items()}  # type: ignore[arg-type]
    return tables.read(*where, signals.__getitem__)


def one(register: dict[str, object], value: object, a_point: Point | None = None, count: int = 1) -> list[int] | int:
    """The registers of a single row at address 0."""
    row = {"point": "x", "table": "holding", "address": 0, **register}
    return read([row], [a_point or point("x")], {"x": value}, ("holding", 0, count))


@pytest.mark.parametrize(
    ("register", "value", "expected"),
    [
        ({"type": "u16", "scale": 0.1}, 75.0, [750]),  # SOLA register 7: 0.1 °C
        ({"type": "i16", "scale": 0.1}, -12.3, [0x10000 - 123]),
        ({"type": "u16", "scale": 1.0}, 55.4, [55]),  # CB Falcon firing rate: whole percents
        ({"type": "u16", "scale": 0.1, "offset": -10}, 0.0, [100]),  # IGD TOC-635: 0-1200 is -10 to +110 %LEL
        ({"type": "u16", "scale": 0.1, "offset": -10}, -10.0, [0]),
        ({"type": "u16"}, -5.0, [0]),  # what a type cannot hold is clipped at its end
        ({"type": "u16"}, 70000.0, [0xFFFF]),
        ({"type": "i16"}, 40000.0, [0x7FFF]),
        ({"type": "i8_low"}, 64.0, [0x0040]),  # Triangle Tube 0x0301: LB of the register
        ({"type": "i8_low"}, -1.0, [0x00FF]),
        ({"type": "u8_high"}, 3.0, [0x0300]),  # Invertek 256: upper byte
        ({"type": "bit", "bit": 5}, 1.0, [0x0020]),
        ({"type": "bits", "bit": 4, "width": 2}, 3.0, [0x0030]),
        ({"type": "bit_index"}, 3.0, [0x0008]),  # Midas unit register: the position of the only bit
    ],
)
def test_one_register_holds_what_the_manual_says(
    register: dict[str, object], value: float, expected: list[int]
) -> None:
    assert one(register, value) == expected


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ({}, [0x4048, 0xF5C3]),  # 3.14 as IEEE 754 is 40 48 F5 C3
        ({"word_order": "little"}, [0xF5C3, 0x4048]),  # Honeywell Midas
        ({"byte_order": "little"}, [0x4840, 0xC3F5]),
        ({"byte_order": "little", "word_order": "little"}, [0xC3F5, 0x4840]),
    ],
)
def test_a_float_comes_in_any_of_the_four_orders(orders: dict[str, object], expected: list[int]) -> None:
    assert one({"type": "f32", **orders}, 3.14, count=2) == expected


def test_counters_take_two_or_four_registers() -> None:
    assert one({"type": "u32"}, 0x00012345, count=2) == [0x0001, 0x2345]
    assert one({"type": "u32", "word_order": "little"}, 0x00012345, count=2) == [0x2345, 0x0001]
    assert one({"type": "i32"}, -2.0, count=2) == [0xFFFF, 0xFFFE]
    assert one({"type": "u64"}, float(1 << 40), count=4) == [0, 1 << 8, 0, 0]
    assert one({"type": "f64"}, 1.5, count=4) == list(struct.unpack(">4H", struct.pack(">d", 1.5)))


def test_units_are_converted_to_the_make_s_own() -> None:
    steam = point("x", "MPa")
    assert one({"type": "u16", "scale": 0.1, "unit": "[psi]"}, 0.7, steam) == [1015]  # 101.5 psi
    warm = point("x", "Cel")
    assert one({"type": "u16", "scale": 0.1, "unit": "[degF]"}, 100.0, warm) == [2120]
    assert one({"type": "u16", "unit": "mbar"}, 0.2, point("x", "MPa")) == [2000]


def test_the_decimals_register_says_how_to_read_its_neighbour() -> None:
    pressure = point("x", "kPa", bounds=[-1, 12], decimals=2)
    row: dict[str, object] = {"point": "x", "table": "holding", "address": 4, "type": "i16", "decimals_at": 3}
    assert read([row], [pressure], {"x": 2.15}, ("holding", 3, 2)) == [2, 215]  # QDY30A


def test_decimals_give_way_where_the_span_would_not_fit() -> None:
    deep = point("x", "mm", bounds=[0, 9000], decimals=3)
    row: dict[str, object] = {"point": "x", "table": "holding", "address": 4, "type": "i16", "decimals_at": 3}
    assert read([row], [deep], {"x": 1234.5}, ("holding", 3, 2)) == [0, 1234]


def test_several_points_share_a_register() -> None:
    rows: list[dict[str, object]] = [
        {"point": "flame", "table": "input", "address": 0, "type": "bit", "bit": 4},
        {"point": "pump", "table": "input", "address": 0, "type": "bit", "bit": 5},
        {"point": "code", "table": "input", "address": 0, "type": "u8_high"},
    ]
    points = [point("flame"), point("pump"), point("code")]
    assert read(rows, points, {"flame": 1.0, "pump": 1.0, "code": 9.0}, ("input", 0, 1)) == [0x0930]


def test_a_state_that_is_only_a_view_of_a_number_leaves_the_number_alone() -> None:
    """SOLA 34: the lock-out code is the lock-out."""
    rows: list[dict[str, object]] = [
        {"point": "lockout", "table": "holding", "address": 34, "otherwise": "locked",
         "states": [{"raw": 0, "state": "none"}]},
        {"point": "code", "table": "holding", "address": 34},
    ]  # fmt: skip
    points = [point("lockout", states=states("none", "locked")), point("code")]
    assert read(rows, points, {"lockout": "locked", "code": 109.0}, ("holding", 34, 1)) == [109]
    assert read(rows, points, {"lockout": "none", "code": 0.0}, ("holding", 34, 1)) == [0]


def test_states_are_told_in_the_make_s_own_codes() -> None:
    burner = point("x", states=states("off", "firing", "hold", "ignition"))
    row: dict[str, object] = {
        "otherwise": "hold",
        "states": [{"raw": 48, "state": "off"}, {"raw": 51, "state": "firing"}],
    }
    assert one(row, "firing", burner) == [51]
    assert one(row, "hold", burner) == [1], "a code that the manual does not list"
    assert one(row, "ignition", burner) == [48], "what a make has no word for, it does not tell"
    assert one({}, "hold", burner) == [2], "without a table the pack's own codes"


@pytest.mark.parametrize(
    ("register", "spoiled", "expected"),
    [
        ({"type": "i16", "sentinels": [{"raw": 0x8000}]}, Spoiled.SENTINEL, [0x8000]),
        ({"type": "i8_low", "sentinels": [{"raw": 0xC0}]}, Spoiled.SENTINEL, [0x00C0]),  # printed as 0xFFC0
        ({"type": "u16"}, Spoiled.SENTINEL, [0x8000]),
        ({"type": "f32"}, Spoiled.SENTINEL, [0x7FC0, 0]),
        ({"type": "u16", "sentinels": [{"raw": 0}]}, Spoiled.BROKEN_LOOP, [0]),  # a module in microamperes
        ({"type": "i16"}, Spoiled.BROKEN_LOOP, [0x10000 - 25]),
        ({"type": "u16"}, Spoiled.BROKEN_LOOP, [0xFFFF]),
        ({"type": "i16"}, Spoiled.SWAPPED, [0xE7FF]),
        ({"type": "f32"}, Spoiled.SWAPPED, [0, 0xC1C8]),
    ],
)
def test_electronics_spoil_a_value_in_their_own_way(
    register: dict[str, object], spoiled: Spoiled, expected: list[int]
) -> None:
    assert one(register, Signal(-25.0, spoiled), count=len(expected)) == expected


ROWS: list[dict[str, object]] = [
    {"point": "x", "table": "holding", "address": 2},
    {"point": "x", "table": "holding", "address": 7},
    {"point": "x", "table": "holding", "address": 40},
    {"point": "x", "table": "discrete", "address": 3, "type": "bit"},
]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("holding", 2, 6), [5, 0, 0, 0, 0, 5]),  # a gap that a polite master may bridge
        (("holding", 1, 2), 2),
        (("holding", 7, 34), 2),  # too far to be one block
        (("holding", 8, 1), 2),
        (("input", 2, 1), 2),
        (("holding", 2, 0), 3),
        (("holding", 2, 126), 3),
        (("discrete", 3, 1), [1]),
    ],
)
def test_what_is_not_in_the_map_is_answered_with_an_exception(where: tuple[str, int, int], expected: object) -> None:
    assert read(ROWS, [point("x")], {"x": 5.0}, where) == expected


def test_a_forbidden_register_parts_two_blocks() -> None:
    rows = ROWS[:2]
    assert read(rows, [point("x")], {"x": 5.0}, ("holding", 2, 6), forbidden=[[4, 4]]) == 2
    assert read(rows, [point("x")], {"x": 5.0}, ("holding", 2, 1), forbidden=[[4, 4]]) == [5]


def test_a_device_with_a_small_buffer_refuses_a_long_read() -> None:
    assert read(ROWS, [point("x")], {"x": 5.0}, ("holding", 2, 6), max_registers=4) == 3


def test_half_a_float_is_half_a_float() -> None:
    assert one({"type": "f32"}, 3.14, count=1) == [0x4048]


def test_every_row_of_every_make_can_be_read_back_at_its_address() -> None:
    for pack in load_packs().values():
        for make in pack.makes.values():
            if make.modbus is None:
                continue
            tables = RegisterMap(make.modbus, pack.points)
            known = {name: Signal(each.states[0].id if each.states else 1.0) for name, each in pack.points.items()}
            for row in make.modbus.registers:
                found = tables.read(row.table, row.address, 1, known.__getitem__)
                assert isinstance(found, list), (make.make, row.point)
