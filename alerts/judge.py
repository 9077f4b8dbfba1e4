"""Pure. Frames into findings: every edge's position, the live books, the catch-ups, and frames that must wait.

The law of lateness stands in alerts/position.py. Two lanes may overtake each other, and after we were away the broker
may hand over what we had not acknowledged *behind* newer frames. So a frame that is AHEAD waits a moment for its
predecessors: `patience_ms`, or until `settle_ms` after we began to listen. Waiting frames are rows too, so they survive
us; when the moment is over they go on in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from alerts.agenda import Agenda
from alerts.layout import Layout, Watch
from alerts.ledger import NOBODY, CatchUp, Counts, Finding, Options, Order, Touched, Waiting
from alerts.position import Place, Position
from rules.book import Book
from rules.codes import NEVER, Input
from rules.feeding import feed, vouch
from rules.functions import PLAIN, Functions
from rules.transition import Transition
from wire.verdict import Accepted

_CATCH_UPS = 8  # per edge; each is a copy of a book, so the oldest is given up


class Judge:
    """All books of a site."""

    def __init__(self, layout: Layout, options: Options, functions: Functions = PLAIN) -> None:
        self.layout = layout
        self.options = options
        self.books = [Book(group.plan, functions) for group in layout.groups]
        self.silence = Book(layout.silence.plan, functions)
        books = zip((*layout.groups, layout.silence), (*self.books, self.silence), strict=True)
        self.agenda = Agenda(layout, tuple(books))
        self.positions: dict[str, Position] = {}
        self.catch_ups: dict[str, CatchUp] = {}
        self.waiting: dict[str, Waiting] = {}
        self.counts = Counts()
        self.touched = Touched()
        self._findings: list[Finding] = []
        self._settled_ms = NEVER
        self._silence_cells = {name.split("/")[0]: cell for cell, name in enumerate(layout.silence.plan.cell_names)}

    def use(self, functions: Functions) -> None:
        """Go on with the plain or the compiled kernel: they are one."""
        for book in (*self.books, self.silence, *(each.book for each in self.catch_ups.values())):
            book.use(functions)

    def inherit(self, before: Judge) -> None:
        """Go on from one whose books had to be read again, as they now have been."""
        self.counts = before.counts
        self._settled_ms = before._settled_ms
        if before._settled_ms != NEVER:  # it was listening, and we still are
            for edge, line in self.waiting.items():
                line.until_ms = before.waiting[edge].until_ms if edge in before.waiting else before._settled_ms

    def saved(self) -> None:
        """Everything touched is durable."""
        for number in self.touched.groups:
            self.books[number].lives.dirty[:] = False
        if self.touched.silence:
            self.silence.lives.dirty[:] = False
        self.touched = Touched()

    # --- frames ----------------------------------------------------------------------------------------------------

    def take(self, frame: Accepted) -> None:
        """A frame that was never taken before."""
        self._advance(frame.received_ms - 1, listening=True)  # as if the clock had ticked: how often changes nothing
        self._take(frame)

    def _take(self, frame: Accepted) -> None:
        self.counts.frames += 1
        self.counts.readings += len(frame)
        self.touched.edges.add(frame.edge)
        may_wait = frame.edge in self.waiting or frame.received_ms < self._deadline(frame.received_ms)
        if may_wait and self._lacks_one_before(frame):
            line = self.waiting.setdefault(frame.edge, Waiting(self._deadline(frame.received_ms)))
            line.frames[frame.source.epoch, frame.seq] = frame
            self.touched.waiting.append(frame)
        else:
            self._place(frame)
        self._release(frame.edge, frame.received_ms)

    def _deadline(self, now_ms: int) -> int:
        return max(now_ms + self.options.patience_ms, self._settled_ms)

    def _advance(self, now_ms: int, *, listening: bool) -> None:
        """Server time comes to `now_ms`: frames that waited, and what is due by that clock, in the order of moments."""
        while (moment := self.agenda.next_ms(now_ms)) is not None:
            self._release_due(moment)
            found = self.agenda.due(moment)
            if found and listening:
                self.silence.elapse(0, moment - 1)
                self._collect_silence()
            for due in found:
                self.command(due.alarm, due.what, moment, due.order)
        self._release_due(now_ms)

    def _release_due(self, now_ms: int, edges: Collection[str] | None = None) -> None:
        """Let every line (of these edges) go on whose time is up, in the order in which it was up."""
        lines = self.waiting if edges is None else [edge for edge in edges if edge in self.waiting]
        for edge in sorted(lines, key=lambda each: self.waiting[each].until_ms):
            self._release(edge, now_ms)

    def _release(self, edge: str, now_ms: int) -> None:
        """Let waiting frames go on: those whose turn it is, or all of them in order when their time is up."""
        line = self.waiting.get(edge)
        while line is not None and line.frames:
            key = min(line.frames) if now_ms >= line.until_ms else self._whose_turn(edge, line)
            if key is None:
                return
            frame = line.frames.pop(key)
            self.touched.released.append(frame)
            self._place(frame)
        self.waiting.pop(edge, None)

    def _lacks_one_before(self, frame: Accepted) -> bool:
        """Whether a frame that belongs before this one has not come: in the present, or in the gap it fills."""
        epoch, seq = frame.source.epoch, frame.seq
        position = self.positions.get(frame.edge)
        if position is None:
            return False
        if position.place(epoch, seq) is Place.AHEAD:
            return True
        gap = self._gap_of(frame.edge, epoch, seq)
        return gap is not None and seq > gap.position.seq + 1

    def _whose_turn(self, edge: str, line: Waiting) -> tuple[int, int] | None:
        """A frame that waits no longer: it follows the present, or what its gap has so far."""
        stands = [self.positions[edge], *(each.position for each in self.catch_ups.values() if each.edge == edge)]
        follow = ((each.epoch, each.seq + 1) for each in stands)
        return next((key for key in follow if key in line.frames), None)

    def _gap_of(self, edge: str, epoch: int, seq: int) -> CatchUp | None:
        for each in self.catch_ups.values():
            if each.edge == edge and each.epoch == epoch and each.position.seq < seq <= each.last:
                return each
        return None

    def _place(self, frame: Accepted) -> None:
        edge, epoch, seq = frame.edge, frame.source.epoch, frame.seq
        position = self.positions.get(edge)
        place = Place.FIRST if position is None else position.place(epoch, seq)
        if place is Place.BEHIND:
            self._catch_up(frame)
            return
        group = self.layout.group_of[edge]
        book, source = self.books[group], self.layout.source(edge)
        if position is None:
            book.begin(source, frame.ts_ms)
            position = self.positions[edge] = Position(epoch, seq, frame.ts_ms)
        else:
            if place is Place.AHEAD:
                self._fork(edge, position, epoch, seq, book)
            self._vouch(book, source, position, frame, broken=place is Place.AHEAD)
        self._judge(book, source, frame)
        late = frame.received_ms - frame.ts_ms > self.options.late_after_ms
        if position.is_late and not late:
            self.touched.caught_up.add(edge)
        self.positions[edge] = Position(epoch, seq, frame.ts_ms, late)
        self.touched.groups.add(group)
        self._collect(book, self.layout.groups[group].watches, frame.received_ms)

    def _vouch(self, book: Book, source: int, position: Position, frame: Accepted, *, broken: bool) -> None:
        vouch(book, source, position.ts_ms, frame.ts_ms, self.options.vouch_ms, broken=broken)

    def _judge(self, book: Book, source: int, frame: Accepted) -> None:
        self.counts.out_of_order += feed(book, source, self.layout.cell_of[frame.series], frame)

    # --- the past --------------------------------------------------------------------------------------------------

    def _fork(self, edge: str, position: Position, epoch: int, seq: int, book: Book) -> None:
        before = Position(position.epoch, position.seq, position.ts_ms)
        gaps = [(*position.gap_before(epoch, seq), before)]
        if epoch != position.epoch and seq > 1:
            gaps.append((epoch, 1, seq - 1, Position(epoch, 0, position.ts_ms)))
        for gap_epoch, first, last, start in gaps:
            catch_up = CatchUp(edge, gap_epoch, first, last, start, book.fork())
            self.catch_ups[catch_up.name] = catch_up
            self.touched.catch_ups.add(catch_up.name)
        mine = [name for name, each in self.catch_ups.items() if each.edge == edge]
        for name in mine[:-_CATCH_UPS]:
            self._drop(name)

    def _catch_up(self, frame: Accepted) -> None:
        epoch, seq = frame.source.epoch, frame.seq
        each = self._gap_of(frame.edge, epoch, seq)
        if each is None:
            self.counts.not_judged += 1
            return
        source = self.layout.source(frame.edge)
        self._vouch(each.book, source, each.position, frame, broken=seq != each.position.seq + 1)
        self._judge(each.book, source, frame)
        self._caught_up_to(each, Position(epoch, seq, frame.ts_ms))

    def _caught_up_to(self, each: CatchUp, position: Position) -> None:
        each.position = position
        self.touched.catch_ups.add(each.name)
        watches = self.layout.groups[self.layout.group_of[each.edge]].watches
        for transition in each.book.take():
            self._findings.append(Finding(transition, watches[transition.row], late=True, catch_up=True))
        if position.seq == each.last:
            self._drop(each.name)

    def _drop(self, name: str) -> None:
        del self.catch_ups[name]
        self.touched.catch_ups.discard(name)
        self.touched.dropped.add(name)

    # --- the cabinets themselves -----------------------------------------------------------------------------------

    def listen(self, now_ms: int) -> None:
        """We begin to hear (again): what was silent before was perhaps only our own deafness."""
        self._settled_ms = now_ms + self.options.settle_ms
        for line in self.waiting.values():
            line.until_ms = self._settled_ms
        self.silence.begin(0, now_ms)
        self.silence.excuse(list(self._silence_cells.values()), now_ms)
        self.touched.silence = True

    def hear(self, edges: Iterable[str], now_ms: int) -> None:
        """Cabinets that were heard just now, whatever they said."""
        cells = np.array(sorted(self._silence_cells[edge] for edge in edges if edge in self._silence_cells), np.int32)
        if len(cells):
            nothing = np.zeros(len(cells), np.int8)
            self.silence.observe(cells, np.zeros(len(cells)), nothing, nothing, np.full(len(cells), now_ms, np.int64))
            self.touched.silence = True
        self._collect_silence()

    def goodbye(self, edge: str, now_ms: int) -> None:
        """A cabinet was stopped on purpose."""
        if edge in self._silence_cells:
            self.silence.excuse([self._silence_cells[edge]], now_ms + self.options.stopped_for_ms)
            self.touched.silence = True

    def tick(self, now_ms: int, *, listening: bool) -> None:
        """Server time has come to `now_ms`."""
        self._advance(now_ms, listening=listening)
        if listening and self.silence.plan.alarm_names:
            self.silence.elapse(0, now_ms)
            self._collect_silence()

    # --- people and findings ---------------------------------------------------------------------------------------

    def command(self, alarm: str, what: Input, now_ms: int, order: Order = NOBODY) -> bool:
        """An order of a person, or of time; False if that means nothing now. Only to be shelved it needs an end."""
        book, row = self.find(alarm)
        if what is Input.SHELVE and order.until_ms is not None:
            done = book.shelve(row, now_ms, order.until_ms)
        else:
            done = book.command(row, what, now_ms)
        self.touched.groups |= {number for number, each in enumerate(self.books) if each is book}
        self.touched.silence |= book is self.silence
        # It is never late: whatever is shown again by an order is the present, whenever its time had come.
        for transition in book.take():
            self._findings.append(Finding(transition, self.layout.watches[transition.alarm], late=False, order=order))
        self.agenda.look_again()
        return done

    def settle(self, now_ms: int) -> None:
        """A window was ordered, confirmed or ended: act on it now."""
        self._advance(now_ms, listening=False)

    def find(self, alarm: str) -> tuple[Book, int]:
        """The book and row of an alarm; KeyError if there is none."""
        for book in (*self.books, self.silence):
            row = book.rows.get(alarm)
            if row is not None:
                return book, row
        raise KeyError(alarm)

    def findings(self) -> list[Finding]:
        """What was found since the last call."""
        found, self._findings = self._findings, []
        return found

    def _collect(self, book: Book, watches: tuple[Watch, ...], now_ms: int) -> None:
        for transition in book.take():
            self._find(transition, watches, now_ms)

    def _find(self, transition: Transition, watches: tuple[Watch, ...], now_ms: int) -> None:
        late = now_ms - transition.at_ms > self.options.late_after_ms
        self._findings.append(Finding(transition, watches[transition.row], late))

    def _collect_silence(self) -> None:
        found = self.silence.take()
        self.touched.silence |= bool(found)
        for transition in found:
            self._findings.append(Finding(transition, self.layout.silence.watches[transition.row], late=False))
