"""Shell. Modbus RTU over a pseudo-terminal: a serial line with several slaves on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from pathlib import Path

import structlog
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from firmware_sim.links import Trouble
from firmware_sim.tcp import Gateway

log = structlog.get_logger()

_FRAMER = FramerRTU(DecodePDU(True))
CRC_BYTES = 2
SHORTEST = 4
LONGEST = 256
SILENCE_S = 0.05  # what stands in the buffer longer than this is not going to become a frame
_FIXED = 8  # requests 1-6: address, function, two words, CRC
_COUNTED = {15: 6, 16: 6}  # function -> where its byte count stands


class Line:
    """The slaves' end of one serial line."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._buffer = b""
        self._drop: asyncio.TimerHandle | None = None
        self._master, self._slave = os.openpty()
        # Raw: no echo, no signals, no translation of bytes that happen to be control characters.
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)

    @property
    def name(self) -> str:
        """The terminal that a master opens."""
        return os.ttyname(self._slave)

    def open(self) -> None:
        """Listen."""
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def close(self) -> None:
        """Hang up. Our own end of the slave side stayed open so that masters may come and go."""
        asyncio.get_running_loop().remove_reader(self._master)
        if self._drop is not None:
            self._drop.cancel()
        os.close(self._master)
        os.close(self._slave)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.received(os.read(self._master, 4096))

    def received(self, data: bytes) -> None:
        """Bytes from the master, in any pieces."""
        self._buffer += data
        if self._drop is not None:
            self._drop.cancel()
            self._drop = None
        while (size := request_size(self._buffer)) is not None and len(self._buffer) >= size:
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            if not is_intact(frame):
                self._buffer = b""  # out of step with the master: wait for the next silence
                return
            self._handle(frame[0], frame[1:-CRC_BYTES])
        if self._buffer:
            self._drop = asyncio.get_running_loop().call_later(SILENCE_S, self._forget)

    def _forget(self) -> None:
        self._buffer = b""
        self._drop = None

    def _handle(self, unit: int, pdu: bytes) -> None:
        answer = self._gateway.reply(unit, pdu)
        if answer.pdu is None or answer.spoiled is Trouble.CLOSE:  # a wire cannot be closed, only be silent
            return
        frame = _FRAMER.encode(answer.pdu, unit, 0)
        if answer.spoiled is Trouble.GARBAGE:
            frame = frame[:-CRC_BYTES] + b"\0\0"
        elif answer.spoiled is Trouble.SHORT:
            frame = frame[:3]
        if answer.late_s > 0:
            asyncio.get_running_loop().call_later(answer.late_s, self._send, frame)
        else:
            self._send(frame)

    def _send(self, frame: bytes) -> None:
        # Nobody listens, or the terminal is gone: what a wire does with it.
        with contextlib.suppress(OSError):
            os.write(self._master, frame)


def request_size(buffer: bytes) -> int | None:
    """How long the request at the start of `buffer` is; None while that cannot be told."""
    if len(buffer) < 2:
        return None
    at = _COUNTED.get(buffer[1])
    if at is not None:
        return None if len(buffer) <= at else at + 1 + buffer[at] + CRC_BYTES
    if 1 <= buffer[1] <= 6:
        return _FIXED
    # A function whose shape we do not know: take what is there, once its CRC fits.
    return len(buffer) if SHORTEST <= len(buffer) <= LONGEST and is_intact(buffer) else None


def is_intact(frame: bytes) -> bool:
    """Whether the CRC at the end is that of what stands before it."""
    return FramerRTU.compute_CRC(frame[:-CRC_BYTES]).to_bytes(CRC_BYTES, "big") == frame[-CRC_BYTES:]


def link(path: Path, terminal: str) -> None:
    """Let `path` lead to the terminal. A link of an earlier run is replaced, a real file never."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unlink(path)
    path.symlink_to(terminal)


def unlink(path: Path) -> None:
    """Take the link away, if it is one."""
    if path.is_symlink():
        path.unlink()


async def serve(gateway: Gateway, device: str) -> None:
    """Answer on a pseudo-terminal that can be opened as `device`, until cancelled."""
    line = Line(gateway)
    path = Path(device)
    wait_s = 0.5
    try:
        line.open()
        while True:
            try:
                link(path, line.name)
                break
            except OSError as error:
                log.error("cannot place the serial line, trying again", path=device, why=error.strerror)
                await asyncio.sleep(wait_s)
                wait_s = min(10.0, wait_s * 2)
        await asyncio.Event().wait()
    finally:
        line.close()
        unlink(path)
