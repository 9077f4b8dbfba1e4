"""A page that does not read, over a real connection: the server stays small, and the page is whole again later."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import psutil
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from alerts.board import Board
from alerts.stream import Stream
from runtime.web import serve_http
from tests.patience import eventually

ROUNDS = 3_000
POINTS = 400  # about 20 kB a delta


async def test_a_slow_client_costs_a_bounded_amount_and_gets_a_snapshot(free_port: int) -> None:
    board = Board([], [], [], {}, {})
    stream = Stream(board, lambda: 1_774_483_200_000, "boot")
    app = FastAPI()

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(stream.events(None), media_type="text/event-stream")

    serving = asyncio.create_task(serve_http(app, "127.0.0.1", free_port))
    reader, writer = await connected(free_port)
    await eventually(lambda: stream.clients == 1)
    before = psutil.Process().memory_info().rss

    for number in range(ROUNDS):
        board.absorb_latest({f"asset/point-{place}": (float(number), number, 0, "none") for place in range(POINTS)})
        stream.flush()
        if number % 20 == 0:
            await asyncio.sleep(0)
    grown = psutil.Process().memory_info().rss - before

    names, last = await read_until(reader, ROUNDS - 1)
    writer.close()
    await eventually(lambda: stream.clients == 0)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    assert grown < 60 * 2**20, "60 MB were made; the ring of 480 deltas is all that may stay"
    assert names.count("snapshot") >= 2, "its queue was thrown away and replaced"
    assert len(names) < ROUNDS / 2
    assert len(last["latest"]) == POINTS


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(10):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**16)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
                await writer.drain()
                return reader, writer


async def read_until(reader: asyncio.StreamReader, value: int) -> tuple[list[str], dict[str, Any]]:
    """Names of the events up to the one that tells `value`, and its body."""
    names: list[str] = []
    text = b""
    async with asyncio.timeout(30):
        while True:
            text += await reader.read(2**20)
            *lines, text = text.split(b"\n")
            for line in lines:
                if line.startswith(b"event: "):
                    names.append(line[7:].decode().strip())
                elif line.startswith(b"data: "):
                    body = json.loads(line[6:])
                    if body.get("latest", {}).get("asset/point-0", [None])[0] == value:
                        return names, body
