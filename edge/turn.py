"""Pure. One question at a time on a serial line: find its answer among noise, echoes and late answers of others.

The answer is where unit, function and length stand as they must and the checksum is right, wherever in what came that
is: RS-485 puts a stray byte before a frame at times. If something came but no answer, the wait ends soon after the last
byte. A whole frame of another unit is a late answer and no excuse: the slave that was asked was silent.
"""

from __future__ import annotations

from collections.abc import Callable

from edge.pdu import EXCEPTION_BIT, FUNCTION, Answer, answer_of, data_bytes
from edge.request import FailureKind, ReadFailure, Request

_QUIET_S = 0.1  # USB adapters hand bytes over in lumps this far apart at the worst
_MAX_HEARD = 1024


class Turn:
    """Whose turn it is. Moments are real seconds of any one clock."""

    def __init__(self, checksum: Callable[[bytes], int], timeout_s: float) -> None:
        """`checksum` gives the CRC of a frame as its last two bytes read high first."""
        self.late = 0
        self.request: Request | None = None
        self._checksum = checksum
        self._timeout_s = timeout_s
        self._heard = b""
        self._deadline_s = 0.0

    def ask(self, request: Request, now_s: float, airtime_s: float) -> None:
        """`request` goes out; its answer needs `airtime_s` on the line, which is not the slave's fault."""
        self.request = request
        self._heard = b""
        self._deadline_s = now_s + self._timeout_s + airtime_s

    def heard(self, data: bytes, now_s: float) -> tuple[Request, Answer] | None:
        """The answer, once it is whole. What comes when nobody was asked is a late answer or noise."""
        if self.request is None:
            self.late += 1
            return None
        self._heard = (self._heard + data)[-_MAX_HEARD:]
        answer = self._found(self.request)
        if answer is None:
            self._deadline_s = min(self._deadline_s, now_s + _QUIET_S)
            return None
        return self._end(answer)

    def expired(self, now_s: float) -> tuple[Request, Answer] | None:
        """The failure, when it is time to give up."""
        if self.request is None or now_s < self._deadline_s:
            return None
        if not self._heard:
            return self._end(ReadFailure(FailureKind.TIMEOUT))
        if self._is_whole(self._heard):
            self.late += 1
            return self._end(ReadFailure(FailureKind.TIMEOUT, detail="another unit's late answer came"))
        return self._end(ReadFailure(FailureKind.GARBLED, detail=f"{len(self._heard)} bytes, none of them an answer"))

    def deadline_s(self) -> float | None:
        """When to look at `expired`."""
        return None if self.request is None else self._deadline_s

    def abandoned(self, kind: FailureKind, detail: str = "") -> tuple[Request, Answer] | None:
        """The port is gone."""
        return None if self.request is None else self._end(ReadFailure(kind, detail=detail))

    def _end(self, answer: Answer) -> tuple[Request, Answer] | None:
        request, self.request, self._heard = self.request, None, b""
        return None if request is None else (request, answer)

    def _found(self, request: Request) -> Answer | None:
        function, size = FUNCTION[request.table], data_bytes(request)
        shapes = (
            (bytes((request.unit, function, size)), 3 + size + 2),
            (bytes((request.unit, function | EXCEPTION_BIT)), 5),
        )
        for head, length in shapes:
            at = self._heard.find(head)
            while at >= 0:
                frame = self._heard[at : at + length]
                if len(frame) == length and self._is_whole(frame):
                    return answer_of(request, frame[1:-2])
                at = self._heard.find(head, at + 1)
        return None

    def _is_whole(self, frame: bytes) -> bool:
        return len(frame) >= 5 and self._checksum(frame[:-2]) == int.from_bytes(frame[-2:], "big")
