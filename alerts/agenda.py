"""Pure. What falls due by the server's clock: shelves that end, windows that begin and end, alarms to be called again,
and what is watched more closely (alerts/closer.py).

The law of this file
1. Everything is dated when it was due, whether somebody looked in time, late, or after a restart.
2. Between two moments nothing is due, so how often somebody looks changes nothing.
3. Windows are a matter of what holds, not of what was seen to begin: what should be suppressed at a moment is compared
   with what is, so an alarm that is new since, or a window that was missed, is put right at the next look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from alerts.closer import Closer, Span
from alerts.layout import Group, Layout
from alerts.ledger import NOBODY, Order
from alerts.windows import Calendar, Window
from rules.book import Book
from rules.codes import FAR, NEVER, Hidden, Input, StateCode
from rules.columns import I64


class Due(NamedTuple):
    """One order that time gives."""

    alarm: str
    what: Input
    order: Order


class Agenda:
    """It looks at the books and changes none; whoever asks carries out what is due before asking again."""

    def __init__(self, layout: Layout, books: Sequence[tuple[Group, Book]]) -> None:
        policy = layout.site.policy
        self.protected = frozenset(name for name, watch in layout.watches.items() if policy.protects(watch.rule))
        self.calendar = Calendar(layout.watches, self.protected)
        self.closer = Closer(books)
        self.applied: dict[int, int] = {}  # windows that were acted on since the last save, and up to which moment
        self._books = books
        self._done_ms = NEVER  # the windows were acted on up to here
        self._unsettled = True  # windows or alarms changed: compare what holds with what is
        self._look_ms = NEVER  # nothing falls due before; NEVER: not known

    def open(self, windows: Iterable[Window], done_ms: int) -> None:
        """Go on from what was saved."""
        for window in windows:
            self.calendar.put(window)
        self._done_ms = done_ms
        self._unsettled, self._look_ms = True, NEVER

    def put(self, window: Window) -> None:
        """A window was ordered, confirmed or ended."""
        self.calendar.put(window)
        self._unsettled = True

    def put_closer(self, *spans: Span) -> None:
        """A closer watch of an asset began, or ended."""
        for span in spans:
            self.closer.put(span)
        self._unsettled = True

    def window_of(self, alarm: str) -> Window | None:
        """The window behind which an alarm is now; of several the one that ends last."""
        return self.calendar.covering(alarm, self._done_ms)

    def look_again(self) -> None:
        """An alarm was acknowledged, shelved or the like, so something else may fall due."""
        self._look_ms = NEVER

    @property
    def earliest_ms(self) -> int:
        """Nothing falls due before, as things stand."""
        if self._look_ms == NEVER:
            self._look_ms = self._earliest()
        return self._look_ms

    def next_ms(self, now_ms: int) -> int | None:
        """The earliest moment up to now at which something is due."""
        if self.earliest_ms <= now_ms:
            return self.earliest_ms
        return now_ms if self._unsettled else None

    def due(self, at_ms: int) -> list[Due]:
        """What is due at a moment that `next_ms` gave."""
        found = [*self._shelves(at_ms), *self._called_again(at_ms), *self._windows(at_ms)]
        found += [Due(alarm, what, NOBODY) for alarm, what in self.closer.due(at_ms)]
        if self.calendar.next_after(self._done_ms) <= at_ms:
            self.applied |= {number: at_ms for number, each in self.calendar.windows.items() if at_ms in each.moments()}
            self._done_ms = at_ms
        self.calendar.drop_over(min(at_ms, self._done_ms))
        self._unsettled, self._look_ms = False, NEVER
        return found

    def _earliest(self) -> int:
        moments = [self.calendar.next_after(self._done_ms), self.closer.next_ms]
        for _, book in self._books:
            shelves = book.lives.shelf_ms
            moments.append(int(shelves[shelves != NEVER].min(initial=FAR)))
            moments.append(int(_recalls(book).min(initial=FAR)))
        return min(moments)

    def _shelves(self, at_ms: int) -> Iterator[Due]:
        for group, book in self._books:
            for row in book.shelf_due(at_ms):
                yield Due(group.watches[row].id, Input.SHELF_ENDS, NOBODY)

    def _called_again(self, at_ms: int) -> Iterator[Due]:
        for group, book in self._books:
            for row in book.realarm_due(at_ms):
                yield Due(group.watches[row].id, Input.REALARM, NOBODY)

    def _windows(self, at_ms: int) -> Iterator[Due]:
        wanted = self.calendar.wanted(at_ms)
        for group, book in self._books:
            for row in np.flatnonzero(book.lives.hidden & Hidden.BY_ORDER).tolist():
                if group.watches[row].id not in wanted:
                    yield Due(group.watches[row].id, Input.UNSUPPRESS, self._ending(group.watches[row].id, at_ms))
        for alarm, window in wanted.items():
            both = f"{window.by} + {window.confirmed_by}" if alarm in self.protected else window.by
            yield Due(alarm, Input.SUPPRESS, Order(both, window.reason, window.end_ms, window.id))

    def _ending(self, alarm: str, at_ms: int) -> Order:
        """Who ended the window that covered an alarm last; nobody where it ended by itself."""
        over = self.calendar.ended(alarm, at_ms)
        return Order(over[-1].ended_by, window=over[-1].id) if over else NOBODY


def _recalls(book: Book) -> I64:
    """When each acknowledged alarm is to be called again."""
    acked = np.flatnonzero((book.lives.state == StateCode.ACKED) & (book.lives.acked_ms != NEVER))
    moments: I64 = book.lives.acked_ms[acked] + np.minimum(book.plan.realarm_ms(acked), FAR >> 1)
    return moments
