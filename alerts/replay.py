"""Pure. The judge over stored history: the same law as live, without a database and without writing anything.

Frames come in the order in which they arrived, what people did comes between them by the server's clock, and that
clock stands at the arrival of each frame. In between it is told only that nothing came, which by the kernel's law is
no input. What live knows and a store does not (a cabinet that said goodbye, the time in which alerts itself was away)
is listed in docs/reference/backtest.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from alerts.judge import Judge
from alerts.layout import layout
from alerts.ledger import Options
from rules.book import PLAIN, Functions
from rules.codes import Because, Input
from rules.episodes import Event
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.verdict import Accepted

_ORDERS = {Because.ACKNOWLEDGED.word: Input.ACKNOWLEDGE, Because.RESET.word: Input.RESET}


class Replay:
    """One set of rules over one history."""

    def __init__(
        self, site: Site, options: Options, people: Iterable[Event] = (), functions: Functions = PLAIN
    ) -> None:
        """`people` are recorded events; those that people caused are done again."""
        self.site = site
        self.catalogue = Catalogue([site])
        self.events: list[Event] = []
        self._layout = layout(site, self.catalogue, options.silence_floor_ms)
        self._judge = Judge(self._layout, options, functions)
        orders = [(each.at_ms, each.alarm, _ORDERS[each.because]) for each in people if each.because in _ORDERS]
        self._orders = sorted(orders, key=lambda order: order[0])[::-1]
        self._now_ms: int | None = None

    def take(self, frames: Sequence[Accepted], *, is_opening: bool = False) -> None:
        """Frames in the order in which they arrived, their series numbered as in `catalogue`.

        `is_opening`: whoever wrote the history began to hear (again) with the first of them.
        """
        is_deaf = is_opening
        for received_ms, together in groupby(frames, key=lambda frame: frame.received_ms):
            self._until(received_ms, is_deaf=is_deaf)
            is_deaf = False
            edges = set()
            for frame in together:
                edges.add(frame.edge)
                self._judge.take(frame)
                self._note()
            self._judge.hear(edges, received_ms)
            self._note()

    def finish(self, until_ms: int) -> None:
        """Nothing more came until then."""
        if self._now_ms is not None:
            self._until(max(until_ms, self._now_ms) + 1)

    @property
    def counts(self) -> dict[str, int]:
        """What went past."""
        return self._judge.counts.as_words()

    def standing(self) -> dict[str, float]:
        """The worst value so far of every alarm that is active."""
        found = {}
        for alarm in self._layout.watches:
            book, row = self._judge.find(alarm)
            if book.is_active(row):
                found[alarm] = float(book.lives.peak[row])
        return found

    def _until(self, now_ms: int, *, is_deaf: bool = False) -> None:
        """The server's time comes to just before `now_ms`: what arrives at that very moment counts first."""
        if self._now_ms is None or is_deaf:
            self._judge.listen(now_ms)
        while self._orders and self._orders[-1][0] < now_ms:
            at_ms, alarm, what = self._orders.pop()
            if alarm in self._layout.watches and self._now_ms is not None:
                self._judge.tick(at_ms, listening=True)
                self._judge.command(alarm, what, at_ms)
                self._note()
        if self._now_ms is not None:
            self._judge.tick(max(now_ms - 1, self._now_ms), listening=True)
            self._note()
        self._now_ms = max(now_ms, self._now_ms or now_ms)

    def _note(self) -> None:
        for finding in self._judge.findings():
            found = finding.transition
            self.events.append(
                Event(
                    found.alarm,
                    found.old.value,
                    found.new.value,
                    found.at_ms,
                    found.because.word,
                    found.value,
                    found.peak if found.clears else None,
                    finding.late,
                )
            )
        self._judge.saved()
