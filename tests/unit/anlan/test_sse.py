"""A stream of events is read as it comes: in pieces, with the lengths of chunks between its lines."""

from __future__ import annotations

import asyncio

from anlan.sse import EventStream

ANSWER = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    b'2b\r\nevent: snapshot\nid: 41\ndata: {"seq":41}\n\n\r\n'
    b'25\r\nevent: delta\nid: 42\ndata: {"seq":42}\n\n\r\n'
)


async def read(size: int) -> tuple[list[tuple[bytes, bytes]], bytes, bytes]:
    told: list[tuple[bytes, bytes]] = []
    over, asked = asyncio.Event(), bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readuntil(b"\r\n\r\n"))
        for start in range(0, len(ANSWER), size):
            writer.write(ANSWER[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(
        lambda: EventStream(lambda name, data: told.append((name, data)), {"Last-Event-ID": "40"}, over.set),
        "127.0.0.1", port,
    )  # fmt: skip
    await asyncio.wait_for(over.wait(), 10)
    server.close()
    return told, stream.last_id, bytes(asked)


async def test_events_are_the_same_however_the_network_cuts_them() -> None:
    whole, last, asked = await read(len(ANSWER))
    assert whole == [(b"snapshot", b'{"seq":41}'), (b"delta", b'{"seq":42}')]
    assert last == b"42"
    assert b"GET /api/v1/events " in asked
    assert b"Last-Event-ID: 40\r\n" in asked
    for size in (1, 7):
        assert (await read(size))[:2] == (whole, last)
