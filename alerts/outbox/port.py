"""Pure. What a sender is given and what it answers: the port that every way to a person has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what is written, and to whom."""

    key: str  # the same for the same pages: a receiver can tell a repetition by it
    title: str
    text: str
    addresses: tuple[str, ...]
    priority: int
    urgent: bool
    pages: tuple[int, ...] = ()
    tickets: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """It was taken. `told` is what proves it: the answer's code, its number, how long it took."""

    short: str
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """It was not, or nobody knows. Recoverable: the same may work later; else the channel cannot work as it is."""

    reason: str
    recoverable: bool = True
    wait_s: float = 0.0  # the whole channel has to wait so long
    told: dict[str, Any] = field(default_factory=dict)


class Sender(Protocol):
    """One way to people. It never raises for what a network can do, and never tells a secret."""

    async def send(self, message: Message, now_ms: int) -> Receipt | Failure:
        """Send once."""

    async def close(self) -> None:
        """Let go of connections."""
