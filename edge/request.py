"""Pure. What the cabinet asks of a line, and how a line says that it got no answer.

A failure of a device is a value: it becomes a reading with quality BAD and costs no other slave anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vocab.make import Table
from vocab.quality import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One read of one block. Made once when the cabinet is planned and handed out again every period."""

    bus: str
    device: str
    unit: int
    table: Table
    address: int  # 0-based, as on the wire
    count: int
    number: int  # the cabinet's own number of the block


class FailureKind(StrEnum):
    """What went wrong on the way."""

    TIMEOUT = "timeout"  # asked, and nothing came
    EXCEPTION = "exception"  # the slave, or the gateway before it, answered with a Modbus exception
    GARBLED = "garbled"  # something came that is not an answer to what was asked
    CLOSED = "closed"  # the other side closed the connection while we waited
    UNREACHABLE = "unreachable"  # not asked: there is no connection


# Modbus Application Protocol V1.1b3 §7: the gateway speaks in place of a slave that does not.
GATEWAY_SPEAKS = (10, 11)


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """Why a block was not read."""

    kind: FailureKind
    code: int | None = None  # of a Modbus exception
    detail: str = ""

    @property
    def silent(self) -> bool:
        """Whether the slave itself said nothing, which is what the breaker counts.

        UNREACHABLE does not count: it costs no time, and after a reconnect every slave is to be asked at once.
        """
        if self.kind is FailureKind.EXCEPTION:
            return self.code in GATEWAY_SPEAKS
        return self.kind in (FailureKind.TIMEOUT, FailureKind.CLOSED)

    @property
    def reason(self) -> Reason:
        """What the reading says about it."""
        answered = self.kind is FailureKind.GARBLED or (self.kind is FailureKind.EXCEPTION and not self.silent)
        return Reason.COMM_ERROR if answered else Reason.COMM_TIMEOUT
