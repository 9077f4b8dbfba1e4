"""Whose answer is this? Questions and answers on one connection and on one serial line, without a socket."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU

from edge.pdu import Answer, answer_of
from edge.pipeline import GarbageError, Pipeline
from edge.request import FailureKind, ReadFailure, Request
from edge.turn import Turn
from edge.window import Window

TIMEOUT_S = 1.0


def request(unit: int, count: int = 2, table: str = "holding") -> Request:
    return Request("b", f"d{unit}", unit, table, 0, count, number=unit)  # type: ignore[arg-type]


def pipeline() -> Pipeline:
    return Pipeline({unit: b"\x00\x00\x00\x06" + bytes((unit, 3, 0, 0, 0, 2)) for unit in range(250)}, TIMEOUT_S)


def reply(asked: bytes, data: bytes = b"\x00\x01\x00\x02", unit: int | None = None) -> bytes:
    pdu = b"\x03" + bytes((len(data),)) + data
    return asked[:2] + struct.pack(">HHB", 0, len(pdu) + 1, asked[6] if unit is None else unit) + pdu


def kinds(answers: list[tuple[Request, Answer]]) -> list[tuple[int, str]]:
    return [(r.unit, a.kind.value if isinstance(a, ReadFailure) else "ok") for r, a in answers]


def test_answers_may_come_in_any_order() -> None:
    pipe = pipeline()
    asked = [pipe.ask(request(unit), 0.0) for unit in (1, 2, 3)]
    found = pipe.heard(reply(asked[2]) + reply(asked[0]), 0.1)
    assert kinds(found) == [(3, "ok"), (1, "ok")]
    assert len(pipe) == 1


def test_an_answer_may_come_in_pieces() -> None:
    pipe = pipeline()
    whole = reply(pipe.ask(request(1), 0.0))
    found = [answer for byte in whole for answer in pipe.heard(bytes((byte,)), 0.1)]
    assert kinds(found) == [(1, "ok")]


def test_a_late_answer_is_nobodys() -> None:
    pipe = pipeline()
    late = pipe.ask(request(1), 0.0)
    assert kinds(pipe.expired(1.0)) == [(1, "timeout")]
    asked = pipe.ask(request(1), 2.0)
    found = pipe.heard(reply(late, b"\xde\xad\xbe\xef") + reply(asked), 2.1)
    assert [answer for _, answer in found] == [b"\x00\x01\x00\x02"]
    assert pipe.late == 1


def test_the_number_of_a_question_given_up_is_not_used_again() -> None:
    pipe = pipeline()
    silent = pipe.ask(request(1), 0.0)
    pipe.expired(1.0)
    for _ in range(0xFFFF + 10):
        asked = pipe.ask(request(2), 1.0)
        assert asked[:2] != silent[:2]
        pipe.heard(reply(asked), 1.0)


def test_an_answer_from_another_unit_is_garbled() -> None:
    pipe = pipeline()
    assert kinds(pipe.heard(reply(pipe.ask(request(1), 0.0), unit=2), 0.1)) == [(1, "garbled")]


@pytest.mark.parametrize("data", [b"\x00\x01", b"\x00\x01\x00\x02\x00\x03", b""])
def test_an_answer_of_another_length_is_garbled(data: bytes) -> None:
    pipe = pipeline()
    assert kinds(pipe.heard(reply(pipe.ask(request(1), 0.0), data), 0.1)) == [(1, "garbled")]


def test_what_is_not_modbus_closes_the_connection() -> None:
    pipe = pipeline()
    pipe.ask(request(1), 0.0)
    with pytest.raises(GarbageError):
        pipe.heard(b"HTTP/1.1 400 Bad Request\r\n", 0.1)
    assert kinds(pipe.abandoned(FailureKind.GARBLED)) == [(1, "garbled")]


def test_a_gateway_busy_with_a_silent_slave_makes_no_other_slave_late() -> None:
    """Unit 1 is dead; the gateway waits a second for it and only then asks units 2 and 3."""
    pipe = pipeline()
    asked = [pipe.ask(request(unit), 0.0) for unit in (1, 2, 3)]
    assert pipe.deadline_s() == 1.0
    assert kinds(pipe.expired(1.0)) == [(1, "timeout")]
    assert pipe.expired(1.9) == []
    assert kinds(pipe.heard(reply(asked[1]) + reply(asked[2]), 1.95)) == [(2, "ok"), (3, "ok")]


def test_a_question_that_others_overtook_is_given_up_in_its_own_time() -> None:
    pipe = pipeline()
    pipe.ask(request(1), 0.0)
    for moment in (0.3, 0.6, 0.9):
        pipe.heard(reply(pipe.ask(request(2), moment)), moment + 0.05)
    assert kinds(pipe.expired(1.0)) == [(1, "timeout")]


def test_when_the_connection_breaks_only_the_oldest_question_bears_the_blame() -> None:
    pipe = pipeline()
    for unit in (1, 2, 3):
        pipe.ask(request(unit), 0.0)
    assert kinds(pipe.abandoned(FailureKind.CLOSED)) == [(1, "closed"), (2, "unreachable"), (3, "unreachable")]
    assert pipe.deadline_s() is None


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_make_a_connection_raise_anything_but_garbage(chunks: list[bytes]) -> None:
    pipe = pipeline()
    asked = pipe.ask(request(1), 0.0)
    try:
        for chunk in (asked[:2] + b"\x00\x00", *chunks):
            pipe.heard(chunk, 0.1)
    except GarbageError:
        pass


@pytest.mark.parametrize("code", range(1, 12))
def test_an_exception_is_a_value(code: int) -> None:
    answer = answer_of(request(1), bytes((0x83, code)))
    assert answer == ReadFailure(FailureKind.EXCEPTION, code)


def test_bits_come_lowest_first() -> None:
    assert answer_of(request(1, 10, "coil"), bytes((1, 2, 0b0000_0101, 0b0000_0010))) == [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert isinstance(answer_of(request(1, 10, "coil"), bytes((1, 1, 0))), ReadFailure)


# --- serial ----------------------------------------------------------------------------------------------------------


def crc(data: bytes) -> bytes:
    return data + FramerRTU.compute_CRC(data).to_bytes(2, "big")


# Modbus over Serial Line, an often quoted example: unit 1, function 3, two registers 0x0006 and 0x0005.
KNOWN = bytes.fromhex("01 03 04 00 06 00 05 DA 31")


def asking(unit: int = 1) -> Turn:
    turn = Turn(FramerRTU.compute_CRC, TIMEOUT_S)
    turn.ask(request(unit), 0.0, 0.01)
    return turn


def test_a_serial_answer_is_checked_by_its_sum() -> None:
    found = asking().heard(KNOWN, 0.1)
    assert found is not None
    assert found[1] == b"\x00\x06\x00\x05"


def test_a_serial_answer_may_come_in_pieces_and_behind_noise() -> None:
    turn = asking()
    assert turn.heard(b"\x00\xff" + KNOWN[:4], 0.1) is None
    found = turn.heard(KNOWN[4:], 0.12)
    assert found is not None
    assert found[1] == b"\x00\x06\x00\x05"


def test_a_spoilt_sum_is_garbled_soon_after_the_last_byte() -> None:
    turn = asking()
    assert turn.heard(KNOWN[:-1] + b"\x00", 0.1) is None
    deadline = turn.deadline_s()
    assert deadline is not None
    assert deadline < 0.3
    found = turn.expired(deadline)
    assert found is not None
    assert kinds([found]) == [(1, "garbled")]


def test_silence_is_a_time_out() -> None:
    turn = asking()
    assert turn.expired(0.9) is None
    found = turn.expired(1.02)
    assert found is not None
    assert kinds([found]) == [(1, "timeout")]


def test_a_late_answer_of_another_unit_is_dropped_and_does_not_excuse_silence() -> None:
    turn = asking(unit=2)
    assert turn.heard(KNOWN, 0.1) is None
    deadline = turn.deadline_s()
    assert deadline is not None
    found = turn.expired(deadline)
    assert found is not None
    assert kinds([found]) == [(2, "timeout")]


def test_a_late_answer_of_another_unit_before_the_right_one_does_no_harm() -> None:
    turn = asking(unit=2)
    right = crc(b"\x02\x03\x04\x00\x09\x00\x0a")
    found = turn.heard(KNOWN + right, 0.1)
    assert found is not None
    assert found[1] == b"\x00\x09\x00\x0a"


def test_what_comes_when_nobody_was_asked_is_ignored() -> None:
    turn = Turn(FramerRTU.compute_CRC, TIMEOUT_S)
    assert turn.heard(KNOWN, 0.1) is None
    turn.ask(request(1), 1.0, 0.01)
    found = turn.heard(crc(b"\x01\x83\x02"), 1.1)
    assert found is not None
    assert found[1] == ReadFailure(FailureKind.EXCEPTION, 2)


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_noise_makes_a_serial_line_raise(chunks: list[bytes]) -> None:
    turn = asking()
    for chunk in chunks:
        turn.heard(chunk, 0.1)
    turn.expired(10.0)


# --- how many at once ------------------------------------------------------------------------------------------------


def test_a_window_grows_with_success_up_to_its_limit() -> None:
    window = Window(8)
    assert window.size == 1
    window.answered(8)
    assert window.size == 2
    for _ in range(1000):
        window.answered(1)
    assert window.size == 8


def test_trouble_shrinks_a_window_and_it_takes_care_to_grow_again() -> None:
    window = Window(4)
    for _ in range(500):
        window.answered(1)
    window.trouble()
    assert window.size == 2
    for _ in range(100):
        window.answered(1)
    assert window.size == 3  # below where the trouble was
    for _ in range(2000):
        window.answered(1)
    assert window.size == 4


def test_one_question_is_always_allowed() -> None:
    window = Window(1)
    window.trouble()
    assert window.size == 1
