"""Shell. A bare subscriber: it confirms and counts messages, and does nothing else."""

from __future__ import annotations

import socket

_CONNECT = b"\x10\x13\x00\x04MQTT\x04\x00\x00\x00\x00\x07counter"


def count_messages(host: str, port: int, topic: str, goal: int) -> int:
    """Return when `goal` messages have come over a persistent session at QoS 1."""
    with socket.create_connection((host, port), timeout=60) as link:
        link.sendall(_CONNECT)
        name = topic.encode()
        link.sendall(b"\x82" + bytes([len(name) + 5]) + b"\x00\x01" + len(name).to_bytes(2, "big") + name + b"\x01")
        counted, buffer = 0, bytearray()
        while counted < goal:
            found = link.recv(1 << 18)
            if not found:
                raise ConnectionError("the broker closed the counter's connection")
            buffer += found
            acks, used = _read(buffer)
            del buffer[:used]
            if acks:
                link.sendall(b"".join(b"\x40\x02" + key for key in acks))
                counted += len(acks)
    return counted


def _read(buffer: bytearray) -> tuple[list[bytes], int]:
    """Packet ids of the messages in the buffer, and how many bytes are used up."""
    keys, place = [], 0
    while place + 2 <= len(buffer):
        size, shift, at = 0, 0, place + 1
        while at < len(buffer):
            size |= (buffer[at] & 127) << shift
            shift += 7
            at += 1
            if not buffer[at - 1] & 128:
                break
        else:
            break
        if at + size > len(buffer):
            break
        if buffer[place] >> 4 == 3:
            key = at + 2 + int.from_bytes(buffer[at : at + 2], "big")
            keys.append(bytes(buffer[key : key + 2]))
        place = at + size
    return keys, place
