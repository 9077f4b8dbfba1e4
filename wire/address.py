"""Pure. Where a broker is: `mqtt://HOST:PORT`, or several servers of one cluster, `mqtt://HOST:PORT,HOST:PORT`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

DEFAULT_PORT = 1883

Server = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of a broker, and of the others of its cluster."""

    host: str
    port: int = DEFAULT_PORT
    others: tuple[Server, ...] = ()
    _turns: Iterator[int] = field(default_factory=count, init=False, repr=False, compare=False)

    def __str__(self) -> str:
        return "mqtt://" + ",".join(f"{host}:{port}" for host, port in self.servers)

    @property
    def servers(self) -> tuple[Server, ...]:
        """All of them, in the order given."""
        return ((self.host, self.port), *self.others)

    def next(self) -> Server:
        """The server to try now: each attempt to connect takes the one after, for the last one may be dead."""
        return self.servers[next(self._turns) % len(self.servers)]

    @classmethod
    def parse(cls, url: str) -> Address:
        """The address in `mqtt://HOST:PORT[,HOST:PORT …]`, the scheme optional; ValueError for anything else."""
        scheme, mark, rest = url.rpartition("://")
        if (scheme or "mqtt") != "mqtt" or (mark and not scheme):
            raise ValueError(f"a broker is given as mqtt://HOST:PORT, got {url!r}")
        first, *others = [_server(part, url) for part in rest.split(",")]
        return cls(*first, tuple(others))


def _server(text: str, url: str) -> Server:
    parts = urlsplit(f"mqtt://{text}")
    if not parts.hostname or parts.path:
        raise ValueError(f"a broker is given as mqtt://HOST:PORT, got {url!r}")
    return parts.hostname, parts.port or DEFAULT_PORT
