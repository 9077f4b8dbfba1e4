"""Pure. Where a broker is: `mqtt://HOST:PORT`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORT = 1883


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of a broker."""

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        return f"mqtt://{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Address:
        """The address in `mqtt://HOST:PORT` or `HOST:PORT`; ValueError for anything else."""
        parts = urlsplit(url if "://" in url else f"mqtt://{url}")
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ValueError(f"a broker is given as mqtt://HOST:PORT, got {url!r}")
        return cls(parts.hostname, parts.port or DEFAULT_PORT)
