"""Pure. The judge over stored history: the same law as live, without a database and without writing anything.

Frames come in the order in which they arrived, what people did comes between them by the server's clock, and that
clock stands at the arrival of each frame. In between it is told only that nothing came, which by the kernel's law is
no input; so it is told that once for many frames, and frames that follow one another are judged together. What live
knows and a store does not (a cabinet that said goodbye, the time in which alerts itself was away) is listed in
docs/reference/backtest.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.closer import Span
from alerts.layout import layout
from alerts.ledger import Options, Order
from alerts.together import RunJudge
from alerts.windows import Window
from rules.codes import FAR, NEVER, Because, Input
from rules.episodes import Event
from rules.functions import PLAIN, Functions
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.frames import Frames
from wire.verdict import Accepted

# What only people cause. A shelf ends by itself, windows begin and end by themselves, alarms are called again by time.
_ORDERS = {
    Because.ACKNOWLEDGED.word: Input.ACKNOWLEDGE,
    Because.RESET.word: Input.RESET,
    Because.SHELVED.word: Input.SHELVE,
    Because.UNSHELVED.word: Input.UNSHELVE,
    Because.REMOVED.word: Input.REMOVE,
    Because.RETURNED.word: Input.RETURN,
}


@dataclass(frozen=True, slots=True)
class People:
    """What people did in a time: recorded events, of which those that people caused are done again, and windows."""

    events: Sequence[Event] = ()
    windows: Sequence[Window] = ()
    tightened: Sequence[Span] = ()  # when which asset was watched more closely


class Replay:
    """One set of rules over one history."""

    def __init__(
        self,
        site: Site,
        options: Options,
        people: People = People(),
        functions: Functions = PLAIN,
        only: Collection[str] | None = None,
    ) -> None:
        """`only`: see alerts.layout.layout."""
        self.site = site
        self.catalogue = Catalogue([site])
        self.events: list[Event] = []
        self._layout = layout(site, self.catalogue, options.silence_floor_ms, only)
        self._judge = RunJudge(self._layout, options, functions)
        orders = (each for each in people.events if each.because in _ORDERS)
        self._orders = sorted(orders, key=lambda order: order.at_ms)[::-1]
        self._judge.agenda.closer.plan(people.tightened)
        self._judge.agenda.open(people.windows, NEVER)
        self._now_ms: int | None = None

    def take(self, frames: Sequence[Accepted], *, is_opening: bool = False, begun_ms: int | None = None) -> None:
        """Frames in the order in which they arrived, their series numbered as in `catalogue`.

        `is_opening`: whoever wrote the history began to hear (again) with the first of them, or at `begun_ms` if that
        was one for somebody else.
        """
        if begun_ms is not None and (is_opening or self._now_ms is None):
            self._until(begun_ms, is_deaf=is_opening)
            self._now_ms, is_opening = max(begun_ms, self._now_ms or begun_ms), False
        if not len(frames):
            return
        columns = frames if isinstance(frames, Frames) else Frames.of(frames)
        came = np.maximum.accumulate(columns.received_ms)
        place = 0
        while place < len(came):
            self._until(int(columns.received_ms[place]), is_deaf=is_opening and place == 0)
            # An order is done, and what is due falls due, before the first frame that came after its moment.
            first, end = place, max(place + 1, int(np.searchsorted(came, self._next_ms(), "right")))
            together = columns[first:end]
            self._judge.take_all(together)
            self._judge.hear_all(together)
            self._note()
            self._now_ms = max(int(came[end - 1]), self._now_ms or 0)
            place = end

    def finish(self, until_ms: int) -> None:
        """Nothing more came until then."""
        if self._now_ms is not None:
            self._until(max(until_ms, self._now_ms) + 1)

    @property
    def now_ms(self) -> int | None:
        """Where the server's clock stands; None before the first frame."""
        return self._now_ms

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
        if self._now_ms is None:
            self._judge.settle(now_ms - 1)
        while self._orders and self._orders[-1].at_ms < now_ms:
            order = self._orders.pop()
            if order.alarm in self._layout.watches and self._now_ms is not None:
                self._judge.tick(order.at_ms, listening=True)
                self._judge.command(order.alarm, _ORDERS[order.because], order.at_ms, Order(until_ms=order.until_ms))
                self._note()
        if self._now_ms is not None and now_ms > self._now_ms:  # of one moment, what comes in a later call is no later
            self._judge.tick(now_ms - 1, listening=True)
            self._note()
        self._now_ms = max(now_ms, self._now_ms or now_ms)

    def _next_ms(self) -> int:
        """The next moment at which somebody orders something, or something is due."""
        return min(self._orders[-1].at_ms if self._orders else FAR, self._judge.agenda.earliest_ms)

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
