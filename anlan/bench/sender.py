"""Shell. A load generator: one connection, QoS 1, at most `window` messages unconfirmed. It costs next to nothing.

It writes packets of MQTT 3.1.1 itself, because a client library costs more than the whole of what is measured.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

_CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05bench"
_CONNACK = b"\x20\x02\x00\x00"
_ACK = 4  # bytes
_CHUNK = 64  # messages written in one go
WINDOW = 1_000
_LONGEST_NAP_S = 0.001


def send(host: str, port: int, messages: Iterable[tuple[str, bytes]]) -> tuple[int, float]:
    """Send everything and wait for every confirmation: how many, and in how many seconds.

    ConnectionError if the broker goes away.
    """
    with connected(host, port) as link:
        begun = time.perf_counter()
        sent = confirmed = loose = 0
        packets = packets_of(messages)
        while chunk := list(islice(packets, _CHUNK)):
            link.sendall(b"".join(chunk))
            sent += len(chunk)
            while sent - confirmed > WINDOW:
                loose += len(_some(link))
                confirmed, loose = confirmed + loose // _ACK, loose % _ACK
        while confirmed < sent:
            loose += len(_some(link))
            confirmed, loose = confirmed + loose // _ACK, loose % _ACK
        took = time.perf_counter() - begun
        link.sendall(b"\xe0\x00")
    return sent, took


@contextmanager
def connected(host: str, port: int) -> Iterator[socket.socket]:
    """A connection on which messages may be sent."""
    with socket.create_connection((host, port), timeout=60) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.sendall(_CONNECT)
        if _exactly(link, len(_CONNACK)) != _CONNACK:
            raise ConnectionError("the broker refused the load generator")
        yield link


def send_paced(link: socket.socket, packets: Sequence[bytes], at_s: Sequence[float], begin_s: float) -> list[float]:
    """Send each packet at its moment after `begin_s` (steady clock), late rather than never; when each really went.

    What the broker has not confirmed is bounded here too, so whoever cannot keep up is seen by how late packets go.
    """
    went, sent, confirmed, loose = [], 0, 0, 0
    while sent < len(packets):
        now_s = time.monotonic() - begin_s
        end = sent
        while end < len(packets) and at_s[end] <= now_s and end - sent < _CHUNK:
            end += 1
        if end > sent:
            went += [begin_s + now_s] * (end - sent)
            link.sendall(b"".join(packets[sent:end]))
            sent = end
        else:
            time.sleep(min(_LONGEST_NAP_S, max(0.0, at_s[sent] - now_s)))
        while sent - confirmed > WINDOW or select.select([link], [], [], 0)[0]:
            loose += len(_some(link))
            confirmed, loose = confirmed + loose // _ACK, loose % _ACK
    while confirmed < sent:
        loose += len(_some(link))
        confirmed, loose = confirmed + loose // _ACK, loose % _ACK
    return went


def packets_of(messages: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Messages as they stand on the wire."""
    for number, (topic, payload) in enumerate(messages):
        name = topic.encode()
        key = number % 65_535 + 1
        rest = len(name) + 4 + len(payload)
        yield b"".join((b"\x32", _length(rest), len(name).to_bytes(2, "big"), name, key.to_bytes(2, "big"), payload))


def _length(size: int) -> bytes:
    found = bytearray()
    while True:
        size, low = divmod(size, 128)
        found.append(low | (128 if size else 0))
        if not size:
            return bytes(found)


def _some(link: socket.socket) -> bytes:
    found = link.recv(65_536)
    if not found:
        raise ConnectionError("the broker closed the load generator's connection")
    return found


def _exactly(link: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += _some(link)
    return found
