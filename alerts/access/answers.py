"""Shell. Answers on their way out: narrowed to what somebody may see, and ended when their session is."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import Message, Send

from alerts.access.door import AccessSettings
from alerts.access.sight import narrowed

_JSON = b"application/json"
_EVENTS = b"text/event-stream"
_DATA = b"\ndata: "


class Watched:
    """A stream that lasts for hours must not outlive the session that opened it."""

    def __init__(self, send: Send, is_good: Callable[[], bool], settings: AccessSettings) -> None:
        self._send = send
        self._is_good = is_good
        self._every_s = settings.recheck_s
        self._is_stream = False
        self.ended = False
        self._looked = time.monotonic()

    async def __call__(self, message: Message) -> None:
        """One message of the answer."""
        if message["type"] == "http.response.start":
            self._is_stream = _type(message).startswith(_EVENTS)
        elif self._is_stream and time.monotonic() - self._looked >= self._every_s:
            self._looked = time.monotonic()
            if not await asyncio.to_thread(self._is_good):
                self.ended = True
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
                raise ConnectionAbortedError("the session ended")  # what a server raises whose client is gone
        await self._send(message)


class Narrowing:
    """JSON answers and events without rows of grids that somebody may not see."""

    def __init__(self, send: Send, seen: frozenset[str], grid_of: Mapping[str, str]) -> None:
        self._send = send
        self._seen = seen
        self._grid_of = grid_of
        self._start: Message | None = None
        self._is_stream = False
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """One message of the answer."""
        if message["type"] == "http.response.start":
            self._is_stream = _type(message).startswith(_EVENTS)
            if message["status"] == 200 and _type(message).startswith(_JSON):
                self._start = message
            else:
                await self._send(message)
        elif self._start is not None:
            self._chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._whole(self._start)
        elif self._is_stream and message.get("body"):
            await self._send({**message, "body": self._event(message["body"])})
        else:
            await self._send(message)

    async def _whole(self, start: Message) -> None:
        body = self._narrowed(b"".join(self._chunks))
        headers = [each for each in start["headers"] if each[0] != b"content-length"]
        await self._send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})

    def _event(self, event: bytes) -> bytes:
        head, mark, data = event.partition(_DATA)
        return head + mark + self._narrowed(data.rstrip()) + b"\n\n" if mark else event

    def _narrowed(self, data: bytes) -> bytes:
        if not data:
            return data
        answer: Any = narrowed(json.loads(data), self._seen, self._grid_of)
        return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _type(message: Message) -> bytes:
    return next((value for name, value in message["headers"] if name == b"content-type"), b"")
