"""Servers that behave as messengers do: they take, refuse, block, are slow, or hang up. Loopback only, real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass
class Taken:
    """One request as it came."""

    path: str
    query: str  # raw, to see how often something was encoded
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def asked(self) -> dict[str, list[str]]:
        return parse_qs(self.query)


# What is answered: HTTP status, body, headers; None hangs up.
Answer = tuple[int, Any, dict[str, str]] | None
Behaviour = Callable[[Taken], Answer]


def fine(_taken: Taken) -> Answer:
    """As a web hook that takes everything."""
    return 200, {"errcode": 0, "errmsg": "ok"}, {}


@dataclass
class Carrier:
    """A server on a free port, and everything that it took."""

    behave: Behaviour = fine
    taken: list[Taken] = field(default_factory=list)
    slow_s: float = 0.0

    def __enter__(self) -> Self:
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                raw = self.rfile.read(length)
                if len(raw) < length:  # who sent it died in the middle: nobody has this message
                    self.close_connection = True
                    return
                parts = urlsplit(self.path)
                taken = Taken(parts.path, parts.query, {k.lower(): v for k, v in self.headers.items()}, raw)
                carrier.taken.append(taken)
                time.sleep(carrier.slow_s)
                answer = carrier.behave(taken)
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, body, headers = answer
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in (
                    {"Content-Type": "application/json", "Content-Length": str(len(data))} | headers
                ).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"


@dataclass
class Quota:
    """A robot that takes `count` messages in any `per_ms` and then refuses for `blocked_ms`, as documented."""

    now_ms: Callable[[], int]
    refusal: Any
    count: int = 20
    per_ms: int = 60_000
    blocked_ms: int = 600_000
    times: deque[int] = field(default_factory=deque)
    blocked_until: int = 0
    bans: int = 0

    def __call__(self, _taken: Taken) -> Answer:
        now = self.now_ms()
        while self.times and self.times[0] <= now - self.per_ms:
            self.times.popleft()
        if now < self.blocked_until:
            return 200, self.refusal, {}
        if len(self.times) >= self.count:
            self.blocked_until, self.bans = now + self.blocked_ms, self.bans + 1
            return 200, self.refusal, {}
        self.times.append(now)
        return 200, {"errcode": 0, "code": 0, "errmsg": "ok"}, {}
