"""Pure. Many questions on one Modbus TCP connection: whose answer is this, and who stays silent?

The law:
1. Every question has a transaction number of its own; the number of one that was given up is not used again until its
   late answer has come, so that a late answer is never taken for another's.
2. An answer counts only with the unit, function and length that were asked for.
3. A gateway asks its slaves one after the other, so while others are being answered or waited for, a question is not
   late. Only the oldest one's clock runs, from the moment something was last heard. A question that later ones
   overtook has been passed over, and its clock runs from when it was sent.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from edge.pdu import Answer, answer_of
from edge.request import FailureKind, ReadFailure, Request

_HEAD = struct.Struct(">HHHB")  # transaction, protocol (0), length from the unit on, unit
_MAX_LENGTH = 254
_GIVEN_UP = 4096  # numbers remembered; the oldest would be hours old


class GarbageError(Exception):
    """What came is not Modbus TCP: the connection has lost its step and must be closed."""


@dataclass(slots=True)
class _Question:
    request: Request
    sent_s: float
    overtaken: bool = False


class Pipeline:
    """The questions of one connection. Moments are real seconds of any one clock."""

    def __init__(self, tails: Mapping[int, bytes], timeout_s: float) -> None:
        """`tails` holds each request's frame without its transaction number, by the request's number."""
        self.late = 0  # answers that came after we gave up, or to nothing we asked
        self._tails = tails
        self._timeout_s = timeout_s
        self._out: dict[int, _Question] = {}  # in the order in which they were sent
        self._given_up: dict[int, None] = {}
        self._number = 0
        self._heard_s = 0.0
        self._buffer = b""

    def __len__(self) -> int:
        return len(self._out)

    def ask(self, request: Request, now_s: float) -> bytes:
        """The frame to send."""
        while True:
            self._number = (self._number + 1) & 0xFFFF
            if self._number not in self._out and self._number not in self._given_up:
                break
        self._out[self._number] = _Question(request, now_s)
        return self._number.to_bytes(2, "big") + self._tails[request.number]

    def heard(self, data: bytes, now_s: float) -> list[tuple[Request, Answer]]:
        """The answers completed by `data`; GarbageError if the stream makes no sense."""
        self._heard_s = now_s
        buffer = self._buffer + data if self._buffer else data
        found: list[tuple[Request, Answer]] = []
        at = 0
        while len(buffer) - at >= _HEAD.size:
            number, protocol, length, unit = _HEAD.unpack_from(buffer, at)
            if protocol or not 2 <= length <= _MAX_LENGTH:
                raise GarbageError
            end = at + 6 + length
            if end > len(buffer):
                break
            question = self._out.pop(number, None)
            if question is None:
                self._given_up.pop(number, None)
                self.late += 1
            else:
                found.append((question.request, _judged(question.request, unit, buffer[at + 7 : end])))
                if self._out:
                    self._overtake(question.sent_s)
            at = end
        self._buffer = buffer[at:]
        return found

    def expired(self, now_s: float) -> list[tuple[Request, Answer]]:
        """Questions given up now."""
        numbers = [number for number, deadline in self._deadlines() if deadline <= now_s]
        failures: list[tuple[Request, Answer]] = []
        for number in numbers:
            failures.append((self._out.pop(number).request, ReadFailure(FailureKind.TIMEOUT)))
            self._given_up[number] = None
        while len(self._given_up) > _GIVEN_UP:
            del self._given_up[next(iter(self._given_up))]
        if numbers:
            self._heard_s = now_s  # the gateway turns to the next one now
        return failures

    def deadline_s(self) -> float | None:
        """When `expired` may have something; it only moves later."""
        return min((deadline for _, deadline in self._deadlines()), default=None)

    def abandoned(self, kind: FailureKind, detail: str = "") -> list[tuple[Request, Answer]]:
        """The connection is gone. The oldest question bears the blame; the others were not reached."""
        failures: list[tuple[Request, Answer]] = []
        for place, question in enumerate(self._out.values()):
            blame = kind if place == 0 else FailureKind.UNREACHABLE
            failures.append((question.request, ReadFailure(blame, detail=detail)))
        self._out.clear()
        self._given_up.clear()
        self._buffer = b""
        return failures

    def _overtake(self, sent_s: float) -> None:
        for question in self._out.values():
            if question.sent_s >= sent_s:
                break
            question.overtaken = True

    def _deadlines(self) -> list[tuple[int, float]]:
        found = []
        for place, (number, question) in enumerate(self._out.items()):
            if question.overtaken:
                found.append((number, question.sent_s + self._timeout_s))
            elif place == 0:
                found.append((number, max(question.sent_s, self._heard_s) + self._timeout_s))
        return found


def _judged(request: Request, unit: int, pdu: bytes) -> Answer:
    if unit != request.unit:
        return ReadFailure(FailureKind.GARBLED, detail=f"asked unit {request.unit}, unit {unit} answered")
    return answer_of(request, pdu)
