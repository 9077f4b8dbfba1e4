"""Pure. Who may be shown everything that live judging is shown, after it was committed. It may never raise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from alerts.closer import Span
from alerts.ledger import NOBODY, Order
from alerts.windows import Window
from rules.codes import Input
from wire.verdict import Accepted


class Beside(Protocol):
    """The verbs of the engine that feed it."""

    def apply(self, frames: Sequence[Accepted], now_ms: int) -> None:
        """Frames, repeated ones too."""

    def tick(self, now_ms: int) -> None:
        """Server time has come to `now_ms`."""

    def listening(self, is_listening: bool, now_ms: int) -> None:
        """The broker is there, or not."""

    def goodbye(self, edge: str, at_ms: int, now_ms: int) -> None:
        """A cabinet was stopped on purpose."""

    def command(self, alarm: str, what: Input, now_ms: int, order: Order = NOBODY) -> None:
        """What somebody did to a live alarm; an order to shelve it says until when."""

    def put_window(self, window: Window, now_ms: int) -> None:
        """A maintenance window was ordered, confirmed or ended."""

    def put_closer(self, spans: Sequence[Span], now_ms: int) -> None:
        """Closer watches of assets began or ended."""


class Nobody:
    """Nobody is beside."""

    def apply(self, frames: Sequence[Accepted], now_ms: int) -> None:
        """Nothing."""

    def tick(self, now_ms: int) -> None:
        """Nothing."""

    def listening(self, is_listening: bool, now_ms: int) -> None:
        """Nothing."""

    def goodbye(self, edge: str, at_ms: int, now_ms: int) -> None:
        """Nothing."""

    def command(self, alarm: str, what: Input, now_ms: int, order: Order = NOBODY) -> None:
        """Nothing."""

    def put_window(self, window: Window, now_ms: int) -> None:
        """Nothing."""

    def put_closer(self, spans: Sequence[Span], now_ms: int) -> None:
        """Nothing."""
