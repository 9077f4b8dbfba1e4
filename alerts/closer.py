"""Pure. A closer watch: while a major hazard of an asset is open, rules that otherwise sleep are awake.

The law of this file
1. From when to when is a row, ordered by the workflow of tickets; so a replay does the same at the same moments.
2. It is a matter of what holds, not of what was seen to begin: what should be awake at a moment is compared with what
   is, so a rule that is new since is put right at the next look.
3. Several tickets of an asset may ask for it; it ends with the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from alerts.layout import Group
from rules.book import Book
from rules.codes import FAR, Input


class Span(NamedTuple):
    """From when to when (ms UTC; None: it is not over) a ticket tightens the watch of an asset."""

    ticket: int
    asset: str
    from_ms: int
    to_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Whether it does at a moment."""
        return self.from_ms <= at_ms and (self.to_ms is None or at_ms < self.to_ms)


class Closer:
    """Which assets are watched more closely, and which rules of theirs wait for that."""

    def __init__(self, books: Sequence[tuple[Group, Book]]) -> None:
        self._rules = [(book, row, group.watches[row]) for group, book in books for row in book.closer]
        self._spans: dict[int, Span] = {}
        self._past: list[Span] = []
        self._moments: list[int] = []  # still to come, the latest first; live there are none

    def put(self, span: Span) -> None:
        """It began, or ended."""
        self._spans[span.ticket] = span

    def of(self, asset: str) -> list[dict[str, int | str]]:
        """Which tickets tighten the watch of an asset, and since when."""
        mine = [each for each in tuple(self._spans.values()) if each.asset == asset and each.to_ms is None]
        return [{"ticket": str(each.ticket), "since_ms": each.from_ms} for each in mine]

    def plan(self, spans: Iterable[Span]) -> None:
        """What happened is to be done again, each at its moment."""
        self._past = list(spans)
        moments = {moment for each in self._past for moment in (each.from_ms, each.to_ms) if moment is not None}
        self._moments = sorted(moments, reverse=True)

    @property
    def next_ms(self) -> int:
        """The next moment that is planned; FAR: none."""
        return self._moments[-1] if self._moments else FAR

    def due(self, at_ms: int) -> Iterator[tuple[str, Input]]:
        """What is to be put right at a moment: which alarm, and how."""
        while self._moments and self._moments[-1] <= at_ms:
            self._moments.pop()
        spans = [each for each in (*self._spans.values(), *self._past) if each.holds(at_ms)]
        tightened = {each.asset for each in spans}
        for book, row, watch in self._rules:
            if (watch.asset.id in tightened) is not book.is_tightened(row):
                yield watch.id, Input.TIGHTEN if watch.asset.id in tightened else Input.RELAX
        self._spans = {ticket: each for ticket, each in self._spans.items() if each.to_ms is None}
