"""Pure. A Modbus server's half of the protocol: a request's bytes in, what happens on the line out.

Only the four reading functions exist. Anlan never writes to equipment, so its simulator refuses writing like the
read-only gateways it stands for (Modbus application protocol v1.1b3).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from firmware_sim.links import ReadFault, Trouble

TABLES = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
ILLEGAL_FUNCTION = 1
ILLEGAL_VALUE = 3
GATEWAY_TARGET_FAILED = 0x0B
_READ = struct.Struct(">BHH")
BIT_FUNCTIONS = frozenset({1, 2})
_MOST = {1: 2000, 2: 2000, 3: 125, 4: 125}

Ask = Callable[[str, int, int], list[int] | ReadFault]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a device does on the line: `pdu` after `late_s` real seconds, spoiled or not; None is silence."""

    pdu: bytes | None
    late_s: float = 0.0
    spoiled: Trouble | None = None  # GARBAGE, SHORT or CLOSE


SILENCE = Reply(None)


def reply(pdu: bytes, ask: Ask) -> Reply:
    """What a device answers to a request."""
    function = pdu[0]
    table = TABLES.get(function)
    if table is None:
        return Reply(refusal(function, ILLEGAL_FUNCTION))
    if len(pdu) != _READ.size:
        return Reply(refusal(function, ILLEGAL_VALUE))
    _, address, count = _READ.unpack(pdu)
    if not 1 <= count <= _MOST[function]:
        return Reply(refusal(function, ILLEGAL_VALUE))
    found = ask(table, address, count)
    if isinstance(found, ReadFault):
        return _troubled(function, found)
    return Reply(answer(function, found))


def _troubled(function: int, fault: ReadFault) -> Reply:
    match fault.trouble:
        case Trouble.TIMEOUT:
            return SILENCE
        case Trouble.EXCEPTION:
            return Reply(refusal(function, fault.code))
        case Trouble.LATE:
            return Reply(answer(function, list(fault.registers)), late_s=fault.late_s)
        case Trouble.GARBAGE | Trouble.SHORT | Trouble.CLOSE:
            return Reply(answer(function, [0]), spoiled=fault.trouble)


def answer(function: int, found: list[int]) -> bytes:
    """The response to a reading function."""
    if function in BIT_FUNCTIONS:
        body = bytearray((len(found) + 7) // 8)
        for place, bit in enumerate(found):
            body[place // 8] |= (bit & 1) << place % 8
    else:
        body = bytearray(struct.pack(f">{len(found)}H", *found))
    return bytes((function, len(body))) + bytes(body)


def refusal(function: int, code: int) -> bytes:
    """An exception response."""
    return bytes((function | 0x80, code))
