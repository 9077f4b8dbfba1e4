"""Shell. A subscriber that keeps every frame of an edge as it came, and tells afterwards what was in them.

It decodes when everything is over, so that it takes next to nothing of what is measured.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from anlan.bench.counter import acknowledged, subscribe
from wire.frame import decode


class Collector:
    """What it has; `stop` it, then ask."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def values(self, from_ms: int, before_ms: int) -> Counter[str]:
        """How many good values of each asset were measured in this time. Ends the collector."""
        self._pipe.send((from_ms, before_ms))
        return Counter(self._pipe.recv())


@contextmanager
def collecting(host: str, port: int, topic: str) -> Iterator[Collector]:
    """Collect in a process of its own, from when this returns."""
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_collect, args=(host, port, topic, theirs), daemon=True)
    process.start()
    try:
        mine.recv()  # it has subscribed
        yield Collector(mine)
    finally:
        process.terminate()
        process.join(10)


def good_values(payload: bytes, from_ms: int, before_ms: int) -> Counter[str]:
    """How many values of a frame are good and were measured in this time, by asset."""
    frame = decode(payload)
    found: Counter[str] = Counter()
    for block in frame.assets:
        offsets = block.offsets_ms or [0] * len(block.points)
        doubted = {column for column, _, _ in block.doubts}
        inside = (from_ms <= frame.ts + offset < before_ms for offset in offsets)
        count = sum(is_in and column not in doubted for column, is_in in enumerate(inside))
        if count:
            found[block.asset] += count
    return found


def _collect(host: str, port: int, topic: str, pipe: Any) -> None:
    payloads: list[bytes] = []
    with socket.create_connection((host, port), timeout=60) as link:
        subscribe(link, topic)
        link.settimeout(0.2)
        buffer = bytearray()
        pipe.send("subscribed")
        while not pipe.poll():
            try:
                found = link.recv(1 << 18)
            except TimeoutError:
                continue
            if not found:
                raise ConnectionError("the broker closed the collector's connection")
            buffer += found
            acks, used = acknowledged(buffer, payloads)
            del buffer[:used]
            if acks:
                link.sendall(b"".join(b"\x40\x02" + key for key in acks))
    from_ms, before_ms = pipe.recv()
    total: Counter[str] = Counter()
    for payload in payloads:
        total += good_values(payload, from_ms, before_ms)
    pipe.send(dict(total))
