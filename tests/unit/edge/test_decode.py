"""Registers into values: every type, every order, every way a device says that it does not know."""

from __future__ import annotations

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decode import ABSENT, BlockDecoder, Columns, Memory
from edge.plan import Block, read_blocks
from edge.request import ReadFailure
from tests.edge_places import packs
from vocab.make import Register
from vocab.quality import Reason

POINTS = packs({})["meter"].points
NOTHING = Reason.NONE


def decoders(registers: str) -> list[BlockDecoder]:
    made = packs({"one": "[modbus]\n" + registers})["meter"].makes["one"]
    return [BlockDecoder(block, POINTS) for block in read_blocks(made, dict.fromkeys(POINTS, 1000))]


def field(more: str, point: str = "temperature", address: int = 0, table: str = "holding") -> str:
    return f'[[modbus.register]]\npoint = "{point}"\ntable = "{table}"\naddress = {address}\n{more}\n'


def value_of(more: str, *words: int, point: str = "temperature") -> tuple[float | None, Reason]:
    row = decoders(field(more, point))[0].decode(list(words), Memory())
    assert isinstance(row, Columns)
    return row.values[0], Reason(row.reasons[0])


# Bytes worked out by hand from IEEE 754 and two's complement, not by our own encoder.
@pytest.mark.parametrize(
    ("more", "words", "expected"),
    [
        ("", (257,), 257.0),
        ('type = "i16"', (0xFFD6,), -42.0),
        ('type = "u32"', (0x0001, 0x0002), 65538.0),
        ('type = "u32"\nword_order = "little"', (0x0002, 0x0001), 65538.0),
        ('type = "i32"', (0xFFFF, 0xFFFE), -2.0),
        ('type = "u16"\nbyte_order = "little"', (0x0101 << 1,), 514.0),
        ('type = "u32"\nbyte_order = "little"', (0x0100, 0x0200), 65538.0),
        ('type = "u32"\nbyte_order = "little"\nword_order = "little"', (0x0200, 0x0100), 65538.0),
        ('type = "f32"', (0x41CE, 0x0000), 25.75),
        ('type = "f32"\nword_order = "little"', (0x0000, 0x41CE), 25.75),
        ('type = "f64"', (0x4039, 0xC000, 0x0000, 0x0000), 25.75),
        ('type = "f64"\nword_order = "little"', (0x0000, 0x0000, 0xC000, 0x4039), 25.75),
        ('type = "u64"', (0, 0, 0, 7), 7.0),
        ('type = "i64"', (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), -1.0),
        ('type = "u8_high"', (0x180D,), 24.0),
        ('type = "u8_low"', (0x180D,), 13.0),
        ('type = "i8_high"', (0x988D,), -104.0),
        ('type = "i8_low"', (0x988D,), -115.0),
        ('type = "u8_low"\nbyte_order = "little"', (0x180D,), 24.0),
        ('type = "bit"\nbit = 3', (0x180D,), 1.0),
        ('type = "bit"\nbit = 4', (0x180D,), 0.0),
        ('type = "bits"\nbit = 8\nwidth = 4', (0x180D,), 8.0),
        ('type = "bit_index"', (0x0010,), 4.0),
    ],
)
def test_every_type_and_order(more: str, words: tuple[int, ...], expected: float) -> None:
    assert value_of(more, *words) == (expected, NOTHING)


def test_a_scale_is_exact() -> None:
    assert value_of("scale = 0.1", 257)[0] == 25.7
    assert value_of("scale = 0.1\noffset = -10", 1) == (-9.9, NOTHING)


def test_units_are_converted_exactly() -> None:
    assert value_of('unit = "[degF]"', 212) == (100.0, NOTHING)
    assert value_of('unit = "kPa"', 100, point="pressure") == (0.1, NOTHING)
    assert value_of('unit = "bar"\nscale = 0.1', 41, point="pressure") == (0.41, NOTHING)


@given(st.integers(0, 2**64 - 1), st.sampled_from([1.0, 0.1, 0.01, 0.001]))
def test_a_64_bit_counter_is_rounded_once(raw: int, scale: float) -> None:
    register = register_of({"type": "u64", "scale": scale}, 0)
    row = BlockDecoder(Block("holding", 0, 4, 1000, (register,)), POINTS).decode(raw.to_bytes(8, "big"), Memory())
    assert isinstance(row, Columns)
    assert row.values == [float(Fraction(raw) * Fraction(str(scale)))]


@pytest.mark.parametrize(
    ("more", "words", "reason"),
    [
        ('type = "i16"\nsentinels = [{ raw = 0x8000 }]', (0x8000,), Reason.SENSOR_FAULT),
        ('sentinels = [{ raw = 0xFFFE, reason = "warmup" }, { raw = 0xFFFF }]', (0xFFFE,), Reason.WARMUP),
        ('type = "i8_low"\nsentinels = [{ raw = 0xC0 }]', (0x12C0,), Reason.SENSOR_FAULT),
        ('type = "i32"\nsentinels = [{ raw = 0x80000000 }]', (0x8000, 0), Reason.SENSOR_FAULT),
        ('type = "i16"\nsentinels = [{ raw = -1 }]', (0xFFFF,), Reason.SENSOR_FAULT),
        ('type = "f32"\nsentinels = [{ raw = 0x7FC00001, reason = "stale" }]', (0x7FC0, 0x0001), Reason.STALE),
        ('type = "u64"\nsentinels = [{ raw = 0xFFFFFFFFFFFFFFFF }]', (0xFFFF,) * 4, Reason.SENSOR_FAULT),
        ('type = "f32"', (0x7FC0, 0x0000), Reason.DECODE),  # NaN
        ('type = "f32"', (0x7F80, 0x0000), Reason.DECODE),  # infinity
        ('type = "bit_index"', (0x0000,), Reason.DECODE),
        ('type = "bit_index"', (0x0011,), Reason.DECODE),
    ],
)  # fmt: skip
def test_what_is_no_measurement_has_no_value(more: str, words: tuple[int, ...], reason: Reason) -> None:
    assert value_of(more, *words) == (None, reason)


