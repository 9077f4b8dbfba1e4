"""Pure. One MQTT message as a consumer gets it."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """One PUBLISH. `retained`: it was kept by the broker and is not news."""

    topic: str
    payload: bytes
    retained: bool = False
