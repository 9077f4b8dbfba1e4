"""Shell. Modbus devices for benches: a server process of few microseconds a question, whose every answer is a new one.

It counts what it answered, by unit. A unit that is dead takes the question and says nothing, as a slave without power
behind a gateway does.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import select
import struct
import time
import tty
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from pymodbus.framer import FramerRTU

from anlan.places import LOOPBACK

UNITS = 256
_TURNS = 64  # different answers, so that no value is that of the time before
_CHARACTER_BITS = 10  # 8N1
_REQUEST = 8  # bytes of a read request on a serial line
_AROUND = 5  # unit, function, size and checksum around the registers of an answer
_QUIET = 3.5  # characters of silence before a frame (Modbus over Serial Line V1.02 §2.5.1.1)
_QUIET_FIXED_S, _FIXED_ABOVE = 0.00175, 19_200

Counts = Any  # an array of UNITS numbers that two processes share


def silence_s(baud: int) -> float:
    """The silence before a frame."""
    return _QUIET_FIXED_S if baud > _FIXED_ABOVE else _QUIET * _CHARACTER_BITS / baud


def line_limit(baud: int, registers: int) -> float:
    """Values a second that a serial line can carry: question, silence, answer, silence, and nobody ever thinks."""
    characters = _REQUEST + _AROUND + 2 * registers
    return registers / (characters * _CHARACTER_BITS / baud + 2 * silence_s(baud))


@contextmanager
def tcp_field(port: int, dead: Collection[int] = ()) -> Iterator[Counts]:
    """A Modbus TCP server at `port`, in a process of its own; yields how often each unit has answered."""
    with _process(_tcp, port, frozenset(dead)) as counts:
        yield counts


@contextmanager
def serial_field(baud: int, link: str) -> Iterator[Counts]:
    """A serial line at `link`, as slow as its rate; yields how often each unit has answered."""
    with _process(_serial, baud, link) as counts:
        yield counts


@contextmanager
def _process(work: Any, *arguments: Any) -> Iterator[Counts]:
    context = get_context("spawn")
    counts, ready = context.RawArray(ctypes.c_uint64, UNITS), context.Event()
    process = context.Process(target=work, args=(*arguments, counts, ready), daemon=True)
    process.start()
    try:
        if not ready.wait(30):
            raise TimeoutError("the devices did not come up")
        yield counts
    finally:
        process.terminate()
        process.join(10)


class Answers:
    """The registers of an answer, as bytes, different every time."""

    def __init__(self) -> None:
        self._made: dict[int, list[bytes]] = {}
        self._turn = 0

    def next(self, registers: int) -> bytes:
        """So many registers, each greater by one than the last time, until it begins again."""
        found = self._made.get(registers)
        if found is None:
            found = self._made[registers] = [
                struct.pack(f">{registers}H", *(100 * turn + place for place in range(registers)))
                for turn in range(_TURNS)
            ]
        self._turn += 1
        return found[self._turn % _TURNS]


class _Server(asyncio.Protocol):
    def __init__(self, dead: Collection[int], counts: Counts, answers: Answers) -> None:
        self._dead = dead
        self._counts = counts
        self._answers = answers
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer, out, at = self._buffer + data, [], 0
        while at + 12 <= len(buffer):  # a read request: six bytes of head, unit, function, address, count
            unit = buffer[at + 6]
            if unit not in self._dead:
                registers = buffer[at + 10] << 8 | buffer[at + 11]
                size = 2 * registers
                head = struct.pack(">HBBB", size + 3, unit, buffer[at + 7], size)
                out.append(buffer[at : at + 4] + head + self._answers.next(registers))
                self._counts[unit] += registers
            at += 12
        self._buffer = buffer[at:]
        if out and self._transport is not None:
            self._transport.write(b"".join(out))


def _tcp(port: int, dead: Collection[int], counts: Counts, ready: Any) -> None:
    async def serve() -> None:
        answers = Answers()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Server(dead, counts, answers), LOOPBACK, port, backlog=256)
        ready.set()
        await server.serve_forever()

    asyncio.run(serve())


def _serial(baud: int, link: str, counts: Counts, ready: Any) -> None:
    """Answer as soon as the line could have carried question, silence and answer; bytes come in one lump, as from an
    adapter that gathers them."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), link)
    ready.set()
    answers, character_s, question, heard_s = Answers(), _CHARACTER_BITS / baud, b"", 0.0
    while True:
        select.select([master], [], [])
        heard_s = heard_s if question else time.perf_counter()
        question += os.read(master, 4096)
        if len(question) < _REQUEST:
            continue
        registers = question[4] << 8 | question[5]
        frame = bytes((question[0], question[1], 2 * registers)) + answers.next(registers)
        frame += FramerRTU.compute_CRC(frame).to_bytes(2, "big")
        unit, question = question[0], question[_REQUEST:]
        due_s = heard_s + (_REQUEST + len(frame)) * character_s + silence_s(baud)
        while (left_s := due_s - time.perf_counter()) > 0:
            time.sleep(left_s)
        counts[unit] += registers
        os.write(master, frame)
