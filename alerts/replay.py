"""Pure. The judge over stored history: the same law as live, without a database and without writing anything.

Frames come in the order in which they arrived, what people did comes between them by the server's clock, and that
clock stands at the arrival of each frame. In between it is told only that nothing came, which by the kernel's law is
no input; so it is told that once for many frames, and frames that follow one another are judged together. What live
knows and a store does not (a cabinet that said goodbye, the time in which alerts itself was away) is listed in
docs/reference/backtest.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from alerts.layout import layout
from alerts.ledger import Options
from alerts.together import RunJudge
from rules.codes import Because, Input
from rules.episodes import Event
from rules.functions import PLAIN, Functions
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.frames import Frames
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
        self._judge = RunJudge(self._layout, options, functions)
        orders = [(each.at_ms, each.alarm, _ORDERS[each.because]) for each in people if each.because in _ORDERS]
        self._orders = sorted(orders, key=lambda order: order[0])[::-1]
        self._now_ms: int | None = None

    def take(self, frames: Sequence[Accepted], *, is_opening: bool = False) -> None:
        """Frames in the order in which they arrived, their series numbered as in `catalogue`.

        `is_opening`: whoever wrote the history began to hear (again) with the first of them.
        """
        if not len(frames):
            return
        columns = frames if isinstance(frames, Frames) else Frames.of(frames)
        came = np.maximum.accumulate(columns.received_ms)
        # An order is done before the first frame that came after its moment.
        orders = [each[0] for each in self._orders if came[0] <= each[0] < came[-1]]
        cuts = np.unique([0, *np.searchsorted(came, orders, "right"), len(came)]).tolist()
        for first, end in pairwise(cuts):
            self._until(int(columns.received_ms[first]), is_deaf=is_opening and first == 0)
            together = columns[first:end]
            self._judge.take_all(together)
            self._judge.hear_all(together)
            self._note()
            self._now_ms = max(int(came[end - 1]), self._now_ms or 0)

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
