"""Pure. Links that fail: what a device does to a question instead of answering it, and to a message it should send.

Every decision belongs to a moment, so asking twice at the same moment meets the same trouble.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from firmware_sim.chance import share
from firmware_sim.physics.model import Active


class LinkFault(StrEnum):
    """Ids that the packs use for what any device or its line can suffer."""

    RTU_TIMEOUTS = "rtu_timeouts"
    DEVICE_DEAD = "device_dead"
    DEVICE_SILENT = "device_silent"
    REBOOT = "reboot"
    GARBAGE_ANSWER = "garbage_answer"
    SLOW_ANSWER = "slow_answer"
    SHORT_ANSWER = "short_answer"
    CONNECTION_CLOSE = "connection_close"
    EXCEPTION_ANSWER = "exception_answer"
    CLOCK_8H = "clock_8h"
    CLOCK_1970 = "clock_1970"
    CLOCK_DRIFT = "clock_drift"
    BACKFILL_BURST = "backfill_burst"
    RETAINED_GHOST = "retained_ghost"
    WAN_CUT = "wan_cut"


NO_POWER = frozenset({LinkFault.DEVICE_DEAD, LinkFault.DEVICE_SILENT})
OWN_CLOCK = frozenset({LinkFault.CLOCK_8H, LinkFault.CLOCK_1970, LinkFault.CLOCK_DRIFT})
OF_MESSAGES = OWN_CLOCK | {LinkFault.BACKFILL_BURST, LinkFault.RETAINED_GHOST}
OF_ANSWERS = frozenset({LinkFault.SHORT_ANSWER, LinkFault.CONNECTION_CLOSE, LinkFault.EXCEPTION_ANSWER})


DEVICE_FAILURE = 4  # Modbus exception: server device failure


class Trouble(StrEnum):
    """What a master gets instead of registers."""

    TIMEOUT = "timeout"  # nothing, for ever
    LATE = "late"  # the right answer, after `late_s`
    GARBAGE = "garbage"  # bytes that are no answer
    SHORT = "short"  # the beginning of an answer
    CLOSE = "close"  # the connection ends
    EXCEPTION = "exception"  # a Modbus exception, `code`


@dataclass(frozen=True, slots=True)
class ReadFault:
    """Why there are no registers, and what happens on the line instead."""

    trouble: Trouble
    code: int = 0
    late_s: float = 0.0  # real seconds: a device's slowness does not speed up with the demo
    registers: tuple[int, ...] = ()  # what a late answer says


@dataclass(frozen=True, slots=True)
class Question:
    """Who was asked what and when: what chance depends on."""

    device: str
    now_ms: int
    address: int


def answer_trouble(faults: Iterable[Active], question: Question, seed: int) -> ReadFault | None:
    """What goes wrong with an answer, or None. `late_s` of a slow device is in shares of the master's time-out."""
    for fault in faults:
        if _is_silent(fault, question, seed):
            return ReadFault(Trouble.TIMEOUT)
        trouble = _spoiled(LinkFault(fault.fault), fault, question, seed)
        if trouble is not None:
            return trouble
    return None


def _spoiled(name: LinkFault, fault: Active, question: Question, seed: int) -> ReadFault | None:
    match name:
        case LinkFault.GARBAGE_ANSWER:
            kinds = (Trouble.GARBAGE, Trouble.SHORT, Trouble.EXCEPTION)
            return ReadFault(kinds[int(3 * _chance(fault, question, seed))], code=DEVICE_FAILURE)
        case LinkFault.SHORT_ANSWER:
            return ReadFault(Trouble.SHORT)
        case LinkFault.CONNECTION_CLOSE:
            return ReadFault(Trouble.CLOSE)
        case LinkFault.EXCEPTION_ANSWER:
            return ReadFault(Trouble.EXCEPTION, code=round(fault.number("code", DEVICE_FAILURE)))
        case LinkFault.SLOW_ANSWER:
            return ReadFault(Trouble.LATE, late_s=fault.number("share_of_timeout", 0.5))
        case _:
            return None


def _is_silent(fault: Active, question: Question, seed: int) -> bool:
    """Whether the device neither answers nor sends at this moment."""
    if fault.fault in NO_POWER:
        return True
    if fault.fault == LinkFault.REBOOT:
        return is_rebooting(fault, question.now_ms)
    if fault.fault == LinkFault.RTU_TIMEOUTS:
        return _chance(fault, question, seed) < fault.number("share_percent", 4.0) / 100
    return False


def _chance(fault: Active, question: Question, seed: int) -> float:
    return share(seed, question.device, fault.fault, str(question.now_ms), str(question.address))


def is_rebooting(fault: Active, now_ms: int) -> bool:
    """Whether the device is still starting up; domain §2.0: 10-60 s are missing."""
    return fault.since_s(now_ms) < fault.number("silent_s", 25.0)


def loses_message(faults: Iterable[Active], question: Question, seed: int) -> bool:
    """Whether a device that sends by itself stays silent this time."""
    return any(_is_silent(fault, question, seed) for fault in faults)


def device_clock(faults: Iterable[Active], now_ms: int) -> int:
    """What the device's own clock shows."""
    for fault in faults:
        if fault.fault == LinkFault.CLOCK_8H:
            return now_ms + round(fault.number("offset_s", 28800.0) * 1000)  # local time sent as if it were UTC
        if fault.fault == LinkFault.CLOCK_DRIFT:  # seconds a day, ahead or behind
            return now_ms + round(fault.number("s_per_day", 30.0) * fault.since_s(now_ms) / 86.4)
        if fault.fault == LinkFault.CLOCK_1970:
            return now_ms - fault.began_ms  # the battery of the clock is flat: it counts from power-on
    return now_ms