def test_a_float_beside_its_sentinel_is_still_a_float() -> None:
    assert value_of('type = "f32"\nsentinels = [{ raw = 0x7FC00001 }]', 0x41CE, 0) == (25.75, NOTHING)


STATES = 'states = [{ raw = 3, state = "on" }, { raw = 0, state = "off" }]\n'


def test_vendors_codes_become_the_packs() -> None:
    assert value_of(STATES, 3, point="mode") == (1.0, NOTHING)
    assert value_of(STATES, 0, point="mode") == (0.0, NOTHING)
    assert value_of(STATES, 9, point="mode") == (None, Reason.DECODE)
    assert value_of(STATES + 'otherwise = "warmup"', 9, point="mode") == (2.0, NOTHING)


def test_without_a_table_the_codes_must_be_the_packs_own() -> None:
    assert value_of("", 2, point="mode") == (2.0, NOTHING)
    assert value_of("", 7, point="mode") == (None, Reason.DECODE)


def test_coils_are_single_bits() -> None:
    text = field("", "mode", 3, "coil") + field('type = "bits"\nwidth = 2', "distance", 5, "coil")
    row = decoders(text)[0].decode([1, 0, 1, 1], Memory())
    assert isinstance(row, Columns)
    assert row.values == [1.0, 3.0]


def test_decimals_come_from_their_register() -> None:
    decoder = decoders(field("decimals_at = 2", address=0))[0]
    for decimals, expected in ((0, 1234.0), (1, 123.4), (3, 1.234)):
        row = decoder.decode([1234, 0, decimals], Memory())
        assert isinstance(row, Columns)
        assert row.values == [expected]
    row = decoder.decode([1234, 0, 77], Memory())
    assert isinstance(row, Columns)
    assert row.reasons == [Reason.DECODE]


def test_decimals_from_another_block_are_remembered() -> None:
    far, near = decoders(field("decimals_at = 900"))
    memory = Memory()
    row = near.decode([1234], memory)
    assert isinstance(row, Columns)
    assert row.reasons == [ABSENT]  # not known yet: nothing to say
    far.decode([2], memory)
    row = near.decode([1234], memory)
    assert isinstance(row, Columns)
    assert row.values == [12.34]


def test_bytes_and_register_lists_are_the_same_answer() -> None:
    text = field('type = "i16"\nscale = 0.1') + field('type = "f32"', "pressure", 1)
    decoder, answer = decoders(text)[0], [0xFFD6, 0x41CE, 0]
    as_list = decoder.decode(answer, Memory())
    assert as_list == decoder.decode(struct.pack(">3H", *answer), Memory())


@pytest.mark.parametrize("answer", [[], [1], [1, 2, 3], b"\x00", b"\x00" * 3, [1, 70_000], [1, -1]])
def test_an_answer_of_the_wrong_shape_is_a_failure(answer: bytes | list[int]) -> None:
    found = decoders(field("") + field("", "pressure", 1))[0].decode(answer, Memory())
    assert isinstance(found, ReadFailure)
    assert found.reason is Reason.COMM_ERROR


KINDS: list[dict[str, object]] = [
    {}, {"type": "i16", "sentinels": [{"raw": 0x8000}]}, {"type": "f32"}, {"type": "f64", "sentinels": [{"raw": 1}]},
    {"type": "bit_index"}, {"type": "bits", "width": 5}, {"type": "u64", "byte_order": "little"}, {"decimals_at": 40},
    {"type": "i8_high", "scale": 0.5}, {"type": "f64", "scale": 1e300}, {"type": "u64", "scale": 1e300},
    {"type": "u64", "scale": 1e300, "decimals_at": 40},
]  # fmt: skip


def register_of(more: dict[str, object], address: int) -> Register:
    return Register.model_validate({"point": "temperature", "table": "holding", "address": address, **more})


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 30)), min_size=1, max_size=8), st.data())
def test_no_bytes_make_the_decoder_raise(rows: list[tuple[dict[str, object], int]], data: st.DataObject) -> None:
    registers = tuple(register_of(more, address) for more, address in rows)
    decoder = BlockDecoder(Block("holding", 0, 41, 1000, registers, frozenset({40})), POINTS)
    row = decoder.decode(data.draw(st.binary(min_size=82, max_size=82)), Memory())
    assert isinstance(row, Columns)
    assert len(row.values) == len(row.reasons) == len(decoder.points) == len(rows)
    for value, reason in zip(row.values, row.reasons, strict=True):
        assert (value is not None) == (reason == Reason.NONE)
        assert value is None or math.isfinite(value)
