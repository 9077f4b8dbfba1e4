"""Shell. Modbus TCP and RTU lines: send what the cabinet asks, hand back answers and failures. Never writes a register.

Of pymodbus it uses the frames, the checksum and the serial transport. Its client is not used here, because it has one
question out per connection: behind a gateway one dead slave would hold up all the others.
"""

from __future__ import annotations

import termios
from collections.abc import Sequence

import structlog
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest
from pymodbus.transport.serialtransport import create_serial_connection

from edge.connection import UNREACHABLE_ROOM, Connection, Line
from edge.pipeline import GarbageError, Pipeline
from edge.request import FailureKind, Request
from edge.turn import Turn
from edge.window import Window
from vocab.site import Bus

log = structlog.get_logger()

_REQUESTS = {
    "coil": ReadCoilsRequest,
    "discrete": ReadDiscreteInputsRequest,
    "holding": ReadHoldingRegistersRequest,
    "input": ReadInputRegistersRequest,
}
_DEAF = 3  # time-outs in a row, with nothing heard, after which a connection is made anew


def line(bus: Bus, requests: Sequence[Request], pipeline_limit: int) -> Line:
    """The line of a bus, for these requests."""
    own = [request for request in requests if request.bus == bus.id]
    return RtuLine(bus, own) if bus.type == "modbus-rtu" else TcpLine(bus, own, pipeline_limit)


class TcpLine(Connection):
    """Any number of units behind one TCP connection, several questions out at once, one per unit."""

    def __init__(self, bus: Bus, requests: Sequence[Request], pipeline_limit: int) -> None:
        super().__init__(bus)
        framer = FramerSocket(DecodePDU(False))
        tails = {request.number: framer.buildFrame(_pdu(request))[2:] for request in requests}
        self._pipeline = Pipeline(tails, bus.timeout_s)
        self._window = Window(min(pipeline_limit, len({request.unit for request in requests})))
        self._healthy: set[int] = set()  # units whose last question was answered
        self._deaf = 0

    @property
    def room(self) -> int:
        """How many questions it takes now: none before the first attempt to connect has ended."""
        if self.connected:
            return max(0, self._window.size - len(self._pipeline))
        return UNREACHABLE_ROOM if self._tried else 0

    def send(self, requests: Sequence[Request]) -> None:
        """Ask; never more than `room`."""
        if self._transport is None:
            self._refuse(requests)
            return
        now_s = self._loop.time()
        self._transport.write(b"".join([self._pipeline.ask(request, now_s) for request in requests]))
        self._wake_at(self._pipeline.deadline_s())

    def data_received(self, data: bytes) -> None:
        """asyncio: something came."""
        try:
            found = self._pipeline.heard(data, self._loop.time())
        except GarbageError:
            self._close(FailureKind.GARBLED, "not Modbus TCP")
            return
        if found:
            self._deaf = 0
            self._backoff.reset()
            self._window.answered(len(found))
            self._healthy.update(request.unit for request, _ in found)
            self._tray += found
            self.stirred.set()

    async def _connect(self) -> None:
        await self._loop.create_connection(lambda: self, self._bus.host, self._bus.port)

    def _abandon(self, kind: FailureKind, detail: str) -> None:
        if len(self._pipeline) > 1:
            self._window.trouble()
        self._tray += self._pipeline.abandoned(kind, detail)

    def _expire(self, now_s: float) -> None:
        several = len(self._pipeline) > 1
        failures = self._pipeline.expired(now_s)
        if failures:
            units = {request.unit for request, _ in failures}
            if several and units & self._healthy:
                self._window.trouble()
            self._healthy -= units
            self._deaf += len(failures)
            self._tray += failures
            self.stirred.set()
            if self._deaf >= _DEAF and not self._healthy:
                self._close(FailureKind.TIMEOUT, "nothing is heard on this connection")
                return
        self._wake_at(self._pipeline.deadline_s())


class RtuLine(Connection):
    """A serial line: one question at a time, with the silence between frames that the standard asks for."""

    def __init__(self, bus: Bus, requests: Sequence[Request]) -> None:
        super().__init__(bus)
        framer = FramerRTU(DecodePDU(False))
        self._frames = {request.number: framer.buildFrame(_pdu(request)) for request in requests}
        self._turn = Turn(FramerRTU.compute_CRC, bus.timeout_s)
        character_s = (11 if bus.parity != "N" else 10) / bus.baud
        self._character_s = character_s
        # Modbus over Serial Line V1.02 §2.5.1.1: 3.5 characters, and a fixed 1.75 ms above 19 200 baud.
        self._silence_s = 0.00175 if bus.baud > 19_200 else 3.5 * character_s
        self._quiet_since_s = 0.0

    @property
    def room(self) -> int:
        """One, or none while a question is out."""
        if self.connected:
            return int(self._turn.request is None)
        return UNREACHABLE_ROOM if self._tried else 0

    def send(self, requests: Sequence[Request]) -> None:
        """Ask; never more than `room`."""
        if self._transport is None:
            self._refuse(requests)
            return
        request = requests[0]
        frame = self._frames[request.number]
        now_s = self._loop.time()
        wait_s = max(0.0, self._quiet_since_s + self._silence_s - now_s)
        airtime_s = (len(frame) + 2 * request.count + 5) * self._character_s + wait_s
        self._turn.ask(request, now_s, airtime_s)
        if wait_s:
            self._loop.call_later(wait_s, self._write, request, frame)
        else:
            self._write(request, frame)
        self._wake_at(self._turn.deadline_s())

    def data_received(self, data: bytes) -> None:
        """The transport: something came."""
        now_s = self._quiet_since_s = self._loop.time()
        answer = self._turn.heard(data, now_s)
        if answer is None:
            self._wake_again()  # noise may have brought the deadline nearer
        else:
            self._backoff.reset()
            self._tray.append(answer)
            self.stirred.set()

    def _write(self, request: Request, frame: bytes) -> None:
        if self._transport is not None and self._turn.request is request:
            self._transport.write(frame)

    async def _connect(self) -> None:
        self._lost.clear()
        try:
            await create_serial_connection(
                self._loop, lambda: self, self._bus.device,
                baudrate=self._bus.baud, bytesize=8, parity=self._bus.parity, stopbits=1, timeout=self._bus.timeout_s,
            )  # fmt: skip
        except termios.error as error:  # an adapter that is pulled while it is being set up
            raise OSError(str(error)) from error

    def _abandon(self, kind: FailureKind, detail: str) -> None:
        answer = self._turn.abandoned(kind, detail)
        if answer is not None:
            self._tray.append(answer)

    def _wake_again(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._wake_at(self._turn.deadline_s())

    def _expire(self, now_s: float) -> None:
        answer = self._turn.expired(now_s)
        if answer is None:
            self._wake_at(self._turn.deadline_s())
        else:
            self._quiet_since_s = now_s
            self._tray.append(answer)
            self.stirred.set()


def _pdu(request: Request) -> ModbusPDU:
    return _REQUESTS[request.table](address=request.address, count=request.count, dev_id=request.unit)
