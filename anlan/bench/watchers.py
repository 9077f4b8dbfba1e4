"""Shell. Who notes when something became known: committed, paged, on the wall, at a bare subscriber.

Each is a process of its own and costs little: what it looks at is what people and programs would look at. Moments are
seconds of the machine's steady clock, which all its processes share.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from anlan.bench.counter import acknowledged, count, subscribe
from anlan.places import LOOPBACK
from anlan.sse import EventStream
from wire.frame import decode

LOOK_EVERY_S = 0.0005
_STOP_EVERY_S = 0.1
_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


class Watcher:
    """A process that notes moments until it is asked."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def end(self) -> Any:
        """Wait for what it says by itself."""
        return self._pipe.recv()

    def ask(self, word: str) -> Any:
        """What it answers to a word; it goes on."""
        self._pipe.send(word)
        return self._pipe.recv()

    def found(self) -> Any:
        """What it noted; it ends with that."""
        self._pipe.send("stop")
        return self._pipe.recv()


@contextmanager
def watching(work: Any, *arguments: Any) -> Iterator[Watcher]:
    """Start one of the functions below."""
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=work, args=(*arguments, theirs), daemon=True)
    process.start()
    try:
        theirs.close()  # so that its end is known here
        mine.recv()  # it is ready; EOFError if it has ended
        yield Watcher(mine)
    finally:
        process.terminate()
        process.join(10)


def committed(database: Path, pipe: Any) -> None:
    """Asset of each ticket -> (when it was first to be seen in the database, its id)."""
    found: dict[str, tuple[float, int]] = {}
    last, version = 0, -1
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None) as db:
        pipe.send("ready")
        while not pipe.poll():
            now = db.execute("PRAGMA data_version").fetchone()[0]
            if now != version:
                version = now
                rows = db.execute("SELECT id, asset FROM tickets WHERE id > ? ORDER BY id", (last,)).fetchall()
                seen = time.monotonic()
                for number, asset in rows:
                    found.setdefault(asset, (seen, number))
                    last = number
            time.sleep(LOOK_EVERY_S)
    pipe.recv()
    pipe.send(found)


def paged(port: int, pipe: Any) -> None:
    """Ticket -> when the first page about it came to the web hook."""
    found: dict[int, float] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(_LENGTH.findall(head)[0]))
                now = time.monotonic()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                for ticket in json.loads(body)["tickets"]:
                    found.setdefault(ticket, now)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            writer.close()

    async def run() -> None:
        await asyncio.start_server(serve, LOOPBACK, port)
        pipe.send("ready")
        await asyncio.to_thread(pipe.recv)

    asyncio.run(run())
    pipe.send(found)


class _Ticket(msgspec.Struct):
    asset: str


class _Told(msgspec.Struct):
    tickets: list[_Ticket] = []


_told = msgspec.json.Decoder(_Told)


def _note(found: dict[str, float], opened: asyncio.Event, _name: bytes, data: bytes) -> None:
    """An event of a page's stream: when it had which tickets."""
    now = time.monotonic()
    opened.set()
    for ticket in _told.decode(data).tickets:
        found.setdefault(ticket.asset, now)


def walls(port: int, count: int, pipe: Any) -> None:
    """For each page, asset -> when the event with its ticket had come."""
    found: list[dict[str, float]] = [{} for _ in range(count)]

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for each in found:
            opened = asyncio.Event()
            await loop.create_connection(partial(EventStream, partial(_note, each, opened)), LOOPBACK, port)
            await opened.wait()
        pipe.send("ready")
        await asyncio.to_thread(pipe.recv)

    asyncio.run(run())
    pipe.send(found)


def counted(port: int, topic: str, name: bytes, goal: int, pipe: Any) -> None:
    """Confirm and count `goal` messages, then say when that was."""
    with socket.create_connection((LOOPBACK, port), timeout=60) as link:
        subscribe(link, topic, name)
        pipe.send("ready")
        count(link, goal)
        pipe.send(time.monotonic())


def heard(port: int, topic: str, pipe: Any) -> None:
    """Asset -> when a bare subscriber had the frame."""
    found: dict[str, float] = {}
    with socket.create_connection((LOOPBACK, port), timeout=60) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        subscribe(link, topic)
        link.settimeout(_STOP_EVERY_S)
        buffer = bytearray()
        pipe.send("ready")
        while not pipe.poll():
            try:
                data = link.recv(1 << 18)
            except TimeoutError:
                continue
            now = time.monotonic()
            buffer += data
            payloads: list[bytes] = []
            acks, used = acknowledged(buffer, payloads)
            del buffer[:used]
            link.sendall(b"".join(b"\x40\x02" + key for key in acks))
            for payload in payloads:
                for block in decode(payload).assets:
                    found.setdefault(block.asset, now)
    pipe.recv()
    pipe.send(found)
