"""Pure. What a Modbus PDU says to a read request. Anything that has not exactly the right shape is garbled."""

from __future__ import annotations

from edge.request import FailureKind, ReadFailure, Request
from vocab.make import Table

FUNCTION: dict[Table, int] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
EXCEPTION_BIT = 0x80

Answer = bytes | list[int] | ReadFailure


def data_bytes(request: Request) -> int:
    """How many bytes of data the right answer holds."""
    return (request.count + 7) // 8 if FUNCTION[request.table] <= 2 else request.count * 2


def answer_of(request: Request, pdu: bytes) -> Answer:
    """The bytes of registers, a list of bits, or a failure."""
    function = FUNCTION[request.table]
    expected = data_bytes(request)
    if len(pdu) == expected + 2 and pdu[0] == function and pdu[1] == expected:
        return pdu[2:] if function > 2 else _bits(pdu[2:], request.count)
    if len(pdu) == 2 and pdu[0] == function | EXCEPTION_BIT:
        return ReadFailure(FailureKind.EXCEPTION, pdu[1])
    return ReadFailure(FailureKind.GARBLED, detail=f"{len(pdu)} bytes, wanted {expected + 2} of function {function}")


def _bits(data: bytes, count: int) -> list[int]:
    number = int.from_bytes(data, "little")
    return [number >> place & 1 for place in range(count)]
