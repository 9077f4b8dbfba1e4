"""The server's half of Modbus, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.links import ReadFault, Trouble
from firmware_sim.modbus import SILENCE, reply
from firmware_sim.rtu import is_intact, request_size

NOISE_SENSOR = bytes.fromhex("010300000001840a")  # domain §2.7f, CRC included
PRESSURE = bytes.fromhex("010300040001c5cb")  # domain §2.2


def ask(table: str, address: int, count: int) -> list[int] | ReadFault:
    if table in {"coil", "discrete"}:
        return [(address + place) % 2 for place in range(count)]
    return [address + place for place in range(count)]


@pytest.mark.parametrize(
    ("request_hex", "answer_hex"),
    [
        ("0300040001", "03020004"),
        ("04000a0003", "0406000a000b000c"),
        ("010000000a", "0102aa02"),
        ("0200010003", "020105"),
        ("0300000000", "8303"),  # nothing asked
        ("030000007e", "8303"),  # 126 registers
        ("01000007d1", "8103"),  # 2001 coils
        ("03000400", "8303"),  # cut short
        ("0600010003", "8601"),  # writing
        ("2b0e0100", "ab01"),
    ],
)
def test_a_request_has_one_right_answer(request_hex: str, answer_hex: str) -> None:
    found = reply(bytes.fromhex(request_hex), ask)
    assert found.pdu is not None
    assert found.pdu.hex() == answer_hex
    assert found.spoiled is None


def test_trouble_becomes_what_happens_on_the_line() -> None:
    def troubled(fault: ReadFault) -> object:
        return reply(bytes.fromhex("0300040001"), lambda *_: fault)

    assert troubled(ReadFault(Trouble.TIMEOUT)) == SILENCE
    refused = reply(bytes.fromhex("0300040001"), lambda *_: ReadFault(Trouble.EXCEPTION, code=2))
    assert refused.pdu == bytes.fromhex("8302")
    late = reply(bytes.fromhex("0300040001"), lambda *_: ReadFault(Trouble.LATE, late_s=0.2, registers=(7,)))
    assert late.pdu == bytes.fromhex("03020007")
    assert late.late_s == 0.2
    closed = reply(bytes.fromhex("0300040001"), lambda *_: ReadFault(Trouble.CLOSE))
    assert closed.spoiled is Trouble.CLOSE


@pytest.mark.parametrize("frame", [NOISE_SENSOR, PRESSURE])
def test_published_frames_are_intact_and_of_the_right_size(frame: bytes) -> None:
    assert is_intact(frame)
    assert request_size(frame) == len(frame)
    assert not is_intact(frame[:-1] + bytes((frame[-1] ^ 1,)))


def test_the_size_of_a_request_is_known_only_when_it_can_be() -> None:
    assert request_size(b"") is None
    assert request_size(b"\x01") is None
    assert request_size(b"\x01\x03") == 8
    assert request_size(bytes.fromhex("011000000002")) is None
    assert request_size(bytes.fromhex("01100000000204")) == 13
    assert request_size(bytes.fromhex("0144")) is None


@given(st.binary(max_size=64))
def test_any_bytes_get_an_answer_or_silence_but_never_a_crash(data: bytes) -> None:
    if data:
        found = reply(data, ask)
        assert found.pdu is None or 2 <= len(found.pdu) <= 253
    request_size(data)
