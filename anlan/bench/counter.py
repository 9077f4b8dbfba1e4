"""Shell. A bare subscriber: it confirms and counts messages, and does nothing else."""

from __future__ import annotations

import socket

_CONNACK_BYTES, _SUBACK_BYTES = 4, 5


def count_messages(host: str, port: int, topic: str, goal: int) -> int:
    """Return when `goal` messages have come over a persistent session at QoS 1."""
    with socket.create_connection((host, port), timeout=60) as link:
        subscribe(link, topic)
        return count(link, goal)


def count(link: socket.socket, goal: int) -> int:
    """Confirm and count messages until there are so many."""
    counted, buffer = 0, bytearray()
    while counted < goal:
        found = link.recv(1 << 18)
        if not found:
            raise ConnectionError("the broker closed the counter's connection")
        buffer += found
        acks, used = acknowledged(buffer)
        del buffer[:used]
        if acks:
            link.sendall(b"".join(b"\x40\x02" + key for key in acks))
            counted += len(acks)
    return counted


def subscribe(link: socket.socket, topic: str, name: bytes = b"counter") -> None:
    """Open a persistent session and ask for a topic at QoS 1; the broker has agreed when this returns."""
    hello = b"\x00\x04MQTT\x04\x00\x00\x00" + len(name).to_bytes(2, "big") + name
    link.sendall(b"\x10" + bytes([len(hello)]) + hello)
    wish = topic.encode()
    link.sendall(b"\x82" + bytes([len(wish) + 5]) + b"\x00\x01" + len(wish).to_bytes(2, "big") + wish + b"\x01")
    left = _CONNACK_BYTES + _SUBACK_BYTES
    while left:
        found = link.recv(left)
        if not found:
            raise ConnectionError("the broker refused the counter")
        left -= len(found)


def acknowledged(buffer: bytearray, payloads: list[bytes] | None = None) -> tuple[list[bytes], int]:
    """Packet ids of the messages in the buffer, and how many bytes are used up; `payloads` takes what they carry."""
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
            if payloads is not None:
                payloads.append(bytes(buffer[key + 2 : at + size]))
        place = at + size
    return keys, place
