"""Shell. A stream of server-sent events as a browser reads it, without a browser: one TCP connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping


class EventStream(asyncio.Protocol):
    """One open page's stream. `told` gets the name of each event and its JSON; `lost` is called when it is over."""

    def __init__(
        self, told: Callable[[bytes, bytes], None], headers: Mapping[str, str] | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._told, self._headers, self._lost = told, headers or {}, lost
        self._lines: list[bytes] = [b""]
        self._name = b""
        self.last_id = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It asks for the stream."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream connection gives
        self.transport = transport
        more = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{more}\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        """Every event is a chunk of its own, so its lines are whole lines."""
        first, *rest = data.split(b"\n")
        self._lines.append(first)
        if not rest:
            return
        lines = [b"".join(self._lines), *rest[:-1]]
        self._lines = [rest[-1]]
        for line in lines:
            if line.startswith(b"event: "):
                self._name = line[7:]
            elif line.startswith(b"id: "):
                self.last_id = line[4:]
            elif line.startswith(b"data: "):
                self._told(self._name, line[6:])

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, by whomever."""
        if self._lost is not None:
            self._lost()
