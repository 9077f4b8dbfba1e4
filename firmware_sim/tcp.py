"""Shell. Modbus TCP: one listener for each bus, as a serial gateway has it, with many unit ids behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum

import structlog
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU

from firmware_sim.links import ReadFault, Trouble
from firmware_sim.modbus import GATEWAY_TARGET_FAILED, SILENCE, Reply, refusal, reply
from firmware_sim.relays import RelayBox

log = structlog.get_logger()

AskDevice = Callable[[str, str, int, int], list[int] | ReadFault]
LONGEST_REQUEST = 260  # bytes of a whole Modbus TCP frame
_FRAMER = FramerSocket(DecodePDU(True))
_HEADER = 7
CLOSING_S = 0.02


class UnknownUnit(StrEnum):
    """What a gateway does when nobody on its line has that number."""

    SILENT = "silent"  # waits for ever, as most do
    EXCEPTION = "exception"  # says 0x0B, gateway target device failed to respond


class Gateway:
    """The devices of one bus by unit id."""

    def __init__(
        self,
        units: Mapping[int, str],
        ask: AskDevice,
        unknown: UnknownUnit = UnknownUnit.SILENT,
        relays: Mapping[int, RelayBox] | None = None,
    ) -> None:
        self._units = units
        self._relays = relays or {}
        self._ask = ask
        self._unknown = unknown
        self.connections: set[Connection] = set()
        self.is_closed = False

    def reply(self, unit: int, pdu: bytes) -> Reply:
        """What comes back for a request to `unit`."""
        device = self._units.get(unit)
        if device is None and unit in self._relays:
            return self._relays[unit].reply(pdu)
        if device is None:
            known_as = Reply(refusal(pdu[0], GATEWAY_TARGET_FAILED))
            return known_as if self._unknown is UnknownUnit.EXCEPTION else SILENCE
        return reply(pdu, lambda table, address, count: self._ask(device, table, address, count))


class Connection(asyncio.Protocol):
    """One master. A stream that is no Modbus is cut, as the frames in it cannot be found again."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 a TCP server gives nothing else
        self._transport = transport
        if self._gateway.is_closed:  # accepted in the very moment of closing
            transport.abort()
            return
        self._gateway.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gateway.connections.discard(self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) > _HEADER:
            length = int.from_bytes(self._buffer[4:6], "big")
            if self._buffer[2:4] != b"\0\0" or not 2 <= length <= LONGEST_REQUEST - 6:
                self.close()
                return
            if len(self._buffer) < length + 6:
                return
            frame, self._buffer = self._buffer[: length + 6], self._buffer[length + 6 :]
            self._handle(int.from_bytes(frame[:2], "big"), frame[6], frame[_HEADER:])

    def _handle(self, transaction: int, unit: int, pdu: bytes) -> None:
        answer = self._gateway.reply(unit, pdu)
        if answer.pdu is None:
            return
        if answer.spoiled is Trouble.CLOSE:
            self.close()
            return
        frame = _spoiled(_FRAMER.encode(answer.pdu, unit, transaction), answer.spoiled)
        if answer.late_s > 0:
            asyncio.get_running_loop().call_later(answer.late_s, self._send, frame)
        else:
            self._send(frame)

    def _send(self, frame: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


def _spoiled(frame: bytes, trouble: Trouble | None) -> bytes:
    match trouble:
        case Trouble.GARBAGE:
            return (
                frame[:_HEADER] + bytes((0x7F,)) + b"\xa5" * (len(frame) - _HEADER - 1)
            )  # a function nobody asked for
        case Trouble.SHORT:
            return frame[:-1]
        case _:
            return frame


async def serve(gateway: Gateway, host: str, port: int) -> None:
    """Listen until cancelled; a port that is taken is tried again."""
    loop = asyncio.get_running_loop()
    wait_s = 0.5
    while True:
        try:
            server = await loop.create_server(lambda: Connection(gateway), host, port)
            break
        except OSError as error:
            log.error("cannot listen for Modbus masters, trying again", host=host, port=port, why=error.strerror)
            await asyncio.sleep(wait_s)
            wait_s = min(10.0, wait_s * 2)
    try:
        await asyncio.Event().wait()
    finally:
        gateway.is_closed = True
        server.close()
        for connection in list(gateway.connections):
            connection.close()
        await asyncio.sleep(CLOSING_S)  # closing takes turns of the loop
